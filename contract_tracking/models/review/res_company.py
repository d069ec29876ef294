from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Before what contracts are reviewed, and which need none."""

    _inherit = "res.company"

    contract_review_before = fields.Selection(
        [
            ("nothing", "Nothing"),
            ("confirm", "Confirming the order"),
            ("effect", "Taking effect"),
        ],
        string="Reviewed Before",
        required=True,
        default="nothing",
        help="What waits until the contract was reviewed and its conditions are done.",
        groups=SETTINGS,
    )
    contract_review_amount = fields.Monetary(
        string="Reviewed From Amount",
        help="Contracts below this total, taxes included, in the company's currency, "
        "need no review. 0: all need one.",
        groups=SETTINGS,
    )
    contract_review_call_off = fields.Boolean(
        string="Call-Offs Need No Review",
        default=True,
        help="Call-offs that depart in nothing from a frame agreement whose review "
        "holds.",
        groups=SETTINGS,
    )
    contract_review_renewal = fields.Boolean(
        string="Renewals Need No Review",
        default=True,
        help="Renewals that differ from their predecessor in their dates only.",
        groups=SETTINGS,
    )
    contract_review_checklist = fields.Boolean(
        string="Checklists Are Filled",
        help="A review is submitted once the required questions of its checklists are "
        "answered and proved.",
        groups=SETTINGS,
    )
    contract_review_terms = fields.Boolean(
        string="Mandatory Terms Are There",
        help="A review is submitted once each mandatory term is found in the contract "
        "or said to be not applicable.",
        groups=SETTINGS,
    )
    contract_review_attest = fields.Boolean(
        string="Terms Are Attested",
        help="A review is concluded once one of those who review it attested that the "
        "terms are unambiguous.",
        groups=SETTINGS,
    )
