from odoo import models


class AccountMove(models.Model):
    """Invoices and credit notes."""

    _name = "account.move"
    _inherit = ["account.move", "contract.facts.source"]
