from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts have progress plans."""

    _inherit = "res.config.settings"

    group_contract_plan = fields.Boolean(
        string="Progress plans",
        implied_group="contract_tracking.group_contract_plan",
    )
