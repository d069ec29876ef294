from odoo import fields, models


class ContractInstrument(models.Model):
    """How money arrives (结算方式): transfer, cash, bank acceptance, L/C, …

    It decides when the money counts as received for a contract: the day on which
    we get it, or the day on which the bill is honoured. Serves D3 §4.4 and 附表1.
    """

    _name = "contract.instrument"
    _inherit = ["contract.shared.mixin", "contract.facts.source"]
    _description = "Payment Instrument"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_bill = fields.Boolean(
        string="Matures Later",
        help="A bill, cheque or letter of credit with a maturity: until it is honoured "
        "it is listed among the unmatured bills and stays in the exposure.",
    )
    counts_on = fields.Selection(
        [("receipt", "When we receive it"), ("honoured", "When it is honoured")],
        string="Counts as Received",
        required=True,
        default="receipt",
        help="From which day the money counts for its contract.",
    )
