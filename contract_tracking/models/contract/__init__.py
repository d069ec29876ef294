from . import sale_order
from . import sale_order_line
from . import contract_document_type
from . import contract_document
from . import ir_attachment
from . import sale_order_figures
from . import res_company
from . import res_config_settings
