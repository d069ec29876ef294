from odoo import api, fields, models


class ContractFrame(models.Model):
    """The coordination documents of a frame agreement (D9 §6.2)."""

    _inherit = "contract.frame"

    coordination_ids = fields.One2many(
        "contract.coordination",
        "frame_id",
        string="Coordination Documents",
        copy=False,
    )
    coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_coordination_count",
        help="Coordination documents of this contract, void ones left out.",
    )

    @api.depends("coordination_ids.state")
    def _compute_coordination_count(self):
        self._contract_count_forms("contract.coordination", "coordination_count")

    @api.readonly
    def action_view_coordinations(self):
        """Open the coordination documents of the frame agreement."""
        return self._contract_parts_action("contract_coordination_action")

    def action_coordinate(self):
        """Open a new coordination document of the frame agreement."""
        return self._contract_new_part_action("contract.coordination")

    def action_remind(self):
        """Open the payment reminder letter that comes next for the frame agreement and
        its call-offs.

        :raise UserError: if nothing is overdue
        """
        return self.env["contract.coordination"]._remind_of(self)
