from . import contract_demo
from . import contract_demo_flow
from . import contract_demo_account
