from odoo import api, fields, models

from ..contract.sale_order import READER


class ContractFrame(models.Model):
    """The termination of a frame agreement: its validity ends, its open call-offs go
    on."""

    _inherit = "contract.frame"

    _contract_document_states = ("closed", "cancelled")

    termination_ids = fields.One2many(
        "contract.termination", "frame_id", string="Terminations", copy=False,
        groups=READER,
    )  # fmt: skip
    termination_count = fields.Integer(
        string="Number of Terminations",
        compute="_compute_termination_count",
        groups=READER,
        help="Terminations of this frame agreement, without void ones.",
    )

    @api.depends("termination_ids.state")
    def _compute_termination_count(self):
        self._contract_count_forms("contract.termination", "termination_count")

    @api.readonly
    def action_terminations(self):
        """Open the terminations of the frame agreement."""
        return self._contract_parts_action("contract_termination_action")

    @api.readonly
    def action_terminate(self):
        """Open the termination of the frame agreement that is being prepared or
        decided, or a new one."""
        return self.env["contract.termination"]._open_of(self)

    def _contract_correct(self, vals, reason):
        end = fields.Date.to_date(vals.get("date_end"))
        if end and end < self._contract_today():
            self._contract_check_refusal("_contract_refuse_end")
        return super()._contract_correct(vals, reason)

    def _contract_refuse_end(self):
        # whose validity is over has ended by itself
        if self.date_end and self.date_end < self._contract_today():
            return False
        return super()._contract_refuse_end()

    def _contract_terms(self):
        return self.term_ids

    def _contract_owed(self):
        """What fell due of its own terms stays due, nothing else does."""
        fallen = self._contract_fallen()
        return sum(amount for rows in fallen.values() for _day, amount in rows), 0.0
