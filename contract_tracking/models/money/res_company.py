from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """What is close enough, and whose word counts."""

    _inherit = "res.company"

    contract_tolerance_percent = fields.Float(
        string="Payment Tolerance (%)",
        digits=(16, 4),
        help="A payment term is met although the money falls short by this share of "
        "it. The amount of the currency counts as well; the larger one wins. It holds "
        "for all contracts and past days; documents that are done keep their figures.",
        groups=SETTINGS,
    )
    contract_claim_confirm = fields.Boolean(
        string="Finance Confirms Claims",
        help="What salespeople claim of receipts counts when finance has confirmed it.",
        groups=SETTINGS,
    )
