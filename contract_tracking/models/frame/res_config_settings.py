from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Frame agreements."""

    _inherit = "res.config.settings"

    contract_frame_reminder_days = fields.Integer(
        related="company_id.contract_frame_reminder_days", readonly=False
    )
