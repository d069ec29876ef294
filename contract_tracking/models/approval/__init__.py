from . import contract_approval_rule
from . import contract_approval_rule_line
from . import contract_approval_step
from . import contract_approval_mixin
from . import contract_approval_words
from . import contract_delegation
from . import mail_activity
