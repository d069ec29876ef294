from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How fast deviations are handled."""

    _inherit = "res.config.settings"

    contract_deviation_report_days = fields.Integer(
        related="company_id.contract_deviation_report_days", readonly=False
    )
    contract_deviation_step_days = fields.Integer(
        related="company_id.contract_deviation_step_days", readonly=False
    )
