from odoo import api, fields, models


class ContractDeviationStep(models.TransientModel):
    """Ask for the words that a step of a deviation keeps as evidence."""

    _name = "contract.deviation.step"
    _description = "Step of a Deviation"

    step = fields.Selection(
        [
            ("report", "Report the result"),
            ("verify", "Verify and close"),
            ("send_back", "Send back: not verified"),
            ("waive", "Waive"),
            ("cancel", "Cancel as false"),
            ("hand_over", "Hand over"),
            ("done", "Report the action done"),
            ("drop", "Drop the action"),
        ],
        required=True,
        readonly=True,
    )
    deviation_id = fields.Many2one("contract.deviation", required=True, readonly=True)
    action_id = fields.Many2one("contract.deviation.action", readonly=True)
    text = fields.Text(string="In Words", required=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")
    company_id = fields.Many2one(related="deviation_id.company_id")
    user_id = fields.Many2one(
        "res.users",
        string="New Handler",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    cured_on = fields.Date(
        help="If it is cured: the day. For what the daily run found it says so itself."
    )
    detected = fields.Boolean(compute="_compute_deviation")
    not_cured = fields.Boolean(compute="_compute_deviation")
    decision = fields.Selection(related="deviation_id.decision")
    decision_text = fields.Text(related="deviation_id.decision_text")
    result = fields.Text(related="deviation_id.result")

    @api.depends("deviation_id")
    def _compute_deviation(self):
        for wizard in self:
            wizard.detected = bool(wizard.deviation_id.detect_key)
            wizard.not_cured = wizard.deviation_id.not_cured

    def action_apply(self):
        """Take the step. Who may, and when, is checked by the deviation."""
        self.ensure_one()
        deviation = self.deviation_id
        match self.step:
            case "report":
                deviation._report(self.text, self.attachment_ids, self.cured_on)
            case "verify":
                deviation._verify(self.text)
            case "send_back":
                deviation._send_back(self.text)
            case "waive":
                deviation._waive(self.text, self.attachment_ids)
            case "cancel":
                deviation._cancel(self.text, self.attachment_ids)
            case "hand_over":
                deviation._hand_over(self.user_id, self.text)
            case "done":
                self.action_id._report_done(self.text, self.attachment_ids)
            case "drop":
                self.action_id._drop(self.text)
        return {"type": "ir.actions.act_window_close"}
