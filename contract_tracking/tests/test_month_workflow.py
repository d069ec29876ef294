from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..tools.guard import guarded, unguarded
from .roles import RoleCase

WRITE = "contract_tracking.mail_activity_monthly_write"
REVISE = "contract_tracking.mail_activity_monthly_revise"
DECIDE = "contract_tracking.mail_activity_decide"


class MonthCase(RoleCase):
    """September and October of two offices: East with a head and a member, West whose
    head sells himself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Record = cls.env["contract.monthly.record"]
        cls.second = cls.new_user(
            "ct_business_2", "contract_tracking.group_contract_business"
        )
        cls.west_head = cls.new_user(
            "ct_west_head", "contract_tracking.group_contract_office"
        )
        cls.west = cls.env["crm.team"].create(
            {"name": "West Office", "user_id": cls.west_head.id}
        )
        cls.env["crm.team.member"].create(
            {"crm_team_id": cls.west.id, "user_id": cls.stranger.id}
        )
        cls.west_order = cls.new_role_contract(
            user_id=cls.rival.id, team_id=cls.west.id
        )

    @classmethod
    def generate(cls, month="2026-09-01", day="2026-10-02"):
        """Write the records of a month on a day, and return that of the East."""
        with cls.on(day):
            cls.Record._generate(cls.company, fields.Date.to_date(month))
        return cls.record_of(cls.team, month)

    @classmethod
    @contextmanager
    def on(cls, day):
        with freeze_time(f"{day} 02:00:00"):
            yield

    @classmethod
    def record_of(cls, team, month="2026-09-01"):
        return cls.Record.search(
            [
                ("team_id", "=", team.id),
                ("month", "=", month),
                ("state", "!=", "replaced"),
            ],
            order="version desc",
            limit=1,
        )

    def complete(self, record, user=None):
        """Say what is planned, as the head of the office does."""
        record = record.with_user(user or self.head)
        record.plan = "Deliver the pumps."
        for line in record.line_ids:
            line.plan_delivery = line.plan_delivery or 100
        return record

    def submit(self, record, day="2026-10-03", user=None):
        with self.on(day):
            self.complete(record, user).action_submit()

    def confirm(self, record, day="2026-10-04", user=None):
        """Have it submitted and confirmed by business office and finance."""
        self.submit(record, day, user)
        with self.on(day):
            record.with_user(self.second).action_approve()
            record.with_user(self.finance).action_approve()
        self.assertEqual(record.state, "confirmed")

    def asked(self, record, xmlid):
        kind = self.env.ref(xmlid)
        return record.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    @contextmanager
    def fails(self, pattern, error=UserError):
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)


class TestMonthSteps(MonthCase):
    def test_each_office_is_asked(self):
        record = self.generate()
        self.assertEqual(record.user_id, self.head)
        self.assertEqual(record.date_deadline, date(2026, 10, 3))
        activity = self.asked(record, WRITE)
        self.assertEqual(activity.user_id, self.head)
        self.assertEqual(activity.date_deadline, date(2026, 10, 3))
        west = self.record_of(self.west)
        self.assertEqual(self.asked(west, WRITE).user_id, self.west_head)
        self.assertEqual(record.line_ids.order_id, self.order)
        self.assertEqual(west.line_ids.order_id, self.west_order)

    def test_without_head_the_business_office_is_asked(self):
        self.team.user_id = False
        record = self.generate()
        self.assertLessEqual(
            self.business | self.second, self.asked(record, WRITE).user_id
        )
        self.assertFalse(record.user_id)
        self.env["contract.department"].create(
            {"name": "Business", "company_id": self.company.id}
        )
        self.company.contract_business_office_id = self.env[
            "contract.department"
        ].create(
            {
                "name": "Business Office",
                "company_id": self.company.id,
                "head_id": self.business.id,
            }
        )
        record = self.generate()
        self.assertEqual(self.asked(record, WRITE).user_id, self.business)

    def test_a_month_late_has_its_days_as_well(self):
        record = self.generate(day="2026-11-20")
        self.assertEqual(record.date_deadline, date(2026, 11, 23))

    def test_confirmed_by_business_office_and_finance(self):
        record = self.generate()
        self.submit(record)
        self.assertEqual(
            (record.state, record.approval_state), ("submitted", "pending")
        )
        self.assertFalse(self.asked(record, WRITE))
        self.assertEqual(record.step_ids.company_id, self.company)
        self.assertEqual(record.step_ids.team_id, self.team)
        self.assertFalse(record.step_ids.order_id)
        self.assertIn(self.business, self.asked(record, DECIDE).user_id)
        with self.on("2026-10-04"):
            with self.fails("doesn't wait for you|can't decide"):
                record.with_user(self.finance).action_approve()
            record.with_user(self.business).action_approve()
            self.assertIn(self.finance, self.asked(record, DECIDE).user_id)
            record.with_user(self.finance).action_approve()
        self.assertEqual(
            (record.state, record.approval_state), ("confirmed", "approved")
        )
        self.assertFalse(record.activity_ids)

    def test_nobody_confirms_his_own(self):
        self.head.group_ids |= self.env.ref("contract_tracking.group_contract_business")
        record = self.generate()
        self.submit(record)
        self.assertNotIn(self.head, record.step_ids.user_id)
        with self.on("2026-10-04"), self.fails("can't decide"):
            record.with_user(self.head).action_approve()

    def test_who_writes_the_plan_does_not_confirm_it(self):
        record = self.generate()
        with self.on("2026-10-03"):
            record.with_user(self.business).plan = "Deliver."
            record.line_ids.with_user(self.second).write({"plan_delivery": 5})
            record.with_user(self.head).action_submit()
        self.assertFalse((self.business | self.second) & record.step_ids.user_id)

    def test_who_has_it_written_confirms_it(self):
        with self.on("2026-10-02"):
            wizard = (
                self.env["contract.monthly.write"]
                .with_user(self.business)
                .create({"company_id": self.company.id, "month": "2026-09-17"})
            )
            self.assertEqual(wizard.date_to, date(2026, 9, 30))
            action = wizard.action_apply()
        record = self.Record.search(action["domain"]).filtered("team_id")[:1]
        self.assertTrue(record)
        self.submit(self.record_of(self.team))
        self.assertIn(self.business, self.record_of(self.team).step_ids.user_id)

    def test_a_plan_in_words_and_numbers(self):
        record = self.generate()
        mine = record.with_user(self.head)
        mine.line_ids.write({"plan_delivery": 0, "plan_collection": 0})
        unguarded(record.line_ids).write({"is_planned": False})
        for plan in (False, "", "  \n"):
            mine.plan = plan
            with self.on("2026-10-03"), self.fails("has no plan: say"):
                mine.action_submit()
        mine.plan = "Deliver the pumps."
        with (
            self.on("2026-10-03"),
            patch.object(type(record), "_refresh", lambda *args: None),
        ):
            with self.fails("no plan in numbers"):
                mine.action_submit()
        self.assertEqual(record.plan, "Deliver the pumps.")
        mine.line_ids[:1].plan_collection = 300
        with self.on("2026-10-03"):
            mine.action_submit()
        self.assertEqual(record.line_ids.plan_collection, 300)
        self.assertEqual(record.line_ids.booked_plan_collection, 300)

    def test_an_office_without_contracts(self):
        team = self.env["crm.team"].create({"name": "New", "user_id": self.head.id})
        with self.on("2026-10-03"), self.fails("nothing to record"):
            self.Record.with_user(self.head).create(
                {"team_id": team.id, "month": "2026-09-15", "plan": "Find customers."}
            )

    def test_made_by_hand(self):
        with self.on("2026-10-03"):
            record = self.Record.with_user(self.head).create(
                {"team_id": self.team.id, "month": "2026-09-15", "plan": "Deliver."}
            )
            self.assertEqual(record.month, date(2026, 9, 1))
            self.assertEqual(record.date, date(2026, 9, 30))
            self.assertEqual(record.line_ids.order_id, self.order)
            self.assertEqual(record.plan, "Deliver.")
            record.action_submit()
        self.assertEqual(record.state, "submitted")
        self.assertNotIn(self.head, record.step_ids.user_id)

    def test_who_submits(self):
        record = self.generate()
        for user in (self.member, self.stranger, self.leader, self.auditor):
            with self.on("2026-10-03"), self.assertRaises(UserError):
                record.with_user(user).action_submit()
        with self.on("2026-10-03"), self.fails("head of the office"):
            record.with_user(self.member).action_submit()
        self.submit(record, user=self.business)
        self.assertEqual(record.state, "submitted")
        with self.on("2026-10-03"), self.fails("submitted already"):
            record.with_user(self.head).action_submit()

    def test_only_after_its_cut_off(self):
        with self.on("2026-09-30"), self.fails("is not over yet"):
            self.Record._generate(self.company, date(2026, 9, 1))

    def test_months_one_after_the_other(self):
        september = self.generate()
        october = self.generate("2026-10-01", "2026-11-02")
        with self.on("2026-11-03"), self.fails("confirmed first"):
            self.complete(october).action_submit()
        self.confirm(september, "2026-11-03")
        self.submit(october, "2026-11-04")
        self.assertEqual(october.state, "submitted")

    def test_returned_and_asked_again(self):
        record = self.generate()
        self.submit(record)
        with self.on("2026-10-05"):
            record.with_user(self.business).action_return("Say why the pumps wait.")
        self.assertEqual((record.state, record.approval_state), ("draft", "returned"))
        activity = self.asked(record, REVISE)
        self.assertEqual(activity.user_id, self.head)
        self.assertEqual(activity.date_deadline, date(2026, 10, 8))
        record.with_user(self.head).problems = "They wait for their paint."
        self.submit(record, "2026-10-06")
        self.assertEqual(record.approval_round, 2)
        self.assertFalse(self.asked(record, REVISE))

    def test_refused_is_not_asked_again_as_it_was(self):
        record = self.generate()
        self.submit(record)
        with self.on("2026-10-05"):
            record.with_user(self.business).action_refuse("Not so.")
            self.assertEqual(record.state, "draft")
            with self.fails("was refused as it is"):
                record.with_user(self.head).action_submit()
            record.with_user(self.head).plan = "Deliver the pumps and collect."
            record.with_user(self.head).action_submit()
        self.assertEqual(record.state, "submitted")

    def test_withdrawn(self):
        record = self.generate()
        self.submit(record)
        with self.on("2026-10-03"):
            record.with_user(self.head).action_withdraw()
        self.assertEqual((record.state, record.approval_state), ("draft", "withdrawn"))
        self.assertFalse(self.asked(record, DECIDE))

    def test_figures_are_those_of_the_submission(self):
        record = self.generate()
        self.deliver(self.order, "2026-09-20")
        self.submit(record)
        self.assertEqual(record.line_ids.delivered, 1000)

    def test_the_approver_of_another_role_reads_it(self):
        self.env["contract.approval.rule"].search(
            [("kind", "=", "monthly")]
        ).active = False
        self.env["contract.approval.rule"].create(
            {
                "name": "Months",
                "kind": "monthly",
                "line_ids": [
                    Command.create({"name": "User", "user_ids": self.outsider.ids}),
                    Command.create(
                        {"name": "Leader", "sequence": 20, "user_ids": self.leader.ids}
                    ),
                ],
            }
        )
        record = self.generate()
        self.assertFalse(record.with_user(self.outsider).has_access("read"))
        self.submit(record)
        mine = record.with_user(self.outsider)
        self.assertTrue(mine.line_ids and mine.can_decide)
        with self.on("2026-10-04"):
            mine.action_approve()
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "confirmed")


class TestMonthPeople(MonthCase):
    def test_who_writes_the_plan(self):
        record = self.generate()
        line = record.line_ids
        for user in (self.head, self.member, self.business, self.manager):
            record.with_user(user).write({"plan": user.login, "problems": "None."})
            line.with_user(user).write({"plan_delivery": 7, "remark": user.login})
        for user in (
            self.stranger, self.west_head, self.rival, self.seller, self.owner,
            self.leader, self.auditor, self.finance, self.employee, self.portal,
        ):  # fmt: skip
            with self.subTest(user=user.login):
                for records, vals in (
                    (record, {"plan": "mine"}),
                    (line, {"plan_delivery": 1}),
                    (record, {"line_ids": [Command.update(line.id, {"remark": "x"})]}),
                ):
                    with (
                        self.assertRaises(UserError),
                        mute_logger("odoo.addons.base.models.ir_rule"),
                    ):
                        records.with_user(user).write(vals)
        self.assertEqual(record.plan, self.manager.login)
        self.assertEqual(line.plan_delivery, 7)

    def test_another_office_is_told_why(self):
        """Who may read it for another reason."""
        record = self.generate()
        unguarded(record).user_id = self.west_head
        self.team.user_id = self.head
        reader = self.director
        reader.group_ids -= self.env.ref("contract_tracking.group_contract_manager")
        unguarded(record).user_id = self.head
        self.env["ir.rule"].create(
            {
                "name": "Everybody",
                "model_id": self.env["ir.model"]._get_id(record._name),
                "domain_force": "[(1, '=', 1)]",
                "groups": self.env.ref("contract_tracking.group_contract_office").ids,
            }
        )
        with self.fails("people of the office"):
            record.with_user(self.stranger).plan = "Mine."

    def test_who_reads_what(self):
        record, west = self.generate(), self.record_of(self.west)
        both = record | west
        for user, seen in (
            (self.head, record),
            (self.member, record),
            (self.stranger, west),
            (self.west_head, west),
            (self.business, both),
            (self.manager, both),
            (self.leader, both),
            (self.auditor, both),
            (self.finance, both),
            (self.director, both),
            (self.seller, record.browse()),
            (self.owner, record.browse()),
            (self.rival, record.browse()),
        ):
            with self.subTest(user=user.login):
                mine = self.Record.with_user(user).search([("id", "in", both.ids)])
                self.assertEqual(mine, seen)
                # the receivable accounts are those of the whole company
                bridges = self.env["contract.monthly.bridge"].with_user(user)
                self.assertEqual(
                    bridges.search([("record_id", "in", both.ids)]).record_id,
                    both if seen == both else seen.browse(),
                )

    def test_who_reads_which_lines(self):
        self.generate()
        east, west = (self.record_of(team).line_ids for team in (self.team, self.west))
        Line = self.env["contract.monthly.record.line"]
        for user, seen in (
            (self.head, east),
            (self.member, east),
            (self.seller, east),
            (self.owner, east | west),
            (self.rival, west),
            (self.stranger, west),
            (self.outsider, Line),
            (self.leader, east | west),
            (self.finance, east | west),
        ):
            with self.subTest(user=user.login):
                found = Line.with_user(user).search([("id", "in", (east | west).ids)])
                self.assertEqual(found, seen)
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                Line.with_user(user).search([])

    def test_who_reads_the_trail(self):
        record = self.generate()
        self.submit(record)
        steps = record.step_ids
        for user in (self.head, self.member, self.business, self.finance, self.auditor):
            self.assertEqual(record.with_user(user).step_ids, steps, user.login)
        Step = self.env["contract.approval.step"]
        for user in (self.stranger, self.seller):
            found = Step.with_user(user).search([("id", "in", steps.ids)])
            self.assertFalse(found, user.login)

    def test_buttons(self):
        record = self.generate()
        for user, write, submit in (
            (self.head, True, True),
            (self.member, True, False),
            (self.business, True, True),
            (self.finance, False, False),
            (self.leader, False, False),
        ):
            mine = record.with_user(user)
            self.assertEqual((mine.can_write, mine.can_submit), (write, submit))
            self.assertFalse(mine.can_correct)
        self.confirm(record)
        record.invalidate_recordset()
        for user, correct in (
            (self.head, True), (self.business, True), (self.member, False),
            (self.finance, False),
        ):  # fmt: skip
            mine = record.with_user(user)
            self.assertFalse(mine.can_write or mine.can_submit)
            self.assertEqual(mine.can_correct, correct)

    def test_who_has_months_written(self):
        with self.assertRaises(AccessError):
            self.env["contract.monthly.write"].with_user(self.head).create({})
        with self.on("2026-10-02"):
            wizard = self.env["contract.monthly.write"].with_user(self.business)
            wizard = wizard.create({})
            self.assertEqual(wizard.month, date(2026, 9, 1))
            wizard.month = "2026-10-01"
            with self.fails("is not over yet"):
                wizard.action_apply()

    def test_who_deletes_a_draft(self):
        record = self.generate()
        with self.fails("Only the business office deletes"):
            record.with_user(self.head).unlink()
        with self.assertRaises(AccessError):
            record.with_user(self.auditor).unlink()
        record.with_user(self.business).unlink()
        self.assertFalse(record.exists())


class TestMonthFrozen(MonthCase):
    def values(self, record):
        """Everything that is stored of a record and its lines."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = [
            records.read(
                [
                    name
                    for name, field in records._fields.items()
                    if field.store
                    and not name.startswith(("message_", "activity_"))
                    and name not in ("write_date", "write_uid", "line_ids")
                ],
                load=None,
            )
            for records in (record, record.line_ids, record.bridge_ids)
        ]
        return rows

    def test_nothing_changes_afterwards(self):
        self.deliver(self.order, "2026-09-20", pump=4)
        record = self.generate()
        self.confirm(record)
        before = self.values(record)
        self.deliver(self.order, "2026-09-25")
        self.invoice(self.order, "2026-09-26")
        self.order.partner_id.name = "Another name"
        self.team.name = "Renamed"
        self.order.team_id = self.west
        self.generate(day="2026-10-06")
        self.generate("2026-10-01", "2026-11-02")
        self.assertEqual(self.values(record), before)
        self.assertEqual(record.line_ids.delivered, 400)

    def test_nobody_writes_it(self):
        record = self.generate()
        self.confirm(record)
        line = record.line_ids
        for env in (
            self.env,
            self.env(user=self.manager),
            self.env(user=self.head),
            self.env(context={"contract_guard": True, "contract_guard_": object}),
        ):
            mine, row = record.with_env(env), line.with_env(env)
            for step in (
                lambda r=mine: r.write({"plan": "Another."}),
                lambda r=mine: r.write({"problems": False}),
                lambda r=mine: r.write({"state": "draft"}),
                lambda r=mine: r.write({"month": "2026-08-01"}),
                lambda r=mine: r.write({"line_ids": [Command.clear()]}),
                lambda r=mine: r.action_refresh(),
                lambda r=mine: r.action_propose(),
                lambda r=mine: r.action_submit(),
                lambda r=mine: r.unlink(),
                lambda r=row: r.write({"plan_delivery": 1}),
                lambda r=row: r.write({"remark": "x"}),
                lambda r=row: r.write({"delivered": 1}),
                lambda r=row: r.unlink(),
                lambda r=row: r.create({"record_id": record.id}),
            ):
                with self.assertRaises(UserError):
                    step()
                    self.env.flush_all()
        with self.fails("new version corrects it"):
            record.plan = "Another."
        self.assertEqual(record.plan, "Deliver the pumps.")

    def test_rows_of_the_bridge_stay(self):
        record = self.generate()
        self.confirm(record)
        for row in record.bridge_ids:
            with self.assertRaises(UserError):
                row.amount = 1
            with self.assertRaises(UserError):
                row.unlink()

    def test_submitted_is_frozen_too(self):
        record = self.generate()
        self.submit(record)
        self.deliver(self.order, "2026-09-25")
        self.generate(day="2026-10-06")
        self.assertFalse(record.line_ids.delivered)
        for step in (
            lambda: record.with_user(self.head).write({"plan": "x"}),
            lambda: record.line_ids.with_user(self.head).write({"plan_delivery": 1}),
        ):
            with self.fails("was submitted and can't be changed"):
                step()

    def test_it_stays_with_its_office_and_month(self):
        record = self.generate()
        for vals in (
            {"month": "2026-08-01"},
            {"team_id": self.west.id},
            {"company_id": self.company.id},
        ):
            with self.fails("stays with its company, office and month"):
                record.with_user(self.business).write(vals)

    def test_what_the_addon_fills_in(self):
        record = self.generate()
        for vals in (
            {"state": "confirmed"}, {"version": 3}, {"reason": "x"},
            {"proposed_plan": "x"}, {"date_deadline": "2099-01-01"},
            {"mail_due": True}, {"user_id": self.head.id}, {"date": "2026-09-01"},
        ):  # fmt: skip
            with self.fails("can't be written"):
                record.with_user(self.business).write(vals)
        with self.fails("can't be written"), self.on("2026-10-02"):
            self.Record.create({"month": "2026-08-01", "state": "confirmed"})


