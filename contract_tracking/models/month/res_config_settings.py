from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """When months end, who hears of them, and what they are printed on."""

    _inherit = "res.config.settings"

    contract_cutoff_day = fields.Integer(
        related="company_id.contract_cutoff_day", readonly=False
    )
    contract_monthly_auto = fields.Boolean(
        related="company_id.contract_monthly_auto", readonly=False
    )
    contract_monthly_days = fields.Integer(
        related="company_id.contract_monthly_days", readonly=False
    )
    contract_monthly_recipient_ids = fields.Many2many(
        related="company_id.contract_monthly_recipient_ids", readonly=False
    )
    contract_monthly_paper = fields.Selection(
        related="company_id.contract_monthly_paper", readonly=False
    )
