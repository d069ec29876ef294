"""Figures of one database, taken inside ``odoo shell``: queries and seconds."""

import json
import resource
import statistics
import time

import client

from odoo import Command

REPEATS = 5


def timed(env, work):
    """Run ``work`` several times from empty caches.

    :return: (queries, median seconds)
    """
    seconds, queries = [], 0
    for _number in range(REPEATS):
        env.flush_all()
        env.invalidate_all()
        before, started = env.cr.sql_log_count, time.monotonic()
        work()
        env.flush_all()
        seconds.append(time.monotonic() - started)
        queries = env.cr.sql_log_count - before
    return queries, statistics.median(seconds)


def once(env, work):
    """Like :func:`timed` for work that can't be repeated."""
    env.flush_all()
    env.invalidate_all()
    before, started = env.cr.sql_log_count, time.monotonic()
    work()
    env.flush_all()
    return env.cr.sql_log_count - before, time.monotonic() - started


def probe(env):
    """Print the figures as JSON: with the addon its own as well."""
    env = env(context={**env.context, "tracking_disable": True})
    Order = env["sale.order"]
    has_addon = "contract_state" in Order._fields
    domain = [("state", "=", "sale")]
    results = {}

    spec = client.specification(Order, "list", "sale.sale_order_list_upload")
    read = Order.search(domain, limit=80).ids
    results["order list of 80"] = timed(
        env, lambda: Order.web_search_read([("id", "in", read)], spec, limit=80)
    )
    form = client.specification(Order, "form", "sale.view_order_form")
    results["order form"] = timed(env, lambda: Order.browse(read[0]).web_read(form))
    for count in (1, 20):
        results[f"confirm {count}"] = confirm(env, count)
    if has_addon:
        results.update(probe_addon(env, read))
    env.cr.rollback()
    print("RESULT " + json.dumps(results))


def confirm(env, count):
    """Confirm new orders of ten lines each, after one that fills the caches."""
    product = env["product.product"].create({"name": "Probe", "type": "service"})
    partner = env["res.partner"].create({"name": "Probe"})
    values = {
        "partner_id": partner.id,
        "order_line": [Command.create({"product_id": product.id})] * 10,
    }
    env["sale.order"].create(values).action_confirm()
    orders = env["sale.order"].create([values] * count)
    return once(env, orders.action_confirm)


def probe_addon(env, read):
    """The addon's own screens and runs."""
    Order = env["sale.order"]
    Facts = env["contract.facts"]
    open_contracts = [("contract_state", "in", ("active", "suspended"))]
    spec = client.specification(
        Order, "list", "contract_tracking.sale_order_contract_view_list"
    )
    late = [*open_contracts, ("contract_late_payments", ">", 0)]
    grouped = ["contract_agreed_amount:sum", "contract_overdue_amount:sum"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = {
        "register list of 80": timed(
            env, lambda: Order.web_search_read([("id", "in", read)], spec, limit=80)
        ),
        "register by office": once(
            env,
            lambda: Order.formatted_read_group(
                open_contracts, ["team_id"], ["contract_agreed_amount:sum"]
            ),
        ),
        "register by office, payment late": once(
            env, lambda: Order.formatted_read_group(late, ["team_id"], grouped)
        ),
        "newly late": once(env, Order._contract_newly_late),
        "all terms": once(env, lambda: env.cr.execute(count_of(Facts._terms_sql()))),
        "all contracts": once(
            env, lambda: env.cr.execute(count_of(Facts._orders_sql()))
        ),
    }
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    results["memory grown (MB)"] = (0, grown / 1024)
    return results


def count_of(statement):
    """The statement with every row and column made, and only counted here."""
    from odoo.tools import SQL

    return SQL("SET LOCAL jit = off; SELECT COUNT(x.*) FROM (%s) x", statement)
