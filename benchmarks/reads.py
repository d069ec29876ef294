"""Clicks and runs on a database with contracts, inside ``odoo shell``.

Every click on figures stands beside the same click on stored, indexed columns of the
same table that hold the same values (``x_…``, made by :func:`columns`).
"""

import json
import re
import resource
from datetime import timedelta

import client
from build import SEED_ORDERS
from clock import once, timed

from odoo import fields
from odoo.tools import SQL, split_every

CONTRACTS = "contract_tracking.sale_order_contract_action"
TERMS = "contract_tracking.contract_term_action"
RETENTION = "contract_tracking.contract_retention_action"
RECEIPTS = "contract_tracking.contract_receipt_action"
AGEING = "contract_tracking.contract_ageing_action"
REGISTER = "contract_tracking.contract_register_action"
REPORT = "contract_tracking.contract_execution_report_action"
# subject: (action, filters and groups), and how else
CLICKS = {
    "Delivery Overdue": ((CONTRACTS, "open", "delivery_overdue"), {}),
    "Payment Overdue": ((CONTRACTS, "open", "payment_overdue"), {}),
    "Due This Month": ((CONTRACTS, "open", "due_this_month"), {}),
    "At Risk": ((CONTRACTS, "open", "at_risk"), {}),
    "contracts, most overdue first": (
        (CONTRACTS, "open"),
        {"order": "contract_overdue_amount desc, id desc"},
    ),
    "contracts by office": ((CONTRACTS, "open", "group_team"), {}),
    "contracts by health": ((CONTRACTS, "open", "group_health"), {}),
    "contracts by month of next due": ((CONTRACTS, "open", "group_due"), {}),
    "contracts, pivot": ((CONTRACTS, "open"), {"view": "pivot"}),
    "terms": ((TERMS,), {}),
    "terms, late": ((TERMS, "open_contracts", "late"), {}),
    "terms by status": ((TERMS, "open_contracts", "group_status"), {}),
    "terms, calendar": ((TERMS, "open_contracts"), {"view": "calendar"}),
    "terms, pivot": ((TERMS, "open_contracts"), {"view": "pivot"}),
}
# what the dashboard asks of the report
REPORTED = [
    "contracted:sum",
    "delivered:sum",
    "received:sum",
    "on_time_rate:avg",
    "collection_rate:avg",
]
STALE = 100
BATCH = 200


def columns(env):
    """Give contracts and terms stored columns with the figures of now."""
    kinds = {"selection": "char"}
    for name, twins in _twins(env).items():
        model = env[name]
        env["ir.model.fields"].create(
            [
                {
                    "name": twin,
                    "field_description": twin,
                    "model_id": env["ir.model"]._get_id(name),
                    "ttype": kinds.get(model._fields[fname].type)
                    or model._fields[fname].type,
                    "currency_field": "currency_id",
                    "index": True,
                }
                for fname, twin in twins.items()
            ]
        )
    env.cr.commit()
    Facts = env["contract.facts"]
    originals = env["sale.order"].browse(range(1, SEED_ORDERS + 1))
    for orders in split_every(BATCH, originals.ids, originals.browse):
        _fill(env, "sale.order", Facts._read_orders(orders))
        _fill(env, "contract.term", Facts._read_terms(orders))
    for name, owner in (("sale.order", "id"), ("contract.term", "order_id")):
        _spread(env, name, owner)
    env.cr.commit()
    Facts._cron_fold()


def _fill(env, name, rows):
    """Write rows of the facts into the stored columns."""
    model, twins = env[name], _twins(env)[name]
    facts = model._contract_fact_columns()
    values = [
        {"id": key, **{twins[fname]: row.get(facts[fname]) for fname in twins}}
        for key, row in rows.items()
    ]
    env.cr.execute(
        SQL(
            "UPDATE %s t SET %s FROM jsonb_populate_recordset(NULL::%s, %s) v"
            " WHERE v.id = t.id",
            SQL.identifier(model._table),
            _set(twins.values()),
            SQL.identifier(model._table),
            json.dumps(values, default=str),
        )
    )


def _spread(env, name, owner):
    """Give the copies what their originals have.

    :param owner: the column with the order's id
    """
    table = SQL.identifier(env[name]._table)
    env.cr.execute(
        SQL(
            """UPDATE %(table)s t SET %(values)s
                 FROM %(table)s v,
                      (SELECT MIN(id) FILTER (WHERE %(owner)s = 1 + %(orders)s)
                              - MIN(id) FILTER (WHERE %(owner)s = 1) AS stride
                         FROM %(table)s) s
                WHERE t.id > s.stride AND v.id = (t.id - 1) %% s.stride + 1""",
            table=table,
            values=_set(_twins(env)[name].values()),
            owner=SQL.identifier(owner),
            orders=SEED_ORDERS,
        )
    )


