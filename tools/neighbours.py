"""What the addon does beside others, in a database that has them: each view of ours for
each role, and the way from the order to the payment.

    odoo shell -d DB <tools/neighbours.py

Nothing of it stays. What is wrong ends the program with an error, and nothing may be
logged: see tools/neighbours.
"""

import logging
from collections import defaultdict

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError

_logger = logging.getLogger("neighbours")
MODULE = "contract_tracking"
ROLES = (
    "base.group_user",
    "base.group_portal",
    "base.group_system",
    "sales_team.group_sale_salesman",
    "sales_team.group_sale_manager",
    "stock.group_stock_user",
    "account.group_account_invoice",
    "point_of_sale.group_pos_user",
)


def users(env):
    """A user of each role, ours and core's."""
    groups = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "res.groups")]
    )
    roles = {f"{MODULE}.{group.name}" for group in groups} | {
        role for role in ROLES if env.ref(role, False)
    }
    for role in sorted(roles):
        internal = (
            [] if role == "base.group_portal" else [env.ref("base.group_user").id]
        )
        yield (
            role,
            env["res.users"].create(
                {
                    "name": role,
                    "login": role,
                    "group_ids": [Command.set([env.ref(role).id, *internal])],
                }
            ),
        )


def views(env):
    """``{model: {(view, type)}}``: those of ours, and those core's that they extend."""
    result = defaultdict(set)
    data = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "ir.ui.view")]
    )
    for view in env["ir.ui.view"].browse(data.mapped("res_id")):
        while view.mode != "primary" and view.inherit_id:
            view = view.inherit_id
        if view.model and view.type != "qweb":
            result[view.model].add((view.id, view.type))
    return result


def check_views(env):
    loaded = 0
    found = views(env)
    for _role, user in users(env):
        for model, pairs in found.items():
            own = env[model].with_user(user)
            if own.has_access("read"):
                for pair in sorted(pairs):
                    try:
                        own.get_views([pair])
                    except AccessError:
                        # of the view itself: another app's groups
                        if env["ir.ui.view"].browse(pair[0]).group_ids:
                            continue
                        raise
                    loaded += 1
    assert loaded > 500, loaded
    print(f"{loaded} views loaded, of {len(found)} models.")


def same(what, found, expected):
    assert abs(found - expected) < 0.005, f"{what}: {found}, not {expected}"


def new_order(env, product, quantity=3, **values):
    partner = env["res.partner"].create({"name": "Yangtze Pumps"})
    return env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [
                Command.create(
                    {"product_id": product.id, "product_uom_qty": quantity, **values}
                )
            ],
        }
    )


def new_product(env, **values):
    product = env["product.product"].create(
        {
            "name": "Pump",
            "type": "consu",
            "is_storable": True,
            "invoice_policy": "order",
            "list_price": 100,
            "taxes_id": False,
            **values,
        }
    )
    location = env["stock.warehouse"].search([], limit=1).lot_stock_id
    env["stock.quant"]._update_available_quantity(product, location, 100)
    return product


def goods_line(order, product):
    return order.order_line.filtered(lambda line: line.product_id == product)


def check_order_to_payment(env):
    product = new_product(env)
    order = new_order(env, product)
    order.action_confirm()
    assert order.contract_state == "active", order.contract_state
    [term] = order.contract_term_ids.filtered(lambda t: t.line_id.product_id == product)
    same("agreed", term.quantity, 3)
    picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
    picking.move_ids.write({"quantity": 3, "picked": True})
    picking.button_validate()
    same("delivered", term.actual_quantity, goods_line(order, product).qty_delivered)
    invoice = order._create_invoices()
    invoice.action_post()
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoice.ids
    ).create({})._create_payments()
    same("invoiced", order.contract_invoiced_amount, 300)
    same("received", order.contract_received_amount, 300)
    assert term.status in ("met", "met_late"), term.status
    print("From the order to the payment.")


def check_line_date(env):
    """OCA's sale_order_line_date: the day of the line is the agreed day."""
    name = env["sale.order.line"]._contract_own_date()
    if not name:
        return
    order = new_order(env, new_product(env), **{name: "2030-05-10 02:00:00"})
    order.action_confirm()
    days = order.contract_term_ids.mapped("date_fixed")
    assert days == [order._contract_day(order.order_line[0][name])], days
    assert days[0].year == 2030, days
    print("A date of each line.")


def check_exceptions(env):
    """OCA's sale_exception: what it holds up is no contract yet."""
    if "exception.rule" not in env:
        return
    rule = env["exception.rule"].create(
        {
            "name": "Held up",
            "model": "sale.order",
            "exception_type": "by_py_code",
            "code": "failed = True",
        }
    )
    order = new_order(env, new_product(env))
    order.action_confirm()
    assert (order.state, order.contract_state) == ("draft", False)
    order.ignore_exception = True
    order.action_confirm()
    assert (order.state, order.contract_state) == ("sale", "active")
    rule.active = False
    print("Exceptions of orders.")


