from . import contract_decision
