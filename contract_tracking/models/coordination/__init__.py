from . import contract_coordination
from . import contract_coordination_reminder
from . import contract_coordination_reply
from . import contract_coordination_mail
from . import contract_coordination_print
from . import sale_order
from . import contract_frame
from . import contract_deviation