def _set(names):
    return SQL(", ").join(
        SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)) for name in names
    )


def clicks(env):
    """Print the figures of clicks as JSON: each beside what it is compared with."""
    env = env(user=env["res.users"].search([("login", "=", "benchmark_manager")]))
    results = {}
    for login in ("benchmark_manager", "benchmark_0"):
        user = env["res.users"].search([("login", "=", login)])
        whose = "all" if user == env.user else "own"
        results[f"contracts, {whose}"] = _beside(
            env(user=user),
            client.click(env(user=user), CONTRACTS),
            client.click(env(user=user), "sale.action_orders"),
        )
    for subject, (action, options) in CLICKS.items():
        if options.get("view") == "calendar":
            first = fields.Date.today().replace(day=1)
            days = [("date_due", ">=", str(first - timedelta(days=7)))]
            days += [("date_due", "<=", str(first + timedelta(days=37)))]
            options = {**options, "domain": days}
        request = client.click(env, *action, **options)
        results[subject] = _beside(env, request, _twin(env, request))
    partners = env["res.partner"].search([("name", "=like", "Customer %")])
    own = [("partner_id", "=", partners[0].id)]
    kept = [("kind", "=", "payment"), ("payment_kind", "=", "retention")]
    orders = _plain(env, "sale.order", "partner_id")
    figures = {
        f"contract_{name}_amount": {} for name in ("receivable", "due", "overdue")
    }
    moves = _plain(env, "account.move.line", "partner_id")
    for subject, request, plain in (
        ("register", client.click(env, REGISTER), orders),
        ("register, overdue", client.click(env, REGISTER, "open", "overdue"), orders),
        (
            "register by office",
            client.click(env, REGISTER, "open", "group_team"),
            orders,
        ),
        ("register, pivot", client.click(env, REGISTER, "open", view="pivot"), orders),
        ("report, pivot", client.click(env, REPORT, view="pivot"), moves),
        (
            "report, all months",
            _request(
                "contract.execution.report",
                "formatted_read_group",
                [],
                ["month:month", "team_id"],
                REPORTED,
            ),
            moves,
        ),
        (
            "dashboard: offices this month",
            _request(
                "contract.execution.report",
                "formatted_read_group",
                [("period", "=", "now")],
                ["team_id"],
                REPORTED,
            ),
            moves,
        ),
        ("ageing of all", client.click(env, AGEING), orders),
        (
            "ageing of a customer",
            client.click(env, AGEING, "owing", domain=own),
            _plain(env, "sale.order", "partner_id", own),
        ),
        (
            "unclaimed receipts",
            client.click(env, RECEIPTS),
            _plain(env, "account.payment", "partner_id"),
        ),
        (
            "retention",
            client.click(env, RETENTION),
            _plain(env, "contract.term", "order_id", kept),
        ),
        (
            "a customer's figures",
            _request("res.partner", "web_read", partners[:1].ids, figures),
            _plain(env, "sale.order", "partner_id", own),
        ),
        (
            "80 customers' figures",
            _request("res.partner", "web_read", partners.ids, figures),
            orders,
        ),
    ):
        results[subject] = _beside(env, request, plain)
    print("RESULT " + json.dumps(results))


def requests(env):
    """Print what the web client sends, as JSON: ``[[subject, path, parameters]]``."""
    env = env(user=env.ref("base.user_admin"))
    opened = {
        "contracts": (CONTRACTS,),
        "ageing": (AGEING,),
        "register": (REGISTER,),
        "unclaimed receipts": (RECEIPTS,),
        "retention": (RETENTION,),
    }
    wanted = {name: client.click(env, *action) for name, action in opened.items()}
    for subject, (action, options) in CLICKS.items():
        wanted[subject] = client.click(env, *action, **options)
    order = env["sale.order"].search([("contract_state", "=", "active")], limit=1)
    for record, view in (
        (order, "sale.view_order_form"),
        (order.partner_id, "base.view_partner_form"),
    ):
        wanted[f"form of {record._description.lower()}"] = _request(
            record._name, "web_read", record.ids, client.form(record, view)
        )
    rows = [
        [name, f"/web/dataset/call_kw/{request['model']}/{request['method']}", request]
        for name, request in wanted.items()
    ]
    record = env["contract.tracking.record"].search([], limit=1)
    for kind in ("html", "pdf"):
        report = f"/report/{kind}/contract_tracking.report_tracking_record"
        rows.append([f"tracking record, {kind}", f"{report}/{record.id}", None])
    print("RESULT " + json.dumps(rows))


