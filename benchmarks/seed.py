"""Seed orders of a benchmark database, made through Odoo's own flows.

Runs inside ``odoo shell`` on a database that holds the addon's dependencies only.
Everything random comes from one fixed seed: two runs make the same orders.
"""

import random
from datetime import datetime, time, timedelta

from odoo import Command, fields

TEAMS = 8
SALESPEOPLE = 24
CUSTOMERS = 80
PRODUCTS = 60
# Euros for one dollar, by days ago: payments leave exchange differences.
RATES = {720: 0.925, 400: 0.91, 110: 0.94, 40: 0.902}


def seed(env, count):
    """Create ``count`` confirmed orders with their deliveries, invoices, payments."""
    rng = random.Random(20260101)
    env = env(
        context={
            **env.context,
            "tracking_disable": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
        }
    )
    base = _master_data(env, rng)
    for number in range(count):
        _order(env, rng, base, number)
        if number % 25 == 24:
            env.cr.commit()
            env.invalidate_all()
            print(f"  {number + 1} of {count} orders", flush=True)
    env.cr.commit()


def _master_data(env, rng):
    Users = env["res.users"].with_context(no_reset_password=True)
    groups = ("sales_team.group_sale_manager", "account.group_account_invoice")
    groups += ("stock.group_stock_user",)
    Users.create(
        {
            "name": "Benchmark Manager",
            "login": "benchmark_manager",
            "group_ids": [Command.link(env.ref(group).id) for group in groups],
        }
    )
    salesman = Command.link(env.ref("sales_team.group_sale_salesman").id)
    users = Users.create(
        [
            {
                "name": f"Salesperson {number}",
                "login": f"benchmark_{number}",
                "group_ids": [salesman],
            }
            for number in range(SALESPEOPLE)
        ]
    )
    teams = env["crm.team"].create(
        [
            {"name": f"Office {number}", "user_id": users[number].id}
            for number in range(TEAMS)
        ]
    )
    env["crm.team.member"].create(
        [
            {"user_id": user.id, "crm_team_id": teams[number % TEAMS].id}
            for number, user in enumerate(users)
        ]
    )
    euro = env.ref("base.EUR")
    euro.active = True
    env["res.currency.rate"].create(
        [
            {
                "currency_id": euro.id,
                "name": fields.Date.today() - timedelta(days=days),
                "rate": rate,
            }
            for days, rate in RATES.items()
        ]
    )
    euros = env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
    terms = env["account.payment.term"].create(
        [_payment_term(name, parts) for name, parts in _PAYMENT_TERMS]
    )
    country = env.ref("base.us")
    customers = env["res.partner"].create(
        [
            {
                "name": f"Customer {number:03}",
                "is_company": True,
                "country_id": country.id,
                "email": f"customer{number}@example.com",
                "property_payment_term_id": rng.choice(terms).id,
            }
            for number in range(CUSTOMERS)
        ]
    )
    goods = env["product.product"].create(
        [
            {
                "name": f"Machine part {number:03}",
                "type": "consu",
                "is_storable": True,
                "list_price": round(rng.uniform(20, 900), 2),
                "standard_price": 10,
                "invoice_policy": "delivery",
            }
            for number in range(PRODUCTS)
        ]
    )
    services = env["product.product"].create(
        [
            {
                "name": f"Installation {number}",
                "type": "service",
                "list_price": 500 + 100 * number,
                "invoice_policy": "delivery",
            }
            for number in range(3)
        ]
    )
    location = env["stock.warehouse"].search([], limit=1).lot_stock_id
    for product in goods:
        env["stock.quant"]._update_available_quantity(product, location, 1000000)
    env.cr.commit()
    return {
        "users": users,
        "customers": customers,
        "goods": goods,
        "services": services,
        "euros": euros,
    }


_PAYMENT_TERMS = [
    ("30 % now, 70 % in 60 days", [(30, 0), (70, 60)]),
    ("Three instalments", [(40, 0), (30, 30), (30, 90)]),
    ("10 % retained for a year", [(90, 30), (10, 365)]),
    ("Net 45", [(100, 45)]),
]


def _payment_term(name, parts):
    return {
        "name": name,
        "line_ids": [
            Command.create(
                {"value": "percent", "value_amount": percent, "nb_days": days}
            )
            for percent, days in parts
        ],
    }


