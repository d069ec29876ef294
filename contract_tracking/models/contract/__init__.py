from . import sale_order
from . import sale_order_line
from . import contract_document_type
from . import contract_document
from . import ir_attachment
from . import sale_order_figures
from . import contract_checklist
from . import sale_order_papers
