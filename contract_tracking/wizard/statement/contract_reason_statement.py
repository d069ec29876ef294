from odoo import fields, models


class ContractReason(models.TransientModel):
    """The reason why a statement of account is void."""

    _inherit = "contract.reason"

    step = fields.Selection(
        selection_add=[("void_statement", "Void the statement of account")],
        ondelete={"void_statement": "cascade"},
    )
    statement_id = fields.Many2one("contract.statement", readonly=True)

    def action_apply(self):
        """Void the statement and open its corrected copy."""
        if self.step != "void_statement":
            return super().action_apply()
        self.ensure_one()
        statement = self.statement_id._void(self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "contract.statement",
            "res_id": statement.id,
            "view_mode": "form",
        }
