from odoo import models


class StockPicking(models.Model):
    """Which delivery another one is left of, or follows."""

    _inherit = "stock.picking"

    def _contract_origins(self):
        """The delivery with those that it is a backorder of, and with the steps before
        it: in warehouses with several, the next one is made when one is done."""
        self.ensure_one()
        found = pickings = self
        while (
            pickings := (
                pickings.backorder_id | pickings.move_ids.move_orig_ids.picking_id
            )
            - found
        ):
            found |= pickings
        return found
