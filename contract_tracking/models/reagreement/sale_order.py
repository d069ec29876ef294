from odoo import api, models


class SaleOrder(models.Model):
    """The re-agreements of a contract."""

    _inherit = "sale.order"

    @api.readonly
    def action_contract_reagreements(self):
        """Open the re-agreements of the contract."""
        return self._contract_parts_action("contract_reagreement_action")

    def action_contract_reagree(self):
        """Open a new re-agreement of the contract."""
        return self._contract_new_part_action("contract.reagreement")
