from odoo import api, fields, models
from odoo.tools import format_amount, format_date, format_list

from ...tools.words import join_sentences
from ..facts.contract_facts_mixin import fact_field
from .sale_order import READER


def _figure(kind, column, string, help_text=None, **attrs):
    return fact_field(
        kind,
        column,
        string=string,
        compute="_compute_contract_figures",
        groups=READER,
        help=help_text,
        **attrs,
    )


def _amount(column, string, help_text=None):
    return _figure(fields.Monetary, column, string, help_text, aggregator="sum")


def _share(column, string, help_text):
    return _figure(fields.Float, column, string, help_text, aggregator="avg")


def _count(column, string, help_text):
    return _figure(fields.Integer, column, string, help_text)


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
        "delivered",
        "Delivered",
        "What left for the customer minus what came back to be credited, each delivery "
        "at the price with taxes that was agreed on its day, lowered in proportion by "
        "rebates and discounts on the whole order.",
    )
    contract_invoiced_amount = _amount(
        "invoiced",
        "Invoiced",
        "Posted customer invoices minus credit notes, without down payments.",
    )
    contract_received_amount = _amount(
        "received",
        "Received",
        "Money claimed for the contract or reconciled with its invoices, refunds "
        "subtracted.",
    )
    contract_adjusted_amount = _amount(
        "adjusted",
        "Adjusted",
        "What closed the receivable without being money: write-offs, discounts, "
        "credit notes that belong to no order line.",
    )
    contract_receivable_amount = _amount(
        "receivable",
        "Receivable",
        "Invoiced − received − adjusted. Negative: paid in advance.",
    )
    contract_bills_amount = _amount(
        "bills",
        "Unmatured Bills",
        "Bills of which the outcome is still open, whether they count as received "
        "already or not.",
    )
    contract_exposure_amount = _amount(
        "exposure",
        "Exposure",
        "Delivered and invoiced fees − received − adjusted, and bills counted as "
        "received that may still be dishonoured: what could be lost.",
    )
    contract_uninvoiced_amount = _amount(
        "delivered_not_invoiced",
        "Delivered not Invoiced",
        "Delivered − invoiced for goods and services. Negative: invoiced in advance.",
    )
    contract_unpaid_amount = _amount(
        "delivered_unpaid",
        "Delivered Unpaid",
        "Delivered and invoiced fees − received.",
    )
    contract_matured_amount = _amount(
        "matured",
        "Fallen Due",
        "Payment terms that fell due up to today, or the invoices' instalments where "
        "there are none; less what was credited or came back.",
    )
    contract_overdue_amount = _amount(
        "overdue",
        "Overdue Amount",
        "Fallen due before today and not covered by money received or adjusted.",
    )
    contract_delivery_progress = _share(
        "delivery_progress",
        "Delivery Progress",
        "Delivered amount ÷ agreed amount of the goods and services.",
    )
    contract_payment_progress = _share(
        "payment_progress", "Payment Progress", "Received ÷ agreed total."
    )
    contract_last_delivery_date = _figure(
        fields.Date,
        "last_delivery",
        "Last Delivery",
        "The newest day on which something left for the customer.",
    )
    contract_next_due_date = _figure(
        fields.Date,
        "next_due",
        "Next Due",
        "Due date of the next open term, late ones included.",
    )
    contract_next_term_id = fields.Many2one(
        "contract.term",
        string="Next Term",
        compute="_compute_contract_figures",
        groups=READER,
    )
    contract_late_deliveries = _count(
        "late_deliveries",
        "Late Deliveries",
        "Deliveries whose agreed day has passed before all of it was there.",
    )
    contract_late_payments = _count(
        "late_payments",
        "Late Payments",
        "Payment terms of which more than the tolerance is overdue.",
    )
    contract_late_others = _count(
        "late_others",
        "Other Late Terms",
        "Milestones, clauses and documents whose day has passed undone.",
    )
    contract_waiting_terms = _count(
        "waiting",
        "Terms Waiting",
        "Terms that fall due with an event that has not happened yet: never late.",
    )
    contract_soon_terms = _count(
        "due_soon",
        "Terms Due Soon",
        "Open terms that fall due within the days that the company set.",
    )
    contract_mismatches = _count(
        "mismatches",
        "Terms Paid Otherwise",
        "Payments made with another instrument, or a longer one, than agreed.",
    )
    contract_awaits_acceptance = _figure(
        fields.Boolean,
        "awaits_acceptance",
        "Waiting for Acceptance",
        "Delivered, and a term waits for the customer's acceptance.",
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
        self._contract_set_facts(
            [rows.get(order._origin.id, {}) for order in self],
            contract_next_term_id="next_term_id",
        )

    @api.depends_context("lang")
    @api.depends("contract_state")
    def _compute_contract_sentence(self):
        for order in self:
            order.contract_sentence = order._contract_describe()

    def _contract_fact_sql(self):
        return self.env["contract.facts"]._kept_sql("orders"), "order_id"

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
            missing = list(map(self._contract_label, self._contract_missing()))
            if not missing:
                return self.env._("Confirmed, not in effect.")
            return self.env._(
                "Confirmed, not in effect: missing %(fields)s.",
                fields=format_list(self.env, missing),
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
        if self._contract_is_open():
            parts += self._contract_describe_open()
        return join_sentences(self.env, parts)

    def _contract_describe_open(self):
        """What is late in a contract in effect, and what is next."""
        if late := self.contract_late_deliveries:
            yield self.env._("Late deliveries: %(number)d.", number=late)
        if overdue := self.contract_overdue_amount:
            yield self.env._(
                "Overdue: %(amount)s.", amount=self._contract_format(overdue)
            )
        if late := self.contract_late_others:
            yield self.env._("Other late terms: %(number)d.", number=late)
        if self.contract_next_term_id and self.contract_next_due_date:
            # read together with the other terms of the form
            upcoming = self.contract_next_term_id.with_prefetch(
                self.contract_term_ids._ids
            )
            words = {
                "term": upcoming.display_name,
                "date": format_date(self.env, self.contract_next_due_date),
            }
            if self.contract_next_due_date < self._contract_today():
                yield self.env._("Next: %(term)s, overdue since %(date)s.", **words)
            else:
                yield self.env._("Next: %(term)s, due %(date)s.", **words)
        elif waiting := self.contract_waiting_terms:
            yield self.env._("Terms waiting for an event: %(number)d.", number=waiting)

    def _contract_format(self, amount):
        return format_amount(self.env, amount, self.currency_id)
