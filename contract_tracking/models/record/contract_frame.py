from odoo import api, fields, models


class ContractFrame(models.Model):
    """The tracking records of a frame agreement (D9 §6.1)."""

    _inherit = "contract.frame"

    record_ids = fields.One2many(
        "contract.tracking.record",
        "frame_id",
        string="Tracking Records",
        copy=False,
    )
    record_count = fields.Integer(
        string="Number of Tracking Records",
        compute="_compute_record_count",
        help="Tracking records of this contract, void ones left out.",
    )

    @api.depends("record_ids.state")
    def _compute_record_count(self):
        self._contract_count_forms("contract.tracking.record", "record_count")

    def action_record(self):
        """Open the record to confirm of this frame agreement, a new one if there is
        none."""
        return self.env["contract.tracking.record"]._open_draft(self)

    @api.readonly
    def action_view_records(self):
        """Open the tracking records of the frame agreement."""
        return self._contract_parts_action("contract_tracking_record_action")
