from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How much time payment reminders give, and when late replies go on."""

    _inherit = "res.config.settings"

    contract_reminder_days = fields.Integer(
        related="company_id.contract_reminder_days", readonly=False
    )
    contract_reply_days = fields.Integer(
        related="company_id.contract_reply_days", readonly=False
    )
