from odoo import fields, models


class ContractFrame(models.Model):
    """The tracking records of a frame agreement (D9 §6.1)."""

    _inherit = "contract.frame"

    record_ids = fields.One2many(
        "contract.tracking.record", "frame_id", string="Tracking Records"
    )
    record_count = fields.Integer(
        string="Number of Tracking Records", compute="_compute_record_count"
    )

    def _compute_record_count(self):
        groups = self.env["contract.tracking.record"]._read_group(
            [("frame_id", "in", self._origin.ids), ("state", "!=", "void")],
            ["frame_id"],
            ["__count"],
        )
        counts = {frame.id: count for frame, count in groups}
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
        return {
            "type": "ir.actions.act_window",
            "res_model": "contract.tracking.record",
            "res_id": record.id,
            "view_mode": "form",
        }

    def action_view_records(self):
        """Open the tracking records of the frame agreement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_tracking_record_action"
        )
        action.update(
            domain=[("frame_id", "=", self.id)], context={"default_frame_id": self.id}
        )
        return action

    def action_papers(self):
        """Open the papers of the frame agreement: dropped files are filed there."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_document_action"
        )
        action.update(
            domain=[("frame_id", "=", self.id)], context={"default_frame_id": self.id}
        )
        return action

    def action_reagreements(self):
        """Open the re-agreements of the frame agreement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_reagreement_action"
        )
        action.update(
            domain=[("frame_id", "=", self.id)], context={"default_frame_id": self.id}
        )
        return action

    def _read_terms(self, cutoff):
        """Return how the frames' own terms stand: ``{term id: row}``, as of a day."""
        return self.env["contract.facts.frame"]._read_terms(self, cutoff)
