from . import contract_statement
from . import contract_statement_facts
from . import contract_statement_line
from . import contract_statement_print
from . import res_partner
from . import contract_home
