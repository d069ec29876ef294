from odoo import models


class ContractDeviation(models.Model):
    """What went wrong on the way and became a deviation."""

    _name = "contract.deviation"
    _inherit = ["contract.deviation", "contract.logistics.part.mixin"]
