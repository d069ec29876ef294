from . import contract_logistics_entry
