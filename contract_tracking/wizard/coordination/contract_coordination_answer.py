from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractCoordinationAnswer(models.TransientModel):
    """What a recipient answers to a coordination document."""

    _name = "contract.coordination.answer"
    _inherit = ["contract.dialog.mixin"]
    _description = "Reply to a Coordination Document"

    coordination_id = fields.Many2one(
        "contract.coordination",
        string="Coordination Document",
        readonly=True,
        ondelete="cascade",
    )
    line_id = fields.Many2one(
        "contract.coordination.reply",
        string="Recipient",
        required=True,
        domain="[('coordination_id', '=', coordination_id), ('can_reply', '=', True)]",
        ondelete="cascade",
    )
    asked = fields.Text(string="What Is Asked", compute="_compute_asked")
    is_supplement = fields.Boolean(compute="_compute_asked")
    reply_text = fields.Text(string="Reply")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    @api.depends("line_id")
    def _compute_asked(self):
        for wizard in self:
            line = wizard.line_id
            wizard.asked = "\n".join(
                filter(None, (line.coordination_id.requests, line.requests))
            )
            wizard.is_supplement = line.state in ("answered", "silent")

    def action_reply(self):
        """Record the reply. Who may is checked by the recipient's line."""
        self._check_dialog()
        if not self.line_id:
            raise UserError(self.env._("Choose for whom you reply."))
        self.line_id._reply(self.reply_text, self.attachment_ids)
        return {"type": "ir.actions.act_window_close"}
