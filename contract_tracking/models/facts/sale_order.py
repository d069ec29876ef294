from odoo import models


class SaleOrder(models.Model):
    """What was agreed as long as nothing is stamped, and opening figures."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.facts.source"]
