from contextlib import suppress
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.contract_tracking.tools.guard import unguarded

from .common import ContractCommon

JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


@tagged("post_install", "-at_install")
class TestMonthGenerate(ContractCommon):
    """When and for whom the records of a month are made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_cutoff_day = 31
        cls.Record = cls.env["contract.monthly.record"]
        cls.west = cls.env["crm.team"].create({"name": "West Office"})
        cls.order = cls.new_contract(
            "2026-07-06", [(cls.pump, 10)], team_id=cls.team.id
        )
        cls.deliver(cls.order, "2026-07-20", pump=4)
        cls.bill = cls.invoice(cls.order, "2026-07-21")
        cls.pay(cls.bill, "2026-08-10", 300)

    def generate(self, month, day="2026-11-10"):
        with freeze_time(f"{day} 02:00:00"):
            records = self.Record._generate(self.company, month)
        return records

    def line(self, month, order=None):
        return self.env["contract.monthly.record.line"].search(
            [
                ("month", "=", month),
                ("order_id", "=", (order or self.order).id),
                ("record_id.state", "!=", "replaced"),
            ]
        )

    def confirm(self, month, day="2026-11-10"):
        """Records of a month as if they had been confirmed that day."""
        records = self.generate(month, day)
        unguarded(records).write({"state": "confirmed"})
        return records

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------

    def test_periods(self):
        cases = {
            31: [(date(2026, 2, 1), date(2026, 2, 28))],
            25: [(date(2026, 1, 26), date(2026, 2, 25))],
        }
        for cutoff, [period] in cases.items():
            self.company.contract_cutoff_day = cutoff
            self.assertEqual(
                self.company._contract_period(date(2026, 2, 10)), period, cutoff
            )
        self.assertEqual(
            self.company._contract_month(date(2026, 2, 26)), date(2026, 3, 1)
        )
        self.env["contract.monthly.cutoff"].create(
            {"company_id": self.company.id, "month": "2026-02-14", "date": "2026-03-03"}
        )
        self.assertEqual(
            self.company._contract_period(date(2026, 3, 1)),
            (date(2026, 3, 4), date(2026, 3, 25)),
        )
        self.assertEqual(
            self.company._contract_month(date(2026, 3, 3)), date(2026, 2, 1)
        )

    def test_months_of_days_in_sql(self):
        self.company.contract_cutoff_day = 25
        self.env["contract.monthly.cutoff"].create(
            {"company_id": self.company.id, "month": "2026-02-01", "date": "2026-03-03"}
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT day, month FROM (%s) c WHERE company_id = %s",
                self.env["contract.facts"]._calendar_sql(
                    date(2025, 12, 1), date(2026, 5, 31)
                ),
                self.company.id,
            )
        )
        self.assertEqual(len(rows), 182)
        for day, month in rows:
            self.assertEqual(month, self.company._contract_month(day), day)

    def test_cutoff_day_is_a_day(self):
        for wrong in (0, 32, -1):
            with self.assertRaises(ValidationError):
                self.company.contract_cutoff_day = wrong

    def test_cutoff_between_its_neighbours(self):
        for wrong in ("2026-06-30", "2026-08-31", "2027-07-15"):
            with (
                self.assertRaisesRegex(ValidationError, "must lie between"),
                self.env.cr.savepoint(),
            ):
                self.env["contract.monthly.cutoff"].create(
                    {"company_id": self.company.id, "month": JULY, "date": wrong}
                )

    def test_cutoff_stays_where_records_are(self):
        records = self.generate(JULY)
        cutoff = self.env["contract.monthly.cutoff"].search([("month", "=", JULY)])
        self.assertEqual(cutoff.date, date(2026, 7, 31))
        with self.assertRaisesRegex(UserError, "can't be moved any more"):
            cutoff.date = "2026-07-25"
        with self.assertRaisesRegex(UserError, "can't be moved any more"):
            cutoff.unlink()
        self.company.contract_cutoff_day = 20
        self.assertEqual(self.generate(JULY), records)
        self.assertEqual(records.date, date(2026, 7, 31))
        self.generate(AUGUST)
        self.assertEqual(self.line(AUGUST).record_id.date_from, date(2026, 8, 1))
        self.assertEqual(self.line(AUGUST).record_id.date, date(2026, 8, 20))

    # ------------------------------------------------------------------
    # Making them
    # ------------------------------------------------------------------

    def test_a_month_that_is_not_over(self):
        for day in ("2026-07-20", "2026-07-31"):
            with self.assertRaisesRegex(UserError, "not over yet"):
                self.generate(JULY, day)
        self.assertTrue(self.generate(JULY, "2026-08-01"))

    def test_the_company_s_own_day(self):
        """In Shanghai it is August already."""
        with freeze_time("2026-07-31 17:00:00"):
            self.assertTrue(self.Record._generate(self.company, JULY))

    def test_twice_is_once(self):
        records = self.generate(JULY)
        line = self.line(JULY)
        before = line.read()[0]
        self.assertEqual(self.generate(JULY), records)
        self.assertEqual(self.line(JULY), line)
        after = line.read()[0]
        for name in ("made_on", "run", "write_date", "write_uid"):
            del before[name], after[name]
        self.assertEqual(after, before)

    def test_figures_as_of_the_cutoff(self):
        self.generate(JULY)
        line = self.line(JULY)
        self.assertEqual(line.record_id.team_id, self.team)
        self.assertRecordValues(
            line,
            [
                {
                    "total": 1000,
                    "delivered_opening": 0,
                    "delivered_month": 400,
                    "delivered": 400,
                    "invoiced_month": 1000,
                    "received": 0,
                    "receivable": 1000,
                    "delivered_not_invoiced": -600,
                }
            ],
        )
        self.generate(AUGUST)
        line = self.line(AUGUST)
        self.assertRecordValues(
            line,
            [
                {
                    "delivered_opening": 400,
                    "delivered_month": 0,
                    "delivered": 400,
                    "received_month": 300,
                    "received_year": 300,
                    "received": 300,
                    "receivable": 700,
                }
            ],
        )

    def test_posted_late_appears_once(self):
        self.confirm(JULY)
        self.pay(self.bill, "2026-07-28", 200)
        self.generate(JULY)
        self.assertEqual(self.line(JULY).received, 0)
        self.confirm(AUGUST)
        self.assertRecordValues(
            self.line(AUGUST),
            [
                {
                    "received_opening": 0,
                    "received_adjustment": 200,
                    "received_month": 300,
                    "received": 500,
                }
            ],
        )
        self.generate(SEPTEMBER)
        self.assertRecordValues(
            self.line(SEPTEMBER),
            [
                {
                    "received_opening": 500,
                    "received_adjustment": 0,
                    "received_month": 0,
                    "received": 500,
                }
            ],
        )

    def test_a_contract_that_became_known_late(self):
        """It was in no confirmed record: what it did in July is no month's own."""
        self.confirm(JULY)
        late = self.new_contract("2026-07-08", [(self.pump, 3)], team_id=self.team.id)
        self.deliver(late, "2026-07-09", pump=1)
        self.deliver(late, "2026-08-09", pump=2)
        self.generate(AUGUST)
        self.assertRecordValues(
            self.line(AUGUST, late),
            [
                {
                    "delivered_opening": 0,
                    "delivered_adjustment": 100,
                    "delivered_month": 200,
                    "delivered": 300,
                }
            ],
        )

    def test_back_after_it_was_settled(self):
        """What it was before the first record is brought forward."""
        old = self.new_contract("2026-06-01", [(self.pump, 2)], team_id=self.team.id)
        went = self.deliver(old, "2026-06-02")
        self.pay(self.invoice(old, "2026-06-02"), "2026-06-03")
        with freeze_time("2026-06-20 02:00:00"):
            old._contract_reach("completed", ["active"], "Everything is done")
        self.confirm(JULY)
        self.assertFalse(self.line(JULY, old))
        self.give_back(went, "2026-08-09", 1)
        self.generate(AUGUST)
        self.assertRecordValues(
            self.line(AUGUST, old),
            [
                {
                    "delivered_opening": 200,
                    "delivered_adjustment": 0,
                    "delivered_month": -100,
                    "received_opening": 200,
                    "received": 200,
                }
            ],
        )

    def test_the_year_before(self):
        """Without a record of December this year is what happened in it."""
        self.confirm(JULY)
        january = date(2027, 1, 1)
        self.pay(self.bill, "2026-12-10", 100)
        self.pay(self.bill, "2027-01-10", 50)
        self.generate(january, "2027-02-02")
        self.assertEqual(self.line(january).received, 450)
        self.assertEqual(self.line(january).received_year, 50)

    def test_parts_are_opened(self):
        self.confirm(JULY, "2026-08-02")
        with freeze_time("2026-08-12 02:00:00"):
            late = self.pay(self.bill, "2026-07-28", 200)
        self.env.cr.execute(
            "UPDATE account_payment SET create_date = now() WHERE id = %s", late.ids
        )
        self.env["account.payment"].invalidate_model()
        self.generate(AUGUST)
        line = self.line(AUGUST)
        for part, amount in (("month", 300), ("adjustment", 200), ("year", 500)):
            action = line.with_context(
                contract_figure="received", contract_part=part
            ).action_contract_figure()
            rows = self.env["contract.figure.row"].search(action["domain"])
            self.assertEqual(sum(rows.mapped("amount")), amount, part)
            self.assertEqual(set(rows.mapped("kind")), {"receipt"}, part)
        with self.assertRaisesRegex(UserError, "has no rows"):
            line.with_context(
                contract_figure="receivable", contract_part="month"
            ).action_contract_figure()

    def test_what_was_entered_stays(self):
        self.generate(JULY)
        line = self.line(JULY)
        line.write({"plan_collection": 777, "remark": "Promised on the phone"})
        self.pay(self.bill, "2026-07-28", 200)
        self.generate(JULY)
        self.assertEqual(line.plan_collection, 777)
        self.assertEqual(line.remark, "Promised on the phone")
        self.assertEqual(line.received, 200)

    def test_plan_of_the_month_before(self):
        self.generate(JULY)
        self.line(JULY).write({"plan_collection": 600, "plan_delivery": 500})
        self.generate(AUGUST)
        self.assertRecordValues(
            self.line(AUGUST),
            [
                {
                    "planned_collection": 600,
                    "planned_delivery": 500,
                    "collection_achieved": 0.5,
                    "delivery_achieved": 0,
                }
            ],
        )

    def test_proposed_plan(self):
        """Due by the next cut-off: six pumps, and the invoice of July less what was
        paid."""
        self.generate(AUGUST)
        self.assertEqual(self.line(AUGUST).plan_delivery, 600)
        self.assertEqual(self.line(AUGUST).plan_collection, 700)

    # ------------------------------------------------------------------
    # Which contracts, which offices
    # ------------------------------------------------------------------

    def test_office_of_the_day(self):
        with freeze_time("2026-08-05 02:00:00"):
            self.order.team_id = self.west
        self.generate(JULY)
        self.generate(AUGUST)
        self.assertEqual(self.line(JULY).record_id.team_id, self.team)
        self.assertEqual(self.line(AUGUST).record_id.team_id, self.west)

    def test_no_office(self):
        order = self.new_contract("2026-07-07", [(self.pump, 1)], team_id=self.team.id)
        with freeze_time("2026-07-08 02:00:00"):
            order.team_id = False
        self.generate(SEPTEMBER)
        self.assertFalse(self.line(SEPTEMBER, order).record_id.team_id)

    def test_moved_to_another_office_while_a_draft(self):
        self.generate(JULY)
        with freeze_time("2026-07-30 02:00:00"):
            self.order.team_id = self.west
        self.generate(JULY)
        self.assertEqual(self.line(JULY).record_id.team_id, self.west)

    def test_ended_contracts(self):
        """Settled long before: no line. Owing: a line."""
        settled = self.new_contract("2026-06-01", [(self.pump, 1)])
        self.deliver(settled, "2026-06-02")
        self.pay(self.invoice(settled, "2026-06-02"), "2026-06-03")
        owing = self.new_contract("2026-06-01", [(self.pump, 1)])
        self.deliver(owing, "2026-06-02")
        self.invoice(owing, "2026-06-02")
        with freeze_time("2026-06-20 02:00:00"):
            (settled | owing)._contract_reach(
                "completed", ["active"], "Everything is done"
            )
        self.generate(JULY)
        self.assertFalse(self.line(JULY, settled))
        self.assertEqual(self.line(JULY, owing).receivable, 100)

    def test_not_in_effect_yet(self):
        order = self.new_contract("2026-08-20", [(self.pump, 1)])
        self.generate(JULY)
        self.assertFalse(self.line(JULY, order))

    # ------------------------------------------------------------------
    # The scheduled action
    # ------------------------------------------------------------------

    def run_cron(self, day):
        cron = self.env.ref("contract_tracking.cron_generate_monthly_records")
        with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()

    def test_missed_months(self):
        self.run_cron("2026-08-03")
        self.assertTrue(self.line(JULY))
        self.run_cron("2026-10-04")
        self.assertTrue(self.line(AUGUST))
        self.assertTrue(self.line(SEPTEMBER))
        made_on = self.line(SEPTEMBER).made_on
        self.run_cron("2026-10-05")
        self.assertEqual(self.line(SEPTEMBER).made_on, made_on)

    def test_switched_off(self):
        self.company.contract_monthly_auto = False
        self.run_cron("2026-08-03")
        self.assertFalse(self.line(JULY))

    def test_killed_goes_on(self):
        """What was read before it was killed isn't read again."""
        other = self.new_contract("2026-07-06", [(self.pump, 1)])
        Record = type(self.Record)
        read = []

        def spy(records, facts, cutoff, ids):
            read.append(ids)
            if len(read) == 2:
                raise KeyboardInterrupt
            return original(records, facts, cutoff, ids)

        original = Record._read_lines
        module = "odoo.addons.contract_tracking.models.month."
        with (
            patch(f"{module}contract_monthly_record_facts.BATCH", 1),
            patch.object(Record, "_read_lines", spy),
            suppress(KeyboardInterrupt),
        ):
            self.generate(JULY, "2026-08-03")
        cutoff = self.env["contract.monthly.cutoff"].search([("month", "=", JULY)])
        self.assertFalse(cutoff.done_on)
        left = set(read[1])
        read.clear()
        with patch.object(Record, "_read_lines", lambda r, f, c, i: read.append(i)):
            with freeze_time("2026-08-03 02:00:00"):
                for _left in self.Record._generate_batches(self.company, JULY):
                    pass
        self.assertNotIn(min(self.order.id, other.id), sum(read, []))
        self.assertLessEqual(left, set(sum(read, [])))

    # ------------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------------

    def test_as_many_queries_for_many(self):
        def queries(month):
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.generate(month)
            return self.env.cr.sql_log_count - before

        self.generate(JULY)
        few = queries(JULY)
        for _number in range(20):
            self.new_contract("2026-07-08", [(self.pump, 2)], team_id=self.team.id)
        self.generate(JULY)
        self.assertLessEqual(queries(JULY), few)
