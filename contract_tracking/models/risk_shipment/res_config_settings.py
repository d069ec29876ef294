from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How the money of risk shipments is followed."""

    _inherit = "res.config.settings"

    contract_risk_remind_days = fields.Integer(
        related="company_id.contract_risk_remind_days", readonly=False
    )
