from . import contract_correction
from . import contract_reason
from . import contract_term_split
from . import account_payment_register
from . import contract_bill_outcome
from . import contract_claim
from . import contract_claim_line
