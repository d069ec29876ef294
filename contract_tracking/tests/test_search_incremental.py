from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import IrCron

from ..models.deviation.contract_deviation_detection import SEARCHED
from ..tools.guard import unguarded
from .test_deviation_detection import DetectionCase


class SearchCase(DetectionCase):
    """The nightly search reads what changed, and leaves nothing that a search of
    everything would find."""

    @contextmanager
    def searching(self):
        """Which contracts a statement searches: list of ids a statement."""
        Deviation = self.env.registry["contract.deviation"]
        statement = Deviation._detection_sql
        seen = []

        def record(self, contracts):
            seen.append((contracts._name, contracts.ids))
            return statement(self, contracts)

        with patch.object(Deviation, "_detection_sql", record):
            yield seen

    def search(self, day, hour="02:00:00"):
        """Run the cron; return what is new, and the ids of the orders that it read."""
        with self.searching() as seen:
            found = self.run_cron(day, hour)
        with freeze_time(f"{day} {hour}"):
            self.assert_nothing_left()
        return found, {
            order_id for name, ids in seen if name == "sale.order" for order_id in ids
        }

    def assert_nothing_left(self):
        Deviation = self.env["contract.deviation"].sudo()
        open_ones = [("cured_on", "=", False), ("detect_key", "!=", False)]
        known = Deviation.search(open_ones)
        everything = (
            self.env["sale.order"].search(
                [("contract_state", "in", ("active", "suspended"))]
            )
            | known.order_id,
            self.env["contract.frame"].search([("state", "=", "active")])
            | known.frame_id,
        )
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            # rules are of the day of the tests: after all days that pass here
            self.env.cr.execute(
                "UPDATE contract_deviation_rule SET write_date = '2020-01-01'"
            )
            for contracts in everything:
                facts = self.env[contracts._contract_facts_model]
                left = [
                    (row["searched_id"], row["kind"], row["known_kind"], row["step"])
                    for row in facts._execute(Deviation._detection_sql(contracts))
                    if row["step"]
                ]
                self.assertFalse(left)
            savepoint.rollback()

    def days(self, first, last):
        day, last = date.fromisoformat(first), date.fromisoformat(last)
        while day <= last:
            yield str(day)
            day += timedelta(1)

    def found_on(self, order, kind, first, last):
        """The days on which the search of each day finds something of a kind."""
        return [
            day
            for day in self.days(first, last)
            if self.search(day)[0].filtered(
                lambda d: d.order_id == order and d.kind == kind
            )
        ]


class TestSearchDays(SearchCase):
    """What time alone changes is found on its day."""

    def test_nothing_changed(self):
        costs = set()
        for count in (1, 20):
            for _n in range(count):
                self.contract(promised="2026-12-01")
            self.search("2026-09-02")
            found, read = self.search("2026-09-02", "03:00:00")
            self.assertFalse(found)
            self.assertFalse(read)
            with (
                freeze_time("2026-09-02 04:00:00"),
                patch.object(IrCron, "_commit_progress", lambda *a, **k: 1),
            ):
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                self.env["contract.deviation"]._cron_detect()
                costs.add(self.env.cr.sql_log_count - before)
            # another day of the same figures
            self.assertFalse(self.search("2026-09-03")[1])
        self.assertEqual(len(costs), 1, costs)

    def test_a_day_makes_it_late(self):
        order = self.contract()
        self.search("2026-09-02")
        self.assertEqual(
            self.found_on(order, "late_delivery", "2026-09-29", "2026-10-04"),
            ["2026-10-02"],
        )
        self.assertEqual(self.of(order, "late_delivery").impact_days, 3)
        # its figures don't follow any more
        self.move_to(self.of(order), "executing")
        self.search("2026-10-05")
        self.assertNotIn(order.id, self.search("2026-10-06")[1])

    def test_tolerated_days_pass(self):
        order = self.contract()
        self.rule("late_delivery").tolerance_days = 3
        self.search("2026-10-02")
        self.move_to(self.of(order), "executing")  # papers
        self.search("2026-10-03")
        self.assertNotIn(order.id, self.search("2026-10-04")[1])
        self.assertEqual(
            self.found_on(order, "late_delivery", "2026-10-04", "2026-10-06"),
            ["2026-10-05"],
        )

    def test_a_graver_band_is_reached(self):
        order = self.contract()
        self.search("2026-10-02")
        self.move_to(self.of(order), "closed")
        self.search("2026-10-03")
        self.assertNotIn(order.id, self.search("2026-10-04")[1])
        self.assertEqual(
            self.found_on(order, "late_delivery", "2026-10-05", "2026-10-09"),
            ["2026-10-08"],
        )

    def test_a_paper_begins_to_be_missing(self):
        order = self.contract(promised="2026-12-01")
        self.search("2026-09-02")
        self.assertFalse(self.search("2026-10-01")[1] & set(order.ids))
        self.search("2026-10-02")
        self.assertEqual(self.of(order).mapped("kind"), ["document_missing"])

    def test_cured_from_a_day_to_come(self):
        order = self.contract(promised="2026-12-01")
        self.search("2026-09-02")
        order.order_line.product_uom_qty = 8
        found, _read = self.search("2026-09-02")
        self.assertEqual(found.kind, "order_changed")
        unguarded(found).cured_on = "2026-09-06"
        self.assertEqual(
            self.found_on(order, "order_changed", "2026-09-02", "2026-09-08"),
            ["2026-09-06"],
        )

    def test_call_offs_read_each_other(self):
        frame = self.new_frame(owner=self.owner)
        first, second = (
            self.contract(
                lines=[(self.pump, 60)],
                promised="2026-12-01",
                contract_frame_id=frame.id,
                day=f"2026-09-0{day}",
            )
            for day in (1, 2)
        )
        self.search("2026-09-03")
        self.assertTrue(self.of(first, "outside_frame"))
        outside = self.of(second, "outside_frame")
        with freeze_time("2026-09-04 02:00:00"):
            first.order_line.product_uom_qty = 30
        self.search("2026-09-05")
        self.assertTrue(outside.cured_on)
        unguarded(frame.line_ids).price_unit = 90
        self.search("2026-09-06")
        self.assertEqual(len(self.of(second, "outside_frame")), 2)


