from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How often contracts are looked at."""

    _inherit = "res.company"

    contract_record_first_days = fields.Integer(
        string="First Tracking Record",
        default=1,
        help="Days after the contract took effect.",
        groups=SETTINGS,
    )
    contract_record_months = fields.Integer(
        string="Regular Tracking Record",
        default=1,
        help="Months between records.",
        groups=SETTINGS,
    )
    contract_record_late_days = fields.Integer(
        string="Tracking Record While Late",
        default=7,
        help="Days between records while a term is late.",
        groups=SETTINGS,
    )
