from odoo import models


class StockPicking(models.Model):
    """The warehouse sees what doesn't arrive, or comes back."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "contract.report.mixin"]

    def _contract_report_values(self):
        return {
            "order_id": self.sale_id.id,
            "picking_id": self.id,
            "kind": "returned" if self.return_id else "rejected",
        }
