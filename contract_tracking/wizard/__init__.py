from . import contract_correction
from . import contract_frame_correction
from . import contract_reason
from . import contract_term_split
