from . import contract_coordination_send
from . import contract_coordination_answer
