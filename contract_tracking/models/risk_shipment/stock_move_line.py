from odoo import models


class StockMoveLine(models.Model):
    """What is lowered in a done delivery didn't leave."""

    _inherit = "stock.move.line"

    def write(self, vals):
        res = super().write(vals)
        if "quantity" in vals and (done := self._contract_risk_done()):
            self.env["contract.risk.use"]._give_back(done)
        return res

    def unlink(self):
        done = self._contract_risk_done()
        res = super().unlink()
        if done:
            self.env["contract.risk.use"]._give_back(done)
        return res

    def _contract_risk_done(self):
        """The done moves of order lines that these are of."""
        return self.move_id.sudo().filtered(
            lambda move: move.state == "done" and move.sale_line_id
        )
