from . import contract_due_mixin
from . import contract_event_type
from . import contract_event
from . import contract_schedule_template
from . import contract_schedule_template_line
from . import contract_term
from . import res_company
from . import res_config_settings
