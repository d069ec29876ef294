from . import contract_ageing_date
from . import contract_correction
from . import contract_reason
from . import contract_reason_statement
from . import contract_term_split
