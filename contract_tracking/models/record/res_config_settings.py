from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How often contracts are looked at."""

    _inherit = "res.config.settings"

    contract_record_first_days = fields.Integer(
        related="company_id.contract_record_first_days", readonly=False
    )
    contract_record_months = fields.Integer(
        related="company_id.contract_record_months", readonly=False
    )
    contract_record_late_days = fields.Integer(
        related="company_id.contract_record_late_days", readonly=False
    )