def check_tiers(env):
    """OCA's tier validation: a validated order becomes a contract."""
    if "tier.definition" not in env or "review_ids" not in env["sale.order"]._fields:
        return
    admin = env.ref("base.user_admin")
    definition = env["tier.definition"].create(
        {
            "name": "Head",
            "model_id": env["ir.model"]._get_id("sale.order"),
            "review_type": "individual",
            "reviewer_id": admin.id,
            "definition_domain": "[]",
        }
    )
    order = new_order(env, new_product(env))
    try:
        order.action_confirm()
        raise AssertionError("not held up")
    except ValidationError:
        order.request_validation()
    order.with_user(admin).validate_tier()
    order.invalidate_recordset()
    order.action_confirm()
    assert order.contract_state == "active", order.contract_state
    definition.active = False
    print("Validated in tiers.")


def check_point_of_sale(env):
    """What is settled at the Point of Sale is delivered and invoiced as core counts it,
    on the day of our history: a whole order, a part, a quotation, with an invoice,
    taken back."""
    if "sale_order_line_id" not in getattr(env.get("pos.order.line"), "_fields", {}):
        return
    product = new_product(env, available_in_pos=True)
    # the superuser opens no session
    cashier = env.ref("base.user_admin")
    cashier.group_ids |= env.ref("point_of_sale.group_pos_manager")
    config = env["pos.config"].create({"name": "Counter"}).with_user(cashier)
    config.open_ui()
    config.current_session_id.set_opening_control(0, None)
    for quantity, confirmed, invoiced in (
        (3, True, False),
        (2, True, False),
        (3, False, False),
        (3, True, True),
    ):
        order = new_order(env, product)
        if confirmed:
            order.action_confirm()
            env["contract.facts"]._refresh(order.ids)
        sold = settle(config, order, product, quantity, invoiced)
        check_settled(order, product, quantity)
        if quantity == 3 and confirmed and not invoiced:
            settle(config, order, product, -1, invoiced, sold.lines)
            check_settled(order, product, 2)
    print("Settled at the Point of Sale.")


def settle(config, order, product, quantity, invoiced, refunded=None):
    """Sell a part of an order at the counter, or take it back."""
    env = config.env
    amount = 100 * quantity
    line = {
        "discount": 0,
        "pack_lot_ids": [],
        "price_unit": 100,
        "product_id": product.id,
        "price_subtotal": amount,
        "price_subtotal_incl": amount,
        "qty": quantity,
        "tax_ids": [],
    }
    if refunded:
        line["refunded_orderline_id"] = refunded.id
    else:
        line["sale_order_line_id"] = goods_line(order, product).id
        line["sale_order_origin_id"] = order.id
    payment = {
        "amount": amount,
        "name": fields.Datetime.now(),
        "payment_method_id": config.payment_method_ids[:1].id,
    }
    values = {
        "amount_paid": amount,
        "amount_return": 0,
        "amount_tax": 0,
        "amount_total": amount,
        "date_order": fields.Datetime.to_string(fields.Datetime.now()),
        "fiscal_position_id": False,
        "to_invoice": invoiced,
        "partner_id": order.partner_id.id,
        "session_id": config.current_session_id.id,
        "state": "paid",
        "uuid": f"neighbours-{order.id}-{quantity}",
        "user_id": env.uid,
        "lines": [Command.create(line)],
        "payment_ids": [Command.create(payment)],
    }
    # printing needs a server
    orders = env["pos.order"].with_context(generate_pdf=False)
    sold = orders.sync_from_ui([values])["pos.order"]
    return env["pos.order"].browse(sold[0]["id"]).sudo()


def check_settled(order, product, quantity):
    env = order.env
    line = goods_line(order, product)
    same("core's delivered", line.qty_delivered, quantity)
    for _dated in (False, True):
        env.flush_all()
        env["contract.facts"]._refresh(order.ids)
        env.invalidate_all()
        [term] = order.contract_term_ids.filtered("line_id")
        same("delivered", term.actual_quantity, line.qty_delivered)
        same("delivered amount", order.contract_delivered_amount, 100 * quantity)
        same("invoiced", order.contract_invoiced_amount, 100 * line.qty_invoiced)
        if quantity == 3:
            assert term.status in ("met", "met_late"), term.status
        line._contract_log_delivered()
    dated = order.contract_history_ids.filtered(lambda row: row.kind == "delivered")
    same("dated", sum(dated.mapped("quantity")), quantity)


if "env" in globals():
    for check in (
        check_views,
        check_order_to_payment,
        check_line_date,
        check_exceptions,
        check_tiers,
        check_point_of_sale,
    ):
        check(env)  # noqa: F821 (of the shell)
        env.cr.rollback()  # noqa: F821
