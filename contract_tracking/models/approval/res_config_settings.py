from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How decisions are made."""

    _inherit = "res.config.settings"

    contract_own_decisions = fields.Boolean(
        related="company_id.contract_own_decisions", readonly=False
    )
    contract_oral_hours = fields.Integer(
        related="company_id.contract_oral_hours", readonly=False
    )
