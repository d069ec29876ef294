from . import contract_risk_limit
from . import contract_risk_limit_line
