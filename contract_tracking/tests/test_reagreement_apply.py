from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .test_reagreement import ReagreementCase


class ApplyCase(ReagreementCase):
    """Orders that an approved re-agreement changes."""

    def term_of(self, order, product):
        return order.contract_term_ids.filtered(
            lambda t: t.product_id == product and not t.valid_to
        )

    def line_of(self, order, product):
        return order.order_line.filtered(lambda ln: ln.product_id == product)

    def reagree(self, order, *lines, **values):
        if order != self.order:
            values.setdefault("document_id", self.new_paper(order).id)
        return self.new_reagreement(*lines, order_id=order.id, **values)

    def add(self, product, quantity, day="2026-10-20", **values):
        return {
            "action": "add",
            "kind": "delivery",
            "product_id": product.id,
            "quantity": quantity,
            "due_mode": "date",
            "date_fixed": day,
            **values,
        }

    def end(self, term):
        return {"action": "end", "term_id": term.id}

    def departing(self, order, day="2026-09-21"):
        with freeze_time(f"{day} 02:00:00"):
            self.env["contract.deviation"]._detect(order)
        return self.env["contract.deviation"].search(
            [("order_id", "=", order.id), ("kind", "=", "order_changed")]
        )

    def done(self, order):
        """What was done of an order: it stays whatever is agreed."""
        moves = order.order_line.move_ids.filtered(lambda m: m.state == "done")
        return [
            [(m.id, m.state, m.quantity, m.date, m.picking_id.id) for m in moves],
            [
                (ln.id, ln.quantity, ln.price_unit, ln.move_id.state, ln.price_total)
                for ln in order.invoice_ids.invoice_line_ids
            ],
            order.invoice_ids.mapped("amount_residual"),
        ]


