from contextlib import contextmanager
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import ContractCommon


class GateCase(ContractCommon):
    """A contract of ten pumps at 100, 30 % before production and 70 % before shipment,
    and what speaks against its delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule_money = cls.env.ref("contract_tracking.gate_rule_delivery_money")
        cls.rule_money.action = "hold"
        cls.seller = cls.new_user("seller", "contract_tracking.group_contract_user")
        cls.keeper = cls.new_user("keeper", "stock.group_stock_user")

    @classmethod
    def rule(cls, reason, checkpoint="delivery", action="hold", **values):
        """Switch a rule on."""
        found = cls.env.ref(
            f"contract_tracking.gate_rule_{checkpoint}_{reason}",
            raise_if_not_found=False,
        )
        if not found:
            found = cls.env["contract.gate.rule"].create(
                {"reason": reason, "checkpoint": checkpoint}
            )
        found.write({"action": action, **values})
        return found

    @classmethod
    def gated(cls, deposit=30, rest=70, lines=None, **values):
        """A contract with shares before production and before shipment."""
        order = cls.new_order(lines, **values)
        order.user_id = cls.seller
        terms = [
            ("Deposit", deposit, "production", 10),
            ("Before shipment", rest, "shipment", 20),
            ("On credit", 100 - deposit - rest, False, 30),
        ]
        order.contract_term_ids = [
            Command.create(
                {
                    "kind": "payment",
                    "name": name,
                    "percent": percent,
                    "precedes": precedes,
                    "sequence": sequence,
                    "due_mode": "date",
                    "date_fixed": "2026-12-31",
                }
            )
            for name, percent, precedes, sequence in terms
            if percent
        ]
        with freeze_time("2026-09-01 02:00:00"):
            order.action_confirm()
        return order

    @classmethod
    def receive(cls, order, amount, day="2026-09-02"):
        """Money of the customer, claimed for the contract."""
        with freeze_time(f"{day} 02:00:00"):
            payment = cls.env["account.payment"].create(
                {
                    "partner_id": order.partner_id.id,
                    "payment_type": "inbound",
                    "amount": amount,
                    "date": day,
                }
            )
            payment.action_post()
            cls.env["contract.payment.claim"].create(
                {
                    "order_id": order.id,
                    "payment_id": payment.id,
                    "amount": amount,
                    "date": day,
                }
            )
        return payment

    @contextmanager
    def held(self, pattern="is missing"):
        with self.assertRaisesRegex(UserError, pattern), self.env.cr.savepoint():
            yield
        self.env.invalidate_all()

    def waiting(self, order):
        return order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))


class TestGateMoney(GateCase):
    def test_held_until_it_is_paid(self):
        order = self.gated()
        picking = self.waiting(order)
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(picking.contract_gate_state, "hold")
        self.assertIn("1,000.00", picking.contract_gate_text)
        with self.held():
            self.deliver(order, "2026-09-10")
        self.assertEqual(picking.state, "assigned")
        self.receive(order, 1000)
        self.assertFalse(picking.contract_gate_state)
        self.deliver(order, "2026-09-10")
        self.assertEqual(picking.state, "done")

    def test_in_proportion(self):
        # of 1,000: deposit 300 whole, 700 in proportion to what leaves
        order = self.gated()
        self.receive(order, 300 + 280)
        with self.held("90.00 is missing|70.00"):
            self.deliver(order, "2026-09-10", pump=5)
        self.deliver(order, "2026-09-10", pump=4)
        with self.held():
            self.deliver(order, "2026-09-11", pump=1)
        self.receive(order, 70)
        self.deliver(order, "2026-09-11", pump=1)

    def test_first_page(self):
        """It shows what is held and stands ready; about the rest the gate isn't asked,
        that would cost too much."""
        order = self.gated()
        picking = self.waiting(order)
        home = self.env["contract.home"].with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertIn(picking.id, home._home_held())
        picking.do_unreserve()
        self.assertNotEqual(picking.state, "assigned")
        self.assertNotIn(picking.id, home._home_held())
        picking.action_assign()
        self.receive(order, 1000)
        self.assertNotIn(picking.id, home._home_held())

    def test_whole_amounts(self):
        self.company.contract_gate_whole = True
        order = self.gated()
        self.receive(order, 999)
        with self.held():
            self.deliver(order, "2026-09-10", pump=1)
        self.receive(order, 1)
        self.deliver(order, "2026-09-10", pump=1)

    def test_tolerance(self):
        order = self.gated()
        self.receive(order, 990)
        with self.held():
            self.deliver(order, "2026-09-10")
        self.rule_money.tolerance_percent = 1
        self.deliver(order, "2026-09-10")

    def test_credit_part_is_not_asked_for(self):
        order = self.gated(deposit=30, rest=0)
        self.receive(order, 300)
        self.deliver(order, "2026-09-10")

    def test_nothing_precedes(self):
        order = self.gated(deposit=0, rest=0)
        self.assertFalse(self.waiting(order).contract_gate_state)
        self.deliver(order, "2026-09-10")
        self.assertFalse(
            self.env["contract.gate"].search([("order_id", "=", order.id)])
        )

    def test_returned_goods_ask_for_less(self):
        order = self.gated()
        self.receive(order, 650)
        done = self.deliver(order, "2026-09-10", pump=5)
        with self.held():
            self.deliver(order, "2026-09-11", pump=1)
        self.give_back(done, "2026-09-12", 2)
        self.deliver(order, "2026-09-13", pump=2)

    def test_replacement_passes(self):
        order = self.gated()
        self.receive(order, 1000)
        done = self.deliver(order, "2026-09-10")
        back = self.give_back(done, "2026-09-11", 2, to_refund=False)
        claim = self.env["contract.payment.claim"].search([("order_id", "=", order.id)])
        claim.sudo()._take_reason_step("withdraw", "not his")
        again = self.give_back(back, "2026-09-12", 2, to_refund=False)
        self.assertEqual(again.state, "done")

    def test_samples_pass(self):
        order = self.gated(lines=[(self.pump, 10), (self.valve, 1, 0)])
        self.deliver(order, "2026-09-10", valve=1)
        with self.held():
            self.deliver(order, "2026-09-10", pump=1)

    def test_foreign_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id}
        )
        order = self.gated(pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, euro)
        picking = self.waiting(order)
        self.assertIn("€", picking.contract_gate_text)
        with self.held():
            self.deliver(order, "2026-09-10")


class TestGateWays(GateCase):
    """Whatever calls, goods don't leave."""

    def setUp(self):
        super().setUp()
        self.order = self.gated()
        self.picking = self.waiting(self.order)

    def test_as_the_warehouse(self):
        picking = self.picking.with_user(self.keeper)
        self.assertEqual(picking.contract_gate_state, "hold")
        picking.move_ids.picked = True
        with self.held():
            picking.button_validate()
        with self.held():
            picking._action_done()
        with self.held():
            picking.move_ids._action_done()
        with self.held():
            picking.move_ids.write({"state": "done"})

    def test_several_at_once(self):
        free = self.gated()
        self.receive(free, 1000)
        pickings = self.picking | self.waiting(free)
        pickings.move_ids.picked = True
        with self.held(self.picking.name):
            pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"assigned"})

    def test_batch_transfer(self):
        free = self.gated()
        self.receive(free, 1000)
        pickings = self.picking | self.waiting(free)
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": [Command.set(pickings.ids)]}
        )
        batch.action_confirm()
        pickings.move_ids.picked = True
        with self.held(self.picking.name):
            batch.with_user(self.keeper).action_done()
        self.receive(self.order, 1000)
        batch.with_user(self.keeper).action_done()
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def test_from_the_supplier(self):
        supplier = self.env.ref("stock.stock_location_suppliers")
        self.picking.action_cancel()
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": supplier.id,
                "location_dest_id": self.picking.location_dest_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.pump.id,
                            "product_uom_qty": 10,
                            "location_id": supplier.id,
                            "location_dest_id": self.picking.location_dest_id.id,
                            "sale_line_id": self.order.order_line.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.write({"quantity": 10, "picked": True})
        with self.held():
            picking.with_user(self.keeper).button_validate()
        self.receive(self.order, 1000)
        picking.with_user(self.keeper).button_validate()

    def test_done_delivery_raised(self):
        self.receive(self.order, 300 + 350)
        done = self.deliver(self.order, "2026-09-10", pump=5)
        keeper = done.with_user(self.keeper)
        with self.held():
            keeper.move_ids.quantity = 6
        with self.held():
            keeper.move_line_ids.quantity = 6
        with self.held():
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "move_id": done.move_ids.id,
                    "picking_id": done.id,
                    "product_id": self.pump.id,
                    "quantity": 1,
                    "location_id": done.location_id.id,
                    "location_dest_id": done.location_dest_id.id,
                }
            )
        keeper.move_ids.quantity = 4
        keeper.move_ids.quantity = 5

    def test_product_added_in_the_warehouse(self):
        order = self.gated(lines=[(self.valve, 10)])
        self.receive(order, 400)
        picking = self.waiting(order)
        self.valve.invoice_policy = self.pump.invoice_policy = "delivery"
        self.env["stock.move"].with_user(self.keeper).create(
            {
                "product_id": self.pump.id,
                "product_uom_qty": 3,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.action_confirm()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking.move_ids.picked = True
        with self.held():
            picking.button_validate()

    def test_two_and_three_steps(self):
        for steps in ("pick_ship", "pick_pack_ship"):
            self.warehouse.delivery_steps = steps
            order = self.gated()
            first = self.waiting(order)[0]
            self.assertEqual(first.contract_gate_state, "hold")
            self.deliver(order, "2026-09-10")
            self.assertEqual(first.state, "done")
            if steps == "pick_pack_ship":
                self.deliver(order, "2026-09-10")
            with self.held():
                self.deliver(order, "2026-09-11")
            self.receive(order, 1000)
            self.deliver(order, "2026-09-12")
            self.assertFalse(self.waiting(order))

    def test_picking_is_stopped_too(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.company.contract_gate_early = True
        order = self.gated()
        with self.held():
            self.deliver(order, "2026-09-10")
        self.receive(order, 300 + 350)
        self.deliver(order, "2026-09-10", pump=5)
        # what stands ready waits for the same money
        pick = self.waiting(order).filtered(
            lambda p: p.picking_type_id == self.warehouse.pick_type_id
        )
        pick.move_ids.write({"quantity": 1, "picked": True})
        with self.held():
            pick.with_context(skip_backorder=True).button_validate()

    def test_not_taken_from_its_contract(self):
        picking = self.picking.with_user(self.keeper)
        with self.held():
            picking.move_ids.sale_line_id = False
        other = self.gated(deposit=0, rest=0)
        with self.held():
            picking.move_ids.sale_line_id = other.order_line.id
        self.receive(self.order, 1000)
        picking.move_ids.sale_line_id = False

    def test_another_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.rule_money.company_id = elsewhere
        self.deliver(self.order, "2026-09-10")

    def test_suspended_always_holds(self):
        self.env["contract.gate.rule"].search([]).action = "off"
        self.receive(self.order, 1000)
        self.order.sudo()._contract_set_state("suspended")
        with self.held("Suspended"):
            self.deliver(self.order, "2026-09-10")
        self.order.sudo()._contract_set_state("active")
        self.deliver(self.order, "2026-09-10")

    def test_held_ones_are_found(self):
        Picking = self.env["stock.picking"].with_user(self.keeper)
        found = Picking.search([("contract_gate_state", "=", "hold")])
        self.assertIn(self.picking, found)
        free = Picking.search([("contract_gate_state", "=", False)])
        self.assertNotIn(self.picking, free)
        self.receive(self.order, 1000)
        found = Picking.search([("contract_gate_state", "=", "hold")])
        self.assertNotIn(self.picking, found)

    def test_shipped_goods_can_be_invoiced(self):
        self.pump.invoice_policy = "order"
        self.assertTrue(self.invoice(self.order, "2026-09-10"))

    def test_the_owner_is_asked(self):
        self.picking.with_user(self.keeper).action_contract_ask_owner()
        activity = self.order.activity_ids
        self.assertEqual(activity.user_id, self.seller)
        self.assertIn(self.picking.name, activity.summary)
        self.assertIn("1,000.00", activity.note)
        self.assertTrue(self.picking.contract_gate_asked)
        self.picking.with_user(self.keeper).action_contract_ask_owner()
        self.assertEqual(self.order.activity_ids, activity)
        self.receive(self.order, 1000)
        self.env["stock.picking"]._cron_contract_gate_answered()
        self.assertFalse(self.order.activity_ids)
        # asked for nothing
        self.picking.browse().with_user(self.keeper).action_contract_ask_owner()
        with self.held("can leave"):
            self.picking.with_user(self.keeper).action_contract_ask_owner()


class TestGateReasons(GateCase):
    def setUp(self):
        super().setUp()
        self.rule_money.action = "off"

    def test_overdue_elsewhere(self):
        self.rule("overdue", tolerance_days=5)
        other = self.gated(deposit=100, rest=0)
        other.contract_term_ids.filtered(lambda t: t.kind == "payment")
        self.receive(other, 10)
        order = self.gated(deposit=0, rest=0)
        with freeze_time("2027-01-04 02:00:00"):
            self.assertFalse(self.waiting(order).contract_gate_state)
        with freeze_time("2027-01-10 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(self.waiting(order).contract_gate_state, "hold")
            self.assertIn("990.00", self.waiting(order).contract_gate_text)
        with self.held("overdue"):
            self.deliver(order, "2027-01-10")
        self.receive(order, 1000)
        self.deliver(order, "2027-01-10")

    def test_overdue_although_paid(self):
        self.rule("overdue")
        self.company.contract_gate_own_money = False
        self.gated(deposit=100, rest=0)
        order = self.gated(deposit=0, rest=0)
        self.receive(order, 1000)
        with self.held("overdue"):
            self.deliver(order, "2027-01-10")

    def test_credit_limit(self):
        self.rule("credit")
        self.company.account_use_credit_limit = True
        self.partner.credit_limit = 900
        order = self.gated(deposit=0, rest=0)
        self.env.invalidate_all()
        with self.held("credit limit"):
            self.deliver(order, "2026-09-10")
        self.partner.credit_limit = 5000
        self.deliver(order, "2026-09-10")

    def test_dishonoured_bill(self):
        self.rule("bill")
        bill = self.env.ref("contract_tracking.instrument_bank_acceptance")
        other = self.gated(deposit=100, rest=0)
        with freeze_time("2026-09-02 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "partner_id": self.partner.id,
                    "payment_type": "inbound",
                    "amount": 500,
                    "date": "2026-09-02",
                    "contract_instrument_id": bill.id,
                    "contract_bill_number": "B-1",
                    "contract_bill_drawer": "Delta Trading",
                    "contract_bill_maturity": "2026-12-02",
                }
            )
            payment.action_post()
        order = self.gated(deposit=0, rest=0)
        self.deliver(order, "2026-09-10", pump=1)
        with freeze_time("2027-01-05 02:00:00"):
            payment._contract_bill_outcome("dishonoured", date(2027, 1, 4))
        self.assertTrue(other)
        with self.held("B-1 of Delta Trading"):
            self.deliver(order, "2027-01-10", pump=1)

    def test_not_in_effect(self):
        self.rule("unsigned")
        self.company.contract_effective_rule = "signature"
        order = self.gated(deposit=0, rest=0)
        with self.held("not in effect"):
            self.deliver(order, "2026-09-10")
        order.write({"contract_signing_date": "2026-09-02", "contract_signatory": "Li"})
        self.deliver(order, "2026-09-10")

    def test_frame_expired(self):
        self.rule("frame")
        frame = self.new_frame()
        order = self.gated(deposit=0, rest=0, contract_frame_id=frame.id)
        self.deliver(order, "2026-09-10", pump=2)
        with self.held("expired"):
            self.deliver(order, "2027-01-10", pump=2)

    def test_critical_deviation(self):
        self.rule("deviation")
        order = self.gated(deposit=0, rest=0)
        deviation = self.env["contract.deviation"].create(
            {
                "order_id": order.id,
                "date": "2026-09-05",
                "severity": "critical",
                "summary": "The pumps leak.",
            }
        )
        self.deliver(order, "2026-09-10", pump=1)
        deviation.stops_goods = True
        with self.held("leak"):
            self.deliver(order, "2026-09-10", pump=1)

    def test_scope(self):
        gold = self.env["res.partner.category"].create({"name": "Gold"})
        self.rule("money", category_ids=[Command.set(gold.ids)])
        order = self.gated()
        self.deliver(order, "2026-09-10", pump=1)
        self.partner.category_id = gold
        with self.held():
            self.deliver(order, "2026-09-10", pump=1)
        self.env["contract.gate.rule"].create(
            {
                "reason": "money",
                "checkpoint": "delivery",
                "action": "off",
                "company_id": self.company.id,
                "order_ids": [Command.set(order.ids)],
            }
        )
        self.deliver(order, "2026-09-10", pump=1)

    def test_confirmation(self):
        self.rule("money", "order", "warn")
        order = self.new_order(template="template_30_70_delivery")
        order.contract_term_ids.filtered(
            lambda t: t.kind == "payment"
        ).precedes = "shipment"
        self.assertEqual(order.contract_gate_state, "warn")
        order.action_confirm()
        self.rule("money", "order", "hold")
        order = self.new_order(template="template_30_70_delivery")
        order.contract_term_ids.filtered(
            lambda t: t.kind == "payment"
        ).precedes = "shipment"
        with self.held("paid before"):
            order.action_confirm()


class TestGateDocuments(GateCase):
    def documents(self):
        order = self.new_order()
        order.user_id = self.seller
        order.contract_term_ids = [
            Command.create(
                {
                    "kind": "payment",
                    "name": "Against B/L",
                    "percent": 100,
                    "precedes": "documents",
                    "due_mode": "date",
                    "date_fixed": "2026-12-31",
                }
            )
        ]
        with freeze_time("2026-09-01 02:00:00"):
            order.action_confirm()
        return order

    def test_released_when_paid(self):
        self.rule("money", "documents")
        order = self.documents()
        first = self.deliver(order, "2026-09-10", pump=4)
        second = self.deliver(order, "2026-09-11", pump=6)
        self.assertTrue(first.contract_documents_due)
        self.assertEqual(first.contract_gate_state, "hold")
        self.assertIn("400.00 is missing", first.contract_gate_text)
        held = self.env["stock.picking"].search([("contract_gate_state", "=", "hold")])
        self.assertIn(first, held)
        with self.held("400.00 is missing"):
            first.with_user(self.keeper).action_contract_release_telex()
        self.receive(order, 400)
        first.with_user(self.keeper).action_contract_release_telex()
        self.assertEqual(first.contract_documents_kind, "telex")
        self.assertFalse(first.contract_gate_state)
        with self.held("were released"):
            first.action_contract_release_telex()
        with self.held("600.00 is missing"):
            second.action_contract_release_original()

    def test_the_question_stays_while_they_are_held(self):
        self.rule("money", "documents")
        order = self.documents()
        done = self.deliver(order, "2026-09-10", pump=4)
        done.with_user(self.keeper).action_contract_ask_owner()
        self.env["stock.picking"]._cron_contract_gate_answered()
        self.assertTrue(order.activity_ids)
        self.receive(order, 400)
        self.env["stock.picking"]._cron_contract_gate_answered()
        self.assertFalse(order.activity_ids)

    def test_released_together(self):
        order = self.documents()
        both = self.deliver(order, "2026-09-10", pump=4)
        both |= self.deliver(order, "2026-09-11", pump=6)
        both.with_user(self.keeper).action_contract_release_original()
        days = set(both.mapped("contract_documents_date"))
        self.assertEqual(days, {self.company._contract_today()})
        dated = order.contract_history_ids.filtered(lambda h: "Released" in h.name)
        self.assertEqual(len(dated), 2)

    def test_not_written_by_hand(self):
        done = self.deliver(self.documents(), "2026-09-10")
        with self.held("buttons"):
            done.with_user(self.keeper).contract_documents_date = "2026-09-11"


class TestGateRules(GateCase):
    def test_nobody_but_the_administrator(self):
        for user in (self.seller, self.keeper):
            with self.assertRaises(AccessError):
                self.rule_money.with_user(user).action = "off"

    def test_bad_input(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.rule("unsigned", "order")

    def test_form(self):
        with Form(self.env["contract.gate.rule"]) as form:
            form.reason = "overdue"
            form.checkpoint = "order"
        self.assertEqual(form.record.action, "warn")
