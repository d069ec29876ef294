"""Contracts of the seed orders, through the addon's own methods.

Runs inside ``odoo shell`` on a copy of the seed database with the addon installed:
frame agreements with call-offs, payment terms, events, bills, receipts with and without
claims, papers, tracking records, deviations; some contracts rest or have ended.
"""

import random
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError

FRAMES = 12
# The schedule template of each order, in turn.
TEMPLATES = [
    "full_before",
    "30_60_10",
    "deposit_bl",
    "net_30",
    "monthly_60",
    "30_70_delivery",
    "net_30",
    None,
    None,
    None,
]
# Recorded events, a number of days after the order.
EVENTS = {"goods_ready": 20, "bl": 35, "acceptance": 50}


def track(env):
    """Make contracts of all orders and let them live."""
    env = env(context={**env.context, "tracking_disable": True})
    env.ref("base.user_admin").group_ids += env.ref(
        "contract_tracking.group_contract_business"
    ) + env.ref("account.group_account_manager")
    # the addon's steps are taken by somebody, not by the system
    env = env(user=env.ref("base.user_admin"))
    manager = env["res.users"].search([("login", "=", "benchmark_manager")])
    manager.group_ids += env.ref("contract_tracking.group_contract_business")
    orders = env["sale.order"].search([("state", "=", "sale")], order="id")
    for start in range(0, len(orders), 50):
        orders[start : start + 50].action_contract_track()
        env.cr.commit()
    for part in (_frames, _schedule, _papers, _receipts, _records, _ends):
        part(env, orders, orders[0]._contract_today())
        env.cr.commit()
    env["contract.deviation"]._detect(orders)
    env["contract.deviation"]._detect(env["contract.frame"].search([]))
    # what dialogs left behind
    for model in env.values():
        if model._transient and model._auto:
            model.sudo().search([]).unlink()
    env.cr.commit()


def _frames(env, orders, today):
    """Frame agreements of the customers with most orders, which become call-offs."""
    by_partner = orders.grouped("partner_id")
    partners = sorted(by_partner, key=lambda p: (-len(by_partner[p]), p.id))
    for partner in partners[:FRAMES]:
        called = by_partner[partner]
        lines = called.order_line.filtered(lambda line: line.is_storable)
        frame = env["contract.frame"].create(
            {
                "partner_id": partner.id,
                "team_id": called[0].team_id.id,
                "owner_id": called[0].user_id.id,
                "date_start": today - timedelta(days=720),
                "date_end": today + timedelta(days=90),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": 100,
                            "price_unit": product.list_price,
                        }
                    )
                    for product in lines.product_id
                ],
            }
        )
        frame.action_activate()
        called.contract_frame_id = frame


def _schedule(env, orders, today):
    events = []
    for number, order in enumerate(orders):
        template = TEMPLATES[number % len(TEMPLATES)]
        if not template:
            continue
        order.contract_schedule_template_id = env.ref(
            f"contract_tracking.template_{template}"
        )
        if number % 4 == 0:
            continue
        for event, days in EVENTS.items():
            day = order.date_order.date() + timedelta(days=days)
            if day <= today:
                events.append(
                    {
                        "order_id": order.id,
                        "type_id": env.ref(f"contract_tracking.event_type_{event}").id,
                        "date": day,
                    }
                )
    env["contract.event"].create(events)


def _papers(env, orders, today):
    """Two contracts in three have their signed paper."""
    kind = env.ref("contract_tracking.document_type_signed")
    scan = env["ir.attachment"].create({"name": "scan.txt", "raw": b"signed"})
    env["contract.document"].create(
        [
            {
                "name": "Contract",
                "order_id": order.id,
                "type_id": kind.id,
                "date": today,
                "attachment_ids": [Command.link(scan.id)],
            }
            for number, order in enumerate(orders)
            if number % 3
        ]
    )


def _receipts(env, orders, today):
    """Money without an invoice for one order in five, a third of it in bills; two in
    three are claimed."""
    rng = random.Random(20260102)
    journal = env["account.journal"].search([("type", "=", "bank")], limit=1)
    payments = env["account.payment"].create(
        [
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": order.partner_id.id,
                "amount": order.currency_id.round(order.amount_total * 0.3),
                "currency_id": order.currency_id.id,
                "date": today - timedelta(days=rng.randint(1, 300)),
                "journal_id": journal.id,
            }
            for order in orders[::5]
        ]
    )
    kinds = ("bank_acceptance", "commercial_acceptance")
    for number, payment in enumerate(payments[::3]):
        payment.write(
            {
                "contract_instrument_id": env.ref(
                    f"contract_tracking.instrument_{kinds[number % 2]}"
                ).id,
                "contract_bill_number": f"1301 5810 {number + 1:05}",
                "contract_bill_maturity": payment.date + timedelta(days=180),
            }
        )
    payments.action_post()
    env["contract.payment.claim"].create(
        [
            {"payment_id": payment.id, "order_id": order.id, "amount": payment.amount}
            for number, (payment, order) in enumerate(
                zip(payments, orders[::5], strict=True)
            )
            if number % 3 != 1
        ]
    )


def _records(env, orders, today):
    """A confirmed tracking record for one contract in four, 40 days old."""
    env["contract.tracking.record"].create(
        [
            {
                "order_id": order.id,
                "user_id": order.user_id.id,
                "date": today - timedelta(days=40),
            }
            for order in orders[::4]
        ]
    ).action_confirm()


def _ends(env, orders, today):
    """Some contracts rest or have ended; those that can be are completed."""
    orders[5::40]._take_reason_step("suspend", "Benchmark")
    orders[7::30]._take_reason_step("terminate", "Benchmark")
    for order in orders.filtered(lambda o: o.contract_state == "active"):
        try:
            with env.cr.savepoint():
                order.action_contract_complete()
        except UserError:
            continue