def _order(env, rng, base, number):
    """One order, as far as its draw says: 60 % delivered, 15 % partly."""
    today = fields.Date.today()
    user = rng.choice(base["users"])
    day = today - timedelta(days=rng.randint(20, 700))
    lines = [
        {
            "product_id": rng.choice(base["goods"]).id,
            "product_uom_qty": rng.randint(1, 40),
        }
        for _line in range(rng.randint(1, 10))
    ]
    if number % 10 == 7:
        lines[-1] = {
            "product_id": rng.choice(base["services"]).id,
            "product_uom_qty": rng.randint(1, 5),
        }
    order = env["sale.order"].create(
        {
            "partner_id": rng.choice(base["customers"]).id,
            "user_id": user.id,
            "client_order_ref": f"PO-{number + 1:05}",
            **({"pricelist_id": base["euros"].id} if number % 5 == 2 else {}),
            "order_line": [Command.create(vals) for vals in lines],
        }
    )
    order.action_confirm()
    lead = rng.randint(7, 60)
    order.write(
        {
            "date_order": datetime.combine(day, time(3, 30)),
            "commitment_date": datetime.combine(day + timedelta(lead), time(3, 30)),
        }
    )
    delivered = _deliver(env, rng, order, number, day, lead, today)
    if delivered and rng.random() < 0.85:
        _invoice(env, rng, order, delivered, today)
    if delivered and number % 12 == 5:
        _return(env, order, min(today, delivered + timedelta(days=9)))


def _deliver(env, rng, order, number, day, lead, today):
    """Deliver all (60 %), a part (15 %) or nothing; return the day, if any."""
    draw = (number * 7 + 3) % 20
    if draw >= 15:
        return None
    partly = draw >= 12
    day = min(today, day + timedelta(days=max(1, lead + rng.randint(-10, 15))))
    for picking in order.picking_ids:
        _validate(picking, day, 0.4 if partly else 1)
    for line in order.order_line.filtered(lambda ln: ln.product_id.type == "service"):
        line.qty_delivered = line.product_uom_qty if not partly else 1
    return day


def _validate(picking, day, share):
    """Validate a share of a delivery or a return, dated ``day``."""
    for move in picking.move_ids:
        quantity = move.product_uom_qty
        move.quantity = max(1, int(quantity * share)) if share < 1 else quantity
        move.picked = True
    picking.with_context(skip_backorder=True).button_validate()
    moment = datetime.combine(day, time(6, 0))
    picking.move_ids.write({"date": moment})
    picking.move_line_ids.write({"date": moment})
    picking.date_done = moment


def _return(env, order, day):
    """One piece of each product comes back."""
    picking = order.picking_ids.filtered(lambda p: p.state == "done")[:1]
    wizard = (
        env["stock.return.picking"]
        .with_context(active_model="stock.picking", active_id=picking.id)
        .create({"picking_id": picking.id})
    )
    for line in wizard.product_return_moves:
        line.quantity = 1
    action = wizard.action_create_returns()
    _validate(env["stock.picking"].browse(action["res_id"]), day, 1)


def _invoice(env, rng, order, delivered, today):
    """Post an invoice; pay it in time, late, in part or not at all."""
    invoice = order._create_invoices()
    day = min(today, delivered + timedelta(days=rng.randint(0, 20)))
    invoice.invoice_date = day
    invoice.action_post()
    draw = rng.random()
    if draw >= 0.85:
        return
    if draw < 0.45:  # all instalments in time
        paid_on, share = day + timedelta(days=rng.randint(0, 5)), 1
    elif draw < 0.65:  # everything, late
        paid_on, share = day + timedelta(days=rng.randint(70, 200)), 1
    else:  # some of it
        paid_on, share = day + timedelta(days=rng.randint(0, 60)), rng.uniform(0.1, 0.9)
    if paid_on > today:
        return
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=invoice.ids)
        .create({"payment_date": paid_on, "group_payment": True})
    )
    wizard.amount = order.currency_id.round(invoice.amount_total * share)
    wizard.action_create_payments()
    if invoice.sequence_number % 25 == 0:
        _credit(env, invoice, paid_on)


def _credit(env, invoice, day):
    """Give a full credit note for one invoice in 25."""
    wizard = (
        env["account.move.reversal"]
        .with_context(active_model="account.move", active_ids=invoice.ids)
        .create({"date": day, "journal_id": invoice.journal_id.id})
    )
    action = wizard.reverse_moves()
    credit = env["account.move"].browse(action["res_id"])
    credit.action_post()
