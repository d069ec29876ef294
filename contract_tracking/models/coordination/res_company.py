from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How much time payment reminders give, and when late replies go on."""

    _inherit = "res.company"

    contract_reminder_days = fields.Integer(
        string="Days to Pay",
        default=10,
        help="How many days a new payment reminder letter gives to pay.",
        groups=SETTINGS,
    )
    contract_reply_days = fields.Integer(
        string="Late Replies Go On After",
        default=3,
        help="Days after which an overdue reply to a coordination document goes on to "
        "the department's head and to the business office. 0: never.",
        groups=SETTINGS,
    )

    _contract_coordination_days = models.Constraint(
        "CHECK (contract_reminder_days >= 0 AND contract_reply_days >= 0)",
        "Days can't be negative.",
    )
