"""Contracts on the orders of a benchmark database that has the addon.

The seed orders join by the addon's own action and get payment terms, events and
tracking records; those rows are then copied like the orders before.
"""

from datetime import timedelta

import clone

from odoo import Command
from odoo.tools import SQL

TABLES = [
    "contract_term",
    "contract_event",
    "contract_history",
    "contract_tracking_record",
    "contract_tracking_record_line",
]
# Share of the seed that gets each schedule template, in the order of the draw.
TEMPLATES = [
    "template_full_before",
    "template_30_60_10",
    "template_deposit_bl",
    "template_net_30",
    "template_monthly_60",
    "template_30_70_delivery",
    "template_net_30",
    None,
    None,
    None,
]
# Recorded events, a number of days after the order.
EVENTS = {
    "event_type_goods_ready": 20,
    "event_type_bl": 35,
    "event_type_acceptance": 50,
}


def join(env):
    """Make contracts of all orders."""
    state = clone.load_state(env)
    orders = _seed_orders(env, state)
    for start in range(0, len(orders), 50):
        orders[start : start + 50].action_contract_track()
        env.cr.commit()
    _schedule(env, orders)
    _records(env, orders)
    _finish(env, orders)
    env.flush_all()
    _copy(env, state)
    env.cr.commit()


def _seed_orders(env, state):
    return env["sale.order"].search(
        [("id", "<=", state["strides"]["sale_order"])], order="id"
    )


def _schedule(env, orders):
    today = orders[0]._contract_today()
    events = []
    for number, order in enumerate(orders):
        xmlid = TEMPLATES[number % len(TEMPLATES)]
        if not xmlid:
            continue
        order.contract_schedule_template_id = env.ref(f"contract_tracking.{xmlid}")
        if number % 4 == 0:
            continue
        for event, days in EVENTS.items():
            day = order.date_order.date() + timedelta(days=days)
            if day <= today:
                events.append(
                    {
                        "order_id": order.id,
                        "type_id": env.ref(f"contract_tracking.{event}").id,
                        "date": day,
                    }
                )
    env["contract.event"].create(events)


def _records(env, orders):
    """A confirmed tracking record for one contract in four, 40 days old."""
    orders = orders[::4]
    day = orders[0]._contract_today() - timedelta(days=40)
    records = env["contract.tracking.record"].create(
        [
            {"order_id": order.id, "user_id": order.user_id.id, "date": day}
            for order in orders
        ]
    )
    records.action_confirm()


def _finish(env, orders):
    """Some contracts rest or have ended."""
    orders[5::40]._take_reason_step("suspend", "Benchmark")
    orders[7::30]._take_reason_step("terminate", "Benchmark")


def _copy(env, state):
    clone.clone_tables(env, TABLES, {}, state)
    columns = [
        name
        for name, field in env["sale.order"]._fields.items()
        if name.startswith("contract_") and field.store and field.column_type
    ]
    stride = state["strides"]["sale_order"]
    values = [
        SQL(
            "%s = %s",
            SQL.identifier(name),
            _number(name) if name == "contract_number" else SQL.identifier("t", name),
        )
        for name in columns
    ]
    env.cr.execute(
        SQL(
            "UPDATE sale_order o SET %s FROM sale_order t,"
            " generate_series(1, %s) k WHERE t.id <= %s AND o.id = t.id + k * %s",
            SQL(", ").join(values),
            state["copies"],
            stride,
            stride,
        )
    )
    for code in ("contract.number", "contract.tracking.record"):
        clone.advance_sequences(env, code, (state["copies"] + 1) * clone.NUMBERS)
    env.cr.execute(
        "UPDATE contract_tracking_record SET name = regexp_replace(name, '-0*(\\d+)$',"
        " '-' || id) WHERE id > %s",
        [state["strides"]["contract_tracking_record"]],
    )
    clone.save_state(env, state)
    env["res.users"].search([("login", "=", "benchmark_manager")]).write(
        {
            "group_ids": [
                Command.link(env.ref("contract_tracking.group_contract_business").id)
            ]
        }
    )


def _number(name):
    """The contract number of copy ``k``: k × 1000 more than the seed's."""
    return SQL(
        r"regexp_replace(%s, '-0(\d{3})$', '-' || k || '\1')",
        SQL.identifier("t", name),
    )
