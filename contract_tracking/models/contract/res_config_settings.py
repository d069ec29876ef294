from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Which orders become contracts, and when they take effect."""

    _inherit = "res.config.settings"

    contract_track_mode = fields.Selection(
        related="company_id.contract_track_mode", readonly=False
    )
    contract_track_from = fields.Date(
        related="company_id.contract_track_from", readonly=False
    )
    contract_track_amount = fields.Monetary(
        related="company_id.contract_track_amount", readonly=False
    )
    contract_track_team_ids = fields.Many2many(
        related="company_id.contract_track_team_ids", readonly=False
    )
    contract_effective_rule = fields.Selection(
        related="company_id.contract_effective_rule", readonly=False
    )
    contract_cancel_office = fields.Boolean(
        related="company_id.contract_cancel_office", readonly=False
    )
