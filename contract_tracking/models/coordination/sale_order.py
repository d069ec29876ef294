from odoo import fields, models


class SaleOrder(models.Model):
    """The coordination documents of a contract (D9 §6.2)."""

    _inherit = "sale.order"

    contract_coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_contract_coordination_count",
        groups="contract_tracking.group_contract_reader",
    )

    def _compute_contract_coordination_count(self):
        counts = self._contract_count_parts(
            "contract.coordination", [("state", "!=", "void")]
        )
        for order in self:
            order.contract_coordination_count = counts.get(order._origin.id, 0)

    def action_view_contract_coordinations(self):
        """Open the coordination documents of the contract."""
        return self._contract_parts_action("contract_coordination_action")

    def action_contract_coordinate(self):
        """Open a new coordination document of the contract."""
        return self._contract_new_part_action("contract.coordination")
