from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether orders are checked and released, and by whom."""

    _inherit = "res.config.settings"

    group_contract_intake = fields.Boolean(
        string="Order entry checks",
        implied_group="contract_tracking.group_contract_intake",
    )
    contract_intake_department_id = fields.Many2one(
        related="company_id.contract_intake_department_id", readonly=False
    )
    contract_release_required = fields.Selection(
        related="company_id.contract_release_required", readonly=False
    )
    contract_release_department_ids = fields.Many2many(
        related="company_id.contract_release_department_ids", readonly=False
    )
    contract_release_days = fields.Integer(
        related="company_id.contract_release_days", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_intake": {"contract_release_required": "none"},
        }
