from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether the entry of orders is checked."""

    _inherit = "res.config.settings"

    group_contract_intake = fields.Boolean(
        string="Order entry checks",
        implied_group="contract_tracking.group_contract_intake",
    )
