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


def verify(env, size=40):
    """Compare sampled stored computes with a recompute.

    :return: the number of values compared
    :raise ValueError: naming the values that differ
    """
    env.invalidate_all()
    orders = env["sale.order"].search([], order="id")
    orders = orders.browse(random.Random(1).sample(orders.ids, min(size, len(orders))))
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
    different, compared = [], 0
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
    env.cr.rollback()
    env.invalidate_all()
    if different:
        raise ValueError(
            "Copies differ from a recompute:\n" + "\n".join(different[:20])
        )
    return compared