def _beside(env, request, plain):
    """Time a click, the one beside it, and the click with stale contracts."""

    def send(what):
        return lambda: client.send(env, what)

    result = {"own": timed(env, send(request)), "base": timed(env, send(plain))}
    if hasattr(env["contract.facts"], "_stale_ids"):
        result["stale"] = timed(env, send(request), lambda: touch(env, STALE))
        result["stale"]["contracts"] = STALE
    return result


def touch(env, count):
    """Make ``count`` contracts in effect stale: the row of a line is written."""
    env.cr.execute(
        """UPDATE sale_order_line SET price_unit = price_unit WHERE order_id IN (
               SELECT id FROM sale_order WHERE contract_state = 'active'
                ORDER BY id DESC LIMIT %s)""",
        [count],
    )


def _twins(env):
    """``{model: {field read from the facts: stored column}}``."""
    return {
        name: {fname: f"x_{fname}" for fname in env[name]._contract_fact_columns()}
        for name in ("sale.order", "contract.term")
    }


def _twin(env, request):
    """The same request on stored columns, without what is computed from figures."""
    names = {k: v for twins in _twins(env).values() for k, v in twins.items()}
    model = env[request["model"]]
    computed = [
        name
        for name, field in model._fields.items()
        if field.compute in model._contract_fact_computes and name not in names
    ]
    args = [
        {k: v for k, v in arg.items() if k not in computed}
        if isinstance(arg, dict)
        else [v for v in arg if v not in computed]
        for arg in request["args"]
    ]
    text = json.dumps([args, request["kwargs"]])
    found = rf'"({"|".join(names)})(?=\W)'
    args, kwargs = json.loads(re.sub(found, r'"x_\1', text))
    return {**request, "args": args, "kwargs": kwargs}


def _plain(env, name, group, domain=()):
    """A grouped read of plain rows, with the sums of all their amounts."""
    sums = [
        f"{fname}:sum"
        for fname, field in env[name]._fields.items()
        if field.type == "monetary" and field.store
    ]
    return _request(name, "formatted_read_group", list(domain), [group], sums)


def _request(name, method, *args):
    return {"model": name, "method": method, "args": args, "kwargs": {}}


def runs(env):
    """Print the figures of what works through contracts, as JSON. Commits."""
    Facts = env["contract.facts"]
    Order = env["sale.order"]
    ids = Order.search([("contract_state", "!=", False)], order="id desc").ids
    results = {"replay": timed(env, lambda: _replay(env, ids[:BATCH]))}
    results["replay"]["contracts"] = BATCH
    if hasattr(Facts, "_fold"):
        for count in (100, 1000, 5000):
            results[f"fold {count}"] = timed(
                env, lambda: Facts._fold(), lambda count=count: touch(env, count), 3
            )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results["pass"] = once(env, lambda: _pass(env, ids))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    results["pass"]["grown"] = grown / 1024
    env.cr.rollback()
    detect = env["contract.deviation"]._cron_detect
    detect()
    results["night"] = once(env, detect)
    results["night by hand"] = timed(env, lambda: env.cr.execute(BY_HAND))
    changed = Order.search(
        [("contract_state", "=", "active")], limit=len(ids) // 100, order="id desc"
    )
    for order in changed:
        order.order_line[0].price_unit += 1
    env.cr.commit()
    before = env["contract.deviation"].search_count([])
    results["night, 1 % changed"] = once(env, detect)
    results["night, 1 % changed"]["new"] = (
        env["contract.deviation"].search_count([]) - before
    )
    env.cr.execute(
        """SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0) / 1048576.0,
                  pg_database_size(current_database()) / 1048576.0
             FROM pg_class
            WHERE relkind = 'r' AND relname ~ '^contract_(kept|note)'"""
    )
    kept, size = map(float, env.cr.fetchone())
    results["disk"] = {"kept": kept, "database": size}
    print("RESULT " + json.dumps(results))


def _replay(env, ids):
    """What the facts say of some contracts, by the whole statement."""
    Facts = env["contract.facts"]
    if hasattr(Facts, "_replay"):
        return [Facts._replay(kind, ids) for kind in ("orders", "terms")]
    orders = env["sale.order"].browse(ids)
    return [Facts._read_orders(orders), Facts._read_terms(orders)]


def _pass(env, ids):
    for batch in split_every(BATCH, ids, list):
        _replay(env, batch)
        env.invalidate_all()


# Knows late deliveries, late instalments, changed totals and missing copies.
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
