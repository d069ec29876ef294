from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """What a settlement asks for, and what asks for a settlement."""

    _inherit = "res.company"

    contract_settlement_required = fields.Boolean(
        string="Settlement Required",
        groups=SETTINGS,
        help="A contract is completed once its settlement is confirmed.",
    )
    contract_settlement_sealed = fields.Boolean(
        string="Sealed Copy Required",
        groups=SETTINGS,
        help="A settlement is confirmed once the customer's sealed copy is filed.",
    )
    contract_settlement_days = fields.Integer(
        string="Days to Settle",
        default=15,
        groups=SETTINGS,
        help="Days until a settlement that was opened is to be submitted, and until "
        "what is to be done of it is done.",
    )

    _contract_settlement_days = models.Constraint(
        "CHECK (contract_settlement_days >= 0)", "Days can't be negative."
    )