class TestReagreementApply(ApplyCase):
    """Quantities, dates, prices, lines: what of the order follows, and what stays."""

    def test_total_is_proposed(self):
        """Whoever names no total means the order's, changed by hand or by it."""
        order = self.new_role_contract(lines=[(self.pump, 40), (self.valve, 10)])
        for change_order in (True, False):
            with self.subTest(change_order=change_order):
                record = self.reagree(order, change_order=change_order)
                self.assertEqual(record.amount_after, order.amount_total)

    def test_story(self):
        """Twenty more, one line dropped, all later, of an order that is half
        delivered, a part of it invoiced and paid."""
        order = self.new_role_contract(lines=[(self.pump, 40), (self.valve, 10)])
        self.assertEqual(order.contract_agreed_amount, 4400)
        self.deliver(order, "2026-09-10", pump=20)
        invoice = self.invoice(order, "2026-09-12", {self.pump: 15, self.valve: 0})
        self.pay(invoice, "2026-09-13", 1000)
        waiting = order.picking_ids.filtered(lambda p: p.state != "done")
        done = self.done(order)
        terms = self.term_of(order, self.pump) + self.term_of(order, self.valve)
        before = self.figures(order, "2026-09-19")
        record = self.reagree(
            order,
            self.change(terms[0], quantity=60, date_fixed="2026-10-20"),
            self.end(terms[1]),
        )
        self.assertTrue(record.change_order)
        self.assertEqual(record.amount_after, 6000)
        self.assertIn("40 → 60", record.effect_text)
        self.assertIn("10 → 0", record.effect_text)
        self.assertIn("10/20/2026", record.effect_text)
        self.assertFalse(record.refused_text)
        self.agree(record)
        # the order
        pump, valve = self.line_of(order, self.pump), self.line_of(order, self.valve)
        self.assertEqual((pump.product_uom_qty, pump.price_unit), (60, 100))
        self.assertEqual(valve.product_uom_qty, 0)
        self.assertEqual(order.amount_total, 6000)
        self.assertEqual(str(order._contract_day(order.commitment_date)), "2026-10-20")
        # what was done stays, what waits follows
        self.assertEqual(self.done(order), done)
        self.assertEqual(
            order.picking_ids.filtered(lambda p: p.state != "done"), waiting
        )
        moves = waiting.move_ids.filtered(lambda m: m.state not in ("cancel", "done"))
        self.assertEqual(moves.product_id, self.pump)
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 40)
        self.assertEqual(
            {str(order._contract_day(m.date_deadline)) for m in moves}, {"2026-10-20"}
        )
        self.assertEqual(
            {str(order._contract_day(m.date)) for m in moves}, {"2026-10-20"}
        )
        self.assertEqual((pump.qty_delivered, pump.qty_invoiced), (20, 15))
        # the terms and the figures
        self.assertEqual(self.term_of(order, self.pump).amount, 6000)
        self.assertFalse(self.term_of(order, self.valve))
        payments = order.contract_term_ids.filtered(
            lambda t: t.kind == "payment" and not t.valid_to
        )
        self.assertEqual(payments.mapped("amount"), [1800, 4200])
        self.env.flush_all()
        after = self.figures(order, "2026-09-20")
        self.assertEqual((before["total"], after["total"]), (4400, 6000))
        for name in ("delivered", "invoiced", "received"):
            self.assertEqual(after[name], before[name], name)
        self.assertEqual(after["delivered"], 2000)
        self.assertEqual(self.figures(order, "2026-09-19")["total"], 4400)
        self.assertFalse(self.departing(order))
        # the rest leaves as agreed
        with freeze_time("2026-10-10 02:00:00"):
            moves.write({"quantity": 40, "picked": True})
            waiting.button_validate()
        self.env.flush_all()
        self.assertEqual(self.figures(order, "2026-10-11")["delivered"], 6000)
        self.assertEqual(pump.qty_delivered, 60)

    def test_price_of_the_rest(self):
        """Four are delivered and invoiced at 100; the six others cost 90."""
        self.deliver(self.order, "2026-09-10", pump=4)
        self.invoice(self.order, "2026-09-11", {self.pump: 4})
        done = self.done(self.order)
        record = self.reagree(
            self.order, self.change(self.delivery, new_price=True, price_unit=90)
        )
        self.assertEqual(record.amount_after, 940)
        self.agree(record)
        old, new = self.order.order_line.sorted("id")
        self.assertEqual((old.product_uom_qty, old.price_unit), (4, 100))
        self.assertEqual((new.product_uom_qty, new.price_unit), (6, 90))
        self.assertEqual(self.done(self.order), done)
        open_moves = self.order.order_line.move_ids.filtered(
            lambda m: m.state not in ("done", "cancel")
        )
        self.assertEqual(open_moves.sale_line_id, new)
        self.assertEqual(sum(open_moves.mapped("product_uom_qty")), 6)
        self.assertEqual(self.current("delivery").mapped("amount"), [400, 540])
        self.assertEqual(self.current("payment").mapped("amount"), [282, 658])
        self.env.flush_all()
        self.assertEqual(self.figures(self.order, "2026-09-20")["delivered"], 400)
        self.assertFalse(self.departing(self.order))
        self.deliver(self.order, "2026-10-02")
        self.env.flush_all()
        self.assertEqual(self.figures(self.order, "2026-10-03")["delivered"], 940)

    def test_price_of_all(self):
        """Nothing is done yet: the line has the new price."""
        record = self.reagree(
            self.order,
            self.change(self.delivery, new_price=True, price_unit=90, quantity=12),
        )
        self.assertIn("90", record.line_ids.becomes_text)
        self.agree(record)
        line = self.order.order_line
        self.assertEqual((line.product_uom_qty, line.price_unit), (12, 90))
        self.assertEqual(self.current("delivery").amount, 1080)
        self.assertFalse(self.departing(self.order))

    def test_price_that_is_invoiced(self):
        """All of it is invoiced: its price stays."""
        self.invoice(self.order, "2026-09-11")
        record = self.reagree(
            self.order, self.change(self.delivery, new_price=True, price_unit=90)
        )
        self.assertIn("10", record.refused_text)
        with self.fails("is delivered, invoiced or being picked"):
            self.agree(record)
        self.assertEqual(self.order.order_line.price_unit, 100)

    def test_added_line(self):
        """With tax and discount; the order's own price list proposes the price."""
        tax = self.env["account.tax"].create(
            {"name": "VAT 13", "amount": 13, "type_tax_use": "sale"}
        )
        self.valve.taxes_id = tax
        record = self.reagree(self.order, self.add(self.valve, 5, discount=10))
        change = record.line_ids
        self.assertEqual((change.price_unit, change.tax_ids), (40, tax))
        self.assertEqual(record.amount_after, 1203.4)
        self.assertIn("Valve", change.becomes_text)
        self.agree(record)
        line = self.line_of(self.order, self.valve)
        self.assertEqual(change.line_id, line)
        self.assertEqual((line.product_uom_qty, line.discount), (5, 10))
        self.assertEqual(self.term_of(self.order, self.valve).amount, 203.4)
        self.assertEqual(line.move_ids.product_uom_qty, 5)
        self.assertEqual(self.order.amount_total, 1203.4)
        # two days on one order: each line has its own
        self.assertEqual(str(line._contract_agreed_date()), "2026-10-20")
        self.assertEqual(
            str(self.line_of(self.order, self.pump)._contract_agreed_date()),
            "2026-10-01",
        )
        self.assertFalse(self.departing(self.order))

    def test_copy(self):
        """What was applied isn't agreed on again; what is written still is."""
        record = self.agree(self.reagree(self.order, self.add(self.valve, 5)))
        copy = record.with_user(self.seller).copy({"date_from": "2026-09-21"})
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.line_ids)
        self.assertEqual(copy.amount_after, self.order.amount_total)
        draft = self.reagree(self.order, self.add(self.valve, 2))
        self.assertEqual(draft.copy().line_ids.product_id, self.valve)

    def test_prices_of_others(self):
        """Nobody reads a price of another contract, of whatever kind the change is:
        neither saved nor in a form."""
        theirs = self.new_role_contract(
            lines=[(self.pump, 3, 77)], user_id=self.rival.id
        )
        line, mine = theirs.order_line, self.order.order_line
        for kind in ("delivery", "payment", "milestone", "product"):
            vals = {"action": "add", "kind": kind, "due_mode": "date", "name": "x"}
            vals["line_id"] = line.id
            with self.subTest(kind), self.fails("access", AccessError):
                self.reagree(self.order, vals)
            # who may read both
            with self.subTest(kind), self.fails("another contract", ValidationError):
                self.reagree(self.order, vals, user=self.director)
        Line = self.env["contract.reagreement.line"]
        spec = {"price_unit": {}, "line_id": {}, "becomes_text": {}, "uom_id": {}}
        values = {
            "kind": "delivery",
            "action": "add",
            "line_id": line.id,
            "reagreement_id": {"order_id": self.order.id},
        }
        with self.fails("access", AccessError):
            Line.with_user(self.seller).onchange(values, ["line_id"], spec)
        read = Line.with_user(self.director).onchange(values, ["line_id"], spec)
        self.assertFalse(read["value"].get("price_unit"))
        values["line_id"] = mine.id
        read = Line.with_user(self.seller).onchange(values, ["line_id"], spec)
        self.assertEqual(read["value"]["price_unit"], 100)

    def test_below_delivered(self):
        """Refused when it is written, and when something happened meanwhile."""
        self.deliver(self.order, "2026-09-10", pump=6)
        record = self.reagree(self.order, self.change(self.delivery, quantity=5))
        self.assertIn("6 are delivered", record.refused_text)
        with self.fails("6.*delivered already"):
            self.agree(record)
        record.line_ids.quantity = 7
        self.assertFalse(record.refused_text)
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.seller).action_submit()
        self.deliver(self.order, "2026-09-20", pump=2)
        with freeze_time("2026-09-20 05:00:00"), self.fails("8.*delivered"):
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "submitted")
        self.assertEqual(self.order.order_line.product_uom_qty, 10)
        self.assertEqual(self.current("delivery"), self.delivery)

    def test_delivered_while_others_decide(self):
        """The price of the rest: what was delivered meanwhile has the old one, so the
        total would be another one than was decided on."""
        record = self.reagree(
            self.order, self.change(self.delivery, new_price=True, price_unit=90)
        )
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.seller).action_submit()
        self.deliver(self.order, "2026-09-20", pump=2)
        with freeze_time("2026-09-20 05:00:00"), self.fails("920.*900"):
            record.with_user(self.leader).action_approve()
        with freeze_time("2026-09-20 06:00:00"):
            mine = record.with_user(self.seller)
            mine.action_withdraw()
            mine.action_reckon()
            self.assertEqual(record.amount_after, 920)
            mine.document_id = self.paper
            mine.action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(self.order.amount_total, 920)

    def test_delivered_after_it_was_signed(self):
        """What both sides signed is what others decide on: another total isn't taken
        silently."""
        record = self.reagree(
            self.order, self.change(self.delivery, new_price=True, price_unit=80)
        )
        mine = record.with_user(self.seller)
        self.assertFalse(record.outdated_text)
        mine.action_reckon()
        self.assertEqual(record.document_id, self.paper)
        self.deliver(self.order, "2026-09-20", pump=4)
        record.invalidate_recordset()
        self.assertIn("880", record.outdated_text)
        with freeze_time("2026-09-20 05:00:00"):
            with self.fails("880.*800.*Supplement 1"):
                mine.action_submit()
            self.assertEqual((record.state, record.amount_after), ("draft", 800))
            mine.action_reckon()
            self.assertEqual(record.amount_after, 880)
            self.assertFalse(record.document_id)
            self.assertFalse(record.outdated_text)
            self.assertIn("Supplement 1", record.message_ids[0].body)
            self.assertIn("800", record.message_ids[0].body)
            with self.fails("File the signed"):
                mine.action_submit()
            mine.document_id = self.new_paper(self.order)
        self.agree(record)
        self.assertEqual(self.order.amount_total, 880)
        with self.fails("Holds"):
            mine.action_reckon()

    def test_dropped_line_that_is_delivered_or_invoiced(self):
        order = self.new_role_contract(lines=[(self.pump, 10), (self.valve, 10)])
        self.deliver(order, "2026-09-10", valve=3)
        pump, valve = (self.term_of(order, p) for p in (self.pump, self.valve))
        record = self.reagree(order, self.end(valve))
        with self.fails("3.*delivered"):
            self.agree(record)
        self.invoice(order, "2026-09-11", {self.pump: 4, self.valve: 3})
        record = self.reagree(order, self.change(pump, quantity=2))
        with self.fails("4 are invoiced"):
            self.agree(record)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [10, 10])

    def test_picked_in_two_steps(self):
        """What is picked waits to leave: it isn't agreed away."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_role_contract(lines=[(self.pump, 10)])
        self.deliver(order, "2026-09-10", pump=4)
        shipped = order.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing"
        )
        self.assertEqual(shipped.move_ids.product_uom_qty, 4)
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, quantity=3))
        with self.fails("4 are being picked"):
            self.agree(record)
        record.line_ids.quantity = 6
        self.agree(record)
        waiting = order.picking_ids.filtered(
            lambda p: p.picking_type_code != "outgoing" and p.state != "done"
        )
        self.assertEqual(
            sum(
                waiting.move_ids.filtered(lambda m: m.state != "cancel").mapped(
                    "product_uom_qty"
                )
            ),
            2,
        )
        self.assertEqual(shipped.move_ids.product_uom_qty, 4)
        self.assertEqual(order.amount_total, 600)

    def test_picked_and_undone(self):
        """Of ten four are picked and brought back: nothing is started, three are
        agreed."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_role_contract(lines=[(self.pump, 10)])
        line = order.order_line
        picked = self.deliver(order, "2026-09-10", pump=4)
        self.assertEqual(line._contract_started(), {line: 4})
        self.give_back(picked, "2026-09-11", 4)
        self.assertEqual(line._contract_started(), {line: 0})
        term = self.term_of(order, self.pump)
        self.agree(self.reagree(order, self.change(term, quantity=3)))
        waiting = line.move_ids.filtered(
            lambda m: (
                m.state not in ("done", "cancel")
                and m.location_id == self.warehouse.lot_stock_id
            )
        )
        self.assertEqual(sum(waiting.mapped("product_uom_qty")), 3)

    def test_picked_once_more(self):
        """Four are picked and brought back, three of them picked once more."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_role_contract(lines=[(self.pump, 10)])
        picked = self.deliver(order, "2026-09-10", pump=4)
        back = self.give_back(picked, "2026-09-11", 4)
        self.give_back(back, "2026-09-12", 3)
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, quantity=2))
        self.assertIn("3 are being picked", record.refused_text)

    def test_early_payment_discount(self):
        """20 % of tax, 2 % off if paid early, which lowers the tax at once: of ten at
        100 it is 20 % of 980, 1,196 in all. Of twenty 20 % of 1,960: 2,392; with five
        at 40, and 20 % of 196, 239.2 more."""
        tax = self.env["account.tax"].create(
            {"name": "VAT 20", "amount": 20, "type_tax_use": "sale"}
        )
        (self.pump + self.valve).taxes_id = tax
        early = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
            }
        )
        order = self.new_role_contract(payment_term_id=early.id)
        self.assertEqual(order.amount_total, 1196)
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, quantity=20))
        self.assertEqual(record.amount_after, 2392)
        record.line_ids = [Command.create(self.add(self.valve, 5))]
        self.assertEqual(record.amount_after, 2631.2)
        self.agree(record)
        self.assertEqual(order.amount_total, 2631.2)

    def test_unit_of_what_is_added(self):
        """Two dozens at 1,200: 24 pieces leave. Pumps aren't sold by weight."""
        dozen = self.env.ref("uom.product_uom_dozen")
        dozen.active = True
        self.pump.uom_ids = dozen
        record = self.reagree(self.order, self.add(self.pump, 2, uom_id=dozen.id))
        change = record.line_ids
        self.assertEqual((change.uom_id, change.price_unit), (dozen, 1200))
        self.assertEqual(record.amount_after, 3400)
        with self.fails("isn't sold in this unit", ValidationError):
            change.uom_id = self.env.ref("uom.product_uom_kgm")
        with self.fails("isn't sold in this unit", ValidationError):
            self.reagree(self.order, self.change(self.delivery, uom_id=dozen.id))
        self.agree(record)
        self.assertEqual(change.uom_id, dozen)
        self.assertEqual(change.line_id.product_uom_id, dozen)
        self.assertEqual(sum(change.line_id.move_ids.mapped("product_qty")), 24)
        self.assertEqual(self.order.amount_total, 3400)

    def test_price_of_the_quantity(self):
        """From a hundred on 36 instead of 40. What was typed stays."""
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "From 100",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.valve.id,
                            "min_quantity": 100,
                            "fixed_price": 36,
                        }
                    )
                ],
            }
        )
        order = self.new_role_contract(pricelist_id=pricelist.id)
        record = self.reagree(order, self.add(self.valve, 100))
        change = record.line_ids
        # 1,000 and a hundred at 36
        self.assertEqual((change.price_unit, record.amount_after), (36, 4600))
        change.quantity = 10
        self.assertEqual((change.price_unit, record.amount_after), (40, 1400))
        with freeze_time("2026-09-20 02:00:00"):
            for quantity, price in ((100, 36), (10, 40)):
                with Form(record.with_user(self.seller)) as form:
                    with form.line_ids.edit(0) as line:
                        line.quantity = quantity
                        self.assertEqual(line.price_unit, price)
            with Form(record.with_user(self.seller)) as form:
                with form.line_ids.edit(0) as line:
                    line.price_unit = 39
                    line.quantity = 100
                    self.assertEqual(line.price_unit, 39)
        change.write({"discount": 5, "price_unit": 40})
        change.quantity = 200
        self.assertEqual((change.price_unit, change.discount), (40, 5))
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, new_price=True, price_unit=90))
        record.line_ids.quantity = 12
        self.assertEqual(record.line_ids.price_unit, 90)

    def test_days_of_their_own(self):
        """Pumps stay agreed for 20 October, valves for 5 October instead: what waits
        is due on these days. What is dropped is taken off what waits, also later."""
        with freeze_time("2026-09-01 05:30:00"):
            order = self.new_order(
                [(self.pump, 10), (self.valve, 10)],
                template="template_30_70_delivery",
                user_id=self.seller.id,
                team_id=self.team.id,
                contract_owner_id=self.owner.id,
                contract_supervisor_id=self.supervisor.id,
                commitment_date="2026-10-20 07:00:00",
            )
            order.action_confirm()
        pump, valve = (self.term_of(order, p) for p in (self.pump, self.valve))

        def waiting():
            moves = order.order_line.move_ids
            moves = moves.filtered(lambda m: m.state not in ("done", "cancel"))
            return {
                (m.product_id, m.location_dest_id.usage): (
                    str(order._contract_day(m.date_deadline)),
                    m.product_uom_qty,
                )
                for m in moves
            }

        record = self.reagree(
            order,
            self.change(pump, quantity=6),
            self.change(valve, date_fixed="2026-10-05"),
        )
        self.agree(record)
        expected = {
            (self.pump, "customer"): ("2026-10-20", 6),
            (self.valve, "customer"): ("2026-10-05", 10),
        }
        self.assertEqual(waiting(), expected)
        self.assertEqual(
            str(self.line_of(order, self.pump)._contract_agreed_date()), "2026-10-20"
        )
        valve = self.term_of(order, self.valve)
        record = self.reagree(order, self.change(valve, quantity=4), day="2026-09-21")
        self.agree(record, "2026-09-21")
        expected[self.valve, "customer"] = ("2026-10-05", 4)
        self.assertEqual(waiting(), expected)

    def test_what_is_not_delivered(self):
        """Down payments, discounts and fees are no deliveries."""
        Line = self.env["sale.order.line"]
        down = Line.create(
            {
                "order_id": self.order.id,
                "name": "Down payment",
                "is_downpayment": True,
                "price_unit": 300,
                "product_uom_qty": 0,
            }
        )
        rebate = Line.create(
            {
                "order_id": self.order.id,
                "product_id": self.service.id,
                "product_uom_qty": -1,
                "price_unit": 5,
            }
        )
        combo = self.env["product.product"].create(
            {
                "name": "Set",
                "type": "combo",
                "combo_ids": [
                    Command.create(
                        {
                            "name": "Choice",
                            "combo_item_ids": [
                                Command.create({"product_id": self.pump.id})
                            ],
                        }
                    )
                ],
            }
        )
        for model in ("contract.reagreement.line", "contract.term"):
            info = self.env[model].fields_get(["line_id"])["line_id"]
            domain = safe_eval(info["domain"], {"order_id": self.order.id})
            self.assertEqual(
                Line.search(domain),
                self.order.order_line.filtered(lambda ln: ln._contract_is_promise()),
            )
        for values in (
            {"line_id": down.id},
            {"line_id": rebate.id},
            {"product_id": combo.id},
        ):
            values = {**self.add(self.pump, 1), "product_id": False, **values}
            with self.subTest(values), self.fails("nothing that", ValidationError):
                self.reagree(self.order, values)

    def test_kit(self):
        """Of a kit as much has left as the component of which most did."""
        if "mrp.bom" not in self.env:
            self.skipTest("mrp is not installed")
        Product = self.env["product.product"]
        motor, frame = (
            Product.create({"name": name, "type": "consu", "is_storable": True})
            for name in ("Motor", "Frame")
        )
        for part in motor + frame:
            self.env["stock.quant"]._update_available_quantity(
                part, self.warehouse.lot_stock_id, 1000
            )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.pump.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": motor.id, "product_qty": 1}),
                    Command.create({"product_id": frame.id, "product_qty": 2}),
                ],
            }
        )
        order = self.new_role_contract()
        self.deliver(order, "2026-09-10", motor=6, frame=8)
        self.assertEqual(order.order_line.qty_delivered, 4)
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, quantity=5))
        self.assertIn("6 are being picked", record.refused_text)
        with self.fails("6 are being picked"):
            self.agree(record)
        record.line_ids.quantity = 8
        self.agree(record)
        self.assertEqual(order.order_line.product_uom_qty, 8)
        left = order.order_line.move_ids.filtered(
            lambda m: m.state not in ("done", "cancel")
        )
        self.assertEqual(
            {m.product_id: m.product_uom_qty for m in left}, {motor: 2, frame: 8}
        )

    def test_service_and_locked(self):
        """Services have no moves; what core locked is locked again."""
        order = self.new_role_contract(lines=[(self.service, 8), (self.pump, 2)])
        order.action_lock()
        self.line_of(order, self.service).qty_delivered = 3
        term = self.term_of(order, self.service)
        record = self.reagree(order, self.change(term, quantity=2))
        with self.fails("3.*delivered"):
            self.agree(record)
        record.line_ids.write({"quantity": 6, "new_price": True, "price_unit": 60})
        self.agree(record)
        lines = self.line_of(order, self.service).sorted("id")
        self.assertEqual(lines.mapped("product_uom_qty"), [3, 3])
        self.assertEqual(lines.mapped("price_unit"), [50, 60])
        self.assertTrue(order.locked)
        self.assertEqual(order.amount_total, 530)

    def test_other_currency_and_rebate(self):
        """With tax, in another currency; what is deducted of the whole order is spread
        over what is left."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id}
        )
        tax = self.env["account.tax"].create(
            {"name": "VAT 13", "amount": 13, "type_tax_use": "sale"}
        )
        self.pump.taxes_id = tax
        order = self.new_role_contract(
            lines=[(self.pump, 10, 99.99), (self.service, -1, 50)],
            pricelist_id=pricelist.id,
        )
        self.assertEqual(order.currency_id, euro)
        term = self.term_of(order, self.pump)
        record = self.reagree(order, self.change(term, quantity=13))
        self.assertEqual(record.amount_after, 1418.85)
        self.agree(record)
        self.assertEqual(order.amount_total, 1418.85)
        self.assertEqual(self.term_of(order, self.pump).amount, 1418.85)
        self.assertEqual(self.line_of(order, self.pump).price_unit, 99.99)
        self.assertFalse(self.departing(order))

    def test_payments_must_add_up(self):
        record = self.reagree(
            self.order,
            self.change(self.delivery, quantity=12),
            self.change(self.deposit, percent=0, amount=300),
        )
        with self.fails("add up to"):
            self.agree(record)
        self.assertEqual(self.order.order_line.product_uom_qty, 10)

    def test_changed_by_hand_before(self):
        """An order that was changed already: its changes are proposed, as ever."""
        self.order.order_line.product_uom_qty = 12
        record = self.reagree(self.order)
        self.assertFalse(record.change_order)
        record.with_user(self.seller).action_propose()
        self.agree(record)
        self.assertEqual(self.order.order_line.product_uom_qty, 12)
        copy = record.copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.effect_text)

    def split(self):
        """The delivery of ten in two: six, then four that are given up."""
        self.agree(
            self.reagree(
                self.order,
                self.change(self.delivery, quantity=6),
                {
                    "action": "add",
                    "kind": "delivery",
                    "line_id": self.order.order_line.id,
                    "quantity": 4,
                    "due_mode": "date",
                    "date_fixed": "2026-10-15",
                },
            )
        )
        first, second = self.current("delivery").sorted("date_fixed")
        with freeze_time("2026-09-21 02:00:00"):
            second.with_user(self.business)._waive("The customer has enough.")
        return first, second

    def test_waived_delivery(self):
        """What was given up is neither proposed nor missed, whether the order still
        has it or a re-agreement took it out; and what was delivered stays."""
        first, _second = self.split()
        self.assertEqual(self.order.order_line.product_uom_qty, 10)
        self.assertFalse(self.reagree(self.order)._order_differences())
        self.agree(
            self.reagree(self.order, self.change(first, quantity=7), day="2026-09-22"),
            "2026-09-22",
        )
        line = self.order.order_line
        self.assertEqual(line.product_uom_qty, 7)
        record = self.reagree(self.order, day="2026-09-23", change_order=False)
        self.assertTrue(self.reagree(self.order, day="2026-09-23").change_order)
        self.assertFalse(record.difference_text)
        # by hand: the one that holds takes what is more or less
        for quantity in (8, 3):
            line.product_uom_qty = quantity
            with self.subTest(quantity):
                record.line_ids.unlink()
                record.with_user(self.seller).action_propose()
                self.assertEqual(record.line_ids.action, "change")
                self.assertEqual(record.line_ids.quantity, quantity)
        line.product_uom_qty = 7
        self.deliver(self.order, "2026-09-22", pump=6)
        record.line_ids.quantity = 5
        with self.fails("6.*delivered already"):
            self.agree(record, "2026-09-23")
        line.product_uom_qty = 8
        record.line_ids.quantity = 8
        record.amount_after = self.order.amount_total
        self.agree(record, "2026-09-23")
        self.assertEqual(self.current("delivery").mapped("quantity"), [4, 8])

    def test_waived_delivery_promises_no_day(self):
        """The order's day follows the delivery that holds."""
        first, _second = self.split()
        self.agree(
            self.reagree(
                self.order,
                self.change(first, date_fixed="2026-10-20"),
                day="2026-09-22",
            ),
            "2026-09-22",
        )
        line = self.order.order_line
        self.assertEqual(str(line._contract_agreed_date()), "2026-10-20")

    def test_waived_delivery_of_a_line_changed_by_hand(self):
        """All of a line was given up, and then there is more of it."""
        with freeze_time("2026-09-19 02:00:00"):
            self.delivery.with_user(self.business)._waive("Not wanted any more.")
        line = self.order.order_line
        record = self.reagree(self.order)
        self.assertTrue(record.change_order)
        line.product_uom_qty = 12
        ((_text, [vals]),) = record._order_differences()
        self.assertEqual((vals["action"], vals["quantity"]), ("add", 2))
        line.product_uom_qty = 0
        self.assertFalse(record._order_differences())

    def test_form_of_a_delivery_without_its_line(self):
        """Nothing fails as long as it isn't chosen yet, the order changed or not."""
        Line = self.env["contract.reagreement.line"].with_user(self.seller)
        for change in (True, False):
            values = {"kind": "delivery", "action": "add", "quantity": 2}
            values["reagreement_id"] = {
                "order_id": self.order.id,
                "change_order": change,
            }
            for line, worth in ((False, "0.00"), (self.order.order_line.id, "200.00")):
                values["line_id"] = line
                with self.subTest(change=change, line=line):
                    read = Line.onchange(values, ["kind"], {"becomes_text": {}})
                    self.assertIn(worth, read["value"]["becomes_text"])

    def test_added_product_needs_the_order(self):
        record = self.reagree(self.order, self.add(self.valve, 5), change_order=False)
        with self.fails("no line of the order"):
            self.agree(record)

    def test_bad_input(self):
        with self.fails("Enter how much"):
            self.agree(self.reagree(self.order, self.add(self.valve, 0)))
        with self.fails("choose one of the two", ValidationError):
            self.reagree(
                self.order, self.add(self.valve, 1, line_id=self.order.order_line.id)
            )
        with self.fails("has a product and a price", ValidationError):
            self.reagree(self.order, self.change(self.deposit, new_price=True))

    def test_remote(self):
        """What others wrote, what is decided, and what somebody may not read."""
        other = self.new_role_contract(lines=[(self.pump, 3)])
        unit = self.order.order_line
        record = self.reagree(self.order, self.change(self.delivery, quantity=12))
        mine = record.with_user(self.seller)
        with self.assertRaises(AccessError):
            record.line_ids.with_user(self.rival).write({"price_unit": 1})
        with self.assertRaises(UserError):
            mine.line_ids.write({"price_before": 1})
        with self.assertRaises(ValidationError):
            mine.line_ids.write({"line_id": other.order_line.id})
        with freeze_time("2026-09-20 03:00:00"):
            mine.action_submit()
        for vals in ({"change_order": False}, {"amount_after": 1}):
            with self.assertRaises(UserError):
                mine.write(vals)
        for vals in ({"new_price": True, "price_unit": 1}, {"quantity": 1}):
            with self.assertRaises(UserError):
                mine.line_ids.write(vals)
        self.assertEqual(unit.product_uom_qty, 10)

    def test_form(self):
        """A new line in the form: the total follows before it is saved."""
        with freeze_time("2026-09-20 02:00:00"):
            form = Form(
                self.env["contract.reagreement"]
                .with_user(self.seller)
                .with_context(default_order_id=self.order.id)
            )
            form.date_from = "2026-09-20"
            with form.line_ids.new() as line:
                line.action = "add"
                line.kind = "delivery"
                line.due_mode = "date"
                line.date_fixed = "2026-10-05"
                line.product_id = self.valve
                line.quantity = 5
            self.assertEqual(form.amount_after, 1200)
            record = form.save()
        self.assertEqual(record.line_ids.price_unit, 40)
        self.assertIn("5 Units Valve", record.effect_text)


