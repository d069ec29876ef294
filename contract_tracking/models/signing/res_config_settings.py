from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether signing is followed, and what it asks for."""

    _inherit = "res.config.settings"

    group_contract_signing = fields.Boolean(
        string="Signing and counterparts",
        implied_group="contract_tracking.group_contract_signing",
    )
    contract_signatory_check = fields.Selection(
        related="company_id.contract_signatory_check", readonly=False
    )
    contract_papers_days = fields.Integer(
        related="company_id.contract_papers_days", readonly=False
    )
    contract_papers_department_id = fields.Many2one(
        related="company_id.contract_papers_department_id", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_signing": {
                "contract_signatory_check": "off",
                "contract_papers_days": 0,
            },
        }
