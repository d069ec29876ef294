from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _contract_gate_price(self):
        """What a unit is worth with taxes, in the order's currency: as agreed once the
        contract is in effect."""
        self.ensure_one()
        if self.order_id.contract_effective_date and self.contract_unit_total:
            return self.contract_unit_total
        return self._contract_price()
