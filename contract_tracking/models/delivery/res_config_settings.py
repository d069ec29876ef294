from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What fulfils a delivery, and how much more or less may come."""

    _inherit = "res.config.settings"

    contract_fulfilment = fields.Selection(
        related="company_id.contract_fulfilment", readonly=False
    )
    contract_over_percent = fields.Float(
        related="company_id.contract_over_percent", readonly=False
    )
    contract_short_percent = fields.Float(
        related="company_id.contract_short_percent", readonly=False
    )
