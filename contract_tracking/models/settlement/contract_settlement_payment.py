from odoo import api, fields, models


class ContractSettlementPayment(models.Model):
    """A payment term on a settlement and what is outstanding of it, or money that was
    received, adjusted, or given as a bill of which the outcome is open."""

    _name = "contract.settlement.payment"
    _inherit = ["contract.settlement.fact.mixin"]
    _description = "Settlement Payment"
    _settled_amount = "amount"

    key = fields.Char(readonly=True)
    kind = fields.Selection(
        [
            ("term", "Payment term"),
            ("receipt", "Receipt"),
            ("adjustment", "Adjustment"),
            ("bill", "Open bill"),
        ],
        readonly=True,
        required=True,
    )
    term_id = fields.Many2one(
        "contract.term", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date = fields.Date(
        readonly=True, help="Of a term when it falls due, of money when it came in."
    )
    due_text = fields.Char(
        string="Due",
        readonly=True,
        help="When a term falls due that waits for an event.",
    )
    is_retention = fields.Boolean(string="Retention", readonly=True)
    agreed_amount = fields.Monetary(
        string="Agreed", readonly=True, help="Of a term, taxes included."
    )
    amount = fields.Monetary(
        string="Paid",
        readonly=True,
        help="Of a term what was received or adjusted for it; of money its amount.",
    )
    outstanding = fields.Monetary(readonly=True, help="What is unpaid of a term.")

    @api.depends("amount")
    def _compute_difference(self):
        return super()._compute_difference()
