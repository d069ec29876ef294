from odoo import Command, fields, models
from odoo.exceptions import UserError


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


class ContractFrame(models.Model):
    """The coordination documents of a frame agreement (D9 §6.2)."""

    _inherit = "contract.frame"

    coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_coordination_count",
    )

    def _compute_coordination_count(self):
        groups = self.env["contract.coordination"]._read_group(
            [("frame_id", "in", self._origin.ids), ("state", "!=", "void")],
            ["frame_id"],
            ["__count"],
        )
        counts = {frame.id: count for frame, count in groups}
        for frame in self:
            frame.coordination_count = counts.get(frame._origin.id, 0)

    def action_view_coordinations(self):
        """Open the coordination documents of the frame agreement."""
        return coordination_list(self, "frame_id")

    def action_coordinate(self):
        """Open a new coordination document of the frame agreement."""
        self.ensure_one()
        return coordination_action(self.env, {"frame_id": self.id})


class ContractDeviation(models.Model):
    """What was coordinated about a deviation."""

    _inherit = "contract.deviation"

    coordination_ids = fields.Many2many(
        "contract.coordination",
        "contract_coordination_deviation_rel",
        string="Coordination Documents",
        readonly=True,
        copy=False,
    )

    def action_coordinate(self):
        """Open a new coordination document about these deviations of one contract.

        :raise UserError: if they are of several contracts
        """
        self.check_access("read")
        if len({deviation._contract_parent() for deviation in self}) != 1:
            raise UserError(
                self.env._(
                    "A coordination document is about one contract: choose "
                    "deviations of the same one."
                )
            )
        return coordination_action(
            self.env,
            {
                **self[0]._contract_parent_vals(),
                "deviation_ids": [Command.set(self.ids)],
                "subject": self[0].display_name,
            },
        )
