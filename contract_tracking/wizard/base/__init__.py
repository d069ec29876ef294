from . import contract_correction_mixin
from . import contract_reason
