"""What is agreed for the goods comes to the order's total, to the cent."""

from odoo import SUPERUSER_ID, api

from odoo.addons.contract_tracking.tools.guard import unguarded


def migrate(cr, version):
    """Cents that were lost or won where an order rounds its taxes on the whole: only
    where the order is still as it was agreed, and nothing was agreed on since."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    orders = env["sale.order"].search([("contract_effective_date", "!=", False)])
    for order in orders:
        currency = order.currency_id
        terms = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        if (
            not terms
            or any(t.valid_from or t.valid_to or not t.stamped for t in terms)
            or currency.compare_amounts(
                order.amount_total, order.contract_agreed_amount
            )
        ):
            continue
        parts = [(term.line_id, term.quantity) for term in terms]
        amounts = order._contract_delivery_amounts(parts, terms)
        for term, amount in zip(terms, amounts, strict=True):
            off = currency.compare_amounts(abs(amount - term.amount), currency.rounding)
            if off <= 0 and currency.compare_amounts(amount, term.amount):
                unguarded(term).amount = amount
