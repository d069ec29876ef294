from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list, html2plaintext, is_html_empty

from ...tools.guard import unguarded


class ContractDocumentFiling(models.TransientModel):
    """File papers on a contract or a frame agreement: dropped files, or a message of
    the chatter with its attachments (D9 §6.4)."""

    _name = "contract.document.filing"
    _inherit = ["contract.dialog.mixin"]
    _description = "File Papers"

    order_id = fields.Many2one(
        "sale.order", string="Contract", domain="[('contract_state', '!=', False)]"
    )
    frame_id = fields.Many2one("contract.frame", string="Frame Agreement")
    message_id = fields.Many2one("mail.message", readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    type_id = fields.Many2one("contract.document.type", string="Kind", required=True)
    name = fields.Char(string="Title", help="Empty: the names of the files.")
    date = fields.Date(
        required=True, default=lambda self: self.env.company._contract_today()
    )
    partner_ids = fields.Many2many("res.partner", string="Parties")
    note = fields.Char()
    separate = fields.Boolean(
        string="One Paper a File",
        help="Otherwise all the files belong to one paper, for example its pages.",
    )
    has_several = fields.Boolean(compute="_compute_has_several")

    @api.onchange("order_id", "frame_id")
    def _onchange_contract(self):
        """No day is later than that of the contract's company."""
        company = (self.order_id or self.frame_id).sudo().company_id
        if company and self.date:
            self.date = min(self.date, company._contract_today())

    @api.depends("attachment_ids")
    def _compute_has_several(self):
        for wizard in self:
            wizard.has_several = len(wizard.attachment_ids) > 1

    def action_file(self):
        """File the papers. Who may is checked by the papers themselves.

        :raise UserError: without contract or files, or if the message is filed already
        """
        self._check_dialog()
        if not (self.order_id or self.frame_id):
            raise UserError(
                self.env._("Choose the contract or the frame agreement of the papers.")
            )
        if self.message_id:
            self.env["contract.document"]._check_message(self.message_id)
            # the paper lives on without the message: it gets files of its own
            files = [
                attachment.copy({"res_model": False, "res_id": False})
                for attachment in self.message_id.sudo().attachment_ids
            ]
            files += self._message_text()
            groups = [self.env["ir.attachment"].union(*files)]
        elif self.separate:
            groups = self.attachment_ids
        else:
            groups = [self.attachment_ids]
        if not any(groups):
            raise UserError(self.env._("There is no file to file."))
        documents = unguarded(self.env["contract.document"]).create(
            [self._document_vals(files) for files in groups]
        )
        parent = documents[0]._contract_parent()
        if not self.message_id:
            return parent._contract_parts_action("contract_document_action")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Filed on %(contract)s.", contract=parent.display_name
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _document_vals(self, files):
        title = self.name if len(files) > 1 or not self.separate else False
        return {
            "name": title or format_list(self.env, files.mapped("name")),
            "order_id": self.order_id.id,
            "frame_id": self.frame_id.id,
            "type_id": self.type_id.id,
            "date": self.date,
            "partner_ids": [Command.set(self.partner_ids.ids)],
            "note": self.note,
            "message_id": self.message_id.id,
            "attachment_ids": [Command.set(files.ids)],
        }

    def _message_text(self):
        """The message itself as a text file, if it says anything."""
        message = self.message_id.sudo()
        if is_html_empty(message.body):
            return []
        lines = (
            message.subject,
            message.email_from or message.author_id.name,
            f"{message.date} UTC",
            "",
            html2plaintext(message.body),
        )
        title = message.subject or message.record_name or self.env._("Message")
        return [
            self.env["ir.attachment"].create(
                {
                    "name": f"{title}.txt",
                    "raw": "\n".join(line or "" for line in lines).encode(),
                    "mimetype": "text/plain",
                }
            )
        ]
