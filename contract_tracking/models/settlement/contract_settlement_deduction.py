from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractSettlementDeduction(models.Model):
    """What one side owes the other besides the price, by the contract, a claim or an
    agreement: its amount, why, and the paper that says so."""

    _name = "contract.settlement.deduction"
    _inherit = ["contract.settlement.part.mixin"]
    _description = "Settlement Deduction"
    _order = "settlement_id, id"

    kind = fields.Selection(
        [
            ("delay", "Delay penalty"),
            ("quality", "Quality deduction"),
            ("penalty", "Penalty"),
            ("deposit", "Deposit kept or returned twice"),
            ("freight", "Freight"),
            ("price", "Price reduction"),
            ("damages", "Damages"),
            ("other", "Other"),
        ],
        required=True,
        default="delay",
    )
    side = fields.Selection(
        [("customer", "The customer owes us"), ("us", "We owe the customer")],
        string="Who Owes",
        required=True,
        default="us",
    )
    amount = fields.Monetary(required=True, help="Taxes included.")
    basis = fields.Char(
        required=True, help="By which clause, claim or agreement it is owed."
    )
    document_id = fields.Many2one(
        "contract.document",
        string="Paper",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('order_id', '=', order_id)]",
    )
    is_booked = fields.Boolean(
        string="In the Books",
        help="It is in what was invoiced or adjusted already, and only shown here.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)",
        "A deduction must be above 0: say on the row who owes it.",
    )

    @api.constrains("document_id", "settlement_id")
    def _check_document(self):
        for row in self.sudo():
            paper = row.document_id
            if paper and paper.order_id != row.settlement_id.order_id:
                raise ValidationError(
                    self.env._(
                        "“%(paper)s” is filed on another contract.", paper=paper.name
                    )
                )
