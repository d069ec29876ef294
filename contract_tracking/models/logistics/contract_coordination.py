from odoo import models


class ContractCoordination(models.Model):
    """What went wrong on the way and is coordinated."""

    _name = "contract.coordination"
    _inherit = ["contract.coordination", "contract.logistics.part.mixin"]
