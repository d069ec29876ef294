from . import contract_facts_mixin
from . import contract_facts_ledger
from . import contract_facts_money
from . import contract_facts_promise
from . import contract_facts_payment
from . import contract_facts
from . import contract_facts_account
