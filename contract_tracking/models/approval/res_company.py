from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How decisions are made."""

    _inherit = "res.company"

    contract_own_decisions = fields.Boolean(
        string="Decide Own Requests",
        help="Whoever asks for a decision may decide it himself, where a rule "
        "names him.",
        groups=SETTINGS,
    )
    contract_oral_hours = fields.Integer(
        string="Confirm Oral Decisions Within",
        default=24,
        help="Hours in which a leader confirms what was recorded as his oral decision.",
        groups=SETTINGS,
    )
