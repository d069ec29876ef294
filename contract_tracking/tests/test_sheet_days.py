from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytz
from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .common import ContractCommon

MIGRATIONS = Path(__file__).parents[1] / "migrations"
SHANGHAI = pytz.timezone("Asia/Shanghai")


def migrate(env, name, version="19.0.1.3.0"):
    """Run a migration, of the version that most of these tests belong to."""
    env.flush_all()
    spec = spec_from_file_location("contract_migration", MIGRATIONS / version / name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.migrate(env.cr, "19.0.1.2.0")
    env.invalidate_all()


class TestSheetDays(ContractCommon):
    """Days, as an accountant counts them: numbers computed by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.tz = "Asia/Shanghai"

    def due(self, day, delay, unit, event="event_type_effect", **values):
        """When the whole amount of a contract in effect since ``day`` falls due."""
        term = {
            "kind": "payment",
            "name": "All",
            "percent": 100,
            "event_type_id": self.env.ref(f"contract_tracking.{event}").id,
            "delay": delay,
            "delay_unit": unit,
            **values,
        }
        order = self.new_contract(day, contract_term_ids=[Command.create(term)])
        if event != "event_type_effect":
            self.deliver(order, day)
        return self.facts(order)["All"]["date_due"]

    def holiday(self, start, end, **values):
        """A holiday from the first moment of a day in Shanghai to the last of another.

        1–7 October are stored as 30 September 16:00 – 7 October 15:59:59 UTC.
        """
        begin, finish = (
            SHANGHAI.localize(datetime.combine(date.fromisoformat(day), clock))
            .astimezone(pytz.utc)
            .replace(tzinfo=None, microsecond=0)
            for day, clock in ((start, time.min), (end, time.max))
        )
        return self.env["resource.calendar.leaves"].create(
            {"name": "Holiday", "date_from": begin, "date_to": finish, **values}
        )

    # ------------------------------------------------------------------
    # Working days
    # ------------------------------------------------------------------

    def test_a_holiday_begins_on_its_first_day(self):
        """From Friday 25 September: 28, 29, 30 September are 3 working days, then the
        holiday 1–7 October, 8 October is the 4th."""
        self.holiday("2026-10-01", "2026-10-07", calendar_id=self.calendar.id)
        self.assertEqual(self.due("2026-09-25", 3, "workday"), date(2026, 9, 30))
        self.assertEqual(self.due("2026-09-25", 4, "workday"), date(2026, 10, 8))

    def test_a_holiday_of_all_schedules_counts(self):
        self.holiday("2026-10-01", "2026-10-07", calendar_id=False)
        self.assertEqual(self.due("2026-09-25", 3, "workday"), date(2026, 9, 30))
        self.assertEqual(self.due("2026-09-25", 4, "workday"), date(2026, 10, 8))

    def test_what_is_no_public_holiday_of_the_company(self):
        """A course (no time off), another company's day, another schedule's day."""
        other = self.env["res.company"].create({"name": "Other"})
        night = self.calendar.copy({"name": "Night"})
        self.holiday("2026-09-28", "2026-09-28", time_type="other")
        self.holiday("2026-09-28", "2026-09-28", calendar_id=night.id)
        self.holiday(
            "2026-09-28", "2026-09-28", calendar_id=other.resource_calendar_id.id
        )
        self.assertEqual(self.due("2026-09-25", 1, "workday"), date(2026, 9, 28))

    def test_working_days_are_those_of_core(self):
        """A six-day week, Saturday every other week only, holidays of both kinds, half
        a day off, a shift until midnight: as core plans."""
        lines = self.calendar.attendance_ids
        self.calendar.switch_calendar_type()
        self.env["resource.calendar.attendance"].create(
            {
                "name": "Saturday",
                "calendar_id": self.calendar.id,
                "dayofweek": "5",
                "hour_from": 8,
                "hour_to": 12,
                "week_type": "1",
            }
        )
        self.assertNotEqual(self.calendar.attendance_ids, lines)
        self.holiday("2026-10-01", "2026-10-07", calendar_id=self.calendar.id)
        self.holiday("2026-09-25", "2026-09-25", calendar_id=False)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Afternoon",
                "calendar_id": self.calendar.id,
                "date_from": "2026-10-12 04:30:00",
                "date_to": "2026-10-12 15:00:00",
            }
        )
        start = date(2026, 9, 16)
        for delay in range(1, 21):
            planned = self.calendar.plan_days(
                delay,
                SHANGHAI.localize(datetime.combine(start, time.min))
                + timedelta(days=1),
                compute_leaves=True,
            )
            with self.subTest(delay=delay):
                self.assertEqual(self.due(str(start), delay, "workday"), planned.date())

    def test_a_schedule_without_working_time(self):
        self.calendar.attendance_ids.unlink()
        self.assertEqual(self.due("2026-09-25", 1, "workday"), date(2026, 9, 28))

    def test_another_time_zone(self):
        """The days are the company's: in New York the holiday above begins on 30
        September at noon, so that the morning of the 30th is worked."""
        self.holiday("2026-10-01", "2026-10-07", calendar_id=self.calendar.id)
        self.company.contract_tz = "America/New_York"
        # effective 24 September 22:00 there, 10 working days: 25, 28, 29, 30, then
        # 7 October afternoon, 8, 9, 12, 13, 14 October
        self.assertEqual(self.due("2026-09-25", 10, "workday"), date(2026, 10, 14))

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    def test_month_end_plus_months_is_a_month_end(self):
        for months, day in (
            (0, date(2026, 2, 28)),
            (1, date(2026, 3, 31)),
            (2, date(2026, 4, 30)),
            (12, date(2027, 2, 28)),
            (24, date(2028, 2, 29)),
        ):
            with self.subTest(months=months):
                self.assertEqual(
                    self.due("2026-02-10", months, "month", from_month_end=True), day
                )
        self.assertEqual(
            self.due("2026-01-31", 1, "month", from_month_end=True), date(2026, 2, 28)
        )
        # without month-end a month is a month, days are days
        self.assertEqual(self.due("2026-02-10", 1, "month"), date(2026, 3, 10))
        self.assertEqual(
            self.due("2026-02-10", 30, "day", from_month_end=True), date(2026, 3, 30)
        )

    def test_monthly_settlement_plus_months_is_a_month_end(self):
        """月结: delivered 10 February, two months after the month-end: 30 April; as the
        second event of a term, too."""
        statement = "event_type_statement"
        self.assertEqual(
            self.due("2026-02-10", 2, "month", statement), date(2026, 4, 30)
        )
        self.assertEqual(
            self.due("2026-02-10", 1, "month", statement, each=True), date(2026, 3, 31)
        )
        self.assertEqual(
            self.due(
                "2026-02-10",
                24,
                "month",
                "event_type_dispatch",
                alt_event_type_id=self.env.ref(f"contract_tracking.{statement}").id,
                alt_delay=1,
                alt_delay_unit="month",
            ),
            date(2026, 3, 31),
        )


class TestSheetFuture(ContractCommon):
    """What happened has a day, and no such day is still to come."""

    @contextmanager
    def refused(self, message="still to come"):
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertRegex(str(caught.exception), message)

    def paper(self):
        return self.env["ir.attachment"].create({"name": "scan", "raw": b"scan"})

    # ------------------------------------------------------------------
    # One rule for dates of facts
    # ------------------------------------------------------------------

    def test_signing_and_seals(self):
        """Signed in 400 days: no contract in effect today “since 2028”."""
        self.company.contract_effective_rule = "signature"
        with freeze_time("2026-11-20 02:00:00"):
            order = self.new_order(contract_signatory="Wang")
            order.action_confirm()
            for fname in (
                "contract_signing_date",
                "contract_our_seal_date",
                "contract_customer_seal_date",
                "contract_call_off_date",
                "contract_opening_date",
            ):
                with self.subTest(fname), self.refused():
                    order[fname] = "2027-12-25"
            self.assertEqual(order.contract_state, "confirmed")
            order.contract_signing_date = "2026-11-20"
            self.assertEqual(order.contract_state, "active")
            self.assertEqual(order.contract_effective_date, date(2026, 11, 20))
            with self.refused():
                order._contract_correct({"contract_signing_date": "2027-12-25"}, "typo")

    def test_the_day_is_the_company_s(self):
        """20 November 23:00 UTC is 21 November in Shanghai."""
        order = self.new_order()
        with freeze_time("2026-11-20 23:00:00"):
            order.contract_signing_date = "2026-11-21"
            with self.refused():
                order.contract_signing_date = "2026-11-22"

    def test_what_is_already_written_takes_no_effect(self):
        """Written before there was the rule: not in effect before its day."""
        self.company.contract_effective_rule = "signature"
        order = self.new_order(contract_signatory="Wang")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET contract_signing_date = '2028-01-01' WHERE id = %s",
            [order.id],
        )
        order.invalidate_recordset()
        with freeze_time("2026-11-20 02:00:00"):
            order.action_confirm()
        self.assertEqual(order.contract_state, "confirmed")
        with freeze_time("2028-01-01 02:00:00"):
            order.contract_customer_signatory = "Li"
        self.assertEqual(order.contract_effective_date, date(2028, 1, 1))

    def test_parts_and_forms(self):
        order = self.new_contract("2026-11-01")
        with freeze_time("2026-11-20 02:00:00"):
            frame = self.new_frame(day=False)
            with self.refused():
                frame.signing_date = "2026-12-30"
            milestone = self.env["contract.term"].create(
                {
                    "order_id": order.id,
                    "kind": "clause",
                    "name": "Drawings",
                    "due_mode": "date",
                    "date_fixed": "2026-12-30",
                }
            )
            with self.refused("Done On.*still to come"):
                milestone.done_date = "2026-12-30"
            milestone.done_date = "2026-11-20"
            with self.refused("Goods ready.*still to come"):
                self.env["contract.event"].create(
                    {
                        "order_id": order.id,
                        "type_id": self.env.ref(
                            "contract_tracking.event_type_goods_ready"
                        ).id,
                        "date": "2026-11-21",
                    }
                )
            with self.refused():
                self.env["contract.document"].create(
                    {
                        "order_id": order.id,
                        "name": "Contract",
                        "type_id": self.env.ref(
                            "contract_tracking.document_type_signed"
                        ).id,
                        "date": "2026-11-21",
                        "attachment_ids": [Command.set(self.paper().ids)],
                    }
                )
            for model in ("contract.tracking.record", "contract.reagreement"):
                with self.subTest(model), self.refused():
                    self.env[model].create({"order_id": order.id, "date": "2026-11-21"})

    def test_claims(self):
        """Money can't count from the year 9999; what core dates ahead counts from its
        own day, and is no money before."""
        order = self.new_contract("2026-11-01")
        Claim = self.env["contract.payment.claim"]
        with freeze_time("2026-11-20 02:00:00"):
            for day in ("2026-11-20", "2026-11-25"):
                payment = self.env["account.payment"].create(
                    {
                        "payment_type": "inbound",
                        "partner_id": self.partner.id,
                        "amount": 100,
                        "date": day,
                    }
                )
                payment.action_post()
                values = {
                    "payment_id": payment.id,
                    "order_id": order.id,
                    "amount": 100,
                }
                with self.refused():
                    Claim.create({**values, "date": "9999-12-31"})
                with self.refused():
                    Claim.create({**values, "date": "2026-11-26"})
                Claim.create(values)
        self.assertEqual(self.figures(order, "2026-11-24")["received"], 100)
        self.assertEqual(self.figures(order, "2026-11-25")["received"], 200)

    # ------------------------------------------------------------------
    # Opening figures
    # ------------------------------------------------------------------

    def test_opening_amounts(self):
        order = self.new_order()
        for fname in ("contract_opening_invoiced", "contract_opening_received"):
            with self.subTest(fname), self.refused("below zero"):
                order.write({"contract_opening_date": "2026-08-31", fname: -1})
            with self.subTest(fname), self.refused("opening date first"):
                order.write({"contract_opening_date": False, fname: 1})
        order.write(
            {"contract_opening_date": "2026-08-31", "contract_opening_invoiced": 1}
        )
        with self.refused("opening date first"):
            order.contract_opening_date = False

    def test_opening_quantity(self):
        """Of 100 not 400 were delivered before; with 5 % more allowed, 105."""
        order = self.new_order([(self.pump, 100)])
        line = order.order_line
        with self.refused("opening date first"):
            line.contract_opening_quantity = 40
        order.contract_opening_date = "2026-08-31"
        for quantity in (400, 101, -1):
            with self.subTest(quantity), self.refused("between 0 and"):
                line.contract_opening_quantity = quantity
        self.company.contract_over_percent = 5
        line.contract_opening_quantity = 105
        # what core changes afterwards is not stopped by it
        line.product_uom_qty = 50
        with freeze_time("2026-09-01 02:00:00"):
            order.action_confirm()
        self.assertEqual(self.figures(order, "2026-09-02")["delivered"], 10500)

    def test_opening_figures_without_a_date(self):
        """As older versions took them: they count from the order's day on, 1 September
        in Shanghai, not from the beginning of time."""
        order = self.new_order([(self.pump, 100)])
        with freeze_time("2026-08-31 20:00:00"):
            order.action_confirm()
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE sale_order SET contract_opening_invoiced = 500,
                      contract_opening_received = 300 WHERE id = %s""",
            [order.id],
        )
        self.env.cr.execute(
            """UPDATE sale_order_line SET contract_opening_quantity = 40
                WHERE order_id = %s""",
            [order.id],
        )
        self.env.invalidate_all()
        figures = self.figures(order, "2026-09-01")
        self.assertEqual(figures["last_delivery"], date(2026, 9, 1))
        self.assertEqual(figures["delivered"], 4000)
        self.assertEqual(figures["receivable"], 200)
        before = self.figures(order, "2026-08-31")
        self.assertEqual(
            (before["delivered"], before["receivable"], before["received"]), (0, 0, 0)
        )
        rows = self.env["contract.facts"]._read_ledger(order, None, "2026-09-30")
        self.assertEqual({row["day"] for row in rows}, {date(2026, 9, 1)})

    # ------------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------------

    def test_a_number_is_one_contract(self):
        """Small letters, full-width letters or a blank are no other number."""
        self.new_order(contract_number="HTX-001")
        frame = self.new_frame(day=False, name="KJX-001")
        other = frame.copy({"name": "KJX-002"})
        order = self.new_order(contract_number="HTX-002")
        for number in ("htx-001", "ＨＴＸ－００１", " HTX-001 ", "HTX-001"):
            with (
                self.subTest(number),
                mute_logger("odoo.sql_db"),
                self.assertRaises(UniqueViolation),
                self.env.cr.savepoint(),
            ):
                order.contract_number = number
                self.env.flush_all()
            with (
                self.subTest(number),
                mute_logger("odoo.sql_db"),
                self.assertRaises(UniqueViolation),
                self.env.cr.savepoint(),
            ):
                other.name = (
                    number.replace("HT", "KJ")
                    .replace("ht", "kj")
                    .replace("ＨＴ", "ＫＪ")
                )
                self.env.flush_all()
        order.contract_number = "HTX-0011"
        self.env.flush_all()

    def test_numbers_of_older_versions(self):
        """They could differ in case or width: the later ones get another one."""
        numbers = ("HTX-001", "htx-001", "HTX-0011", "Htx-001", "HTX-001 (2)")
        orders = self.env["sale.order"].union(*(self.new_order() for _n in numbers))
        self.env.flush_all()
        self.env.cr.execute("DROP INDEX sale_order_contract_number_uniq")
        for order, number in zip(orders, numbers, strict=True):
            order.contract_number = number
        with self.assertLogs("contract_migration", "WARNING"):
            migrate(self.env, "pre-numbers.py")
        self.assertEqual(
            orders.mapped("contract_number"),
            ["HTX-001", "htx-001 (3)", "HTX-0011", "Htx-001 (4)", "HTX-001 (2)"],
        )
        row = orders[1].contract_history_ids[0]
        self.assertEqual((row.old_value, row.new_value), ("htx-001", "htx-001 (3)"))


