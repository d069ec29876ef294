from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class ContractCommon(TransactionCase):
    """A company with a chart of accounts, a warehouse, products, users of each role,
    and the steps of a contract's life as one-liners, each on a day of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                **cls.company_context(),
            }
        )
        cls.company = cls.env.company
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", cls.company)
        cls.company.write(
            {
                "contract_track_mode": "all",
                "contract_track_from": date(2026, 1, 1),
                "contract_effective_rule": "confirmation",
                "contract_tz": "Asia/Shanghai",
                "contract_due_soon_days": 7,
            }
        )
        # the gate has tests of its own; here goods leave as in core
        cls.env["contract.gate.rule"].search([]).action = "off"
        cls.env.user.group_ids |= cls.env.ref("account.group_account_manager")
        cls.env.user.group_ids |= cls.env.ref("stock.group_stock_manager")
        cls.partner = cls.env["res.partner"].create({"name": "Yangtze Pumps"})
        Product = cls.env["product.product"]
        goods = {
            "type": "consu",
            "is_storable": True,
            "invoice_policy": "order",
            "taxes_id": False,
        }
        cls.pump = Product.create({"name": "Pump", "list_price": 100, **goods})
        cls.valve = Product.create({"name": "Valve", "list_price": 40, **goods})
        cls.service = Product.create(
            {
                "name": "Installation",
                "type": "service",
                "list_price": 50,
                "invoice_policy": "order",
                "taxes_id": False,
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        for product in cls.pump + cls.valve:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 10000
            )
        cls.team = cls.env["crm.team"].create({"name": "East Office"})

    @classmethod
    def company_context(cls):
        """The company that everything is made in, if it isn't the main one."""
        return {}

    @classmethod
    def new_user(cls, login, *groups, **kwargs):
        return new_test_user(
            cls.env,
            login,
            groups=",".join(groups) or "base.group_user",
            tz="Asia/Shanghai",
            **kwargs,
        )

    @classmethod
    def new_order(cls, lines=None, template=None, **values):
        """A quotation; ``lines`` is a list of (product, quantity[, price])."""
        order_lines = []
        for product, quantity, *price in lines or [(cls.pump, 10)]:
            vals = {"product_id": product.id, "product_uom_qty": quantity}
            if price:
                vals["price_unit"] = price[0]
            order_lines.append(Command.create(vals))
        if template:
            values["contract_schedule_template_id"] = cls.env.ref(
                f"contract_tracking.{template}"
            ).id
        return cls.env["sale.order"].create(
            {"partner_id": cls.partner.id, "order_line": order_lines, **values}
        )

    @classmethod
    def new_frame(cls, owner=None, lines=None, day="2026-01-05", **values):
        """A frame agreement of 2026, put into effect on ``day`` (False: not at all).

        ``lines`` is a list of values; 100 pumps at 100 each if not given.
        """
        if lines is None:
            lines = [{"product_id": cls.pump.id, "quantity": 100, "price_unit": 100}]
        frame = cls.env["contract.frame"].create(
            {
                "partner_id": cls.partner.id,
                "owner_id": (owner or cls.env.user).id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )
        if day:
            with freeze_time(f"{day} 02:00:00"):
                frame.action_activate()
        return frame

    @classmethod
    def new_contract(cls, day, lines=None, template=None, promised=None, **values):
        """A contract in effect since ``day``, to be delivered by ``promised``."""
        with freeze_time(f"{day} 02:00:00"):
            if promised:
                values["commitment_date"] = f"{promised} 02:00:00"
            order = cls.new_order(lines, template, **values)
            order.action_confirm()
        return order

    @classmethod
    def deliver(cls, order, day, hour="02:00:00", **quantities):
        """Deliver quantities of products by name, everything without any."""
        with freeze_time(f"{day} {hour}"):
            picking = order.picking_ids.filtered(
                lambda p: p.state not in ("done", "cancel")
            )[:1]
            for move in picking.move_ids:
                move.quantity = (
                    quantities.get(move.product_id.name.lower(), 0)
                    if quantities
                    else move.product_uom_qty
                )
                move.picked = move.quantity > 0
            picking.with_context(skip_backorder=True).button_validate()
        return picking

    @classmethod
    def give_back(cls, picking, day, quantity, to_refund=True):
        with freeze_time(f"{day} 02:00:00"):
            wizard = (
                cls.env["stock.return.picking"]
                .with_context(active_id=picking.id, active_model="stock.picking")
                .create({"picking_id": picking.id})
            )
            wizard.product_return_moves.write(
                {"quantity": quantity, "to_refund": to_refund}
            )
            returned = wizard._create_return()
            returned.move_ids.write({"quantity": quantity, "picked": True})
            returned.move_ids.to_refund = to_refund
            returned.button_validate()
        return returned

    @classmethod
    def invoice(cls, order, day, quantities=None):
        """Post an invoice of what is to invoice, or of quantities a line."""
        with freeze_time(f"{day} 02:00:00"):
            invoice = order._create_invoices(final=True)
            invoice.invoice_date = day
            for product, quantity in (quantities or {}).items():
                line = invoice.invoice_line_ids.filtered(
                    lambda ln, p=product: ln.product_id == p
                )
                line.quantity = quantity
            invoice.action_post()
        return invoice

    @classmethod
    def pay(cls, invoice, day, amount=None, **values):
        """Register a payment of an invoice."""
        with freeze_time(f"{day} 02:00:00"):
            vals = {"payment_date": day, **values}
            if amount is not None:
                vals["amount"] = amount
            return (
                cls.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create(vals)
                ._create_payments()
            )

    def facts(self, order, day=None):
        """``{term name or product name: row}`` as of a day."""
        rows = self.env["contract.facts"]._read_terms(
            order, fields.Date.to_date(day) if day else None
        )
        return {
            term.display_name: rows[term.id]
            for term in order.contract_term_ids
            if term.id in rows
        }

    def figures(self, order, day=None):
        return self.env["contract.facts"]._read_orders(
            order, fields.Date.to_date(day) if day else None
        )[order.id]

    def balances(self, orders, day=None):
        """What contracts owe: ``{order id: row}``."""
        rows = self.env["contract.facts"]._read_accounts(orders, day)
        return {order.id: row for order, row in rows.items()}
