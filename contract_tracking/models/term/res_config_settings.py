from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How terms are shown."""

    _inherit = "res.config.settings"

    contract_due_soon_days = fields.Integer(
        related="company_id.contract_due_soon_days", readonly=False
    )
