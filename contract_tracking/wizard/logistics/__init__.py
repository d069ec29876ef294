from . import contract_logistics_entry
from . import contract_logistics_sheet