class TestSearchWrites(SearchCase):
    """What somebody writes is found by the next run, also on the same day."""

    def test_delivered(self):
        order = self.contract()
        self.search("2026-10-02")
        late = self.of(order, "late_delivery")
        self.deliver(order, "2026-10-02", pump=4)
        self.search("2026-10-02", "05:00:00")
        self.assertEqual(late.actual_quantity, 4)
        self.deliver(order, "2026-10-02")
        self.search("2026-10-02", "06:00:00")
        self.assertEqual(late.cured_on, date(2026, 10, 2))
        # cured by mistake, and reopened
        unguarded(late).cured_on = False
        self.search("2026-10-02", "07:00:00")
        self.assertTrue(late.cured_on)

    def test_rules(self):
        order = self.contract()
        rule = self.rule("late_delivery")
        rule.active = False
        self.search("2026-10-02")
        self.assertFalse(self.of(order, "late_delivery"))
        self.env["contract.facts"]._fold()
        rule.active = True
        self.assertFalse(self.env["contract.facts"]._stale_ids(), "figures stay valid")
        self.search("2026-10-02", "03:00:00")
        late = self.of(order, "late_delivery")
        self.assertEqual(late.severity, "minor")
        rule.band_ids.sorted("rank")[0].days_from = 1
        self.search("2026-10-02", "04:00:00")
        self.move_to(late, "closed")
        self.search("2026-10-03")
        rule.band_ids.sorted("rank")[-1].days_from = 2
        self.search("2026-10-03", "04:00:00")
        self.assertEqual(len(self.of(order, "late_delivery")), 2)

    def test_papers(self):
        order = self.contract(promised="2026-12-01")
        self.search("2026-10-02")
        missing = self.of(order)
        paper = self.file_signed_copy(order, "2026-09-01")
        self.search("2026-10-03")
        self.assertTrue(missing.cured_on)
        paper.unlink()
        found, _read = self.search("2026-10-03", "03:00:00")
        self.assertEqual(found.kind, "document_missing")
        line = self.env["contract.checklist.line"].create(
            {
                "res_model": "sale.order",
                "res_id": order.id,
                "template_line_id": order._checklist_questions()[:1].id,
                "answer": "na",
                "note": "by word of mouth",
            }
        )
        self.search("2026-10-03", "04:00:00")
        self.assertTrue(found.cured_on)
        line.template_line_id.copy({"name": "Another"})
        self.search("2026-10-03", "05:00:00")
        again = self.of(order) - missing - found
        self.assertEqual(again.kind, "document_missing")
        question = line.template_line_id.template_id.line_ids - line.template_line_id
        question.type_ids = self.env["contract.document.type"].search([])
        self.file_signed_copy(order, "2026-09-01").type_id = question.type_ids[-1]
        self.search("2026-10-03", "06:00:00")
        self.assertTrue(again.cured_on)
        question.type_ids -= question.type_ids[-1]
        self.search("2026-10-03", "07:00:00")
        self.assertEqual(len(self.of(order)), 4)

    def test_third_party(self):
        group = self.env["res.partner"].create({"name": "Group", "is_company": True})
        stranger = self.env["res.partner"].create({"name": "Cousin Ltd"})
        order = self.contract("template_30_70_delivery")
        claim = self.claim(self.money("2026-09-05", 300, stranger), order, 300)
        found, _read = self.search("2026-09-06")
        self.assertEqual(found.kind, "third_party")
        paper = self.file_signed_copy(order, "2026-09-06")
        paper.partner_ids = group
        kind = paper.type_id
        self.search("2026-09-06", "03:00:00")
        kind.is_payment_authorisation = True
        self.search("2026-09-06", "04:00:00")
        self.assertFalse(found.cured_on)
        self.env["contract.facts"]._fold()
        stranger.phone = "1"
        self.env.flush_all()
        self.assertFalse(self.env["contract.facts"]._stale_ids())
        stranger.parent_id = group
        self.search("2026-09-06", "05:00:00")
        self.assertTrue(found.cured_on)
        paper.partner_ids = self.partner
        found, _read = self.search("2026-09-06", "06:00:00")
        self.assertEqual(found.kind, "third_party")
        paper.partner_ids = False
        self.search("2026-09-06", "07:00:00")
        self.assertTrue(found.cured_on)
        kind.is_payment_authorisation = False
        found, _read = self.search("2026-09-06", "08:00:00")
        self.assertEqual(found.detect_key, f"claim:{claim.id}")

    def test_papers_of_the_frame_agreement(self):
        frame = self.new_frame(owner=self.owner)
        stranger = self.env["res.partner"].create({"name": "Cousin Ltd"})
        order = self.contract(
            "template_30_70_delivery",
            contract_frame_id=frame.id,
        )
        self.claim(self.money("2026-09-05", 300, stranger), order, 300)
        self.search("2026-09-06")
        found = self.of(order, "third_party")
        paper = self.file_signed_copy(order, "2026-09-06")
        paper.type_id = self.env["contract.document.type"].search(
            [("is_payment_authorisation", "=", True)], limit=1
        )
        of_order, paper = (
            paper,
            paper.copy({"order_id": False, "frame_id": frame.id}),
        )
        of_order.unlink()
        self.search("2026-09-06", "03:00:00")
        self.assertTrue(found.cured_on)
        paper.unlink()
        self.search("2026-09-06", "04:00:00")
        self.assertEqual(len(self.of(order, "third_party")), 2)

    def test_ended(self):
        order, quiet = self.contract(), self.contract(promised="2026-12-01")
        self.search("2026-09-30")
        with freeze_time("2026-09-30 03:00:00"):
            quiet.with_user(self.business)._take_reason_step("terminate", "bankrupt")
        self.assertNotIn(quiet.id, self.search("2026-09-30", "04:00:00")[1])
        self.search("2026-10-02")
        self.assertTrue(self.of(order))
        with freeze_time("2026-10-03 02:00:00"):
            order.with_user(self.business)._take_reason_step("terminate", "bankrupt")
        self.search("2026-10-03", "03:00:00")
        with freeze_time("2026-10-03 04:00:00"):
            order.contract_term_ids.with_user(self.business)._waive("given up")
        self.search("2026-10-03", "05:00:00")
        self.assertTrue(self.of(order, "late_delivery").cured_on)

    def test_agreed_anew(self):
        order = self.contract()
        self.search("2026-10-02")
        late = self.of(order, "late_delivery")
        old = late.term_id
        with freeze_time("2026-10-03 02:00:00"):
            unguarded(old).valid_to = "2026-10-06"
            new = unguarded(old).copy(
                {
                    "predecessor_id": old.id,
                    "valid_from": "2026-10-06",
                    "valid_to": False,
                    "due_mode": "date",
                    "date_fixed": "2026-10-08",
                    "stamped": True,
                }
            )
        for day in self.days("2026-10-03", "2026-10-10"):
            self.search(day)
        self.assertTrue(late.cured_on)
        self.assertIn(new, self.of(order, "late_delivery").term_id)

    def test_on_demand(self):
        """The button searches at once, whenever the cron would."""
        order = self.contract()
        self.search("2026-10-02")
        unguarded(self.of(order)).write({"cured_on": "2026-10-02"})
        with freeze_time("2026-10-02 03:00:00"):
            order.with_user(self.owner).action_contract_find_deviations()
        self.assertEqual(len(self.of(order, "late_delivery")), 2)
        self.search("2026-10-02", "04:00:00")


