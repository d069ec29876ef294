from . import contract_deviation_seen
