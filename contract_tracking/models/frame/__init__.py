from . import contract_frame
from . import contract_frame_line
from . import contract_frame_figures
from . import contract_facts_frame
from . import sale_order
from . import sale_order_line
from . import res_company
from . import res_config_settings
