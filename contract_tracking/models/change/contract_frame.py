from odoo import api, fields, models


class ContractFrame(models.Model):
    """The change requests of a frame agreement."""

    _inherit = "contract.frame"

    change_ids = fields.One2many(
        "contract.change", "frame_id", string="Change Requests"
    )
    change_count = fields.Integer(
        string="Number of Change Requests",
        compute="_compute_change_count",
        compute_sudo=True,
        help="Change requests of the frame agreement, void ones left out.",
    )

    @api.depends("change_ids.state")
    def _compute_change_count(self):
        self._contract_count_forms("contract.change", "change_count")

    def action_change(self):
        """Open a new change request of the frame agreement."""
        return self._contract_new_part_action("contract.change")

    @api.readonly
    def action_changes(self):
        """Open the change requests of the frame agreement."""
        return self._contract_parts_action("contract_change_action")
