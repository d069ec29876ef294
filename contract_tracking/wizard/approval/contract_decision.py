from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class ContractDecision(models.TransientModel):
    """Ask for what a decision needs: comment, colleague, or when and how a leader said
    it on the phone. Who may decide is checked by the documents."""

    _name = "contract.decision"
    _inherit = ["contract.dialog.mixin"]
    _description = "Decision"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(string="Documents", required=True, readonly=True)
    document_names = fields.Char(compute="_compute_documents")
    verb = fields.Selection(
        [
            ("approve", "Approve"),
            ("refuse", "Refuse"),
            ("return", "Return for revision"),
            ("transfer", "Let somebody else decide"),
            ("add", "Ask one more approver"),
            ("inform", "Inform others"),
            ("oral", "Record an oral decision"),
        ],
        string="What To Do",
        required=True,
        default="approve",
    )
    with_changes = fields.Boolean(
        help="Approve, but otherwise than asked for: say how in the comment."
    )
    has_changes = fields.Boolean(compute="_compute_documents")
    comment = fields.Text()
    user_id = fields.Many2one(
        "res.users", string="Colleague", domain="[('share', '=', False)]"
    )
    user_ids = fields.Many2many(
        "res.users", string="Colleagues", domain="[('share', '=', False)]"
    )
    step_id = fields.Many2one("contract.approval.step", string="Decision Of")
    pending_step_ids = fields.Many2many(
        "contract.approval.step", compute="_compute_documents"
    )
    approved = fields.Selection(
        [("yes", "He approved"), ("no", "He refused")], string="He Said", default="yes"
    )
    oral_on = fields.Datetime(string="When", default=fields.Datetime.now)
    oral_means = fields.Char(string="How", help="By phone, in a meeting, …")

    @api.depends("res_model", "res_ids")
    def _compute_documents(self):
        for wizard in self:
            groups = wizard._documents()
            documents = [document for group in groups for document in group]
            wizard.document_names = format_list(
                self.env, [document.display_name for document in documents]
            )
            wizard.has_changes = all(
                "accept_changed" in document._approval_outcomes()
                for document in documents
            )
            pending = (
                self.step_id.browse()
                .sudo()
                .union(*(group.sudo()._approval_pending() for group in groups))
            )
            wizard.pending_step_ids = pending.filtered(
                lambda s: s._document()._approval_may_record_oral(s, self.env.user)
            )

    @api.onchange("verb")
    def _onchange_verb(self):
        if self.verb == "oral" and len(self.pending_step_ids) == 1:
            self.step_id = self.pending_step_ids

    def _documents(self):
        """The documents, a list by model: those of approval steps may be of several."""
        if self.res_model == self.step_id._name:
            return self._dialog_documents("_step_documents")._step_documents()
        return [self._dialog_documents("_approval_kind")]

    def action_apply(self):
        """Take the step on all the documents, or on none."""
        self._check_dialog()
        for documents in self._documents():
            self._apply(documents)
        return {"type": "ir.actions.act_window_close"}

    def _apply(self, documents):
        match self.verb:
            case "approve":
                outcome = "accept_changed" if self.with_changes else "accept"
                documents.action_approve(self.comment, outcome)
            case "refuse":
                documents.action_refuse(self.comment)
            case "return":
                documents.action_return(self.comment)
            case "transfer":
                documents._approval_transfer(self.user_id, self.comment)
            case "add":
                documents._approval_add(self.user_id, self.comment)
            case "inform":
                if not self.user_ids:
                    raise UserError(self.env._("Choose whom to inform."))
                documents._approval_inform(self.user_ids, self.comment)
            case "oral":
                if not self.step_id:
                    raise UserError(self.env._("Choose whose decision it was."))
                documents._approval_record_oral(
                    self.step_id,
                    self.approved == "yes",
                    self.oral_on,
                    self.oral_means,
                    self.comment,
                )
