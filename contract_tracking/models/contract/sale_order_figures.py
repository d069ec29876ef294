from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..facts.contract_facts_mixin import fact_search
from .sale_order import READER

# field → column of the facts statement
FIGURES = {
    "contract_delivered_amount": "delivered",
    "contract_invoiced_amount": "invoiced",
    "contract_received_amount": "received",
    "contract_adjusted_amount": "adjusted",
    "contract_receivable_amount": "receivable",
    "contract_uninvoiced_amount": "delivered_not_invoiced",
    "contract_unpaid_amount": "delivered_unpaid",
    "contract_matured_amount": "matured",
    "contract_overdue_amount": "overdue",
    "contract_delivery_progress": "delivery_progress",
    "contract_payment_progress": "payment_progress",
    "contract_last_delivery_date": "last_delivery",
    "contract_next_due_date": "next_due",
    "contract_late_deliveries": "late_deliveries",
    "contract_late_payments": "late_payments",
    "contract_late_others": "late_others",
    "contract_waiting_terms": "waiting",
    "contract_soon_terms": "due_soon",
    "contract_bills_amount": "bills",
    "contract_exposure_amount": "exposure",
    "contract_mismatches": "mismatches",
    "contract_awaits_acceptance": "awaits_acceptance",
}


def _amount(string, column_field, help_text=None):
    return fields.Monetary(
        string=string,
        compute="_compute_contract_figures",
        search=fact_search(column_field),
        aggregator="sum",
        groups=READER,
        help=help_text,
    )


def _count(string, column_field):
    return fields.Integer(
        string=string,
        compute="_compute_contract_figures",
        search=fact_search(column_field),
        groups=READER,
    )


