from . import contract_clause_choice
from . import contract_term_split
