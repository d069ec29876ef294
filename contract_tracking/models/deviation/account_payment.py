from odoo import models


class AccountPayment(models.Model):
    """Finance sees which money is late, comes from somebody else, or otherwise."""

    _name = "account.payment"
    _inherit = ["account.payment", "contract.report.mixin"]

    def _contract_report_values(self):
        """Of the contract that it is claimed for, else of the invoice that it paid."""
        claim = self.env["contract.payment.claim"].search(
            [("payment_id", "=", self.id), ("state", "!=", "withdrawn")], limit=1
        )
        orders = self.reconciled_invoice_ids.line_ids.sale_line_ids.order_id
        order = claim.order_id or orders.filtered("contract_state")[:1]
        return {
            "order_id": not claim.frame_id and order.id,
            "frame_id": claim.frame_id.id,
            "kind": "late_payment",
        }
