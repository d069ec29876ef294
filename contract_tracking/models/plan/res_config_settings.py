from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts have progress plans, and which need one."""

    _inherit = "res.config.settings"

    group_contract_plan = fields.Boolean(
        string="Progress plans",
        implied_group="contract_tracking.group_contract_plan",
    )
    contract_plan_required = fields.Boolean(
        related="company_id.contract_plan_required", readonly=False
    )
    contract_plan_amount = fields.Monetary(
        related="company_id.contract_plan_amount", readonly=False
    )
    contract_plan_from = fields.Date(
        related="company_id.contract_plan_from", readonly=False
    )
    contract_plan_days = fields.Integer(
        related="company_id.contract_plan_days", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_plan": {"contract_plan_required": False},
        }
