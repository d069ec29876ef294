from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """When logistics exceptions go on to who leads."""

    _inherit = "res.company"

    contract_logistics_hours = fields.Integer(
        string="Logistics Exceptions Go On After",
        groups=SETTINGS,
        help="Hours after which an exception that nobody took in hand goes on to the "
        "head of the office, or to the business office. 0: never.",
    )

    _contract_logistics_hours_positive = models.Constraint(
        "CHECK (contract_logistics_hours >= 0)", "Hours can't be negative."
    )
