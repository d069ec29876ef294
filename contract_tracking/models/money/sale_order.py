from odoo import models


class SaleOrder(models.Model):
    """The money of a contract."""

    _inherit = "sale.order"

    def action_view_contract_receipts(self):
        """Open the money of the contract: claimed for it or reconciled with it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_receipt_action"
        )
        receipts = self.env["contract.receipt"]._of_orders(self)
        action.update(domain=[("id", "in", receipts.ids)], context={})
        return action
