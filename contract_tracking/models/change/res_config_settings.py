from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether changes are asked for before they are agreed."""

    _inherit = "res.config.settings"

    group_contract_change = fields.Boolean(
        string="Change requests",
        implied_group="contract_tracking.group_contract_change",
    )
