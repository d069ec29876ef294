from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether changes are asked for before they are agreed."""

    _inherit = "res.config.settings"

    group_contract_change = fields.Boolean(
        string="Change requests",
        implied_group="contract_tracking.group_contract_change",
    )
    contract_change_required = fields.Boolean(
        related="company_id.contract_change_required", readonly=False
    )
    contract_change_amount = fields.Monetary(
        related="company_id.contract_change_amount", readonly=False
    )
    contract_change_days = fields.Integer(
        related="company_id.contract_change_days", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_change": {"contract_change_required": False},
        }