class TestMonthInput(MonthCase):
    def test_two_records_of_a_month(self):
        self.generate()
        with self.on("2026-10-02"):
            for month in ("2026-09-01", "2026-09-30"):
                with self.fails("There is a record of this office", ValidationError):
                    self.Record.with_user(self.head).create(
                        {"team_id": self.team.id, "month": month}
                    )
            self.confirm(self.record_of(self.team))
            with self.fails("There is a record of this office", ValidationError):
                self.Record.create({"team_id": self.team.id, "month": "2026-09-01"})
        self.assertEqual(self.Record.search_count([("team_id", "=", self.team.id)]), 1)

    def test_a_month_that_is_not_over(self):
        for day, month in (("2026-09-30", "2026-09-01"), ("2026-09-30", "2027-01-01")):
            with self.on(day), self.fails("is not over yet"):
                self.Record.with_user(self.head).create(
                    {"team_id": self.team.id, "month": month}
                )

    def test_values_that_are_none(self):
        for month in ("soon", 5, {"a": 1}, "1500-01-01"):
            with self.on("2026-10-02"), self.assertRaises(UserError):
                self.Record.with_user(self.business).create(
                    {"team_id": self.team.id, "month": month}
                )

    def test_another_office_makes_none(self):
        with (
            self.on("2026-10-02"),
            self.assertRaises(UserError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            self.Record.with_user(self.stranger).create(
                {"team_id": self.team.id, "month": "2026-09-01"}
            )

    def test_generating_twice_is_once(self):
        record = self.generate()
        record.with_user(self.head).plan = "Ours."
        again = self.generate(day="2026-10-03")
        self.assertEqual(again, record)
        self.assertEqual(record.plan, "Ours.")
        self.assertEqual(record.date_deadline, date(2026, 10, 3))
        self.assertEqual(len(self.asked(record, WRITE)), 1)


class TestMonthCorrection(MonthCase):
    def correct(self, record, user=None, day="2026-11-05", reason="A claim was wrong."):
        """Begin a new version in the window that asks why."""
        with self.on(day):
            action = record.with_user(user or self.head).action_correct()
            wizard = (
                self.env["contract.reason"]
                .with_user(user or self.head)
                .with_context(**action["context"])
                .create({"reason": reason})
            )
            done = wizard.action_apply()
        return self.Record.browse(done["res_id"])

    def test_a_new_version(self):
        record = self.generate()
        self.complete(record).line_ids.remark = "Paint."
        self.confirm(record)
        self.deliver(self.order, "2026-09-25")
        new = self.correct(record)
        self.assertEqual(
            (new.version, new.state, record.state), (2, "draft", "confirmed")
        )
        self.assertEqual(new.replaces_id, record)
        self.assertEqual(new.reason, "A claim was wrong.")
        self.assertEqual((new.plan, new.problems), (record.plan, record.problems))
        self.assertEqual(new.line_ids.remark, "Paint.")
        self.assertEqual(new.line_ids.plan_delivery, record.line_ids.plan_delivery)
        self.assertEqual((record.line_ids.delivered, new.line_ids.delivered), (0, 1000))
        self.assertIn("A claim was wrong.", record.message_ids[:1].body)
        self.confirm(new, "2026-11-06")
        self.assertEqual((new.state, record.state), ("confirmed", "replaced"))
        self.assertFalse(record.line_ids.delivered)
        with self.fails("nothing of it changes any more"):
            record.plan = "x"

    def test_later_months_are_corrected_with_it(self):
        september = self.generate()
        self.confirm(september)
        october = self.generate("2026-10-01", "2026-11-02")
        self.confirm(october, "2026-11-03")
        self.assertEqual(october.line_ids.delivered_opening, 0)
        self.deliver(self.order, "2026-09-25", pump=3)
        with self.on("2026-11-05"):
            action = september.with_user(self.head).action_correct()
            wizard = (
                self.env["contract.reason"]
                .with_user(self.head)
                .with_context(**action["context"])
                .new({})
            )
            self.assertIn(october.name, wizard.note)
        new = self.correct(september)
        later = self.record_of(self.team, "2026-10-01")
        self.assertEqual((later.version, later.replaces_id), (2, october))
        self.assertIn(september.name, later.reason)
        with self.on("2026-11-06"), self.fails("confirmed first"):
            later.with_user(self.head).action_submit()
        self.confirm(new, "2026-11-06")
        self.confirm(later, "2026-11-07")
        self.assertEqual(later.line_ids.delivered_opening, 300)
        self.assertEqual(later.line_ids.delivered_adjustment, 0)
        self.assertEqual(new.line_ids.delivered, 300)
        self.assertEqual((september | october).mapped("state"), ["replaced"] * 2)

    def test_one_at_a_time(self):
        record = self.generate()
        self.confirm(record)
        new = self.correct(record)
        with self.on("2026-11-06"), self.fails("Confirm, withdraw or delete first"):
            record.with_user(self.head).action_correct()
        new.with_user(self.head).unlink()
        self.assertEqual(self.correct(record).version, 2)

    def test_not_while_a_later_month_is_decided(self):
        september = self.generate()
        self.confirm(september)
        october = self.generate("2026-10-01", "2026-11-02")
        self.submit(october, "2026-11-03")
        with self.on("2026-11-04"), self.fails("Confirm, withdraw or delete first"):
            september.with_user(self.head).action_correct()
        with self.on("2026-11-04"):
            october.with_user(self.head).action_withdraw()
        self.assertEqual(self.correct(september).version, 2)

    def test_who_corrects(self):
        record = self.generate()
        with self.on("2026-11-05"), self.fails("possible only while"):
            record.with_user(self.head).action_correct()
        self.confirm(record)
        for user in (self.member, self.finance, self.leader):
            with self.on("2026-11-05"), self.fails("head of the office"):
                record.with_user(user).action_correct()
            with self.on("2026-11-05"), self.fails("head of the office"):
                record.with_user(user)._take_reason_step("correct", "Because.")
        with self.on("2026-11-05"), self.fails("in words"):
            record.with_user(self.head)._take_reason_step("correct", "  ")

    def test_who_had_a_part_in_it_decides_no_version(self):
        record = self.generate()
        record.with_user(self.business).problems = "Ours."
        self.confirm(record)
        new = self.correct(record, self.second)
        with self.on("2026-11-06"):
            self.complete(new)
            new.with_user(self.head).action_submit()
        self.assertFalse((self.business | self.second) & new.step_ids.user_id)


class TestMonthReminders(MonthCase):
    def remind(self, day):
        # it commits its batches
        with self.on(day), self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_remind_monthly_records"
            ).method_direct_trigger()

    def told(self, record):
        """What people were told in person that it is overdue."""
        return self.env["mail.message"].search(
            [
                ("model", "=", record._name),
                ("res_id", "=", record.id),
                ("message_type", "=", "user_notification"),
                ("body", "like", "was to be submitted by"),
            ]
        )

    def test_overdue_once(self):
        record = self.generate()
        self.remind("2026-10-03")
        self.assertFalse(self.told(record))
        overdue = [("is_overdue", "=", True), ("team_id", "=", self.team.id)]
        with self.on("2026-10-03"):
            self.assertFalse(self.Record.search(overdue))
        with self.on("2026-10-04"):
            self.assertEqual(self.Record.search(overdue), record)
            record.invalidate_recordset()
            self.assertTrue(record.is_overdue)
        self.remind("2026-10-04")
        self.remind("2026-10-05")
        told = self.told(record)
        self.assertEqual(told.partner_ids, self.head.partner_id)
        self.assertEqual(len(told), 1)
        self.assertEqual(record.reminded_on, date(2026, 10, 4))
        self.submit(record, "2026-10-05")
        with self.on("2026-10-06"):
            self.assertFalse(self.Record.search(overdue))

    def test_the_head_of_today_is_asked(self):
        record = self.generate()
        self.team.user_id = self.member
        self.remind("2026-10-03")
        self.assertEqual(record.user_id, self.member)
        self.assertEqual(self.asked(record, WRITE).user_id, self.member)
        self.assertIn(self.head, record.party_ids)

    def test_settings(self):
        self.company.contract_monthly_days = 10
        record = self.generate()
        self.assertEqual(record.date_deadline, date(2026, 10, 10))
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.contract_monthly_days, 10)
        settings.contract_monthly_recipient_ids = self.partner
        self.assertEqual(self.company.contract_monthly_recipient_ids, self.partner)


