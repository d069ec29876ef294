from odoo import fields, models


class ContractDocumentType(models.Model):
    """A kind of filed paper: signed contract, supplementary agreement, letter,
    e-mail, minutes of a meeting (D9 §6.4)."""

    _name = "contract.document.type"
    _inherit = ["contract.shared.mixin"]
    _description = "Contract Document Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_supplement = fields.Boolean(
        string="Changes What Was Agreed",
        help="Papers of this kind, signed by both sides, change terms of a contract: a "
        "re-agreement rests on one of them.",
    )
    is_payment_authorisation = fields.Boolean(
        string="Payment Authorisation",
        help="Papers of this kind allow another company to pay for the customer.",
    )
