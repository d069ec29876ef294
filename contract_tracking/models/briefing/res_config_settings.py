from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether departments are briefed."""

    _inherit = "res.config.settings"

    group_contract_briefing = fields.Boolean(
        string="Contract briefings",
        implied_group="contract_tracking.group_contract_briefing",
    )
