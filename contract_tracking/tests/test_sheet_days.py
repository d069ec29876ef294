from datetime import date, datetime, time, timedelta

import pytz
from freezegun import freeze_time

from odoo import Command

from .common import ContractCommon

SHANGHAI = pytz.timezone("Asia/Shanghai")


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
                self.assertEqual(
                    self.due(str(start), delay, "workday"), planned.date()
                )

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
