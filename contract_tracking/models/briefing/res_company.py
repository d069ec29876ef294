from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """When departments are briefed on a contract."""

    _inherit = "res.company"

    contract_briefing_mode = fields.Selection(
        [
            ("hand", "By hand"),
            ("propose", "Proposed to who follows the contract"),
            ("effect", "By itself when the contract takes effect"),
        ],
        string="Briefings",
        required=True,
        default="hand",
        groups=SETTINGS,
        help="Whether departments are briefed on the terms of a contract when it takes "
        "effect, and again after a re-agreement.",
    )
