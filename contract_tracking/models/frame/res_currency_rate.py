from odoo import models


class ResCurrencyRate(models.Model):
    """Frame agreements in another currency count at the rate of their first day."""

    _name = "res.currency.rate"
    _inherit = ["res.currency.rate", "contract.facts.source"]
