from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """By what a contract in effect changes."""

    _inherit = "res.config.settings"

    contract_reagreement_only = fields.Boolean(
        related="company_id.contract_reagreement_only", readonly=False
    )
