from . import contract_tracking_record
from . import contract_tracking_record_line
from . import contract_tracking_record_print
from . import contract_tracking_record_text
from . import sale_order
from . import contract_frame
from . import res_company
from . import res_config_settings
