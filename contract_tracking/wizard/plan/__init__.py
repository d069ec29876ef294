from . import contract_plan_report
