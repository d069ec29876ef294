from . import contract_facts
from . import contract_frame
from . import contract_tracking_record
from . import contract_warning
from . import contract_warning_kinds
from . import contract_warning_rule
from . import contract_warning_text
from . import sale_order
