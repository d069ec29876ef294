from odoo import models


class ResCompany(models.Model):
    """What the company decides for the facts."""

    _name = "res.company"
    _inherit = ["res.company", "contract.facts.source"]
