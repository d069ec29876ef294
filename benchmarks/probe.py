"""Figures of one database, taken inside ``odoo shell``: queries and seconds."""

import json
import resource
import statistics
import time

import client

from odoo import Command
from odoo.tools import split_every

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
    results.update(probe_detection(env))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    results["memory grown (MB)"] = (0, grown / 1024)
    return results


def probe_detection(env):
    """The daily search for deviations: everything new, then nothing new, beside a
    statement by hand that knows late deliveries, late instalments, changed totals and
    missing copies."""
    Deviation = env["contract.deviation"]
    # neither commits nor statistics inside the measurement
    contracts = (
        env["sale.order"].search([("contract_state", "in", ("active", "suspended"))]),
        env["contract.frame"].search([("state", "=", "active")]),
    )

    def detect():
        for records in contracts:
            for ids in split_every(500, records.ids):
                Deviation._detect(records.browse(ids))
                env.flush_all()
                env.invalidate_all()

    results = {"deviations, all new": once(env, detect)}
    env.cr.execute("ANALYZE contract_deviation")
    results["deviations, nothing new"] = once(env, detect)
    results["deviations, by hand"] = once(env, lambda: env.cr.execute(BY_HAND))
    return results


BY_HAND = """
SET LOCAL jit = off;
WITH contract AS (
    SELECT id, amount_total, contract_agreed_amount, contract_effective_date
      FROM sale_order WHERE contract_state IN ('active', 'suspended')
),
shipped AS (
    SELECT m.sale_line_id, SUM(CASE WHEN d.usage = 'customer' THEN m.quantity
                                    ELSE -m.quantity END) AS quantity
      FROM stock_move m
      JOIN stock_location d ON d.id = m.location_dest_id
     WHERE m.state = 'done' AND m.sale_line_id IS NOT NULL
     GROUP BY m.sale_line_id
),
departure AS (
    SELECT 'late_delivery' AS kind, 'term:' || t.id AS key
      FROM contract c
      JOIN contract_term t ON t.order_id = c.id AND t.kind = 'delivery'
      LEFT JOIN shipped s ON s.sale_line_id = t.line_id
     WHERE t.date_fixed < CURRENT_DATE AND t.waived_on IS NULL
       AND COALESCE(s.quantity, 0) < t.quantity
    UNION ALL
    SELECT 'late_payment', 'item:' || i.id || ':' || c.id
      FROM contract c
      JOIN sale_order_line l ON l.order_id = c.id
      JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
      JOIN account_move_line b ON b.id = r.invoice_line_id
      JOIN account_move_line i ON i.move_id = b.move_id
       AND i.display_type = 'payment_term'
     WHERE i.parent_state = 'posted' AND i.amount_residual > 0
       AND i.date_maturity < CURRENT_DATE
     GROUP BY i.id, c.id
    UNION ALL
    SELECT 'order_changed', 'order:' || id
      FROM contract WHERE amount_total <> contract_agreed_amount
    UNION ALL
    SELECT 'document_missing', 'order:' || c.id
      FROM contract c
     WHERE c.contract_effective_date < CURRENT_DATE - 30
       AND NOT EXISTS (SELECT FROM contract_document d
                         JOIN
                         contract_checklist_template_line_contract_document_type_rel y
                           ON y.contract_document_type_id = d.type_id
                        WHERE d.order_id = c.id)
)
SELECT p.* FROM departure p
 WHERE NOT EXISTS (SELECT FROM contract_deviation d
                    WHERE d.kind = p.kind AND d.detect_key = p.key
                      AND d.cured_on IS NULL)
"""


def count_of(statement):
    """The statement with every row and column made, and only counted here."""
    from odoo.tools import SQL

    return SQL("SET LOCAL jit = off; SELECT COUNT(x.*) FROM (%s) x", statement)
