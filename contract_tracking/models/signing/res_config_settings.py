from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether signing is followed."""

    _inherit = "res.config.settings"

    group_contract_signing = fields.Boolean(
        string="Signing and counterparts",
        implied_group="contract_tracking.group_contract_signing",
    )
