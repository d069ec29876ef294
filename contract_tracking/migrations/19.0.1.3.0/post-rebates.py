"""Rebates and discounts on the whole order lower the price of the goods."""

from odoo import SUPERUSER_ID, api

from odoo.addons.contract_tracking.tools.guard import unguarded


def migrate(cr, version):
    """What was agreed for a delivery, without the rebate, is with it from now on: only
    where the order is still as it was agreed."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    orders = env["sale.order"].search(
        [
            ("contract_effective_date", "!=", False),
            ("order_line", "any", [("price_total", "<", 0)]),
        ]
    )
    for term in orders.contract_term_ids:
        line = term.line_id
        if not term.stamped or term.valid_to or not line.product_uom_qty:
            continue
        currency = term.currency_id
        full = line.price_total / line.product_uom_qty * term.quantity
        if not currency.compare_amounts(term.amount, full):
            lowered = currency.round(line._contract_unit_total() * term.quantity)
            unguarded(term).amount = max(lowered, 0)
