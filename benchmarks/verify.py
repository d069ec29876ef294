"""Whether copied rows are what Odoo itself would have stored."""

import random

# Stored computes that sum up the copied rows.
COMPUTES = {
    "sale.order.line": [
        "price_subtotal",
        "price_total",
        "qty_delivered",
        "qty_invoiced",
        "qty_to_invoice",
        "invoice_status",
        "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice",
    ],
    "sale.order": [
        "amount_untaxed",
        "amount_tax",
        "amount_total",
        "invoice_status",
        "delivery_status",
        "effective_date",
    ],
    "stock.move": ["product_qty", "quantity", "reference"],
    "stock.picking": ["state", "scheduled_date"],
    "account.move.line": ["amount_residual", "amount_residual_currency", "reconciled"],
    "account.move": [
        "amount_total",
        "amount_residual",
        "amount_total_signed",
        "payment_state",
    ],
    "account.payment": ["is_reconciled", "is_matched"],
}
# Columns of the facts that name rows, which are others in each copy.
NAMES = {"order_id", "next_term_id"}


def verify(env, stride, size=40):
    """Compare sampled stored computes with a recompute, and what the addon says of
    copies with what it says of their originals.

    :param stride: from an order to its first copy
    :return: the number of values compared
    :raise ValueError: naming the values that differ
    """
    env.invalidate_all()
    orders = env["sale.order"].search([], order="id")
    orders = orders.browse(random.Random(1).sample(orders.ids, min(size, len(orders))))
    compared, different = _compare_stored(env, orders)
    if "contract.facts" in env:
        more, others = _compare_facts(env, orders, stride)
        compared, different = compared + more, different + others
    env.cr.rollback()
    env.invalidate_all()
    if different:
        raise ValueError("Copies differ:\n" + "\n".join(different[:20]))
    return compared


def _compare_facts(env, orders, stride):
    Facts = env["contract.facts"]
    compared, different = 0, []
    rows = Facts._read_orders(orders)
    originals = orders.browse({(order.id - 1) % stride + 1 for order in orders})
    firsts = Facts._read_orders(originals)
    for order_id, row in rows.items():
        first = firsts[(order_id - 1) % stride + 1]
        for name in row.keys() - NAMES:
            compared += 1
            if row[name] != first[name]:
                different.append(
                    f"{order_id} {name}: {row[name]!r}, not {first[name]!r}"
                )
    found = env["contract.deviation"]._detect(orders)
    different += [f"new deviation of a copy: {row.detect_key}" for row in found]
    return compared, different


def _compare_stored(env, orders):
    invoices = orders.invoice_ids
    records = {
        "sale.order": orders,
        "sale.order.line": orders.order_line,
        "stock.move": orders.picking_ids.move_ids,
        "stock.picking": orders.picking_ids,
        "account.move": invoices,
        "account.move.line": invoices.line_ids,
        "account.payment": invoices.matched_payment_ids,
    }
    compared, different = 0, []
    for model, fnames in COMPUTES.items():
        rows = records[model]
        stored = {name: {row.id: row[name] for row in rows} for name in fnames}
        for name in fnames:
            env.add_to_compute(rows._fields[name], rows)
        rows._recompute_recordset(fnames)
        for name in fnames:
            for row in rows:
                compared += 1
                before, after = stored[name][row.id], row[name]
                if isinstance(after, float):
                    same = abs(before - after) < 0.000001
                else:
                    same = before == after
                if not same:
                    different.append(f"{row} {name}: {before!r}, not {after!r}")
    return compared, different
