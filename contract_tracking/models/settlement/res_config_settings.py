from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts are settled when they end, and what needs a settlement."""

    _inherit = "res.config.settings"

    group_contract_settlement = fields.Boolean(
        string="Settlements",
        implied_group="contract_tracking.group_contract_settlement",
    )
    contract_settlement_required = fields.Boolean(
        related="company_id.contract_settlement_required", readonly=False
    )
    contract_settlement_sealed = fields.Boolean(
        related="company_id.contract_settlement_sealed", readonly=False
    )
    contract_settlement_days = fields.Integer(
        related="company_id.contract_settlement_days", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_settlement": {
                "contract_settlement_required": False,
                "contract_settlement_sealed": False,
            },
        }
