from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether files of contracts are archived."""

    _inherit = "res.config.settings"

    group_contract_archive = fields.Boolean(
        string="Archive",
        implied_group="contract_tracking.group_contract_archive",
    )
