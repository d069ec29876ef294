from . import contract_review
from . import res_config_settings