class SaleOrder(models.Model):
    """What became of the contract: figures read from the facts, never stored.

    Amounts with taxes in the order's currency; definitions in
    :mod:`contract.facts`. Serves D7 §1 and the register of D5 §5.1.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "contract.facts.mixin"]

    _contract_fact_computes = (
        "_compute_contract_figures",
        "_compute_contract_sentence",
    )

    contract_delivered_amount = _amount(
        "Delivered",
        "contract_delivered_amount",
        "Delivered quantities at the lines' price with taxes.",
    )
    contract_invoiced_amount = _amount(
        "Invoiced",
        "contract_invoiced_amount",
        "Posted customer invoices minus credit notes, without down payments.",
    )
    contract_received_amount = _amount(
        "Received",
        "contract_received_amount",
        "Money claimed for the contract or reconciled with its invoices, refunds "
        "subtracted.",
    )
    contract_adjusted_amount = _amount(
        "Adjusted",
        "contract_adjusted_amount",
        "What closed the receivable without being money: write-offs, discounts, "
        "credit notes that belong to no order line.",
    )
    contract_receivable_amount = _amount(
        "Receivable",
        "contract_receivable_amount",
        "Invoiced − received − adjusted. Negative: paid in advance.",
    )
    contract_bills_amount = _amount(
        "Unmatured Bills",
        "contract_bills_amount",
        "Bills of which the outcome is still open, whether they count as received "
        "already or not.",
    )
    contract_exposure_amount = _amount(
        "Exposure",
        "contract_exposure_amount",
        "Delivered − received − adjusted, and bills counted as received that may still "
        "be dishonoured: what could be lost.",
    )
    contract_uninvoiced_amount = _amount(
        "Delivered not Invoiced", "contract_uninvoiced_amount"
    )
    contract_unpaid_amount = _amount(
        "Delivered Unpaid", "contract_unpaid_amount", "Delivered − received."
    )
    contract_matured_amount = _amount(
        "Fallen Due",
        "contract_matured_amount",
        "Payment terms that fell due up to today; without payment terms, the "
        "instalments of the invoices.",
    )
    contract_overdue_amount = _amount(
        "Overdue Amount",
        "contract_overdue_amount",
        "Fallen due before today and not covered by money received or adjusted.",
    )
    contract_delivery_progress = fields.Float(
        string="Delivery Progress",
        compute="_compute_contract_figures",
        search=fact_search("contract_delivery_progress"),
        aggregator="avg",
        groups=READER,
        help="Delivered amount ÷ agreed amount of the goods and services.",
    )
    contract_payment_progress = fields.Float(
        string="Payment Progress",
        compute="_compute_contract_figures",
        search=fact_search("contract_payment_progress"),
        aggregator="avg",
        groups=READER,
        help="Received ÷ agreed total.",
    )
    contract_last_delivery_date = fields.Date(
        string="Last Delivery",
        compute="_compute_contract_figures",
        search=fact_search("contract_last_delivery_date"),
        groups=READER,
    )
    contract_next_due_date = fields.Date(
        string="Next Due",
        compute="_compute_contract_figures",
        search=fact_search("contract_next_due_date"),
        groups=READER,
        help="Due date of the next open term, late ones included.",
    )
    contract_next_term_id = fields.Many2one(
        "contract.term",
        string="Next Term",
        compute="_compute_contract_figures",
        groups=READER,
    )
    contract_late_deliveries = _count("Late Deliveries", "contract_late_deliveries")
    contract_late_payments = _count("Late Payments", "contract_late_payments")
    contract_late_others = _count("Other Late Terms", "contract_late_others")
    contract_waiting_terms = _count("Terms Waiting", "contract_waiting_terms")
    contract_soon_terms = _count("Terms Due Soon", "contract_soon_terms")
    contract_mismatches = _count("Terms Paid Otherwise", "contract_mismatches")
    contract_awaits_acceptance = fields.Boolean(
        string="Waiting for Acceptance",
        compute="_compute_contract_figures",
        search=fact_search("contract_awaits_acceptance"),
        groups=READER,
        help="Delivered, and a term waits for the customer's acceptance.",
    )
    contract_sentence = fields.Char(
        string="How It Stands", compute="_compute_contract_sentence", groups=READER
    )

    @api.depends(
        "contract_state", "contract_effective_date", "order_line.qty_delivered"
    )
    def _compute_contract_figures(self):
        tracked = self.filtered(lambda o: o._origin.id and o.contract_state)
        rows = self.env["contract.facts"]._read_orders(tracked) if tracked else {}
        columns = self._contract_fact_columns()
        for order in self:
            row = rows.get(order._origin.id, {})
            for fname, column in columns.items():
                order[fname] = row.get(column) or False
            order.contract_next_term_id = row.get("next_term_id")

    @api.depends_context("lang")
    @api.depends("contract_state")
    def _compute_contract_sentence(self):
        for order in self:
            order.contract_sentence = order._contract_describe()

    def _contract_fact_columns(self):
        return FIGURES

    def _contract_fact_sql(self):
        return self.env["contract.facts"]._orders_sql(), "order_id"

    def _contract_describe(self):
        """One sentence in the user's language: how the contract stands, what
        is next."""
        self.ensure_one()
        if not self.contract_state:
            return False
        if self.contract_state == "draft":
            return self.env._(
                "Contract in preparation: it takes effect after confirmation."
            )
        if self.contract_state == "confirmed":
            rule = self.company_id.sudo().contract_effective_rule
            if rule == "seals":
                return self.env._(
                    "Confirmed, not in effect: the seals of both sides are missing."
                )
            return self.env._(
                "Confirmed, not in effect: signing date and signatory are missing."
            )
        parts = [
            {
                "suspended": self.env._("Suspended."),
                "completed": self.env._("Completed."),
                "terminated": self.env._("Terminated."),
                "cancelled": self.env._("Cancelled."),
            }.get(self.contract_state)
            or self.env._(
                "In effect since %(date)s.",
                date=format_date(self.env, self.contract_effective_date),
            ),
            self.env._(
                "Delivered %(delivered)d %%, received %(received)d %% "
                "(%(amount)s of %(total)s).",
                delivered=round(self.contract_delivery_progress * 100),
                received=round(self.contract_payment_progress * 100),
                amount=self._contract_format(self.contract_received_amount),
                total=self._contract_format(self.contract_agreed_amount),
            ),
        ]
        if self.contract_state in ("active", "suspended"):
            if self.contract_late_deliveries:
                parts.append(
                    self.env._(
                        "Late deliveries: %(number)d.",
                        number=self.contract_late_deliveries,
                    )
                )
            if self.contract_overdue_amount:
                parts.append(
                    self.env._(
                        "Overdue: %(amount)s.",
                        amount=self._contract_format(self.contract_overdue_amount),
                    )
                )
            if self.contract_late_others:
                parts.append(
                    self.env._(
                        "Other late terms: %(number)d.",
                        number=self.contract_late_others,
                    )
                )
            if self.contract_next_term_id and self.contract_next_due_date:
                # read together with the other terms of the form
                upcoming = self.contract_next_term_id.with_prefetch(
                    self.contract_term_ids._ids
                )
                parts.append(
                    self.env._(
                        "Next: %(term)s, due %(date)s.",
                        term=upcoming.display_name,
                        date=format_date(self.env, self.contract_next_due_date),
                    )
                )
            elif self.contract_waiting_terms:
                parts.append(
                    self.env._(
                        "Terms waiting for an event: %(number)d.",
                        number=self.contract_waiting_terms,
                    )
                )
        return " ".join(parts)

    def _contract_format(self, amount):
        return format_amount(self.env, amount, self.currency_id)
