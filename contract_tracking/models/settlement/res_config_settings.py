from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts are settled when they end."""

    _inherit = "res.config.settings"

    group_contract_settlement = fields.Boolean(
        string="Settlements",
        implied_group="contract_tracking.group_contract_settlement",
    )
