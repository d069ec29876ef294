from . import contract_correction
from . import contract_delivery_receipt
from . import contract_delivery_receipt_line
from . import contract_handover
from . import contract_handover_line
from . import contract_reason
from . import contract_term_split
