from odoo import fields, models


class ContractReason(models.TransientModel):
    """The reason why a coordination document is void."""

    _inherit = "contract.reason"

    step = fields.Selection(
        selection_add=[("void_coordination", "Void the coordination document")],
        ondelete={"void_coordination": "cascade"},
    )
    coordination_id = fields.Many2one("contract.coordination", readonly=True)

    def action_apply(self):
        """Void the document and open its corrected copy."""
        if self.step != "void_coordination":
            return super().action_apply()
        self.ensure_one()
        return self.coordination_id._void(self.reason)._form_action()
