from . import contract_deviation_step
