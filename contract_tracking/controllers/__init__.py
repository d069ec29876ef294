from . import contract_archive
from . import contract_import
from . import contract_monthly_record
from . import contract_register
from . import contract_statement
