from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How terms are shown."""

    _inherit = "res.company"

    contract_due_soon_days = fields.Integer(
        string="Due Soon",
        default=7,
        help="A term is due soon this many days before its due date.",
        groups=SETTINGS,
    )
