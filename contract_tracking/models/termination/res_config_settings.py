from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts end by a document of their own."""

    _inherit = "res.config.settings"

    group_contract_termination = fields.Boolean(
        string="Suspension and termination",
        implied_group="contract_tracking.group_contract_termination",
    )
