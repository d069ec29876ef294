from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractTerminationPenalty(models.Model):
    """What one side owes the other because a contract ends: a penalty, a deposit that
    is kept, a claim (D4 §6.3). Amounts in the contract's currency, taxes included."""

    _name = "contract.termination.penalty"
    _inherit = ["contract.approval.row.mixin", "contract.frozen.mixin"]
    _description = "Penalty of a Termination"
    _order = "termination_id, sequence, id"
    _approval_document = "termination_id"

    termination_id = fields.Many2one(
        "contract.termination", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="termination_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="termination_id.currency_id")
    sequence = fields.Integer(default=10)
    debtor = fields.Selection(
        [("customer", "The customer owes us"), ("us", "We owe the customer")],
        string="Who Owes",
        required=True,
        default="customer",
    )
    kind = fields.Selection(
        [
            ("penalty", "Penalty"),
            ("deposit", "Deposit kept or returned twice"),
            ("damage", "Damages"),
            ("claim", "Compensation claimed"),
            ("other", "Other"),
        ],
        string="What",
        required=True,
        default="penalty",
    )
    name = fields.Char(
        string="Basis",
        required=True,
        help="The clause, the law or the calculation that it rests on.",
    )
    amount = fields.Monetary(required=True, help="Taxes included.")

    @api.constrains("amount")
    def _check_amount(self):
        for row in self:
            if row.amount <= 0:
                raise ValidationError(
                    self.env._(
                        "Enter what is owed by “%(name)s” as an amount above zero, and "
                        "say who owes it.",
                        name=row.name,
                    )
                )
