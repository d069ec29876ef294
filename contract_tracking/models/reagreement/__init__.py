from . import contract_reagreement
from . import contract_reagreement_line
