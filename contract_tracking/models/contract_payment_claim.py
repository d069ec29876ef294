from odoo import fields, models


class ContractPaymentClaim(models.Model):
    """Whose money a receipt is (到款认领): so much of it belongs to this contract.

    A receipt is a customer payment, or a receivable item of a bank statement line or
    of the opening entry. Amounts are in the receipt's currency, ``contract_amount``
    in the contract's; the day is one of the company's time zone.
    """

    _name = "contract.payment.claim"
    _description = "Payment Claim"
    _order = "date desc, id desc"

    payment_id = fields.Many2one(
        "account.payment", index="btree_not_null", ondelete="set null"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable Item",
        index="btree_not_null",
        ondelete="set null",
    )
    order_id = fields.Many2one(
        "sale.order", string="Contract", index="btree_not_null", ondelete="restrict"
    )
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        index="btree_not_null",
        ondelete="restrict",
    )
    term_id = fields.Many2one(
        "contract.term",
        string="Payment Term",
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    contract_currency_id = fields.Many2one("res.currency", required=True)
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    contract_amount = fields.Monetary(
        required=True, currency_field="contract_currency_id"
    )
    state = fields.Selection(
        [
            ("to_confirm", "To confirm"),
            ("claimed", "Claimed"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="claimed",
        readonly=True,
        index=True,
    )
