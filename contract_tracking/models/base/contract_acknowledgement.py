from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.batches import in_batches
from ...tools.guard import unguarded


class ContractAcknowledgement(models.Model):
    """Somebody who must have read a document, and answered, by a day (a day of its
    company). Evidence: written by the document's steps alone, never deleted.

    Serves D9 §3 and the briefing of contracts (合同交底).
    """

    _name = "contract.acknowledgement"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.reference.mixin",
    ]
    _description = "Acknowledgement"
    _order = "date_deadline, id"
    _frozen_create = True
    _files_always = True

    # who read what is evidence: no quotation that is deleted takes it along
    order_id = fields.Many2one(readonly=True, ondelete="restrict")
    frame_id = fields.Many2one(readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users",
        string="Reader",
        readonly=True,
        required=True,
        index=True,
        ondelete="restrict",
    )
    user_name = fields.Char(
        string="Reader (Name)", readonly=True, help="Name on the day he was asked."
    )
    department_name = fields.Char(
        string="Department", readonly=True, help="For which he was asked."
    )
    asked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    asked_on = fields.Datetime(readonly=True)
    what = fields.Char(string="To Note", readonly=True)
    date_deadline = fields.Date(string="Read By", readonly=True)
    answer_required = fields.Boolean(readonly=True)
    state = fields.Selection(
        [("waiting", "To read"), ("acknowledged", "Read")],
        readonly=True,
        required=True,
        default="waiting",
        index=True,
    )
    acknowledged_on = fields.Datetime(string="Read On", readonly=True)
    answer = fields.Char(readonly=True)
    reminded_on = fields.Date(readonly=True)
    question = fields.Text(readonly=True, help="What the reader asked last.")
    question_on = fields.Datetime(string="Asked On (Question)", readonly=True)
    reply = fields.Text(readonly=True)
    reply_on = fields.Datetime(string="Replied On", readonly=True)
    replied_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _document_user_uniq = models.Constraint(
        "unique(res_model, res_id, user_id)", "This reader is asked already."
    )
    _waiting = models.Index("(date_deadline) WHERE state = 'waiting'")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals and any(row.state == "acknowledged" for row in self.sudo()):
            raise UserError(
                self.env._("Who read what is evidence: nobody can change it.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Who was asked to read what is evidence: nobody can delete it.")
        )

    @api.model
    def _frozen_message(self):
        return self.env._("Readers are asked, and answer, on the document itself.")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _asking(self):
        """Those of which the question waits for a reply."""
        return self.filtered(lambda row: row.question and not row.reply)

    @api.model
    def _cron_remind(self):
        """Remind those who have not read in time, once."""
        late = self.sudo().search(
            Domain("state", "=", "waiting")
            & Domain("reminded_on", "=", False)
            & self.env["res.company"]._contract_day_domain("date_deadline", "<")
        )
        for chunk in in_batches(late):
            for company, rows in chunk.grouped("company_id").items():
                unguarded(rows).write({"reminded_on": company._contract_today()})
            for documents in chunk._documents():
                documents._sync_activities()
