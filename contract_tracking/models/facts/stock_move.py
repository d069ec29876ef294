from odoo import models


class StockMove(models.Model):
    """What left, and what came back."""

    _name = "stock.move"
    _inherit = ["stock.move", "contract.facts.source"]
