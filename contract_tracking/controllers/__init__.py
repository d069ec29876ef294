from . import contract_statement
