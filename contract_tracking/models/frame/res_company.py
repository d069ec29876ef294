from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Frame agreements."""

    _inherit = "res.company"

    contract_frame_reminder_days = fields.Integer(
        string="Reminder Before a Frame Agreement Ends",
        default=30,
        help="Days before its end on which the owner of a frame agreement is reminded.",
        groups=SETTINGS,
    )
