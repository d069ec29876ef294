from odoo import fields, models


class ContractFrame(models.Model):
    """The tracking records of a frame agreement (D9 §6.1)."""

    _inherit = "contract.frame"

    record_count = fields.Integer(
        string="Number of Tracking Records", compute="_compute_record_count"
    )

    def _compute_record_count(self):
        counts = self._contract_count_parts(
            "contract.tracking.record", [("state", "!=", "void")]
        )
        for frame in self:
            frame.record_count = counts.get(frame._origin.id, 0)

    def action_record(self):
        """Open the record to confirm of this frame agreement, a new one if there is
        none."""
        self.ensure_one()
        self.check_access("read")
        Record = self.env["contract.tracking.record"]
        record = Record.search(
            [("frame_id", "=", self.id), ("state", "=", "draft")], limit=1
        ) or Record.create({"frame_id": self.id, "date": self._contract_today()})
        return record._open_form()

    def action_view_records(self):
        """Open the tracking records of the frame agreement."""
        return self._contract_parts_action("contract_tracking_record_action")
