from odoo import models


class AccountPartialReconcile(models.Model):
    """Which money paid which invoice."""

    _name = "account.partial.reconcile"
    _inherit = ["account.partial.reconcile", "contract.facts.source"]
