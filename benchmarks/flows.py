"""What core does, with and without the addon, inside ``odoo shell``; all is undone."""

import json

import client
from clock import median, once, timed

from odoo import Command

ORDERS = 20
LISTS = {
    "orders": "sale.action_orders",
    "deliveries": "stock.action_picking_tree_all",
    "invoices": "account.action_move_out_invoice_type",
    "customers": "base.action_partner_form",
}


def flows(env, repeats):
    """Print the figures of core's screens and steps as JSON.

    With the addon its steps are measured without its triggers as well, in turn.
    """
    env = env(context={**env.context, "tracking_disable": True})
    has_addon = "contract.facts" in env
    if has_addon:
        env["contract.facts"]._cron_fold()
    manager = env(user=env["res.users"].search([("login", "=", "benchmark_manager")]))
    results = {}
    for name, action in LISTS.items():
        request = client.click(manager, action)
        results[f"list of {name}"] = timed(
            env, lambda request=request: client.send(manager, request), repeats=9
        )
    order = manager["sale.order"].search([("state", "=", "sale")], limit=1)
    for subject, record, view in (
        ("order form", order, "sale.view_order_form"),
        ("partner form", order.partner_id, "base.view_partner_form"),
    ):
        spec = client.form(record, view)
        results[subject] = timed(
            env, lambda record=record, spec=spec: record.web_read(spec), repeats=9
        )
    _steps(env, 1, True)  # fills the caches
    for count in (1, ORDERS):
        ways = {"": True}
        if has_addon:
            ways |= {" again": True, " without triggers": False}
        runs = {way: [] for way in ways}
        for number in range(repeats):
            turn = number % len(ways)  # each is first in turn
            for way in [*ways, *ways][turn : turn + len(ways)]:
                runs[way].append(_steps(env, count, ways[way]))
        for way in ways:
            for step in runs[way][0]:
                results[f"{step} {count}{way}"] = median([r[step] for r in runs[way]])
    print("RESULT " + json.dumps(results))


def _steps(env, count, triggers):
    """Confirm, deliver, invoice and pay ``count`` new orders of ten lines."""
    env.cr.rollback()
    if not triggers:
        _disable_triggers(env)
    product = env["product.product"].create(
        {
            "name": "Probe",
            "type": "consu",
            "is_storable": True,
            "invoice_policy": "delivery",
            "list_price": 100,
        }
    )
    stock = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"]._update_available_quantity(product, stock, 1000)
    partner = env["res.partner"].create({"name": "Probe"})
    values = {
        "partner_id": partner.id,
        "order_line": [Command.create({"product_id": product.id})] * 10,
    }
    orders = env["sale.order"].create([values] * count)
    results = {"confirm": once(env, orders.action_confirm)}
    pickings = orders.picking_ids
    pickings.move_ids.picked = True
    results["deliver"] = once(env, pickings.button_validate)
    invoices = env["account.move"].union(*(o._create_invoices() for o in orders))
    results["post"] = once(env, invoices.action_post)
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=invoices.ids)
        .create({"group_payment": False})
    )
    results["pay"] = once(env, wizard.action_create_payments)
    env.cr.rollback()
    return results


def _disable_triggers(env):
    env.cr.execute(
        """SELECT format('ALTER TABLE %I DISABLE TRIGGER %I', c.relname, t.tgname)
             FROM pg_trigger t
             JOIN pg_class c ON c.oid = t.tgrelid
             JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE NOT t.tgisinternal AND p.proname LIKE 'contract%'"""
    )
    for [statement] in env.cr.fetchall():
        env.cr.execute(statement)
