from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How fast deviations are handled."""

    _inherit = "res.company"

    contract_deviation_report_days = fields.Integer(
        string="Result of a Deviation Reported Within",
        default=5,
        help="Days after the end of the execution in which its result is reported.",
        groups=SETTINGS,
    )
    contract_deviation_step_days = fields.Integer(
        string="Deviation Analysed, Verified Within",
        default=3,
        help="Days to analyse a deviation, and to verify its result. What is overdue "
        "for as many days again is escalated.",
        groups=SETTINGS,
    )
