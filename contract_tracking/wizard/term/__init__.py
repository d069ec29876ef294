from . import contract_term_split
