from . import contract_reason
