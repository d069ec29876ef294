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
