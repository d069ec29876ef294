from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Which contracts need a progress plan, and by when."""

    _inherit = "res.company"

    contract_plan_required = fields.Boolean(
        string="Plan Required",
        groups=SETTINGS,
        help="Contracts in effect without a plan are given a draft, and who answers "
        "for the contract is asked to submit it.",
    )
    contract_plan_amount = fields.Monetary(
        string="Plan From Amount",
        groups=SETTINGS,
        help="Agreed total with taxes, in the company's currency. 0: every contract.",
    )
    contract_plan_from = fields.Date(
        string="Plan Since",
        default=fields.Date.context_today,
        groups=SETTINGS,
        help="Contracts that took effect before this day need no plan.",
    )
    contract_plan_days = fields.Integer(
        string="Days to Plan",
        default=10,
        groups=SETTINGS,
        help="Days from taking effect until the plan is to be submitted.",
    )

    _contract_plan_days = models.Constraint(
        "CHECK (contract_plan_days >= 0 AND contract_plan_amount >= 0)",
        "Days and amounts can't be negative.",
    )