class TestSheetBelowZero(ContractCommon):
    """Rebates, discounts, trade-ins and fees: none of them stops an order, and what is
    wholly delivered, invoiced and paid is 0 in every figure."""

    OPEN = (
        "receivable",
        "exposure",
        "delivered_unpaid",
        "delivered_not_invoiced",
        "overdue",
    )

    def contract(self, *extra, goods=(), **values):
        """A contract of 1 March over 10 pumps at 100 and more lines, as values."""
        with freeze_time("2026-03-01 02:00:00"):
            order = self.new_order(
                list(goods) or [(self.pump, 10, 100)],
                commitment_date="2026-03-31 02:00:00",
                **values,
            )
            order.order_line = [
                Command.create({"product_uom_qty": 1, "name": "More", **vals})
                for vals in extra
            ]
            order.action_confirm()
        return order

    def rebate(self, amount):
        return {"product_id": self.service.id, "price_unit": -amount, "tax_ids": False}

    def discount(self, amount):
        self.company.sale_discount_product_id = self.service.create(
            {"name": "Less", "type": "service", "invoice_policy": "order"}
        )
        return {
            "product_id": self.company.sale_discount_product_id.id,
            "price_unit": -amount,
            "tax_ids": False,
        }

    def assert_open(self, order, day, **expected):
        figures = self.figures(order, day)
        for name, value in expected.items():
            with self.subTest(day=day, figure=name):
                self.assertEqual(float(figures[name]), value)

    def assert_settled(self, order, day, delivered):
        for when in (day, None):
            self.assert_open(order, when, **dict.fromkeys(self.OPEN, 0))
            self.assert_open(order, when, delivered=delivered, delivery_progress=1.0)
        facts = self.facts(order)
        self.assertEqual({row["status"] for row in facts.values()}, {"met"})
        balances = self.balances(order, day)
        for row in balances.values():
            self.assertEqual((row["receivable"], row["due"]), (0, 0))
        with freeze_time(f"{day} 02:00:00"):
            found = self.env["contract.deviation"]._detect(order)
            self.assertEqual(found.mapped("summary"), [])

    # ------------------------------------------------------------------
    # Lines below zero
    # ------------------------------------------------------------------

    def test_rebate(self):
        """10 × 100 less 50: 950, a pump 95. 5 delivered 475; all 950. Invoiced 950,
        paid 950: nothing is open."""
        order = self.contract(self.rebate(50), template="template_30_60_10")
        deliveries = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        self.assertEqual(len(deliveries), 1)
        self.assertEqual((deliveries.quantity, deliveries.amount), (10, 950))
        self.assertEqual(
            [
                float(row["agreed_amount"])
                for row in self.facts(order).values()
                if row["kind"] == "payment"
            ],
            [285, 570, 95],
        )
        self.deliver(order, "2026-03-10", pump=5)
        self.assert_open(
            order,
            "2026-03-10",
            delivered=475,
            exposure=475,
            delivered_unpaid=475,
            delivered_not_invoiced=475,
            delivery_progress=0.5,
        )

    def test_rebate_settled(self):
        order = self.contract(self.rebate(50))
        self.deliver(order, "2026-03-10")
        self.assert_open(order, "2026-03-10", exposure=950, delivered_not_invoiced=950)
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.amount_total, 950)
        self.assert_open(order, "2026-03-11", exposure=950, receivable=950)
        self.assert_open(order, "2026-03-11", delivered_not_invoiced=0)
        self.pay(invoice, "2026-03-11")
        self.assert_settled(order, "2026-03-11", 950)
        # the statement's deliveries are worth what is invoiced
        rows = self.env["contract.facts"]._read_ledger(order, None, "2026-03-31")
        self.assertEqual(
            [(row["kind"], round(float(row["amount"]), 2)) for row in rows],
            [("delivery", 950), ("invoice", 950), ("receipt", 950)],
        )

    def test_rounded_off(self):
        """抹零: 3 × 33.33 less 0.99: 99.00, one 33.00; and a share that never ends,
        3 × 100 less 100: 200, one 66.67."""
        order = self.contract(self.rebate(0.99), goods=[(self.pump, 3, 33.33)])
        self.deliver(order, "2026-03-10", pump=1)
        self.assert_open(order, "2026-03-10", delivered=33)
        order = self.contract(self.rebate(100), goods=[(self.pump, 3, 100)])
        self.deliver(order, "2026-03-10", pump=1)
        self.assert_open(order, "2026-03-10", delivered=66.67)
        self.deliver(order, "2026-03-11")
        invoice = self.invoice(order, "2026-03-11")
        self.pay(invoice, "2026-03-11")
        self.assert_settled(order, "2026-03-11", 200)

    # ------------------------------------------------------------------
    # Taxes rounded on the whole order
    # ------------------------------------------------------------------

    def rounded(self, *lines, extra=(), **values):
        """A contract of services at 13 %, as core rounds by default."""
        self.company.tax_calculation_rounding_method = "round_globally"
        goods = self.pump | self.service
        if not goods.taxes_id:
            goods.taxes_id = self.env["account.tax"].create(
                {
                    "name": "13 %",
                    "amount": 13,
                    "type_tax_use": "sale",
                    "price_include_override": "tax_excluded",
                }
            )
        return self.contract(*extra, goods=lines, **values)

    def agreed(self, order):
        deliveries = order.contract_term_ids.filtered(
            lambda t: t.kind == "delivery" and not t.valid_to
        )
        return [
            term.amount for term in deliveries.sorted(lambda t: (t.line_id.id, t.id))
        ]

    def test_taxes_rounded_on_the_whole(self):
        """3 × 10.05 with 13 %: a line 11.36, together 34.08, the order 34.07."""
        order = self.rounded(*[(self.pump, 1, 10.05)] * 3)
        self.assertEqual(order.amount_total, 34.07)
        self.assertEqual(self.agreed(order), [11.36, 11.35, 11.36])
        self.deliver(order, "2026-03-10")
        self.assert_open(order, "2026-03-10", delivered=34.07, exposure=34.07)
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.amount_total, 34.07)
        self.pay(invoice, "2026-03-11")
        self.assert_settled(order, "2026-03-11", 34.07)

    def test_a_large_line_keeps_its_price(self):
        """40 × 0.58 with 13 %, 26.40 by line, beside one of 10,000: 11,326.22. What is
        rounded is each line's alike: half a cent, not 18 of the large one."""
        order = self.rounded((self.pump, 1, 10000), *[(self.service, 1, 0.58)] * 40)
        self.assertEqual(order.amount_total, 11326.22)
        agreed = self.agreed(order)
        self.assertAlmostEqual(agreed[0], 11300, delta=0.01)
        self.assertEqual(round(sum(agreed), 2), 11326.22)
        self.assertLessEqual(set(agreed[1:]), {0.65, 0.66})
        self.deliver(order, "2026-03-10", pump=1)
        figures = self.figures(order, "2026-03-10")
        self.assertAlmostEqual(float(figures["delivered"]), 11300, delta=0.01)
        with freeze_time("2026-03-10 02:00:00"):
            found = self.env["contract.deviation"]._detect(order)
        self.assertNotIn("order_changed", found.mapped("kind"))

    def test_rebate_rounded_on_the_whole(self):
        """3 × 10.05 with 13 % less 1: 33.07; less 1 with 13 %: 32.94. The lines say
        33.08 and 32.95. Quotation or contract, they come to the order."""
        for taxed, total in ((False, 33.07), (True, 32.94)):
            with self.subTest(taxed=taxed):
                rebate = self.rebate(1)
                if taxed:
                    rebate.pop("tax_ids")
                order = self.rounded(*[(self.pump, 1, 10.05)] * 3, extra=[rebate])
                self.assertEqual(order.amount_total, total)
                self.assertEqual(round(sum(self.agreed(order)), 2), total)
                self.deliver(order, "2026-03-10")
                self.assert_open(order, "2026-03-10", delivered=total)

    def test_fees_are_no_goods(self):
        """3 × 10.05 and a note of 7.77 of another kind: what is agreed for the goods is
        the order less the fee."""
        order = self.rounded(
            *[(self.pump, 1, 10.05)] * 3,
            extra=[
                {
                    "product_id": self.service.id,
                    "price_unit": 7.77,
                    "is_expense": True,
                }
            ],
        )
        fee = order.order_line.filtered("is_expense").price_total
        self.assertEqual(
            round(sum(self.agreed(order)), 2), round(order.amount_total - fee, 2)
        )

    def test_split_deliveries_lose_nothing(self):
        """3 pumps at 33.33 with 13 %: 112.99. One each month: 37.66 + 37.67 + 37.66,
        not three times 37.66."""
        self.rounded()
        order = self.new_order([(self.pump, 3, 33.33)])
        self.env["contract.term"].create(
            [
                {
                    "order_id": order.id,
                    "kind": "delivery",
                    "line_id": order.order_line.id,
                    "quantity": 1,
                    "due_mode": "date",
                    "date_fixed": f"2026-0{month}-20",
                }
                for month in (4, 5, 6)
            ]
        )
        with freeze_time("2026-03-01 02:00:00"):
            order.action_confirm()
        self.assertEqual(order.amount_total, 112.99)
        self.assertEqual(self.agreed(order), [37.66, 37.67, 37.66])
        self.deliver(order, "2026-03-10")
        self.assert_open(order, "2026-03-10", delivered=112.99)

    def test_trade_in(self):
        """Two pumps at 100 and two valves at 40, an old one taken for 56: 280 − 56 =
        224, which is 80 %: a pump 80, a valve 32."""
        trade_in = {
            "product_id": self.service.id,
            "product_uom_qty": -1,
            "price_unit": 56,
            "tax_ids": False,
        }
        order = self.contract(
            trade_in, goods=[(self.pump, 2, 100), (self.valve, 2, 40)]
        )
        self.assertEqual(
            [
                term.amount
                for term in order.contract_term_ids
                if term.kind == "delivery"
            ],
            [160, 64],
        )
        self.deliver(order, "2026-03-10", pump=1, valve=1)
        self.assert_open(order, "2026-03-10", delivered=112)

    def test_nothing_but_a_rebate(self):
        """An order below zero is confirmed; nothing is to be paid."""
        order = self.new_order([(self.service, 1, -50)], "template_30_60_10")
        order.action_confirm()
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(set(order.contract_term_ids.mapped("amount")), {0})
        self.assert_open(order, None, overdue=0, matured=0, delivered=0)

    def test_rebates_of_older_versions(self):
        """Agreed without the rebate, 1,000, is 950 with it; what the order doesn't say
        any more, 900, stays as it was agreed."""
        for amount, lowered in ((1000, 950), (900, 900)):
            order = self.contract(self.rebate(50))
            term = order.contract_term_ids
            unguarded(term).amount = amount
            migrate(self.env, "post-rebates.py")
            self.assertEqual(term.amount, lowered)

    def test_cents_of_older_versions(self):
        """Agreed line by line, 3 × 11.36, comes to the order's 34.07; what is not as
        the order says stays."""
        order = self.rounded(*[(self.pump, 1, 10.05)] * 3)
        terms = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        unguarded(terms).amount = 11.36
        migrate(self.env, "post-cents.py", "19.0.1.6.0")
        self.assertEqual(self.agreed(order), [11.36, 11.35, 11.36])
        unguarded(terms).amount = 9
        migrate(self.env, "post-cents.py", "19.0.1.6.0")
        self.assertEqual(self.agreed(order), [9, 9, 9])

    def test_a_re_agreement_sees_the_same(self):
        """What is agreed with its rebate differs in nothing; 12 instead of 10 pumps
        with the same rebate are 1,150, a pump 95.83."""
        order = self.contract(self.rebate(50))
        record = self.env["contract.reagreement"].create({"order_id": order.id})
        self.assertFalse(record._order_differences())
        with freeze_time("2026-03-02 02:00:00"):
            self.assertFalse(self.env["contract.deviation"]._detect(order))
        order.order_line[0].product_uom_qty = 12
        [[_text, [vals]]] = record._order_differences()
        self.assertEqual(vals["quantity"], 12)

    def test_call_off(self):
        """A call-off of 10 × 100 less 50 takes 950 of the frame's 1,000."""
        frame = self.new_frame(lines=[{"product_id": self.pump.id, "amount": 1000}])
        order = self.contract(self.rebate(50), contract_frame_id=frame.id)
        self.assertEqual(frame.line_ids.called_amount, 950)
        self.assertFalse(order.contract_outside_frame)
        order.order_line[0].product_uom_qty = 11
        order.invalidate_recordset()
        self.assertIn("1,050", order.contract_frame_warning.replace("\xa0", " "))

    # ------------------------------------------------------------------
    # Discounts and fees
    # ------------------------------------------------------------------

    def test_discount_on_the_whole_order(self):
        """1,000 less 10 %: 900 invoiced and paid. Exposure 0, not 100 for ever."""
        order = self.contract(self.discount(100), template="template_30_60_10")
        self.deliver(order, "2026-03-10")
        self.assert_open(order, "2026-03-10", delivered=900, exposure=900)
        order = self.contract(self.discount(100))
        self.deliver(order, "2026-03-10")
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.amount_total, 900)
        self.pay(invoice, "2026-03-11")
        self.assert_settled(order, "2026-03-11", 900)

    def test_discount_of_the_wizard(self):
        """As core's window makes it, with 13 % tax: (1,000 − 100) × 1.13 = 1,017."""
        tax = self.env["account.tax"].create({"name": "VAT 13 %", "amount": 13})
        with freeze_time("2026-03-01 02:00:00"):
            order = self.new_order(
                [(self.pump, 10, 100)], commitment_date="2026-03-31 02:00:00"
            )
            order.order_line.tax_ids = tax
            self.env["sale.order.discount"].create(
                {
                    "sale_order_id": order.id,
                    "discount_type": "so_discount",
                    "discount_percentage": 0.1,
                }
            ).action_apply_discount()
            order.action_confirm()
        self.assertEqual(order.amount_total, 1017)
        self.deliver(order, "2026-03-10")
        self.pay(self.invoice(order, "2026-03-11"), "2026-03-11")
        self.assert_settled(order, "2026-03-11", 1017)

    def test_fee(self):
        """1,000 and a fee of 50: delivered 1,000; the fee counts when it is invoiced.
        1,050 invoiced and paid: exposure 0, not −50."""
        fee = {
            "product_id": self.service.id,
            "price_unit": 50,
            "tax_ids": False,
            "is_expense": True,
        }
        order = self.contract(fee)
        self.deliver(order, "2026-03-10")
        self.assert_open(
            order, "2026-03-10", delivered=1000, exposure=1000, delivered_unpaid=1000
        )
        order.order_line.filtered("is_expense").qty_delivered = 1
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.amount_total, 1050)
        self.assert_open(
            order, "2026-03-11", exposure=1050, delivered_unpaid=1050, receivable=1050
        )
        self.assert_open(order, "2026-03-11", delivered_not_invoiced=0)
        self.pay(invoice, "2026-03-11")
        self.assert_settled(order, "2026-03-11", 1000)

    # ------------------------------------------------------------------
    # What people enter stops no step
    # ------------------------------------------------------------------

    def test_ended_before_it_is_confirmed(self):
        """The end was entered for an order that is confirmed late."""
        order = self.new_order(contract_end_date="2026-06-30")
        with freeze_time("2026-07-02 02:00:00"):
            order.action_confirm()
        self.assertEqual(order.contract_effective_date, date(2026, 7, 2))
        with self.assertRaises(ValidationError):
            order._contract_correct({"contract_end_date": "2026-07-01"}, "typo")

    def test_a_number_that_somebody_typed(self):
        """The next number of the sequence is taken, in small letters: another one."""
        order = self.new_order()
        first = self.new_order()
        first.action_confirm()
        year, _dash, number = first.contract_number.rpartition("-")
        typed = f"{year}-{int(number) + 1:04}".lower()
        self.new_order(contract_number=typed)
        order.action_confirm()
        self.assertEqual(order.contract_number, f"{year}-{int(number) + 2:04}")
        frame = self.new_frame(day=False)
        prefix, _dash, number = frame.name.rpartition("-")
        frame.copy({"name": f"{prefix}-{int(number) + 1:04}".lower()})
        self.assertEqual(
            self.new_frame(day=False).name, f"{prefix}-{int(number) + 2:04}"
        )
