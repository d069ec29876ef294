from odoo import models


class AccountPayment(models.Model):
    """Receipts, and what became of bills."""

    _name = "account.payment"
    _inherit = ["account.payment", "contract.facts.source"]
