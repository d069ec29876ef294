from . import contract_reagreement
from . import contract_reagreement_line
from . import contract_document
