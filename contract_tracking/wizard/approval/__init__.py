from . import contract_decision
from . import contract_handover
