from odoo import models

from ...tools.guard import unguarded


class StockPicking(models.Model):
    """Which delivery another one is left of, or follows, and what a draft lists."""

    _inherit = "stock.picking"

    def unlink(self):
        """One that is deleted is nothing that a draft has to decide on."""
        listed = self.env["contract.termination.delivery"].sudo()
        listed = listed.search(
            [
                ("picking_id", "in", self.ids),
                ("termination_id.state", "=", "draft"),
            ]
        )
        unguarded(listed).unlink()
        return super().unlink()

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
