from odoo import models


class StockPicking(models.Model):
    """Which delivery another one is left of."""

    _inherit = "stock.picking"

    def _contract_origins(self):
        """The delivery with those that it is a backorder of."""
        self.ensure_one()
        found = picking = self
        while picking := picking.backorder_id - found:
            found |= picking
        return found
