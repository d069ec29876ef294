from odoo import models

from ...tools.windows import window


class SaleOrder(models.Model):
    """The money of a contract."""

    _inherit = "sale.order"

    def action_view_contract_receipts(self):
        """Open the money of the contract: claimed for it or reconciled with it."""
        self.ensure_one()
        self.check_access("read")
        receipts = self.env["contract.receipt"]._of_orders(self)
        domain = [("id", "in", receipts.ids)]
        return window(self.env, "contract_receipt_action", domain=domain, context={})
