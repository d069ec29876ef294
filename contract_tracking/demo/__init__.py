from . import contract_demo
from . import contract_demo_flow
from . import contract_demo_account
from . import contract_demo_money
from . import contract_demo_frames
from . import contract_demo_deviations
from . import contract_demo_coordination
from . import contract_demo_reagreement
