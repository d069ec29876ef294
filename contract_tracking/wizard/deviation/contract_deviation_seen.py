from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.deviation.contract_deviation import DEVIATION_KINDS
from ...tools.guard import guarded, unguarded


class ContractDeviationSeen(models.TransientModel):
    """Report a deviation where it is seen: on a delivery, an invoice, a payment, a
    statement, a term, a contract.

    Any employee who may read that document may; the contract needn't be his to read.
    The deviation is handled by who answers for the contract; the reporter reads his
    report from then on.
    """

    _name = "contract.deviation.seen"
    _inherit = ["contract.dialog.mixin"]
    _description = "Report a Deviation"

    res_model = fields.Char(string="Document Model", readonly=True)
    res_ids = fields.Json(string="Documents (IDs)", readonly=True)
    document = fields.Char(
        string="Seen On", compute="_compute_document", help="What the report is about."
    )
    contract_number = fields.Char(string="Contract", compute="_compute_document")
    kind = fields.Selection(DEVIATION_KINDS, required=True, default="other")
    summary = fields.Text(
        string="What Departs",
        help="What was agreed, what happened, since when: in your words.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    @api.depends("res_model", "res_ids")
    def _compute_document(self):
        for wizard in self:
            document = wizard._source()
            parent = document._contract_report_parent()
            wizard.document = document.display_name
            # the number of the contract that his document is about
            wizard.contract_number = (
                parent.contract_number
                if parent._name == "sale.order"
                else parent.display_name
            )

    def action_report(self):
        """Write the deviation down, for who answers for the contract.

        :raise UserError: without words, or without a contract in effect
        """
        self._check_dialog()
        if not (self.summary or "").strip():
            raise UserError(self.env._("Say what departs from the contract."))
        source = self._source()
        source._contract_check_reporter()
        # they become evidence: not what others need to change
        self.attachment_ids.check_access("write")
        values = {
            **source.sudo()._contract_report_values(),
            "kind": self.kind,
            "summary": self.summary,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
            "seen_by_id": self.env.uid,
        }
        parent = source._contract_report_parent().sudo()
        values["user_id"] = parent._contract_responsible().id
        # with the key: who saw it is no client's to write
        deviation = unguarded(self.env["contract.deviation"].sudo()).create(values)
        deviation = guarded(deviation)
        deviation.message_subscribe(partner_ids=self.env.user.partner_id.ids)
        deviation._note({deviation.id: self.env._("Reported from %s.", self.document)})
        return deviation.sudo(False)._open_form()

    def _source(self):
        """The document on which it was seen, which the user may read."""
        document = self._dialog_documents("_contract_report_values")
        document.ensure_one()
        return document
