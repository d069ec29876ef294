from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether execution and logistics are followed."""

    _inherit = "res.config.settings"

    group_contract_logistics = fields.Boolean(
        string="Order execution and logistics",
        implied_group="contract_tracking.group_contract_logistics",
    )
    contract_logistics_hours = fields.Integer(
        related="company_id.contract_logistics_hours", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_logistics": {"contract_logistics_hours": 0},
        }
