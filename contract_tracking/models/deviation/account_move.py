from odoo import models


class AccountMove(models.Model):
    """Finance sees which invoice doesn't agree."""

    _name = "account.move"
    _inherit = ["account.move", "contract.report.mixin"]

    def _contract_report_values(self):
        orders = self.line_ids.sale_line_ids.order_id
        return {
            "order_id": orders.filtered("contract_state")[:1].id,
            "move_id": self.id,
            "kind": "invoice_mismatch",
        }
