from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How the money of risk shipments is followed."""

    _inherit = "res.company"

    contract_risk_remind_days = fields.Integer(
        string="Remind of Repayments",
        default=3,
        help="Days before a promised day on which the applicant is reminded.",
        groups=SETTINGS,
    )

    _contract_risk_remind_days = models.Constraint(
        "CHECK (contract_risk_remind_days >= 0)", "Days can't be negative."
    )
