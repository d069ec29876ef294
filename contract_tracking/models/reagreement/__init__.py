from . import contract_reagreement
from . import contract_reagreement_line
from . import contract_reagreement_print
from . import sale_order
from . import contract_frame
from . import contract_document
from . import contract_facts
from . import contract_home
