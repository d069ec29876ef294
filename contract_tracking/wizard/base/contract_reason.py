from odoo import api, fields, models


class ContractReason(models.TransientModel):
    """Ask for the words of a step that are kept as evidence. Which steps there are, who
    may take them and when is the document's business (``contract.reason.mixin``)."""

    _name = "contract.reason"
    _inherit = ["contract.dialog.mixin"]
    _description = "Reason for a Contract Step"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(string="Documents", required=True, readonly=True)
    step = fields.Char(string="Key of the Step", required=True, readonly=True)
    step_label = fields.Char(string="Step", compute="_compute_step")
    note = fields.Text(compute="_compute_step")
    reason = fields.Text(required=True)
    asks_attachments = fields.Boolean(compute="_compute_step")
    asks_user = fields.Boolean(compute="_compute_step")
    asks_date = fields.Boolean(compute="_compute_step")
    user_label = fields.Char(compute="_compute_step")
    date_label = fields.Char(compute="_compute_step")
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")
    user_id = fields.Many2one(
        "res.users", string="Colleague", domain="[('share', '=', False)]"
    )
    date = fields.Date(string="Day")

    @api.depends("res_model", "res_ids", "step")
    def _compute_step(self):
        for wizard in self:
            documents = wizard._documents()
            rule = documents._reason_steps().get(wizard.step, {})
            asks = rule.get("asks", ())
            wizard.step_label = rule.get("label")
            wizard.note = documents._reason_note(wizard.step)
            wizard.asks_attachments = "attachments" in asks
            wizard.asks_user = "user" in asks
            wizard.asks_date = "date" in asks
            labels = rule.get("labels", {})
            wizard.user_label = labels.get("user") or self.env._("Colleague")
            wizard.date_label = labels.get("date") or self.env._("Day")

    def action_apply(self):
        """Take the step. Who may is checked by the document that it concerns."""
        self._check_dialog()
        result = self._documents()._take_reason_step(
            self.step,
            self.reason,
            attachments=self.attachment_ids,
            user=self.user_id,
            date=self.date,
        )
        if isinstance(result, models.BaseModel) and result:
            return {
                "type": "ir.actions.act_window",
                "res_model": result._name,
                "res_id": result.id,
                "view_mode": "form",
            }
        return {"type": "ir.actions.act_window_close"}

    def _documents(self):
        return self._dialog_documents("_reason_steps")