class TestMonthMail(MonthCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("zh_CN")
        self.boss, self.chinese = self.env["res.partner"].create(
            [
                {"name": "Boss", "email": "boss@example.com", "lang": "en_US"},
                {"name": "Zhang", "email": "zhang@example.com", "lang": "zh_CN"},
            ]
        )
        self.company.contract_monthly_recipient_ids = self.boss | self.chinese

    def send(self, record, pdf=lambda self: b"%PDF", xlsx=lambda self: b"PK"):
        model = type(record)
        with (
            self.on("2026-10-04"),
            self.enter_registry_test_mode(),
            patch.object(model, "_form_pdf", pdf, create=True),
            patch.object(model, "_xlsx", xlsx, create=True),
        ):
            self.env.ref(
                "contract_tracking.cron_mail_monthly_records"
            ).method_direct_trigger()

    def mails(self, record):
        return self.env["mail.mail"].search(
            [
                ("subject", "like", record.name),
                ("recipient_ids", "in", (self.boss | self.chinese).ids),
            ],
            order="id",
        )

    def test_queued_once_for_each_language(self):
        record = self.generate()
        self.confirm(record)
        self.assertTrue(record.mail_due)
        langs = []

        def pdf(self):
            langs.append(self.env.lang)
            return b"%PDF"

        self.send(record, pdf)
        mails = self.mails(record)
        self.assertEqual(mails.recipient_ids, self.boss | self.chinese)
        self.assertEqual(len(mails), 2)
        self.assertEqual(sorted(langs), ["en_US", "zh_CN"])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        for mail in mails:
            self.assertEqual(
                sorted(mail.attachment_ids.mapped("name")),
                [f"{record.name}.pdf", f"{record.name}.xlsx"],
            )
        self.assertIn("Deliver the pumps.", mails[0].body_html)
        self.assertFalse(record.mail_due)
        self.send(record)
        self.assertEqual(self.mails(record), mails)

    def test_what_fails_blocks_nothing(self):
        record = self.generate()
        self.confirm(record)

        def broken(self):
            raise ValueError("no paper")

        with mute_logger(
            "odoo.addons.contract_tracking.models.month.contract_monthly_record_mail"
        ):
            self.send(record, broken)
        mails = self.mails(record)
        self.assertEqual(
            set(mails.attachment_ids.mapped("name")), {f"{record.name}.xlsx"}
        )
        self.assertIn(f"{record.name}.pdf", record.message_ids[:1].body)
        self.assertEqual(record.state, "confirmed")

    def test_without_recipients(self):
        self.company.contract_monthly_recipient_ids = False
        record = self.generate()
        self.confirm(record)
        self.assertFalse(record.mail_due)

    def test_a_draft_is_not_sent(self):
        record = self.generate()
        self.send(record)
        self.assertFalse(self.mails(record))


class TestMonthWords(MonthCase):
    @classmethod
    def new_deviation(cls, **values):
        return cls.env["contract.deviation"].create(
            {
                "order_id": cls.order.id,
                "user_id": cls.seller.id,
                "kind": "other",
                "date": "2026-09-20",
                "summary": "Pumps are dented.",
                "cause_id": cls.env.ref("contract_tracking.deviation_cause_quality").id,
                "cause_note": "Packed without straw.",
                **values,
            }
        )

    def test_proposed_from_what_is_open(self):
        deviation = self.new_deviation()
        other = self.new_deviation(order_id=self.west_order.id)
        record = self.generate()
        self.assertIn(f"{deviation.name} ", record.problems)
        self.assertIn("Pumps are dented.", record.problems)
        self.assertIn("Packed without straw", record.problems)
        self.assertNotIn(other.name, record.problems)
        self.assertEqual(record.problems, record.proposed_problems)
        self.assertFalse(record.party_ids)

    def test_proposed_plan(self):
        record = self.generate()
        line = record.line_ids
        self.assertEqual(line.plan_delivery, 1000)
        self.assertIn("Deliver for 1 contracts", record.plan)
        self.assertIn("1,000.00", record.plan)
        self.assertIn("Collect of 1 contracts", record.plan)

    def test_coordination_is_a_problem_and_a_plan(self):
        with self.on("2026-09-20"):
            document = self.env["contract.coordination"].create(
                {
                    "order_id": self.order.id,
                    "user_id": self.seller.id,
                    "subject": "New paint",
                    "kind": "coordination",
                    "requests": "Paint.",
                    "reply_date": "2026-10-20",
                    "reply_ids": [
                        Command.create({"kind": "user", "user_id": self.owner.id})
                    ],
                }
            )
        unguarded(document).state = "sent"
        record = self.generate()
        self.assertIn(f"{document.name} ", record.problems)
        self.assertIn(f"{document.name} ", record.plan)

    def test_nothing_written_is_replaced(self):
        record = self.generate()
        mine = record.with_user(self.head)
        mine.problems = "Ours."
        deviation = self.new_deviation()
        self.generate(day="2026-10-03")
        mine.action_propose()
        self.assertEqual(record.problems, "Ours.")
        self.assertIn(deviation.name, record.proposed_problems)

    def test_an_emptied_text_stays_empty(self):
        record = self.generate()
        mine = record.with_user(self.head)
        mine.plan = False
        self.generate(day="2026-10-03")
        self.assertFalse(record.plan)
        mine.action_propose()
        self.assertEqual(record.plan, record.proposed_plan)

    def test_what_nobody_edited_follows_when_asked(self):
        record = self.generate()
        deviation = self.new_deviation()
        self.generate(day="2026-10-03")
        self.assertNotIn(deviation.name, record.problems)
        record.with_user(self.head).action_propose()
        self.assertIn(deviation.name, record.problems)

    def test_who_proposes(self):
        record = self.generate()
        for user in (self.finance, self.auditor, self.stranger):
            with self.assertRaises(UserError):
                record.with_user(user).action_propose()

    def test_open_problems_carry_over(self):
        kept, over = self.new_deviation(), self.new_deviation(summary="Rust.")
        september = self.generate()
        lines = september.problems.splitlines()
        edited = f"{kept.name} is being repainted until 20 October."
        september.with_user(self.head).problems = "\n".join(
            [edited, *lines[1:], "The crane is broken."]
        )
        self.confirm(september)
        unguarded(over).write({"state": "closed"})
        unguarded(over).write({"date": "2026-09-20"})
        october = self.generate("2026-10-01", "2026-11-02")
        self.assertEqual(
            october.problems.splitlines(), [edited, "The crane is broken."]
        )

    def test_in_the_language_of_who_is_in_charge(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.head.lang = "zh_CN"
        seen = []

        def plan(self):
            seen.append(self.env.lang)
            return "计划"

        with patch.object(type(self.Record), "_proposed_plan", plan):
            record = self.generate()
        self.assertIn("zh_CN", seen)
        self.assertEqual(record.plan, "计划")


class TestMonthScreens(MonthCase):
    def test_figures_open_their_rows(self):
        self.deliver(self.order, "2026-09-20", pump=4)
        record = self.generate()
        line = record.line_ids.with_user(self.head)
        action = line.with_context(contract_figure="delivered").action_contract_figure()
        rows = self.env[action["res_model"]].with_user(self.head)
        found = rows.search(action["domain"])
        self.assertEqual(sum(found.mapped("amount")), 400)

    def test_each_figure_of_the_form_has_its_rows(self):
        self.deliver(self.order, "2026-09-20", pump=4)
        self.pay(self.invoice(self.order, "2026-09-21"), "2026-09-22")
        line = self.generate().line_ids.with_user(self.head)
        arch = etree.fromstring(line.get_view(view_type="form")["arch"])
        buttons = arch.iterfind(".//button[@name='action_contract_figure']")
        for context in [safe_eval(button.get("context")) for button in buttons]:
            with self.subTest(**context):
                action = line.with_context(**context).action_contract_figure()
                rows = self.env[action["res_model"]].with_user(self.head)
                parts = (context["contract_figure"], context.get("contract_part"))
                self.assertAlmostEqual(
                    sum(rows.search(action["domain"]).mapped("amount")),
                    line["_".join(filter(None, parts))],
                )

    def test_totals(self):
        self.deliver(self.order, "2026-09-20", pump=4)
        record = self.generate()
        self.assertEqual((record.line_count, record.delivered_month), (1, 400))
        action = record.with_user(self.head).action_open_lines()
        Line = self.env["contract.monthly.record.line"].with_user(self.head)
        self.assertEqual(Line.search(action["domain"]), record.line_ids)

    def test_views_open(self):
        record = guarded(self.generate())
        for user in (self.head, self.business, self.finance):
            for model, kinds in (
                (record._name, ("form", "list", "kanban", "search")),
                (record.line_ids._name, ("list", "form", "pivot", "search")),
                ("contract.monthly.cutoff", ("list",)),
            ):
                for kind in kinds:
                    self.env[model].with_user(user).get_view(view_type=kind)
