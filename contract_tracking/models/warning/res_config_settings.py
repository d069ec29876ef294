from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Who hears by e-mail what falls due, and how long before."""

    _inherit = "res.config.settings"

    contract_digest = fields.Selection(
        related="company_id.contract_digest", readonly=False
    )
    contract_digest_on = fields.Date(related="company_id.contract_digest_on")
    contract_digest_days = fields.Integer(
        related="company_id.contract_digest_days", readonly=False
    )