class TestReagreementOnly(ApplyCase):
    """Orders in effect that people change by a re-agreement only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_reagreement_only = True
        cls.other_customer = cls.env["res.partner"].create({"name": "Other"})

    def test_by_role(self):
        line = self.order.order_line
        for user in (self.seller, self.director):
            with self.subTest(user=user.login):
                mine = line.with_user(user)
                for vals in (
                    {"product_uom_qty": 12},
                    {"price_unit": 1},
                    {"discount": 5},
                    {"is_downpayment": True},
                    {"customer_lead": 30},
                ):
                    with self.fails("re-agreement only"):
                        mine.write(vals)
                for vals in (
                    {"commitment_date": "2026-12-01"},
                    {"date_order": "2026-09-10 02:00:00"},
                    {"picking_policy": "one"},
                    {"partner_id": self.other_customer.id},
                ):
                    with self.subTest(vals), self.fails("re-agreement only"):
                        mine.order_id.write(vals)
                with self.fails("re-agreement only"):
                    mine.order_id.order_line = [
                        Command.create({"product_id": self.valve.id})
                    ]
                # what changes nothing, and what isn't agreed on
                mine.write({"product_uom_qty": line.product_uom_qty})
                mine.order_id.note = "Call before you come."
        self.assertEqual(line.product_uom_qty, 10)
        self.assertEqual(len(self.order.order_line), 1)

    def test_what_happens_passes(self):
        """Deliveries, what the warehouse adds, down payments, invoices, fees."""
        # core asks who adds goods to a delivery for rights to the order as well
        user = self.director
        user.group_ids |= self.env.ref("stock.group_stock_user")
        picking = self.order.picking_ids.with_user(user)
        with freeze_time("2026-09-10 02:00:00"):
            picking.move_ids.write({"quantity": 10, "picked": True})
            self.env["stock.move"].with_user(user).create(
                {
                    "product_id": self.valve.id,
                    "product_uom_qty": 1,
                    "quantity": 1,
                    "picked": True,
                    "picking_id": picking.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
            picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertTrue(self.line_of(self.order, self.valve))
        user.group_ids |= self.env.ref("account.group_account_invoice")
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(user)
            .with_context(active_ids=self.order.ids, active_model="sale.order")
            .create({"advance_payment_method": "percentage", "amount": 10})
        )
        with freeze_time("2026-09-11 02:00:00"):
            wizard.create_invoices()
            self.order.invoice_ids.with_user(user).action_post()
        self.assertTrue(self.order.order_line.filtered("is_downpayment"))

    def test_re_agreement_changes_it(self):
        self.agree(self.reagree(self.order, self.change(self.delivery, quantity=12)))
        self.assertEqual(self.order.order_line.product_uom_qty, 12)

    def test_rebate(self):
        """A rebate changes in the order, while a re-agreement takes its total up; a
        part is delivered already."""
        order = self.new_role_contract(
            lines=[(self.pump, 10, 100), (self.service, 1, -50)]
        )
        self.deliver(order, "2026-09-10", pump=4)
        rebate = self.line_of(order, self.service).with_user(self.seller)
        goods = self.line_of(order, self.pump).with_user(self.seller)
        added = {
            "order_id": order.id,
            "product_id": self.service.id,
            "price_unit": -10,
        }
        record = self.reagree(order)
        for step in (
            lambda: rebate.write({"price_unit": -80}),
            lambda: rebate.write({"product_uom_qty": 0}),
            lambda: rebate.create(added),
        ):
            with self.fails("Propose from the Order"):
                step()
        record.change_order = False
        for line, vals in (
            (goods, {"product_uom_qty": 12}),
            (goods, {"price_unit": -1}),
            (rebate, {"price_unit": 80}),
            (rebate, {"is_downpayment": True}),
        ):
            with self.subTest(vals), self.fails("re-agreement only"):
                line.write(vals)
        rebate.product_uom_qty = 0
        rebate.write({"product_uom_qty": 1, "price_unit": -80})
        rebate.create(added)
        self.assertEqual(order.amount_total, 910)
        mine = record.with_user(self.seller)
        mine.action_propose()
        self.assertEqual(record.amount_after, 910)
        with freeze_time("2026-09-20 03:00:00"):
            mine.action_submit()
            with self.fails("while that is a draft"):
                rebate.price_unit = -90
            record.with_user(self.leader).action_approve()
        self.assertEqual(order.contract_agreed_amount, 910)
        self.assertEqual(self.term_of(order, self.pump).amount, 910)
        self.assertFalse(self.departing(order))
        with self.fails("Propose from the Order"):
            rebate.price_unit = -50

    def test_drafts_and_off(self):
        draft = self.new_order(user_id=self.seller.id)
        draft.order_line.with_user(self.seller).product_uom_qty = 3
        self.company.contract_reagreement_only = False
        self.order.order_line.with_user(self.seller).product_uom_qty = 11
        self.assertTrue(self.departing(self.order))


class TestReagreementElsewhere(ApplyCase):
    """Orders of a second company, whose settings aren't those of the first."""

    @classmethod
    def company_context(cls):
        cls.first = cls.env.company
        company = cls.env["res.company"].create(
            {"name": "South Branch", "country_id": cls.env.ref("base.cn").id}
        )
        cls.env.user.company_ids |= company
        return {"allowed_company_ids": company.ids}

    def test_applied_from_the_first(self):
        """Whoever decides works in both, and is in the first one at that moment."""
        self.first.contract_reagreement_only = True
        self.leader.company_ids |= self.first
        self.order.order_line.with_user(self.seller).price_unit = 100
        record = self.reagree(
            self.order,
            self.change(self.delivery, quantity=12, date_fixed="2026-10-20"),
            self.add(self.valve, 5),
        )
        self.assertEqual(record.company_id, self.company)
        with freeze_time("2026-09-20 17:00:00"):
            # in China it is the next day already
            record.with_user(self.seller).action_submit()
            record.with_user(self.leader).with_context(
                allowed_company_ids=[self.first.id, self.company.id]
            ).action_approve()
        self.assertEqual(record.state, "done")
        self.assertEqual(self.order.order_line.company_id, self.company)
        self.assertEqual(self.order.order_line.mapped("product_uom_qty"), [12.0, 5.0])
        moves = self.order.picking_ids.move_ids
        self.assertEqual(moves.company_id, self.company)
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 17)
        day = self.order._contract_day(self.order.commitment_date)
        self.assertEqual(str(day), "2026-10-20")

    def test_settings_are_its_own(self):
        self.first.contract_reagreement_only = True
        self.order.order_line.with_user(self.seller).product_uom_qty = 11
        self.company.contract_reagreement_only = True
        with self.fails("re-agreement only"):
            self.order.order_line.with_user(self.seller).product_uom_qty = 12

    def test_papers_and_products_of_the_first(self):
        """Nor do those who work in both mix them up."""
        both = [self.company.id, self.first.id]
        self.director.company_ids |= self.first
        env = self.env(context={**self.env.context, "allowed_company_ids": both})
        other = env["product.product"].create(
            {"name": "Of the first", "company_id": self.first.id}
        )
        with self.fails("access", AccessError):
            self.reagree(self.order, self.add(other, 5))
        record = self.reagree(self.order).with_user(self.director)
        with self.fails("compan"):
            record.with_context(allowed_company_ids=both).line_ids = [
                Command.create(self.add(other, 5))
            ]


