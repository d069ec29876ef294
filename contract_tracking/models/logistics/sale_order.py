from odoo import api, models


class SaleOrder(models.Model):
    """How a contract is carried out: what is ready when, and what is on its way."""

    _inherit = "sale.order"

    @api.readonly
    def action_contract_execution(self):
        """Open what will happen for each delivery term of the contract."""
        return self._contract_parts_action("contract_execution_plan_action")

    @api.readonly
    def action_contract_logistics_report(self):
        """Open the deliveries of the contract, from dispatch to signature."""
        return self._contract_parts_action("contract_logistics_report_action")
