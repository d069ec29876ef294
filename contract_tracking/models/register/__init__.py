from . import contract_execution_report
from . import contract_facts
from . import contract_frame
from . import contract_register
from . import contract_register_xlsx
