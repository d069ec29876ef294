from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ...tools.words import format_quantity
from ..facts.contract_facts_mixin import fact_field
from .contract_term import AGREED, SYSTEM

TERM_STATUS = [
    ("waiting", "Waiting"),
    ("not_due", "Not due"),
    ("due_soon", "Due soon"),
    ("met", "Met"),
    ("met_late", "Met late"),
    ("overdue", "Overdue"),
    ("short", "Short"),
    ("waived", "Waived"),
    ("replaced", "Replaced"),
]


def _fact(kind, column, **attrs):
    return fact_field(kind, column, compute="_compute_facts", **attrs)


class ContractTerm(models.Model):
    """What became of a promise: read from the facts, never stored. Amounts in the
    contract's currency with taxes, quantities in the line's unit, days of the company.
    """

    _inherit = "contract.term"

    status = _fact(fields.Selection, "status", selection=TERM_STATUS)
    date_due = _fact(
        fields.Date,
        "date_due",
        string="Due Date",
        help="Empty while the event that the term waits for has not happened.",
    )
    actual_date = _fact(
        fields.Date,
        "actual_date",
        string="Fulfilled",
        help="The day on which the promise was fulfilled in full.",
    )
    variance_days = _fact(
        fields.Integer,
        "variance_days",
        string="Days Late",
        help="Days after the due date (negative: before it). Of a payment that falls "
        "due in parts, and was met late: the most days that a part was late.",
    )
    agreed_quantity = _fact(
        fields.Float,
        "agreed_quantity",
        digits="Product Unit",
        help="What is to be delivered, in the unit of the order line.",
    )
    actual_quantity = _fact(
        fields.Float,
        "actual_quantity",
        string="Delivered Quantity",
        digits="Product Unit",
        help="What fulfils the promise, in the unit of the order line: what was "
        "rejected or came back for replacement doesn't.",
    )
    variance_quantity = fields.Float(
        string="Quantity Variance",
        digits="Product Unit",
        compute="_compute_facts",
        help="Delivered − agreed. Negative: something is missing.",
    )
    agreed_amount = _fact(
        fields.Monetary,
        "agreed_amount",
        aggregator="sum",
        help="What is to be paid, or the agreed value of what is to be delivered, "
        "taxes included.",
    )
    actual_amount = _fact(
        fields.Monetary,
        "actual_amount",
        aggregator="sum",
        help="Delivered at the agreed price, or received and adjusted.",
    )
    variance_amount = fields.Monetary(
        string="Amount Variance",
        compute="_compute_facts",
        help="Done − agreed. Negative: something is missing.",
    )
    overdue_amount = _fact(
        fields.Monetary,
        "overdue",
        aggregator="sum",
        help="Fell due before today by this term and is not paid.",
    )
    is_late = _fact(
        fields.Boolean,
        "is_late",
        string="Late",
        help="Past its due date and not, or not fully, fulfilled.",
    )
    over_quantity = _fact(
        fields.Float,
        "over_quantity",
        string="Delivered Beyond Tolerance",
        digits="Product Unit",
        help="Delivered beyond the agreed quantity and what may be more.",
    )
    is_mismatch = _fact(
        fields.Boolean,
        "is_mismatch",
        string="Paid Otherwise",
        help="Paid with another instrument, or with a bill of a longer tenor, than "
        "agreed.",
    )
    agreed_text = fields.Char(string="Promised", compute="_compute_texts")
    actual_text = fields.Char(string="Done", compute="_compute_texts")
    due_label = fields.Char(
        string="Due",
        compute="_compute_texts",
        help="The due date, or what the term waits for.",
    )
    due_text = fields.Char(
        string="When", compute="_compute_due_text", help="When it falls due."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(*(AGREED | SYSTEM | {"done_date", "progress"}))
    def _compute_facts(self):
        rows = {}
        for parents in filter(None, (self.order_id, self.frame_id)):
            facts = self.env[parents._contract_facts_model]
            rows.update(facts._read_terms(parents))
        found = [
            rows.get(term._origin.id)
            or {
                # what a re-agreement replaced is promised no more
                "status": "replaced" if term.valid_to else "waiting",
                "date_due": term.date_fixed,
                "agreed_quantity": term.quantity,
                "agreed_amount": term.amount,
            }
            for term in self
        ]
        self._contract_set_facts(found)
        for name in ("quantity", "amount"):
            # of what is shown, so that it adds up
            field = self._fields[f"variance_{name}"]
            values = [term[f"actual_{name}"] - term[f"agreed_{name}"] for term in self]
            field._insert_cache(self, map(field.convert_to_cache, values, self))

    @api.depends_context("lang")
    @api.depends(
        "due_mode", "event_type_id", "delay", "delay_unit", "from_month_end",
        "alt_event_type_id", "alt_delay", "alt_delay_unit", "date_fixed",
    )  # fmt: skip
    def _compute_due_text(self):
        (self.event_type_id | self.alt_event_type_id).mapped("name")  # in one read
        for term in self:
            term.due_text = term._due_description()

    @api.depends_context("lang")
    @api.depends(
        "status", "date_due", "due_text", "kind", "progress", "line_id", "currency_id"
    )
    def _compute_texts(self):
        for term in self:
            term.agreed_text = term._describe(term.agreed_quantity, term.agreed_amount)
            term.actual_text = ""
            if term.actual_quantity or term.actual_amount:
                term.actual_text = term._describe(
                    term.actual_quantity, term.actual_amount
                )
            elif term.kind == "milestone" and term.progress:
                term.actual_text = f"{term.progress} %"
            term.due_label = format_date(self.env, term.date_due) or term.due_text or ""

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_fact_sql(self):
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self.env[parent._contract_facts_model]._kept_sql("terms"))
            for parent in self._parent_models()
        ), "term_id"

    def _describe(self, quantity, amount):
        """A promised or fulfilled quantity or amount in words of its kind."""
        self.ensure_one()
        if self.kind == "delivery":
            number = format_quantity(self.env, quantity)
            return f"{number} {self.uom_id.name or ''}".strip()
        if self.kind == "payment":
            currency = self.currency_id or self.env.company.currency_id
            return format_amount(self.env, amount, currency)
        return ""
