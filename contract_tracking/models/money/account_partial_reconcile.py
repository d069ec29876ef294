from odoo import models
from odoo.fields import Domain


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        self._contract_take_back()
        return super().unlink()

    def _contract_take_back(self):
        """Withdraw what was claimed of a receipt for the contracts of the invoices
        from which it is unreconciled."""
        lines = self.credit_move_id | self.debit_move_id
        claims = (
            self.env["contract.payment.claim"]
            .sudo()
            .search(
                Domain("payment_id", "in", lines.move_id.origin_payment_id.ids)
                | Domain("move_line_id", "in", lines.ids)
            )
        )
        if not claims:
            return
        freed = claims.browse()
        for partial in self.sudo():
            sides = partial.credit_move_id, partial.debit_move_id
            for mine, other in (sides, sides[::-1]):
                orders = other.move_id.line_ids.sale_line_ids.order_id
                payments = mine.move_id.origin_payment_id
                receipts = Domain("move_line_id", "in", mine.ids) | Domain(
                    "payment_id", "in", payments.ids
                )
                freed |= claims.filtered_domain(
                    Domain("order_id", "in", orders.ids) & receipts
                )
        freed._take_back(self.env._("The receipt was unreconciled."))