class TestReagreementFrame(ApplyCase):
    """Frame agreements: later call-offs take what is agreed on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frame = cls.new_frame(cls.owner, team_id=cls.team.id)
        cls.frame_paper = cls.new_paper(frame=cls.frame)

    def of_frame(self, *lines, **values):
        return self.new_reagreement(
            *lines,
            order_id=False,
            frame_id=self.frame.id,
            document_id=self.frame_paper.id,
            user=self.owner,
            **values,
        )

    def agree_frame(self, record):
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.owner).action_submit()
            record.with_user(self.leader).action_approve()

    def call_off(self, quantity, day="2026-09-05", price=100):
        with freeze_time(f"{day} 02:00:00"):
            order = self.new_order(
                [(self.pump, quantity, price)], contract_frame_id=self.frame.id
            )
            order.action_confirm()
        return order

    def test_story(self):
        called = self.call_off(30)
        agreed = self.frame.line_ids
        record = self.of_frame(
            {"frame_line_id": agreed.id, "quantity": 80, "price_unit": 95},
            {
                "action": "add",
                "kind": "product",
                "due_mode": "date",
                "product_id": self.valve.id,
                "quantity": 20,
                "price_unit": 38,
            },
            frame_date_end="2027-03-31",
        )
        self.assertIn("95", record.effect_text)
        self.assertIn("Valve", record.effect_text)
        self.agree_frame(record)
        self.assertEqual((agreed.quantity, agreed.price_unit), (80, 95))
        self.assertEqual(self.frame.line_ids.product_id, self.pump + self.valve)
        self.assertEqual(str(self.frame.date_end), "2027-03-31")
        self.assertIn("100", record.line_ids.filtered("frame_line_id")[:1].was_text)
        # what was called off before keeps its price, what comes takes the new one
        self.assertFalse(called.contract_frame_warning)
        self.assertFalse(self.call_off(5, "2026-09-21", 95).contract_frame_warning)
        self.assertTrue(self.call_off(5, "2026-09-21", 100).contract_frame_warning)
        row = self.env["contract.history"].search(
            [("frame_id", "=", self.frame.id), ("new_value", "like", "95")], limit=1
        )
        self.assertIn("100", row.old_value)

    def test_called_off_is_the_floor(self):
        self.call_off(30)
        agreed = self.frame.line_ids
        record = self.of_frame({"frame_line_id": agreed.id, "quantity": 20})
        self.assertIn("30 are called off", record.refused_text)
        with self.fails("30 are called off"):
            self.agree_frame(record)
        record.line_ids.action = "end"
        with self.fails("30 are called off"):
            self.agree_frame(record)
        self.assertEqual(agreed.quantity, 100)

    def test_dropped(self):
        record = self.of_frame(
            {"frame_line_id": self.frame.line_ids.id, "action": "end"},
            frame_date_end="2027-01-31",
        )
        self.agree_frame(record)
        self.assertFalse(self.frame.line_ids)
        self.assertIn("Pump", record.line_ids.was_text)
        copy = record.with_user(self.owner).copy()
        self.assertFalse(copy.line_ids or copy.frame_date_end)

    def test_printed(self):
        """What both sides sign says what was agreed of a product, and what is dropped,
        also once it holds."""
        record = self.of_frame(
            {"frame_line_id": self.frame.line_ids.id, "quantity": 80, "price_unit": 95}
        )
        before = record._form_before((1, record.line_ids))
        self.assertIn("100", before)
        self.assertIn("Pump", before)
        record.line_ids.action = "end"
        for name in ("agreement", "form"):
            with self.subTest(name):
                blocks = getattr(record, f"_{name}_blocks")()
                self.assertIn("Pump", str(blocks))
        self.agree_frame(record)
        self.assertEqual(record._form_before((1, record.line_ids)), before)

    def test_begin(self):
        """From the frame agreement itself, by who follows it."""
        action = self.frame.with_user(self.owner).action_reagree()
        self.assertEqual(action["context"]["default_frame_id"], self.frame.id)
        form = (
            self.env["contract.frame"]
            .with_user(self.owner)
            .get_view(self.env.ref("contract_tracking.contract_frame_view_form").id)
        )
        self.assertIn("action_reagree", form["arch"])

    def test_bad_input(self):
        other = self.new_frame(self.owner)
        line = self.order.order_line
        for vals in ({"line_id": line.id}, {"term_id": self.delivery.id}):
            with self.subTest(vals), self.fails("another contract", ValidationError):
                self.of_frame({"frame_line_id": self.frame.line_ids.id, **vals})
        with self.fails("another contract", ValidationError):
            self.of_frame({"frame_line_id": other.line_ids.id, "quantity": 1})
        with self.fails(
            "not before its beginning|end of the validity", ValidationError
        ):
            self.of_frame(frame_date_end="2025-01-01")


class TestReagreementAgreement(ApplyCase):
    """The text that both sides sign, in both languages."""

    def html(self, record, lang="en_US"):
        content, _kind = (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_qweb_html(
                "contract_tracking.action_report_reagreement_agreement", record.ids
            )
        )
        return " ".join(content.decode().split())

    def test_draft(self):
        record = self.reagree(
            self.order,
            self.change(self.delivery, quantity=12, date_fixed="2026-10-20"),
            self.change(self.balance, delay=60),
            document_id=False,
        )
        page = self.html(record)
        for text in (
            "Supplementary Agreement", "Party A", "Yangtze Pumps", "Article 1.",
            "Goods and Services", "Payment", "1,000.00", "1,200.00", "two originals",
            self.order.contract_number, "One Thousand",
        ):  # fmt: skip
            self.assertIn(text, page)
        # it is signed while it is a draft
        self.assertNotIn('class="across"', page)
        self.env["res.lang"]._activate_lang("zh_CN")
        page = self.html(record, "zh_CN")
        self.assertIn("2026年10月20日", page)
        self.assertIn("壹仟贰佰元整", page)

    def test_refused(self):
        record = self.reagree(
            self.order, self.change(self.delivery, date_fixed="2026-10-20")
        )
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.seller).action_submit()
            record.with_user(self.leader).action_refuse("No")
        self.assertIn('class="across"', self.html(record))
