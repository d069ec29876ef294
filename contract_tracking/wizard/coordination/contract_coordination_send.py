from markupsafe import Markup

from odoo import api, fields, models


class ContractCoordinationSend(models.TransientModel):
    """Show the letters to outside recipients as they will go, then send."""

    _name = "contract.coordination.send"
    _inherit = ["contract.dialog.mixin"]
    _description = "Send a Coordination Document"

    coordination_id = fields.Many2one(
        "contract.coordination",
        string="Coordination Document",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    letters = fields.Html(
        compute="_compute_letters",
        sanitize=False,
        help="Each letter in the language of its recipient. They go by e-mail, as a "
        "PDF.",
    )

    @api.depends("coordination_id")
    def _compute_letters(self):
        for wizard in self:
            lines = wizard.coordination_id.reply_ids.filtered(
                lambda line: line.kind == "partner"
            )
            wizard.letters = Markup("").join(
                Markup("<h4>{} &lt;{}&gt;</h4>{}").format(
                    line.partner_id.display_name,
                    line.partner_id.email or "",
                    line._letter_html(),
                )
                for line in lines
            )

    def action_send(self):
        """Send the document. Who may is checked by the document itself."""
        self._check_dialog()
        self.coordination_id._send()
        return {"type": "ir.actions.act_window_close"}
