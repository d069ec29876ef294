from . import contract_monthly_write
