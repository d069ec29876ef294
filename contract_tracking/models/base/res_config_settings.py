from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_track_mode = fields.Selection(
        related="company_id.contract_track_mode", readonly=False
    )
    contract_track_from = fields.Date(
        related="company_id.contract_track_from", readonly=False
    )
    contract_track_amount = fields.Monetary(
        related="company_id.contract_track_amount",
        readonly=False,
    )
    contract_track_team_ids = fields.Many2many(
        related="company_id.contract_track_team_ids", readonly=False
    )
    contract_effective_rule = fields.Selection(
        related="company_id.contract_effective_rule", readonly=False
    )
    contract_tz = fields.Selection(related="company_id.contract_tz", readonly=False)
    contract_due_soon_days = fields.Integer(
        related="company_id.contract_due_soon_days", readonly=False
    )
    contract_tolerance_percent = fields.Float(
        related="company_id.contract_tolerance_percent", readonly=False
    )
    contract_fulfilment = fields.Selection(
        related="company_id.contract_fulfilment", readonly=False
    )
    contract_over_percent = fields.Float(
        related="company_id.contract_over_percent", readonly=False
    )
    contract_short_percent = fields.Float(
        related="company_id.contract_short_percent", readonly=False
    )
    contract_claim_confirm = fields.Boolean(
        related="company_id.contract_claim_confirm", readonly=False
    )
    contract_record_first_days = fields.Integer(
        related="company_id.contract_record_first_days", readonly=False
    )
    contract_record_months = fields.Integer(
        related="company_id.contract_record_months", readonly=False
    )
    contract_record_late_days = fields.Integer(
        related="company_id.contract_record_late_days", readonly=False
    )
    contract_deviation_report_days = fields.Integer(
        related="company_id.contract_deviation_report_days", readonly=False
    )
    contract_deviation_step_days = fields.Integer(
        related="company_id.contract_deviation_step_days", readonly=False
    )
    contract_own_decisions = fields.Boolean(
        related="company_id.contract_own_decisions", readonly=False
    )
    contract_oral_hours = fields.Integer(
        related="company_id.contract_oral_hours", readonly=False
    )
    contract_form_unit = fields.Selection(
        related="company_id.contract_form_unit", readonly=False
    )
    contract_frame_reminder_days = fields.Integer(
        related="company_id.contract_frame_reminder_days", readonly=False
    )
    contract_business_office_id = fields.Many2one(
        related="company_id.contract_business_office_id", readonly=False
    )
