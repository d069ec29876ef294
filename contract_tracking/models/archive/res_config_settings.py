from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether files of contracts are archived, and what it asks for."""

    _inherit = "res.config.settings"

    group_contract_archive = fields.Boolean(
        string="Archive",
        implied_group="contract_tracking.group_contract_archive",
    )
    contract_archive_days = fields.Integer(
        related="company_id.contract_archive_days", readonly=False
    )
    contract_archive_settled = fields.Boolean(
        related="company_id.contract_archive_settled", readonly=False
    )
    contract_archive_department_id = fields.Many2one(
        related="company_id.contract_archive_department_id", readonly=False
    )
    contract_archive_scheme = fields.Char(
        related="company_id.contract_archive_scheme", readonly=False
    )
    contract_archive_loan_approval = fields.Selection(
        related="company_id.contract_archive_loan_approval", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_archive": {
                "contract_archive_days": 0,
                "contract_archive_settled": False,
                "contract_archive_loan_approval": "none",
            },
        }
