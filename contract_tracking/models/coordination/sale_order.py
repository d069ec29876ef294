from odoo import fields, models


def coordination_action(env, values):
    """A window with a new coordination document."""
    return {
        "type": "ir.actions.act_window",
        "name": env._("Coordination Document"),
        "res_model": "contract.coordination",
        "views": [(False, "form")],
        "context": {f"default_{name}": value for name, value in values.items()},
    }


def coordination_list(record, fname):
    """The window with the coordination documents of a contract or frame."""
    record.ensure_one()
    action = record.env["ir.actions.act_window"]._for_xml_id(
        "contract_tracking.contract_coordination_action"
    )
    action.update(
        domain=[(fname, "=", record.id)], context={f"default_{fname}": record.id}
    )
    return action


class SaleOrder(models.Model):
    """The coordination documents of a contract (D9 §6.2)."""

    _inherit = "sale.order"

    contract_coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_contract_coordination_count",
        groups="contract_tracking.group_contract_reader",
    )

    def _compute_contract_coordination_count(self):
        groups = self.env["contract.coordination"]._read_group(
            [("order_id", "in", self._origin.ids), ("state", "!=", "void")],
            ["order_id"],
            ["__count"],
        )
        counts = {order.id: count for order, count in groups}
        for order in self:
            order.contract_coordination_count = counts.get(order._origin.id, 0)

    def action_view_contract_coordinations(self):
        """Open the coordination documents of the contract."""
        return coordination_list(self, "order_id")

    def action_contract_coordinate(self):
        """Open a new coordination document of the contract."""
        self.ensure_one()
        return coordination_action(self.env, {"order_id": self.id})
