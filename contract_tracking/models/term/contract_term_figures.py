from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date, formatLang

from ..facts.contract_facts_mixin import fact_search
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


class ContractTerm(models.Model):
    """What became of a promise: read from the facts, never stored. Amounts in the
    contract's currency with taxes, quantities in the line's unit, days of the company.
    """

    _inherit = "contract.term"

    status = fields.Selection(
        TERM_STATUS, compute="_compute_facts", search=fact_search("status")
    )
    date_due = fields.Date(
        string="Due Date",
        compute="_compute_facts",
        search=fact_search("date_due"),
        help="Empty while the event that the term waits for has not happened.",
    )
    actual_date = fields.Date(
        string="Fulfilled",
        compute="_compute_facts",
        search=fact_search("actual_date"),
        help="The day on which the promise was fulfilled in full.",
    )
    variance_days = fields.Integer(
        string="Days Late",
        compute="_compute_facts",
        search=fact_search("variance_days"),
        help="Days after the due date (negative: before it).",
    )
    agreed_quantity = fields.Float(
        digits="Product Unit",
        compute="_compute_facts",
        search=fact_search("agreed_quantity"),
    )
    actual_quantity = fields.Float(
        string="Delivered Quantity",
        digits="Product Unit",
        compute="_compute_facts",
        search=fact_search("actual_quantity"),
    )
    variance_quantity = fields.Float(
        string="Quantity Variance", digits="Product Unit", compute="_compute_facts"
    )
    agreed_amount = fields.Monetary(
        compute="_compute_facts", search=fact_search("agreed_amount"), aggregator="sum"
    )
    actual_amount = fields.Monetary(
        compute="_compute_facts",
        search=fact_search("actual_amount"),
        aggregator="sum",
        help="Delivered at the agreed price, or received and adjusted.",
    )
    variance_amount = fields.Monetary(
        string="Amount Variance", compute="_compute_facts"
    )
    overdue_amount = fields.Monetary(
        compute="_compute_facts", search=fact_search("overdue_amount"), aggregator="sum"
    )
    is_late = fields.Boolean(
        string="Late",
        compute="_compute_facts",
        search=fact_search("is_late"),
        help="Past its due date and not, or not fully, fulfilled.",
    )
    over_quantity = fields.Float(
        string="Delivered Beyond Tolerance",
        digits="Product Unit",
        compute="_compute_facts",
        search=fact_search("over_quantity"),
        help="Delivered beyond the agreed quantity and what may be more.",
    )
    is_mismatch = fields.Boolean(
        string="Paid Otherwise",
        compute="_compute_facts",
        search=fact_search("is_mismatch"),
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
        for term in self:
            row = rows.get(term._origin.id, {})
            # what a re-agreement replaced is promised no more
            default = "replaced" if term.valid_to else "waiting"
            term.status = row.get("status", default)
            term.date_due = row.get("date_due", term.date_fixed)
            term.actual_date = row.get("actual_date")
            term.variance_days = row.get("variance_days") or 0
            term.agreed_quantity = row.get("agreed_quantity", term.quantity)
            term.actual_quantity = row.get("actual_quantity", 0)
            term.variance_quantity = term.actual_quantity - term.agreed_quantity
            term.agreed_amount = row.get("agreed_amount", term.amount)
            term.actual_amount = row.get("actual_amount", 0)
            term.variance_amount = term.actual_amount - term.agreed_amount
            term.overdue_amount = row.get("overdue", 0)
            term.is_late = row.get("is_late", False)
            term.over_quantity = row.get("over_quantity") or 0
            term.is_mismatch = row.get("is_mismatch", False)

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
            agreed, actual = (
                term._describe(term.agreed_quantity, term.agreed_amount),
                "",
            )
            if term.actual_quantity or term.actual_amount:
                actual = term._describe(term.actual_quantity, term.actual_amount)
            elif term.kind == "milestone" and term.progress:
                actual = f"{term.progress} %"
            term.agreed_text = agreed
            term.actual_text = actual
            term.due_label = (
                format_date(self.env, term.date_due)
                if term.date_due
                else term.due_text or ""
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_fact_columns(self):
        return {
            "status": "status",
            "date_due": "date_due",
            "actual_date": "actual_date",
            "variance_days": "variance_days",
            "agreed_quantity": "agreed_quantity",
            "actual_quantity": "actual_quantity",
            "agreed_amount": "agreed_amount",
            "actual_amount": "actual_amount",
            "overdue_amount": "overdue",
            "is_late": "is_late",
            "over_quantity": "over_quantity",
            "is_mismatch": "is_mismatch",
        }

    def _contract_fact_sql(self):
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self.env[parent._contract_facts_model]._terms_sql())
            for parent in self._parent_models()
        ), "term_id"

    def _describe(self, quantity, amount):
        """A promised or fulfilled quantity or amount in words of its kind."""
        self.ensure_one()
        if self.kind == "delivery":
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            number = formatLang(self.env, quantity, digits=digits)
            if digits:
                point = self.env["res.lang"]._get_data(code=self.env.lang).decimal_point
                number = number.rstrip("0").rstrip(point or ".")
            return f"{number} {self.uom_id.name or ''}".strip()
        if self.kind == "payment":
            return format_amount(self.env, amount, self.currency_id)
        return ""
