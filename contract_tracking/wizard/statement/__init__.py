from . import contract_reason_statement
