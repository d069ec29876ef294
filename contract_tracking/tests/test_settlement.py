"""Settlements of contracts: figures, decisions, what they gate."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .common import ContractCommon

DAY = "2026-09-25"


class SettlementCase(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "contract_tracking.group_contract_"
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(f"{groups}settlement")
        cls.head = cls.new_user("settle_head", f"{groups}office")
        cls.team.user_id = cls.head
        cls.seller = cls.new_user("settle_seller", "sales_team.group_sale_salesman")
        cls.office = cls.new_user("settle_business", f"{groups}business")
        cls.finance = cls.new_user("settle_finance", f"{groups}finance")
        cls.leader = cls.new_user("settle_leader", f"{groups}leader")
        cls.auditor = cls.new_user("settle_auditor", f"{groups}auditor")
        cls.stranger = cls.new_user("settle_other", "sales_team.group_sale_salesman")

    @classmethod
    def kept_back(cls, promised="2026-08-01", **values):
        """1,000 of pumps: 90 % on delivery, 10 % a year after delivery."""
        order = cls.new_contract(
            "2026-06-01",
            promised=promised,
            user_id=cls.seller.id,
            team_id=cls.team.id,
            contract_term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "payment_kind": "settlement",
                        "name": "On delivery",
                        "percent": 90,
                        "due_mode": "date",
                        "date_fixed": "2026-08-10",
                    }
                ),
                Command.create(
                    {
                        "kind": "payment",
                        "payment_kind": "retention",
                        "name": "Retention",
                        "percent": 10,
                        "due_mode": "date",
                        "date_fixed": "2027-08-10",
                    }
                ),
            ],
            **values,
        )
        return order

    @classmethod
    def performed(cls, **values):
        """It, delivered, invoiced, and paid but for the retention."""
        order = cls.kept_back(**values)
        cls.deliver(order, "2026-07-20")
        invoice = cls.invoice(order, "2026-07-21")
        cls.pay(invoice, "2026-08-05", 900)
        return order

    def settle(self, order, day=DAY, user=None, **values):
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.settlement"]
                .with_user(user or self.seller)
                .create({"order_id": order.id, "date": day, **values})
            )

    def confirm(self, settlement, day=DAY):
        with freeze_time(f"{day} 03:00:00"):
            settlement.action_submit()
            settlement.with_user(self.finance).action_approve()
            settlement.with_user(self.head).action_approve()
        return settlement

    def assert_equal_books(self, order, settlement):
        """It says what the register says as of its day, and the statement."""
        day = settlement.date
        row = self.figures(order, day)
        for fname, column in (
            ("agreed_amount", "total"),
            ("delivered_amount", "delivered"),
            ("invoiced_amount", "invoiced"),
            ("received_amount", "received"),
            ("adjusted_amount", "adjusted"),
            ("uninvoiced_amount", "delivered_not_invoiced"),
        ):
            self.assertEqual(
                settlement[fname],
                order.currency_id.round(float(row[column])),
                (fname, order.name),
            )
        self.assertEqual(
            order.currency_id.round(settlement._account_balance()),
            order.currency_id.round(float(row["exposure"])),
        )
        for column in ("agreed", "delivered", "invoiced"):
            self.assertAlmostEqual(
                sum(settlement.line_ids.mapped(f"{column}_amount")),
                settlement[f"{column}_amount"],
                2,
            )
        for kind, fname in (
            ("receipt", "received_amount"),
            ("adjustment", "adjusted_amount"),
        ):
            rows = settlement.payment_ids.filtered(lambda r, k=kind: r.kind == k)
            self.assertAlmostEqual(sum(rows.mapped("amount")), settlement[fname], 2)
        balances = self.balances(order, day)
        self.assertEqual(
            settlement.booked_receivable,
            float(balances[order.id]["booked_receivable"])
            if order.id in balances
            else 0,
        )
        statement = self.env["contract.statement"].create(
            {
                "partner_id": order.partner_id.id,
                "currency_id": order.currency_id.id,
                "date_from": "2026-01-01",
                "date_to": day,
            }
        )
        rows = statement.line_ids.filtered(lambda ln: ln.order_id == order)
        received = sum(rows.filtered(lambda r: r.kind == "receipt").mapped("amount"))
        opening = sum(rows.filtered(lambda r: r.kind == "opening").mapped("amount"))
        if not opening:
            self.assertAlmostEqual(received, settlement.received_amount, 2)
        owed = opening + sum(
            row.amount
            * {"invoice": 1, "receipt": -1, "adjustment": -1}.get(row.kind, 0)
            for row in rows
        )
        self.assertAlmostEqual(
            owed,
            settlement.invoiced_amount
            - settlement.received_amount
            - settlement.adjusted_amount,
            2,
        )


@tagged("post_install", "-at_install")
class TestSettlement(SettlementCase):
    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @freeze_time(f"{DAY} 02:00:00")
    def test_figures_equal_the_books(self):
        tax = self.env["account.tax"].create(
            {"name": "13 %", "amount": 13, "type_tax_use": "sale"}
        )
        self.valve.taxes_id = tax
        (self.valve + self.pump).invoice_policy = "delivery"
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.8}
        )
        prices = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )

        def partner(name):
            return {"partner_id": self.env["res.partner"].create({"name": name}).id}

        orders = {}
        # taxes that round, a return with its credit note
        order = self.new_contract(
            "2026-06-01", [(self.valve, 7, 33.33), (self.pump, 3)], **partner("A")
        )
        out = self.deliver(order, "2026-07-01")
        self.invoice(order, "2026-07-02")
        self.give_back(out, "2026-07-10", 1)
        self.invoice(order, "2026-07-12")
        self.pay(order.invoice_ids[-1:], "2026-07-20", 100)
        orders["tax"] = order
        # a foreign currency, half delivered, partly paid
        order = self.new_contract(
            "2026-06-01",
            [(self.pump, 10)],
            pricelist_id=prices.id,
            **partner("B"),
        )
        self.deliver(order, "2026-07-01", pump=4)
        invoice = self.invoice(order, "2026-07-02")
        self.pay(invoice, "2026-08-01", 333.33)
        orders["euro"] = order
        # a write-off
        order = self.new_contract("2026-06-01", **partner("C"))
        self.deliver(order, "2026-07-01")
        invoice = self.invoice(order, "2026-07-02")
        account = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        self.pay(
            invoice,
            "2026-08-01",
            990,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        orders["write_off"] = order
        # a down payment that was deducted, refunded money
        order = self.new_contract("2026-06-01", **partner("D"))
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "percentage", "amount": 30}
        ).create_invoices()
        advance = order.invoice_ids
        advance.invoice_date = "2026-06-02"
        advance.action_post()
        self.pay(advance, "2026-06-05")
        self.deliver(order, "2026-07-01")
        self.invoice(order, "2026-07-02")
        orders["advance"] = order
        # money on account, and opening figures
        order = self.new_contract("2026-06-01", [(self.service, 3)], **partner("E"))
        unguarded(order).write(
            {
                "contract_opening_date": "2026-06-10",
                "contract_opening_invoiced": 100,
                "contract_opening_received": 60,
            }
        )
        orders["opening"] = order
        orders["none"] = self.new_contract("2026-06-01", **partner("F"))
        for key, order in orders.items():
            with self.subTest(key):
                settlement = self.env["contract.settlement"].create(
                    {"order_id": order.id, "kind": "termination"}
                )
                self.assert_equal_books(order, settlement)

    @freeze_time(f"{DAY} 02:00:00")
    def test_open_bills_count_as_unpaid(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        bill = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": order.partner_id.id,
                "journal_id": journal.id,
                "amount": 900,
                "date": "2026-08-05",
                "contract_instrument_id": self.env.ref(
                    "contract_tracking.instrument_bank_acceptance"
                ).id,
                "contract_bill_number": "B1",
                "contract_bill_maturity": "2026-12-01",
            }
        )
        bill.action_post()
        self.env["contract.payment.claim"].create(
            {"order_id": order.id, "payment_id": bill.id, "amount": 900}
        )
        settlement = self.settle(order)
        self.assertEqual(settlement.received_amount, 900)
        self.assertEqual(settlement.bills_amount, 900)
        self.assertEqual((settlement.balance, settlement.due_amount), (1000, 900))
        self.assert_equal_books(order, settlement)
        self.assertFalse(order.contract_to_settle)
        settlement.action_propose_actions()
        self.assertIn("open bill", "".join(settlement.action_ids.mapped("name")))

    def test_lines_and_payments(self):
        order = self.performed()
        settlement = self.settle(order)
        line = settlement.line_ids
        self.assertEqual(
            (line.agreed_quantity, line.delivered_quantity, line.invoiced_quantity),
            (10, 10, 10),
        )
        terms = settlement.payment_ids.filtered(lambda r: r.kind == "term")
        self.assertEqual(terms.mapped("outstanding"), [0, 100])
        self.assertEqual(settlement.balance, 100)
        self.assertEqual(settlement.retention_amount, 100)
        self.assertEqual(settlement.retention_until, date(2027, 8, 10))
        self.assertEqual(settlement.due_amount, 0)
        # once it is due it is no retention any more
        later = self.settle(self.performed(), "2027-08-10")
        self.assertEqual((later.retention_amount, later.due_amount), (0, 100))

    def test_deductions(self):
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create(
                    {"kind": "delay", "side": "us", "amount": 30, "basis": "§ 9"}
                ),
                Command.create(
                    {"kind": "freight", "side": "customer", "amount": 5, "basis": "x"}
                ),
                Command.create(
                    {
                        "kind": "price",
                        "side": "us",
                        "amount": 7,
                        "basis": "credit note",
                        "is_booked": True,
                    }
                ),
            ]
        self.assertEqual(settlement.deduction_amount, -25)
        self.assertEqual(settlement.balance, 75)
        # the retention isn't due; what we owe is
        self.assertEqual(settlement.retention_amount, 100)
        self.assertEqual(settlement.due_amount, -25)
        with freeze_time(f"{DAY} 02:00:00"):
            with self.assertRaisesRegex(UserError, "25"):
                settlement.action_submit()
            names = [*settlement._proposed_actions(str)]
            self.assertTrue([name for name in names if "Refund" in name])
            remarks = " ".join(settlement._form_remarks())
            self.assertRegex(remarks, "supplier owes 25.* now")
            # unless both sides set it off
            settlement.balance_reason = "set_off"
            settlement.balance_note = "Kept out of the retention, as agreed"
            names = [*settlement._proposed_actions(str)]
            self.assertFalse([name for name in names if "Refund" in name])
            remarks = " ".join(settlement._form_remarks())
            self.assertRegex(remarks, "Both sides set off .*25")
            settlement.action_submit()
        self.assertEqual(settlement.state, "submitted")

    def test_deductions_dont_use_up_the_retention(self):
        def amounts(received, *deductions, day=DAY):
            order = self.kept_back()
            self.deliver(order, "2026-07-20")
            self.pay(self.invoice(order, "2026-07-21"), "2026-08-05", received)
            settlement = self.settle(order, day)
            with freeze_time(f"{day} 02:00:00"):
                settlement.deduction_ids = [
                    Command.create({"side": side, "amount": amount, "basis": "§ 9"})
                    for side, amount in deductions
                ]
            return (
                settlement.balance,
                settlement.retention_amount,
                settlement.due_amount,
            )

        # open 1,000 − 800 = 200: 100 retention, 100 due; − 30 lowers what is due
        self.assertEqual(amounts(800, ("us", 30)), (170, 100, 70))
        # − 150 we owe: 50 in all; 100 come in 2027, 50 are ours to pay now
        self.assertEqual(amounts(800, ("us", 150)), (50, 100, -50))
        # + 40 he owes is due at once
        self.assertEqual(amounts(900, ("customer", 40)), (140, 100, 40))
        # half of the retention came early: 1,000 − 950 = 50 are kept back
        self.assertEqual(amounts(950, ("us", 20)), (30, 50, -20))
        # the retention fell due: it is no retention any more
        self.assertEqual(amounts(900, ("us", 30), day="2027-08-10"), (70, 0, 70))

    def test_more_paid_than_delivered_covers_the_retention(self):
        """Nothing is kept back of what was paid too much."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20", pump=7)
        self.pay(self.invoice(order, "2026-07-21"), "2026-08-05", 900)
        settlement = self.settle(order, kind="termination")
        self.assertEqual(settlement.balance, -200)
        self.assertEqual(settlement.retention_amount, 0)
        self.assertEqual(settlement.due_amount, -200)

    def test_both_sides_owe_the_same(self):
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create({"side": "us", "amount": 100, "basis": "§ 9"})
            ]
            self.assertEqual((settlement.balance, settlement.due_amount), (0, -100))
            self.assertIn("owe each other the same", settlement._form_balance_text())

    def test_refresh_keeps_the_customers_figures(self):
        order = self.performed()
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.line_ids.write(
                {
                    "differs": True,
                    "customer_quantity": 9,
                    "customer_amount": 900,
                    "customer_note": "One is missing",
                }
            )
            self.assertEqual(settlement.difference_count, 1)
            self.assertEqual(settlement.line_ids.difference, -100)
            settlement.action_refresh()
        self.assertEqual(settlement.line_ids.customer_note, "One is missing")

    # ------------------------------------------------------------------
    # Proposing
    # ------------------------------------------------------------------

    def test_proposed_when_paid_but_the_retention(self):
        order = self.kept_back()
        Order = self.env["sale.order"].with_user(self.seller)
        mine = order.with_user(self.seller)

        def asked(day):
            with freeze_time(f"{day} 02:00:00"):
                self.env.invalidate_all()
                found = Order.search([("contract_to_settle", "=", True)])
                return order in found, mine.contract_next_step == "settle"

        self.assertEqual(asked("2026-07-01"), (False, False))
        self.deliver(order, "2026-07-20")
        self.assertEqual(asked("2026-07-20"), (False, False))
        invoice = self.invoice(order, "2026-07-21")
        self.assertEqual(asked("2026-07-21"), (False, False))
        self.pay(invoice, "2026-08-05", 900)
        self.assertEqual(asked("2026-08-06"), (True, True))
        with freeze_time("2026-08-06 02:00:00"):
            home = {
                item["key"]: item["count"]
                for section in self.env["contract.home"]
                .with_user(self.seller)
                .get_home()
                for item in section["items"]
            }
            self.assertEqual(home["to_settle"], 1)
            action = mine.action_contract_settle()
            # pressed again it opens the same one
            self.assertEqual(action["res_id"], mine.action_contract_settle()["res_id"])
            self.env.invalidate_all()
            self.assertNotEqual(mine.contract_next_step, "settle")
            with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
                self.settle(order)

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def test_agreed_though_no_longer_asked_for(self):
        """What was waived was agreed: the rows are the total, and none is left over."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20", pump=7)
        delivery = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        with freeze_time("2026-09-01 02:00:00"):
            delivery.with_user(self.office)._waive("The customer has enough.")
        settlement = self.settle(order)
        self.assertEqual(settlement.line_ids.mapped("agreed_quantity"), [10])
        self.assertEqual(settlement.line_ids.mapped("agreed_amount"), [1000])
        self.assertEqual(settlement.agreed_amount, 1000)

    def test_refused_before_the_last_delivery(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20", pump=7)
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            with self.assertRaisesRegex(UserError, "7 of 10"):
                settlement.action_submit()
            self.assertEqual(settlement.state, "draft")
            # it goes on: nothing ended it
            settlement.write(
                {
                    "kind": "termination",
                    "balance_reason": "waived",
                    "balance_note": "As agreed",
                }
            )
            with self.assertRaisesRegex(UserError, "goes on"):
                settlement.action_submit()
            self.assertEqual(settlement.state, "draft")
            # what is given up ends it: it is settled on what was delivered
            delivery = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
            delivery.with_user(self.office)._waive("The customer has enough.")
            settlement.action_submit()
        self.assertEqual(settlement.state, "submitted")

    def test_settled_on_termination_when_it_ended(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20", pump=7)
        with freeze_time(f"{DAY} 01:00:00"):
            order.with_user(self.office)._take_reason_step("terminate", "Given up")
        settlement = self.settle(
            order,
            kind="termination",
            balance_reason="waived",
            balance_note="As agreed",
        )
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_submit()
        self.assertEqual(settlement.state, "submitted")

    def test_days(self):
        order = self.performed()
        with self.assertRaises(ValidationError):
            self.settle(order, date="2026-05-31")
        with self.assertRaises(ValidationError):
            self.settle(order, date="2026-09-26")

    def test_balance_needs_a_reason(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            with self.assertRaisesRegex(UserError, "900"):
                settlement.action_submit()
            settlement.balance_reason = "bad_debt"
            with self.assertRaisesRegex(UserError, "900"):
                settlement.action_submit()
            settlement.balance_note = "The customer is bankrupt"
        self.confirm(settlement)
        self.assertEqual(settlement.state, "confirmed")
        self.assertTrue(order._contract_is_settled())

    def test_who_decides(self):
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_submit()
            self.assertEqual(
                settlement.sudo().approver_ids & self.finance, self.finance
            )
            for user in (self.seller, self.head, self.office):
                with self.assertRaises(UserError):
                    settlement.with_user(user).action_approve()
            settlement.with_user(self.finance).action_approve()
            self.assertEqual(settlement.state, "submitted")
            settlement.with_user(self.head).action_approve()
        self.assertEqual(settlement.state, "confirmed")

    def test_refused_and_returned(self):
        order = self.performed()
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_submit()
            settlement.with_user(self.finance).action_return("Freight is missing")
            self.assertEqual(settlement.state, "draft")
            settlement.note = "Freight was booked"
            settlement.action_submit()
            settlement.with_user(self.finance).action_refuse("Not so")
            self.assertEqual(settlement.state, "refused")
            with self.assertRaises(UserError):
                settlement.note = "Again"
            self.assertEqual(self.settle(order).state, "draft")

    def test_sealed_copy(self):
        self.company.contract_settlement_sealed = True
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_submit()
            settlement.with_user(self.finance).action_approve()
            with self.assertRaises(UserError):
                settlement.with_user(self.head).action_approve()
            self.assertEqual(settlement.state, "submitted")
            settlement.write(
                {
                    "sealed_on": "2026-09-24",
                    "sealed_ids": [Command.create({"name": "seal.pdf", "raw": b"x"})],
                }
            )
            settlement.with_user(self.head).action_approve()
            self.assertEqual(settlement.state, "confirmed")
            with self.assertRaises(UserError):
                settlement.sealed_ids.unlink()
            with self.assertRaises(UserError):
                settlement.sealed_on = "2026-09-23"

    def test_frozen(self):
        order = self.performed()
        settlement = self.confirm(self.settle(order))
        with freeze_time(f"{DAY} 04:00:00"):
            for vals in (
                {"balance": 0},
                {"delivered_amount": 1},
                {"state": "draft"},
                {"date": "2026-09-24"},
                {"balance_note": "x"},
                {"line_ids": [Command.clear()]},
            ):
                with self.subTest(vals), self.assertRaises(UserError):
                    settlement.sudo().write(vals)
            with self.assertRaises(UserError):
                settlement.line_ids.sudo().write({"customer_note": "x"})
            with self.assertRaises(UserError):
                settlement.line_ids.sudo().unlink()
            with self.assertRaises(UserError):
                settlement.sudo().deduction_ids = [
                    Command.create({"amount": 1, "basis": "x"})
                ]
            with self.assertRaises(UserError):
                settlement.unlink()
        # what happens later is shown beside it
        out = order.picking_ids.filtered(lambda p: p.state == "done")[:1]
        self.give_back(out, "2026-09-28", 2)
        self.assertEqual(settlement.delivered_amount, 1000)
        with freeze_time("2026-09-29 02:00:00"):
            self.env.invalidate_all()
            self.assertIn("800", settlement.changed_text)
            with self.assertRaises(UserError):
                settlement._take_reason_step("void", "Two came back")
            copy = settlement.with_user(self.office)._take_reason_step(
                "void", "Two came back"
            )
            self.assertEqual(settlement.state, "void")
            self.assertEqual(copy.replaces_id, settlement)
            self.assertEqual(copy.delivered_amount, 800)
            self.assertEqual(copy.returned_amount, 200)
            self.assertEqual(copy.line_ids.returned_quantity, 2)

    # ------------------------------------------------------------------
    # To do
    # ------------------------------------------------------------------

    def test_proposed_actions(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create({"side": "us", "amount": 30, "basis": "§ 9"})
            ]
            settlement.line_ids.write({"differs": True, "customer_amount": 900})
            settlement.action_propose_actions()
            names = "\n".join(settlement.action_ids.mapped("name"))
            for word in ("missing invoice", "Credit note", "Clear with"):
                self.assertIn(word, names)
            with self.assertRaises(UserError):
                settlement.action_propose_actions()
            self.assertEqual(settlement.action_ids.user_id, self.seller)
            self.assertIn(self.seller, settlement.activity_ids.user_id)
            action = settlement.action_ids[0]
            action._take_reason_step("done", "Invoiced")
            self.assertEqual(action.state, "done")

    def test_proposed_again(self):
        """What is still to be done takes the new amount; what was done stays."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        settlement = self.settle(order)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create({"side": "us", "amount": 30, "basis": "§ 9"}),
                Command.create({"side": "us", "amount": 5, "basis": "§ 9"}),
            ]
            settlement.action_propose_actions()
            actions = settlement.action_ids
            settlement.deduction_ids[0].amount = 40
            settlement.action_propose_actions()
            self.assertEqual(settlement.action_ids, actions)
            names = "\n".join(actions.mapped("name"))
            self.assertIn("40", names)
            self.assertNotIn("30.00", names)
            self.assertEqual(names.count("§ 9"), 2)
            credit = actions.filtered(lambda a: "40" in a.name)
            credit._take_reason_step("done", "Credited")
            settlement.deduction_ids[0].amount = 60
            settlement.action_propose_actions()
            self.assertEqual(len(settlement.action_ids), len(actions) + 1)
            self.assertIn("40", credit.name)

    def test_finance_does_an_action(self):
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            action = (
                self.env["contract.action"]
                .with_user(self.seller)
                .create(
                    {
                        "res_model": settlement._name,
                        "res_id": settlement.id,
                        "name": "Write it off",
                        "user_id": self.finance.id,
                        "date_deadline": "2026-10-01",
                    }
                )
            )
            action.with_user(self.finance)._take_reason_step("done", "Written off")
        self.assertEqual(action.state, "done")

    # ------------------------------------------------------------------
    # Completing
    # ------------------------------------------------------------------

    def test_completion_needs_it(self):
        order = self.performed()
        office = order.with_user(self.office)
        with freeze_time(f"{DAY} 05:00:00"):
            # the retention is open
            with self.assertRaisesRegex(UserError, "Retention"):
                office.action_contract_complete()
            self.company.contract_settlement_required = True
            with self.assertRaisesRegex(UserError, "settlement is confirmed"):
                office.action_contract_complete()
        self.confirm(self.settle(order))
        with freeze_time(f"{DAY} 05:00:00"):
            office.action_contract_complete()
        self.assertEqual(order.contract_state, "completed")

    def settled(self, **values):
        order = self.performed()
        settlement = self.settle(order)
        if values:
            with freeze_time(f"{DAY} 02:00:00"):
                settlement.deduction_ids = [Command.create({"basis": "x", **values})]
                settlement.balance_reason = "other"
                settlement.balance_note = "It follows"
        self.confirm(settlement)
        self.env.invalidate_all()
        self.assertTrue(order._contract_is_settled())
        return order

    def assert_unsettled(self, order, day="2026-10-05"):
        """What happened since the settlement keeps it from being completed, and is
        settled by the copy that corrects it."""
        with freeze_time(f"{day} 05:00:00"):
            self.env.invalidate_all()
            self.assertFalse(order._contract_is_settled())
            self.assertTrue(
                order._contract_unkept_terms().filtered(lambda t: t.kind == "payment")
            )
            settlement = order._contract_settlement().with_env(self.env)
            with self.assertRaisesRegex(UserError, settlement.name):
                order.with_user(self.office).action_contract_complete()

    def test_delivered_since_counts_again(self):
        order = self.settled()
        with freeze_time("2026-10-01 02:00:00"):
            order.order_line = [
                Command.create({"product_id": self.pump.id, "product_uom_qty": 2})
            ]
        self.deliver(order, "2026-10-02")
        self.assert_unsettled(order)
        # the copy that corrects it settles it
        with freeze_time("2026-10-05 05:00:00"):
            old = order._contract_settlement().with_user(self.office)
            copy = old._take_reason_step("void", "Two more").with_user(self.seller)
            copy.write({"balance_reason": "other", "balance_note": "Paid in a month"})
        self.confirm(copy.with_user(self.seller), "2026-10-05")
        self.env.invalidate_all()
        self.assertTrue(order._contract_is_settled())

    def test_retention_paid_hides_nothing_delivered_since(self):
        """As much as was paid of the retention was delivered: it is owed all the
        same."""
        order = self.settled()
        with freeze_time("2026-10-01 02:00:00"):
            order.order_line = [
                Command.create({"product_id": self.pump.id, "product_uom_qty": 1})
            ]
        self.deliver(order, "2026-10-02")
        self.pay(order.invoice_ids, "2026-10-03", 100)
        with freeze_time("2026-10-05 05:00:00"):
            self.env.invalidate_all()
            self.assertFalse(order._contract_is_settled())

    def test_invoiced_since_counts_again(self):
        order = self.settled()
        with freeze_time("2026-10-02 02:00:00"):
            order.order_line.product_uom_qty = 12
        self.invoice(order, "2026-10-02")
        self.assert_unsettled(order)

    def test_returned_since_counts_again(self):
        order = self.settled()
        out = order.picking_ids.filtered(lambda p: p.state == "done")[:1]
        self.give_back(out, "2026-10-02", 1)
        with freeze_time("2026-10-05 05:00:00"):
            self.env.invalidate_all()
            self.assertFalse(order._contract_is_settled())

    def test_what_it_asks_for_changes_nothing(self):
        """The invoice that was missing, the retention, and a credit note."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        settlement = self.settle(
            order, balance_reason="other", balance_note="Is invoiced now"
        )
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create({"side": "us", "amount": 30, "basis": "§ 9"})
            ]
        self.confirm(settlement)
        invoice = self.invoice(order, "2026-09-28")
        self.pay(invoice, "2026-09-29", 970)
        with freeze_time("2026-10-05 05:00:00"):
            self.env.invalidate_all()
            self.assertTrue(order._contract_is_settled())

    def test_money_that_went_back_counts_again(self):
        order = self.settled()
        with freeze_time("2026-10-01 02:00:00"):
            payment = self.env["account.payment"].search(
                [("partner_id", "=", order.partner_id.id)], order="id desc", limit=1
            )
            payment.action_draft()
            payment.action_cancel()
        self.assert_unsettled(order)

    def test_story_retention_of_a_completed_contract(self):
        """Completed with its retention outstanding, which is followed on: due soon,
        overdue, paid."""
        order = self.performed()
        self.confirm(self.settle(order))
        with freeze_time(f"{DAY} 05:00:00"):
            order.with_user(self.office).action_contract_complete()
        term = order.contract_term_ids.filtered(lambda t: t.payment_kind == "retention")
        filters = self.env.ref("contract_tracking.contract_retention_view_search").arch
        self.assertIn("'completed'", filters)
        home = self.env["contract.home"].with_user(self.seller)

        def counts(day):
            with freeze_time(f"{day} 02:00:00"):
                self.env.invalidate_all()
                return {
                    item["key"]: item["count"]
                    for section in home.get_home()
                    for item in section["items"]
                }

        before = counts("2027-08-01")
        soon = counts("2027-08-08")
        self.assertEqual(soon["terms_week"], before.get("terms_week", 0) + 1)
        late = counts("2027-08-20")
        self.assertEqual(late["terms_late"], before.get("terms_late", 0) + 1)
        with freeze_time("2027-08-05 02:00:00"):
            self.env.invalidate_all()
            self.company.contract_digest_days = 30
            self.assertIn(
                term,
                self.env["contract.term"]
                .union(*self.company._contract_digest_terms().values())
                .sudo(),
            )
        with freeze_time("2027-08-20 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(term.status, "overdue")
            self.assertEqual(order.contract_late_payments, 1)
            row = self.env["contract.ageing"].search([("order_id", "=", order.id)])
            self.assertEqual(row.overdue, 100)
            rows = self.env["contract.register"].search([("order_id", "=", order.id)])
            self.assertTrue(rows)
            self.assertEqual((rows.retention, rows.booked_retention), (100, 100))
            self.assertEqual(rows.retention_until, date(2027, 8, 10))
            deviations = self.env["contract.deviation"]._detect(order)
            self.assertEqual(deviations.mapped("kind"), ["late_payment"])
        self.pay(order.invoice_ids, "2027-08-21", 100)
        paid = counts("2027-08-22")
        self.assertEqual(paid.get("terms_late", 0), before.get("terms_late", 0))
        with freeze_time("2027-08-22 02:00:00"):
            self.assertEqual(term.status, "met_late")

    # ------------------------------------------------------------------
    # Roles
    # ------------------------------------------------------------------

    def test_roles(self):
        order = self.performed()
        settlement = self.settle(order)
        for user in (
            self.seller, self.head, self.office, self.finance, self.leader,
            self.auditor,
        ):  # fmt: skip
            self.assertTrue(settlement.with_user(user).line_ids.mapped("name"))
            self.assertTrue(settlement.with_user(user).payment_ids.mapped("name"))
        with self.assertRaises(AccessError):
            settlement.with_user(self.stranger).read(["balance"])
        for user in (self.finance, self.leader, self.auditor, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                settlement.with_user(user).note = "x"
            with self.subTest(user.login), self.assertRaises(AccessError):
                settlement.with_user(user).action_refresh()
        with self.assertRaises(AccessError):
            self.settle(self.performed(), user=self.stranger)

    def test_second_company(self):
        other = self.env["res.company"].create({"name": "Second"})
        user = self.new_user(
            "settle_second",
            "contract_tracking.group_contract_business",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        settlement = self.settle(self.performed())
        with self.assertRaises(AccessError):
            settlement.with_user(user).read(["balance"])

    def test_new_form(self):
        order = self.performed()
        with freeze_time(f"{DAY} 02:00:00"):
            form = Form(self.env["contract.settlement"].with_user(self.seller))
            form.order_id = order
            settlement = form.save()
        self.assertEqual(settlement.balance, 100)
        self.assertEqual(settlement.contract_no, order.contract_number)

    # ------------------------------------------------------------------
    # Print
    # ------------------------------------------------------------------

    def test_print(self):
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        settlement = self.settle(
            order, balance_reason="bad_debt", balance_note="Their cash is gone"
        )
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.deduction_ids = [
                Command.create({"side": "us", "amount": 30, "basis": "Clause 9"})
            ]
            settlement.action_propose_actions()
            Report = self.env["ir.actions.report"].with_context(
                force_report_rendering=False
            )
            html = {
                name: Report._render_qweb_html(
                    f"contract_tracking.{name}", settlement.ids
                )[0].decode()
                for name in (
                    "action_report_settlement",
                    "action_report_settlement_partner",
                )
            }
        own, outside = html.values()
        for text in html.values():
            for word in ("QR-XS-15", "Clause 9", "Pump", "970", "Signature and seal"):
                self.assertIn(word, text)
        for word in ("Their cash is gone", "Credit note"):
            self.assertIn(word, own)
            self.assertNotIn(word, outside)

    def test_send(self):
        settlement = self.settle(self.performed())
        with freeze_time(f"{DAY} 02:00:00"):
            action = settlement.action_send()
            self.assertEqual(action["res_model"], "mail.compose.message")
            with self.assertRaises(AccessError):
                settlement.with_user(self.auditor).action_send()