class TestSearchRuns(SearchCase):
    """Runs that are killed, and what they read."""

    def test_a_run_goes_on_by_what_is_left(self):
        orders = [self.contract() for _n in range(3)]
        Deviation = self.env["contract.deviation"]
        with (
            freeze_time("2026-10-02 02:00:00"),
            self.searching() as seen,
            patch.object(IrCron, "_commit_progress", lambda *a, **k: 0),
        ):
            for _n in range(5):
                Deviation._cron_detect(batch=2)
        ids = [order.id for order in orders]
        ran = [one for _name, batch in seen for one in batch if one in ids]
        self.assertEqual(ran, ids)
        self.assertGreater(len(seen), 1)
        for order in orders:
            self.assertEqual(len(self.of(order, "late_delivery")), 1)
        with freeze_time("2026-10-02 02:00:00"):
            self.assert_nothing_left()

    def test_every_table_is_watched(self):
        """What the statement reads is noted, or is an epoch of the facts or of the
        search."""
        facts = self.env["contract.facts"]
        known = {
            *facts._note_sources(),
            *facts._epoch_sources(),
            *facts._other_sources(),
        }
        for name in SEARCHED:
            contracts = self.env[name].search([], limit=1)
            if name == "contract.frame":
                contracts = contracts or self.new_frame()
            sql = self.env["contract.deviation"]._detection_sql(contracts)
            self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", sql))
            found, todo = set(), self.env.cr.fetchone()
            todo = [*todo]
            while todo:
                node = todo.pop()
                if isinstance(node, dict):
                    found.add(node.get("Relation Name"))
                    todo += node.values()
                elif isinstance(node, list):
                    todo += node
            self.assertFalse(found - known - {None})
            tables = {
                self.env[field.model_name]._table
                for field in sql.to_flush
                if field.column_type
            }
            self.assertFalse(tables - known)
        for table, columns in facts._epoch_sources().items():
            read = {
                field.name
                for field in sql.to_flush
                if field.column_type and self.env[field.model_name]._table == table
            }
            if not isinstance(columns, SQL):
                self.assertLessEqual(read, {*columns}, table)

    def test_forty_days(self):
        """A bit of everything, and a search on each day."""
        frame = self.new_frame(owner=self.owner)
        self.rule("late_payment").tolerance_days = 2
        self.rule("milestone_late").band_ids.unlink()
        self.rule("milestone_late").band_ids = [
            Command.create({"severity": "major", "days_from": 4}),
            Command.create({"severity": "critical", "days_from": 9}),
        ]
        contracts = [
            self.contract(template, day=f"2026-09-{1 + 2 * number:02}", **values)
            for number, (template, values) in enumerate(
                [
                    ("template_30_70_delivery", {"promised": "2026-09-10"}),
                    ("template_30_70_delivery", {"promised": "2026-09-25"}),
                    (None, {"promised": "2026-09-12"}),
                    (None, {"promised": "2026-09-20"}),
                    ("template_30_70_delivery", {"contract_frame_id": frame.id}),
                ]
            )
        ]
        one, two, three, four, five = contracts
        department = self.env["contract.department"].create({"name": "Works"})
        with freeze_time("2026-09-02 03:00:00"):
            milestone = self.env["contract.term"].create(
                {
                    "order_id": four.id,
                    "kind": "milestone",
                    "name": "Drawings",
                    "due_mode": "date",
                    "date_fixed": "2026-09-13",
                    "user_id": self.owner.id,
                    "department_id": department.id,
                }
            )
        happens = {
            "2026-09-12": lambda day: self.deliver(one, day, pump=6),
            "2026-09-14": lambda day: self.claim(self.money(day, 300), one, 300),
            "2026-09-15": lambda day: self.invoice(three, day),
            "2026-09-17": lambda day: self.move_to(self.of(four), "closed"),
            "2026-09-18": lambda day: self.file_signed_copy(two, day),
            "2026-09-22": lambda day: self.deliver(three, day),
            "2026-09-24": lambda day: self.move_to(self.of(one), "closed"),
            "2026-09-26": lambda day: setattr(milestone, "done_date", day),
            "2026-09-28": lambda day: self.deliver(one, day),
            "2026-09-29": lambda day: setattr(five.order_line, "product_uom_qty", 200),
        }
        read = []
        for day in self.days("2026-09-08", "2026-10-17"):
            if day in happens:
                with freeze_time(f"{day} 01:00:00"):
                    happens[day](day)
            read.append(len(self.search(day)[1]))
        kinds = set(self.env["contract.deviation"].search([]).mapped("kind"))
        self.assertGreaterEqual(
            kinds,
            {"late_delivery", "late_payment", "milestone_late", "document_missing"},
        )
        self.assertLess(sum(read), 40 * 6)
