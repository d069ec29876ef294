from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .test_frame import FrameCase


class TestCallOff(FrameCase):
    """From the frame agreement to the order, and what of it lies outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.new_user("frame_seller", "sales_team.group_sale_salesman")
        cls.incoterm = cls.env["account.incoterms"].search([], limit=1)
        cls.frame = cls.new_frame(
            cls.seller,
            lines=[
                {"product_id": cls.pump.id, "quantity": 100, "price_unit": 95},
                {"product_id": cls.valve.id, "quantity": 50},
            ],
            team_id=cls.team.id,
            schedule_template_id=cls.env.ref(
                "contract_tracking.template_30_70_delivery"
            ).id,
            payment_term_id=cls.env.ref("account.account_payment_term_30days").id,
            incoterm_id=cls.incoterm.id,
        )

    def new_call_off(self, frame=None, day="2026-03-01", **context):
        with freeze_time(f"{day} 02:00:00"):
            action = (
                (frame or self.frame)
                .with_user(self.seller)
                .with_context(**context)
                .action_new_call_off()
            )
        return self.env[action["res_model"]].browse(action["res_id"])

    def warning(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        return order.contract_frame_warning

    def test_one_step(self):
        self.call_off(self.frame, "2026-02-01", [(self.pump, 30, 95), (self.valve, 50)])
        order = self.new_call_off()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.partner_id, self.partner)
        self.assertEqual(order.user_id, self.seller)
        self.assertEqual(order.team_id, self.team)
        self.assertEqual(order.contract_owner_id, self.seller)
        self.assertEqual(order.contract_state, "draft")
        self.assertEqual(order.contract_kind, "call_off")
        self.assertEqual(order.contract_call_off_date, date(2026, 3, 1))
        self.assertEqual(order.payment_term_id, self.frame.payment_term_id)
        self.assertEqual(order.incoterm, self.incoterm)
        self.assertEqual(
            order.contract_schedule_template_id, self.frame.schedule_template_id
        )
        self.assertEqual(order.contract_term_ids.mapped("percent"), [30, 70])
        # valves are all called off
        line = order.order_line
        self.assertEqual((line.product_id, line.product_uom_qty), (self.pump, 70))
        self.assertEqual(line.price_unit, 95)
        line.product_uom_qty = 60
        self.assertEqual(line.price_unit, 95)
        self.assertFalse(self.warning(order))
        self.assertFalse(self.new_call_off(contract_call_off_empty=True).order_line)
        with freeze_time("2026-03-02 02:00:00"):
            order.with_user(self.seller).action_confirm()
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_kind, "call_off")

    def test_prices_with_taxes_included(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13 incl.",
                "amount": 13,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
            }
        )
        self.pump.taxes_id = tax
        line = self.new_call_off().order_line[0]
        self.assertAlmostEqual(line.price_subtotal, 9500)
        self.assertAlmostEqual(line.price_total, 10735)
        self.assertFalse(self.warning(line.order_id))

    def test_currency_and_unit_of_the_frame(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", eur.id)]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": eur.id,
                "company_id": self.company.id,
                "rate": 0.925,
                "name": "2026-01-01",
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Export", "currency_id": eur.id}
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        frame = self.new_frame(
            self.seller,
            lines=[
                {
                    "product_id": self.pump.id,
                    "quantity": 10,
                    "uom_id": dozen.id,
                    "price_unit": 1000,
                }
            ],
            currency_id=eur.id,
        )
        order = self.new_call_off(frame)
        self.assertEqual(order.currency_id, eur)
        line = order.order_line
        self.assertEqual((line.product_uom_id, line.product_uom_qty), (dozen, 10))
        self.assertEqual(line.price_unit, 1000)
        # in units and in dollars: 1000 EUR a dozen = 90.09 USD each
        dollars = self.env["product.pricelist"].create(
            {"name": "Home", "currency_id": self.company.currency_id.id}
        )
        for price, differs in ((90.09, False), (90.11, True), (100, True)):
            order = self.call_off(
                frame,
                "2026-02-01",
                [(self.pump, 12, price)],
                pricelist_id=dollars.id,
            )
            with self.subTest(price=price):
                self.assertEqual(bool(self.warning(order)), differs)
        # 100 USD × 12 × 0.925
        self.assertIn(
            "Pump: price 1,110.00 EUR, agreed 1,000.00 EUR per",
            order.contract_frame_warning,
        )
        pricelist.active = False

    def test_when_nothing_can_be_called_off(self):
        draft = self.new_frame(self.seller, day=False)
        with self.assertRaisesRegex(UserError, "In preparation"):
            self.new_call_off(draft)
        with self.assertRaisesRegex(UserError, "is valid from"):
            self.new_call_off(day="2027-01-01")
        self.frame._take_reason_step("close", "Fulfilled")
        with self.assertRaisesRegex(UserError, "Closed"):
            self.new_call_off()

    def test_first_and_last_day(self):
        for day in ("2026-01-01", "2026-12-31"):
            with self.subTest(day=day):
                order = self.new_call_off(day=day)
                self.assertEqual(order.contract_call_off_date, date.fromisoformat(day))
                self.assertFalse(self.warning(order))
        for day in ("2025-12-31", "2027-01-01"):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, "valid from"):
                self.new_call_off(day=day)

    # ------------------------------------------------------------------
    # Linking
    # ------------------------------------------------------------------

    def test_linking_an_order(self):
        with freeze_time("2026-03-01 02:00:00"):
            child = self.env["res.partner"].create(
                {"name": "Works", "parent_id": self.partner.id}
            )
            order = self.new_order(partner_id=child.id)
            order.contract_frame_id = self.frame
        self.assertEqual(order.contract_kind, "call_off")
        self.assertEqual(order.contract_state, "draft")
        self.assertEqual(len(order.contract_term_ids), 2)
        own = self.env.ref("contract_tracking.template_30_60_10")
        with freeze_time("2026-03-01 02:00:00"):
            other = self.new_order(template="template_30_60_10")
            other.contract_frame_id = self.frame
        self.assertEqual(other.contract_schedule_template_id, own)

    def test_linking_errors(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        draft = self.new_frame(day=False)
        company = self.env["res.company"].create({"name": "South Branch"})
        self.env.user.company_ids |= company
        foreign = self.new_frame(company_id=company.id)
        with freeze_time("2026-03-01 02:00:00"):
            for values, frame, words in (
                ({"partner_id": stranger.id}, self.frame, "was agreed with Yangtze"),
                ({}, draft, "In preparation"),
                ({"date_order": "2025-12-30 02:00:00"}, self.frame, "is valid from"),
                ({}, foreign, "compan"),
            ):
                order = self.new_order(**values)
                with self.subTest(words=words), self.env.cr.savepoint() as savepoint:
                    with self.assertRaisesRegex(UserError, words):
                        order.contract_frame_id = frame
                    savepoint.rollback()
                with self.subTest(create=words), self.assertRaises(UserError):
                    with self.env.cr.savepoint():
                        self.new_order(contract_frame_id=frame.id, **values)
            order = self.new_order(contract_frame_id=self.frame.id)
            with self.assertRaises(ValidationError):
                order.partner_id = stranger
            self.company.contract_track_mode = "manual"
            untracked = self.new_order()
            untracked.action_confirm()
            with self.assertRaisesRegex(UserError, "track it as a contract first"):
                untracked.contract_frame_id = self.frame

    def test_linked_orders_go_on_after_the_frame_ends(self):
        with freeze_time("2026-12-30 02:00:00"):
            order = self.new_order(contract_frame_id=self.frame.id)
            self.frame._take_reason_step("close", "Fulfilled")
            order.write({"contract_frame_id": self.frame.id, "note": "unchanged"})
        with freeze_time("2027-01-02 02:00:00"):
            order.action_confirm()
        self.assertEqual(order.contract_state, "active")

    def test_the_frame_is_a_fact(self):
        order = self.call_off(self.frame, "2026-02-01", [(self.pump, 1, 95)])
        other = self.new_frame(self.seller)
        for user in (self.seller, self.env.user):
            with self.assertRaises(UserError):
                order.with_user(user).contract_frame_id = other
        wizard = self.env["contract.correction"].with_context(default_order_id=order.id)
        wizard.create({"reason": "Wrong frame", "frame_id": other.id}).action_apply()
        self.assertEqual(order.contract_frame_id, other)
        row = order.contract_history_ids[0]
        self.assertEqual((row.old_value, row.new_value), (self.frame.name, other.name))

    # ------------------------------------------------------------------
    # Outside the frame
    # ------------------------------------------------------------------

    def test_words(self):
        order = self.call_off(
            self.frame,
            "2026-02-01",
            [(self.pump, 10, 90), (self.valve, 10), (self.service, 1)],
        )
        self.assertEqual(
            self.warning(order),
            "Pump: price 90.00 USD, agreed 95.00 USD per Units, without tax.\n"
            "Installation is not in the frame agreement.",
        )
        self.assertTrue(order.contract_outside_frame)
        good = self.call_off(self.frame, "2026-02-01", [(self.pump, 60, 95)])
        self.assertFalse(self.warning(good))
        self.assertFalse(good.contract_outside_frame)
        # 100 agreed − 70 of the others
        more = self.call_off(self.frame, "2026-02-01", [(self.pump, 31, 95)])
        self.assertEqual(self.warning(more), "Pump: 31 Units ordered, 30 Units left.")
        more.order_line.write({"product_uom_qty": 30, "price_unit": 95})
        self.assertFalse(self.warning(more))
        more.order_line.write({"price_unit": 100, "discount": 5})
        self.assertFalse(self.warning(more))

    def test_words_of_amounts_and_days(self):
        frame = self.new_frame(
            self.seller,
            lines=[{"product_id": self.pump.id, "amount": 1500}],
            amount_total=1500,
        )
        self.call_off(frame, "2026-02-01", [(self.pump, 10)])
        order = self.call_off(frame, "2026-02-01", [(self.pump, 6)])
        self.assertEqual(
            self.warning(order).replace("\xa0", " "),
            "Pump: $ 600.00 ordered, $ 500.00 left.\n"
            "Total: $ 600.00 ordered, $ 500.00 left of $ 1,500.00.",
        )
        order.order_line.product_uom_qty = 5
        self.assertFalse(self.warning(order))
        order.date_order = "2027-01-10 02:00:00"
        self.assertEqual(
            self.warning(order),
            "The order is of 01/10/2027, the frame agreement is valid from 01/01/2026 "
            "to 12/31/2026.",
        )
        with freeze_time("2026-03-01 02:00:00"):
            quotation = self.new_order([(self.pump, 1)], contract_frame_id=frame.id)
        frame._take_reason_step("close", "Fulfilled")
        self.assertEqual(
            self.warning(quotation),
            "The frame agreement is not in effect: Closed.\n"
            "Pump: $\xa0100.00 ordered, $\xa00.00 left.\n"
            "Total: $\xa0100.00 ordered, $\xa00.00 left of $\xa01,500.00.",
        )

    def test_any_product_if_none_is_agreed(self):
        frame = self.new_frame(self.seller, lines=[], amount_total=1000)
        order = self.call_off(frame, "2026-02-01", [(self.service, 2)])
        self.assertFalse(self.warning(order))

    def test_filter(self):
        good = self.call_off(self.frame, "2026-02-01", [(self.pump, 1, 95)])
        bad = self.call_off(self.frame, "2026-02-01", [(self.pump, 1, 96)])
        free = self.new_contract("2026-02-01")
        Order = self.env["sale.order"]
        domain = [("id", "in", (good | bad | free).ids)]
        found = Order.search([*domain, ("contract_outside_frame", "=", True)])
        self.assertEqual(found, bad)
        found = Order.search([*domain, ("contract_outside_frame", "=", False)])
        self.assertEqual(found, good | free)

    def test_warning_while_typing(self):
        order = self.new_call_off()
        with Form(order.with_user(self.seller)) as form:
            self.assertFalse(form.contract_frame_warning)
            with form.order_line.edit(0) as line:
                line.price_unit = 94
            self.assertIn("price 94.00", form.contract_frame_warning)

    def test_no_query_without_a_frame(self):
        orders = self.env["sale.order"].union(*(self.new_order() for _n in range(3)))
        self.env.flush_all()
        orders.mapped("contract_frame_id")
        before = self.env.cr.sql_log_count
        orders.mapped("contract_frame_warning")
        orders.mapped("contract_outside_frame")
        self.assertEqual(self.env.cr.sql_log_count, before)

    def test_queries_do_not_grow(self):
        orders = self.env["sale.order"].union(
            *(
                self.call_off(
                    self.new_frame(self.seller), "2026-02-01", [(self.pump, 1, 90)]
                )
                for _n in range(22)
            )
        )
        costs = []
        for count in (2, 2, 22):
            self.env["contract.facts"]._fold()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            texts = orders[:count].mapped("contract_frame_warning")
            costs.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(texts))
        self.assertEqual(costs[1], costs[2])

    def test_papers_of_a_call_off(self):
        order = self.call_off(self.frame, "2026-02-01", [(self.pump, 1, 95)])
        paper = self.env["contract.document"].create(
            {
                "order_id": order.id,
                "name": "Fax 18",
                "type_id": self.env.ref("contract_tracking.document_type_call_off").id,
                "attachment_ids": [Command.create({"name": "fax.pdf", "raw": b"%PDF"})],
            }
        )
        self.assertEqual(order.contract_document_ids, paper)
