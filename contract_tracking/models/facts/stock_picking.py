from odoo import models


class StockPicking(models.Model):
    """When the customer received the goods."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "contract.facts.source"]
