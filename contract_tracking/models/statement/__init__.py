from . import contract_statement
from . import contract_statement_line
from . import contract_statement_print
