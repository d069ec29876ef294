from . import contract_correction
from . import contract_handover
from . import contract_handover_line
from . import contract_document_filing
from . import contract_circulation
