from odoo import models


class ContractHistory(models.Model):
    """Days and quantities that core doesn't keep are read as facts."""

    _name = "contract.history"
    _inherit = ["contract.history", "contract.facts.source"]
