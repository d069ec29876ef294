from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """By what a contract in effect changes."""

    _inherit = "res.company"

    contract_reagreement_only = fields.Boolean(
        string="Changed by Re-agreement Only",
        groups=SETTINGS,
        help="Nobody edits lines, delivery date or payment terms of an order in "
        "effect: an approved re-agreement changes them. Otherwise such an edit is "
        "found as a deviation.",
    )
