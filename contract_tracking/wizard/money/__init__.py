from . import contract_ageing_date
from . import account_payment_register
from . import contract_bill_outcome
from . import contract_claim
from . import contract_claim_line
