from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts are reviewed."""

    _inherit = "res.config.settings"

    group_contract_review = fields.Boolean(
        string="Contract reviews",
        implied_group="contract_tracking.group_contract_review",
    )
