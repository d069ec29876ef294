from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Whether a change is asked for before it is agreed, and when one is reminded."""

    _inherit = "res.company"

    contract_change_required = fields.Boolean(
        string="Re-agreements Need a Change Request",
        help="A re-agreement is submitted only once it carries out a change request "
        "to which the company consented and on which both sides agreed.",
        groups=SETTINGS,
    )
    contract_change_amount = fields.Monetary(
        string="Needed From Amount",
        help="Contracts below this total, taxes included, in the company's currency, "
        "are changed without a request. 0: none.",
        groups=SETTINGS,
    )
    contract_change_days = fields.Integer(
        string="Days to Negotiate",
        default=7,
        help="Days after the company's consent until which a change is negotiated; "
        "then its handler is reminded. 0: he isn't.",
        groups=SETTINGS,
    )

    _contract_change_days = models.Constraint(
        "CHECK (contract_change_days >= 0)", "Days can't be negative."
    )
