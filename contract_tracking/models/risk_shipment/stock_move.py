from odoo import models


class StockMove(models.Model):
    """What comes back gives its part of a risk-shipment permission back."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        if back := moves.filtered("to_refund").sudo().origin_returned_move_id:
            self.env["contract.risk.use"]._give_back(back)
        return moves

    def _contract_risk_kept(self):
        """What left with this move and has not come back to be credited, in its own
        unit."""
        self.ensure_one()
        if self.state != "done":
            return 0.0
        back = self.returned_move_ids.filtered(
            lambda move: move.state == "done" and move.to_refund
        )
        return self.quantity - sum(
            move.product_uom._compute_quantity(move.quantity, self.product_uom)
            for move in back
        )
