from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What is close enough, and whose word counts."""

    _inherit = "res.config.settings"

    contract_tolerance_percent = fields.Float(
        related="company_id.contract_tolerance_percent", readonly=False
    )
    contract_claim_confirm = fields.Boolean(
        related="company_id.contract_claim_confirm", readonly=False
    )
