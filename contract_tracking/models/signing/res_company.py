from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """What a signature is checked for, and when its papers are handed over."""

    _inherit = "res.company"

    contract_signatory_check = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("refuse", "Refuse")],
        string="Authority to Sign",
        required=True,
        default="off",
        groups=SETTINGS,
        help="Whether who signed for us was authorised on the signing day: checked "
        "when the signing is written down and when the contract takes effect.",
    )
    contract_papers_days = fields.Integer(
        string="Hand Papers Over Within",
        groups=SETTINGS,
        help="Days after signing within which the owner hands the papers of a contract "
        "to the department that keeps them. 0: nobody is asked to.",
    )
    contract_papers_department_id = fields.Many2one(
        "contract.department",
        string="Papers Go To",
        check_company=True,
        ondelete="restrict",
        groups=SETTINGS,
        help="The department that takes and keeps the papers of signed contracts.",
    )

    _contract_papers_days = models.Constraint(
        "CHECK (contract_papers_days >= 0)", "Days can't be negative."
    )
