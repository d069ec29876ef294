from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .contract_due_mixin import PAYMENT_KINDS
from .contract_term import SEQUENCES

# What a term takes from its line as it is, beside when it falls due.
ALIKE = (
    "kind", "name", "payment_kind", "percent", "instrument_id", "tenor_days", "weight",
    "with_customer", "is_standing",
)  # fmt: skip


class ContractScheduleTemplateLine(models.Model):
    """One promise of a schedule template."""

    _name = "contract.schedule.template.line"
    _inherit = ["contract.shared.mixin", "contract.due.mixin"]
    _description = "Contract Schedule Template Line"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "contract.schedule.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Description", required=True, translate=True)
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("milestone", "Milestone"),
            ("clause", "Clause"),
            ("document", "Document"),
        ],
        required=True,
        default="payment",
    )
    payment_kind = fields.Selection(PAYMENT_KINDS)
    percent = fields.Float(
        string="Share (%)",
        digits=(16, 4),
        help="Of the agreed total, taxes included.",
    )
    instrument_id = fields.Many2one(
        "contract.instrument",
        ondelete="restrict",
        help="How the customer is to pay: transfer, bank acceptance, L/C, …",
    )
    tenor_days = fields.Integer(
        string="Longest Tenor (Days)",
        help="Longest time from the receipt of a bill to its maturity. 0: not agreed.",
    )
    weight = fields.Float(help="Weight of the milestone in the contract's progress.")
    clause_id = fields.Many2one(
        "contract.clause",
        string="Standard Clause",
        index="btree_not_null",
        ondelete="restrict",
        help="The clause of the library whose words the term gets.",
    )
    is_standing = fields.Boolean(
        string="Always Holds",
        help="A clause without a day of its own: it holds from the contract's taking "
        "effect on.",
    )
    with_customer = fields.Boolean(
        string="Agreed with the Customer",
        help="A milestone that the customer signs for; one of ours is moved by its "
        "owner.",
    )
    department_id = fields.Many2one(
        "contract.department",
        domain="[('company_id', '=', company_id or False)]",
        help="Answers for the milestone; the contract names its person.",
    )

    _tenor_positive = models.Constraint(
        "CHECK (tenor_days >= 0)",
        "The longest tenor of a bill can't be negative. Enter 0 if none is agreed.",
    )

    @api.onchange("clause_id")
    def _onchange_clause_id(self):
        if self.clause_id:
            self.name = self.name or self.clause_id.name

    @api.onchange("is_standing")
    def _onchange_is_standing(self):
        if self.is_standing:
            self.update(self.clause_id._standing_vals())

    @api.constrains("kind", "clause_id", "is_standing")
    def _check_clause(self):
        for line in self:
            if line.kind != "clause" and (line.clause_id or line.is_standing):
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no clause: only a clause is taken from the "
                        "library and may hold without a day.",
                        term=line.name,
                    )
                )

    @api.constrains("due_mode")
    def _check_due_mode(self):
        for line in self:
            if line.due_mode == "date":
                raise ValidationError(
                    self.env._(
                        "A template can't name a date: let “%(term)s” fall due after "
                        "an event.",
                        term=line.name,
                    )
                )

    @api.constrains("kind", "percent")
    def _check_percent(self):
        for line in self:
            if line.kind == "payment" and not 0 < line.percent <= 100:
                raise ValidationError(
                    self.env._(
                        "“%(term)s”: the share of a payment term is more than 0 and "
                        "at most 100 %%.",
                        term=line.name,
                    )
                )

    def _prepare_term_vals(self, order):
        """Values of the term that this line adds to ``order``.

        Milestones need an owner and a department: the contract's owner, and the
        line's department or the owner's.
        """
        self.ensure_one()
        line = self.with_context(lang=self.env.lang)
        alike = (*ALIKE, *self._due_field_names())
        vals = {
            **line._convert_to_write({fname: line[fname] for fname in alike}),
            "order_id": order.id,
            "sequence": SEQUENCES[line.kind] + line.sequence,
            "template_line_id": line.id,
        }
        if line.clause_id:
            vals |= line.clause_id._term_vals() | {"name": line.name}
        if line.kind == "milestone":
            owner = order._contract_responsible() or self.env.user
            vals["user_id"] = owner.id
            vals["department_id"] = (
                line.department_id or owner._contract_department(order.company_id)
            ).id
        return vals

    def _propose_terms(self, order):
        """Values of the terms that these lines would add to ``order``, with what is to
        be paid as the order is now; of no order, so that they aren't saved with it."""
        Term = self.env["contract.term"]
        vals_list = [line._prepare_term_vals(order) for line in self]
        payments = [vals for vals in vals_list if vals["kind"] == "payment"]
        total = order.contract_agreed_amount or order.amount_total
        shares = [vals["percent"] for vals in payments]
        amounts = Term._share_amounts(shares, total, order.currency_id)
        for vals, amount in zip(payments, amounts, strict=True):
            vals["amount"] = amount
        return [
            {**vals, "order_id": False, "currency_id": order.currency_id.id}
            for vals in vals_list
        ]
