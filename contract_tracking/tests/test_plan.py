from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger

from .plans import PlanCase


class TestPlan(PlanCase):
    def follow_up(self):
        """What the daily run does, without its commits."""
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=1):
            self.env["contract.plan"]._cron_follow_up()

    def test_is_filled_from_terms_and_template(self):
        with freeze_time("2026-09-02 02:00:00"):
            action = self.order.with_user(self.owner).action_contract_progress_plan()
        plan = self.env["contract.plan"].browse(action["res_id"])
        self.assertEqual(plan.user_id, self.owner)
        stages = plan.line_ids.filtered(lambda line: line.kind == "stage")
        self.assertEqual(stages.term_id, self.order.contract_term_ids)
        self.assertEqual(str(self.line(plan, "Drawings").date_planned), "2026-09-20")
        # what waits for the delivery
        balance = stages.filtered(lambda s: s.term_id.kind == "payment")[-1]
        self.assertEqual(
            balance.date_planned,
            self.delivery.date_due + timedelta(days=balance.term_id.delay),
        )
        kickoff = self.line(plan, "Kick-off and staffing of the project")
        self.assertEqual(str(kickoff.date_planned), "2026-09-04")
        self.assertEqual(kickoff.kind, "staffing")
        self.assertEqual(kickoff.user_id, self.owner)
        self.assertEqual(kickoff.department_id, self.sales)
        # before the agreed delivery
        finished = self.line(plan, "Production finished")
        self.assertEqual(str(finished.date_planned), "2026-09-21")
        self.assertAlmostEqual(plan.weight_total, 100)
        self.assertTrue(plan.goals)
        days = [str(line.date_planned or "9") for line in plan.line_ids]
        self.assertEqual(days, sorted(days))
        # it is the contract's plan now
        again = self.order.with_user(self.owner).action_contract_progress_plan()
        self.assertEqual(again["res_id"], plan.id)
        with self.fails("every promise"):
            plan.with_user(self.owner).action_fill()
        finished.unlink()
        with freeze_time("2026-09-02 02:00:00"):
            plan.with_user(self.owner).action_fill()
        self.assertTrue(self.line(plan, "Production finished"))

    def test_of_a_frame_agreement(self):
        frame = self.new_frame(owner=self.owner)
        with freeze_time("2026-01-06 02:00:00"):
            action = frame.with_user(self.owner).action_progress_plan()
        plan = self.env["contract.plan"].browse(action["res_id"])
        self.assertEqual(plan.frame_id, frame)
        self.assertTrue(self.line(plan, "Safety stock agreed and built up"))
        self.assertEqual(frame.plan_count, 1)
        self.assertEqual(frame.action_view_plans()["res_model"], "contract.plan")

    def test_says_what_is_wrong(self):
        plan = self.new_plan(
            self.task("Before", "2026-08-31", user_id=False),
            self.task("After", "2027-01-01", 30, department_id=False),
            self.task("Someday", False, 15, user_id=self.employee.id),
        )
        self.order.contract_end_date = "2026-12-31"
        with self.assertRaises(UserError) as caught:
            plan.with_user(self.owner).action_submit()
        text = str(caught.exception)
        for pattern in (
            "weights add up to 95, not to 100",
            "Without an owner: “Before”",
            "Without a department: “After”",
            "no role of contracts and couldn't read it: “Someday”",
            "Without a planned day: “Someday”",
            "before the contract took effect on 09/01/2026: “Before”",
            "after the contract's end on 12/31/2026: “After”",
        ):
            self.assertIn(pattern, text)
        plan.with_user(self.owner).action_spread()
        self.assertAlmostEqual(plan.weight_total, 100)
        plan.line_ids.unlink()
        with self.fails("is empty"):
            plan.with_user(self.owner).action_submit()

    def test_not_before_it_is_in_effect(self):
        self.company.contract_effective_rule = "seals"
        order = self.new_contract("2026-09-01", user_id=self.owner.id)
        plan = self.new_plan(self.task("Early", "2026-09-05", 100), order_id=order.id)
        with self.fails("not in effect"):
            plan.with_user(self.owner).action_submit()

    def test_order_of_tasks(self):
        plan = self.new_plan(
            self.task("Cast", "2026-09-20"), self.task("Paint", "2026-09-10")
        )
        cast, paint = plan.line_ids
        paint.predecessor_id = cast
        with self.fails("before what it waits for: “Paint”"):
            plan.with_user(self.owner).action_submit()
        with self.fails("circle", ValidationError):
            cast.predecessor_id = paint
        other = self.new_plan()
        with self.fails("same plan", ValidationError):
            paint.predecessor_id = other.line_ids[0]

    def test_stage_is_a_promise_of_the_contract(self):
        with self.fails("choose the promise", ValidationError):
            self.new_plan(self.task("Stage", "2026-09-10", kind="stage"))
        other = self.new_role_contract()
        with self.fails("another contract", ValidationError):
            self.new_plan(self.stage(other.contract_term_ids[0], "2026-09-10"))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.new_plan(*[self.stage(self.delivery, "2026-09-10")] * 2)

    def test_departments_owner_and_supervisor_agree(self):
        plan = self.new_plan()
        with freeze_time("2026-09-02 03:00:00"):
            plan.with_user(self.owner).action_submit()
        self.assertEqual(plan.state, "submitted")
        # the departments side by side
        self.assertEqual(plan.approver_ids, self.workshop_head | self.head)
        with self.fails("submitted"):
            plan.with_user(self.owner).goals = "More"
        with self.fails("submitted"):
            plan.line_ids[0].with_user(self.owner).date_planned = "2026-10-01"
        with freeze_time("2026-09-03 03:00:00"):
            plan.with_user(self.workshop_head).action_approve()
            plan.with_user(self.head).action_approve()
        # who submitted it has signed
        self.assertEqual(plan.approver_ids, self.supervisor)
        with freeze_time("2026-09-04 03:00:00"):
            plan.with_user(self.supervisor).action_approve()
        self.assertEqual(plan.state, "active")
        self.assertEqual(str(plan.active_on), "2026-09-04")
        casting = self.line(plan, "Casting")
        self.assertEqual(casting.date_baseline, casting.date_planned)

    def test_without_heads_the_supervisor_or_the_business_office_signs(self):
        (self.workshop | self.sales).head_id = False
        plan = self.new_plan()
        plan.with_user(self.owner).action_submit()
        self.assertEqual(plan.approver_ids, self.supervisor)
        order = self.new_role_contract(contract_supervisor_id=False)
        plan = self.new_plan(self.task("Casting", "2026-09-15", 100), order_id=order.id)
        plan.with_user(self.owner).action_submit()
        self.assertIn(self.business, plan.approver_ids)
        self.assertNotIn(self.owner, plan.approver_ids)

    def test_returned_and_refused(self):
        plan = self.new_plan()
        plan.with_user(self.owner).action_submit()
        plan.with_user(self.workshop_head).action_return("Too tight")
        self.assertEqual(plan.state, "draft")
        self.line(plan, "Casting").with_user(self.owner).date_planned = "2026-09-18"
        plan.with_user(self.owner).action_submit()
        plan.with_user(self.head).action_refuse("Not with us")
        self.assertEqual(plan.state, "refused")
        with self.fails("write another one"):
            plan.with_user(self.owner).goals = "More"

    def test_milestone_of_ours_has_the_day_of_the_plan(self):
        plan = self.new_plan(self.stage(self.milestone, "2026-09-25", 100))
        self.agree(plan)
        stage = plan.line_ids
        self.assertNotEqual(stage.term_id, self.milestone)
        self.assertEqual(stage.term_id.predecessor_id, self.milestone)
        self.assertEqual(str(stage.date_agreed), "2026-09-25")
        self.assertEqual(str(stage.term_id.baseline_date), "2026-09-20")
        # nobody moves it beside the plan
        stage.term_id.invalidate_recordset()
        with freeze_time("2026-09-04 02:00:00"), self.fails("planning anew"):
            stage.term_id.with_user(self.owner)._move("Later", stage.date_planned)
        # done by the report of its owner, on the term itself
        self.report(stage, self.owner, 40)
        self.assertEqual(stage.term_id.progress, 40)
        self.assertEqual(plan.completion, 40)
        self.report(stage, self.owner, 100, note="Confirmed")
        self.assertEqual(str(stage.term_id.done_date), "2026-09-10")
        self.assertEqual(stage.status, "done")
        self.assertEqual(stage.note, "Confirmed")
        self.assertEqual(stage.slippage, -15)

    def test_deliveries_are_read(self):
        plan = self.agree(self.new_plan())
        stage = plan.line_ids.filtered(lambda line: line.kind == "stage")
        self.assertFalse(stage.is_reported)
        self.report(stage, self.owner, 100, problem="Truck is late")
        self.assertEqual(stage.progress, 0)
        self.assertEqual(stage.problem, "Truck is late")
        self.deliver(self.order, "2026-09-26", pump=4)
        plan.invalidate_recordset()
        stage.invalidate_recordset()
        self.assertEqual(stage.progress, 40)
        self.assertEqual(plan.completion, 20)
        self.deliver(self.order, "2026-09-27")
        stage.invalidate_recordset()
        self.assertEqual(stage.status, "done")
        self.assertEqual(str(stage.date_actual), "2026-09-27")
        self.assertEqual(stage.slippage, -1)

    def test_owner_reports_whatever_his_role(self):
        plan = self.agree(self.new_plan())
        casting = self.line(plan, "Casting")
        theirs = casting.with_user(self.worker)
        self.assertTrue(theirs.can_report)
        self.assertFalse(theirs.plan_id.has_access("write"))
        with self.fails("planning anew"):
            theirs.write({"name": "Mine"})
        with self.assertRaises(AccessError):
            theirs.plan_id.write({"user_id": self.worker.id})
        with self.fails("planning anew"):
            casting.with_user(self.owner).write({"reported": 100})
        draft = self.new_plan(self.task("Paint", "2026-09-20")).line_ids
        with self.fails("system"):
            draft.with_user(self.owner).write({"reported": 100})
        self.report(
            casting,
            self.worker,
            60,
            problem="Core broke",
            cause="Sand",
            needs="Foundry",
        )
        self.assertEqual((casting.progress, plan.completion), (60, 30))
        self.assertEqual(casting.reported_by_id, self.worker)
        self.assertIn("Core broke", plan.message_ids[0].body)
        self.report(casting, self.worker, 100, done_on="2026-09-09")
        self.assertEqual(casting.status, "done")
        self.assertEqual(str(casting.done_on), "2026-09-09")
        # who answers for the contract reports in his place, others don't
        self.report(casting, self.owner, 90)
        self.assertFalse(casting.done_on)
        with self.fails("owns “Casting”"):
            self.report(casting, self.workshop_head, 100)
        with self.assertRaises(AccessError):
            self.report(casting, self.outsider, 100)

    def test_bad_reports(self):
        plan = self.new_plan(self.task("Inspection", "2026-09-15", 100, kind="quality"))
        line = plan.line_ids
        with self.fails("while its plan is active"):
            self.report(line, self.owner, 10)
        self.agree(plan)
        with self.fails("only with evidence"):
            self.report(line, self.worker, 100)
        with self.fails("between 0 and 100"):
            self.report(line, self.worker, 101)
        with self.fails("before the contract took effect"):
            self.report(line, self.worker, 100, done_on="2026-08-01")
        file = self.env["ir.attachment"].with_user(self.owner)
        file = file.create({"name": "r.pdf", "raw": b"ok"})
        files = [Command.link(file.id)]
        with self.fails("still to come", ValidationError):
            self.report(
                line, self.owner, 100, done_on="2027-08-01", attachment_ids=files
            )
        self.report(line, self.owner, 100, attachment_ids=files)
        self.assertEqual(line.status, "done")
        with self.fails("r.pdf"):
            file.unlink()

    def test_task_is_given_to_somebody_else(self):
        plan = self.agree(self.new_plan())
        casting = self.line(plan, "Casting")
        with self.fails("owns"):
            casting.with_user(self.supervisor)._hand_on("Ill", self.member)
        with self.fails("with a role"):
            casting.with_user(self.worker)._hand_on("Ill", self.employee)
        casting.with_user(self.worker)._hand_on("Ill", self.member)
        self.assertEqual(casting.user_id, self.member)
        self.assertEqual(self.tasks_of(plan), {self.member: 1})

    def tasks_of(self, plan):
        kind = self.env.ref("contract_tracking.mail_activity_plan_task")
        activities = plan.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        return {user: len(a) for user, a in activities.grouped("user_id").items()}

    def test_owners_are_reminded_and_late_is_seen(self):
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_plan"
        )
        plan = self.agree(
            self.new_plan(
                self.stage(self.milestone, "2026-09-20", 40),
                self.task("Casting", "2026-09-15", 60),
            )
        )
        self.assertEqual(self.tasks_of(plan), {self.owner: 1, self.worker: 1})
        late = self.env.ref("contract_tracking.mail_activity_plan_late")
        Line = self.env["contract.plan.line"]
        with freeze_time("2026-09-16 02:00:00"):
            self.follow_up()
            self.env.invalidate_all()
            casting = self.line(plan, "Casting")
            self.assertEqual(casting.status, "late")
            self.assertEqual(plan.late_count, 1)
            mine = [("plan_id", "=", plan.id)]
            self.assertEqual(Line.search([*mine, ("is_late", "=", True)]), casting)
            self.assertEqual(
                Line.search([*mine, ("status", "in", ["open"])]).name, "Drawings"
            )
            told = plan.activity_ids.filtered(lambda a: a.activity_type_id == late)
            self.assertEqual(told.user_id, self.owner)
            items = self.env["contract.home"].with_user(self.worker).get_home()
            keys = {item["key"] for part in items for item in part["items"]}
            self.assertLessEqual({"plan_tasks", "plan_tasks_late"}, keys)
        self.report(casting, self.worker, 100, day="2026-09-17")
        self.assertEqual(self.tasks_of(plan), {self.owner: 1})
        self.assertEqual(casting.slippage, 2)
        self.assertEqual(
            Line.search([("plan_id", "=", plan.id), ("status", "=", "done")]), casting
        )

    def test_is_handed_over(self):
        plan = self.agree(self.new_plan())
        handover = self.env["contract.handover"].with_user(self.business)
        for old, new in ((self.worker, self.member), (self.owner, self.colleague)):
            with freeze_time("2026-09-05 02:00:00"):
                window = handover.create(
                    {
                        "from_user_id": old.id,
                        "to_user_id": new.id,
                        "reason": "Retired",
                    }
                )
                self.assertIn(self.order, window.line_ids.order_id)
                window.action_apply()
        self.assertEqual(self.line(plan, "Casting").user_id, self.member)
        self.assertEqual(plan.user_id, self.colleague)
        stage = plan.line_ids.filtered(lambda line: line.kind == "stage")
        self.assertEqual(stage.user_id, self.colleague)

    def test_is_closed_when_all_is_done(self):
        plan = self.agree(self.new_plan(self.task("Casting", "2026-09-15", 100)))
        with self.fails("Not done yet: Casting"):
            plan.with_user(self.owner).action_close()
        self.report(plan.line_ids, self.worker, 100)
        plan.with_user(self.owner).action_close()
        self.assertEqual(plan.state, "done")

    def test_ends_with_its_contract(self):
        plan = self.agree(self.new_plan())
        with freeze_time("2026-09-10 02:00:00"):
            self.order.with_user(self.business)._take_reason_step(
                "terminate", "Both agreed"
            )
            self.follow_up()
        self.assertEqual(plan.state, "done")
        self.assertFalse(self.tasks_of(plan))

    def test_company_asks_for_plans(self):
        asked = {"contract_plan_required": True, "contract_plan_from": "2026-01-01"}
        with freeze_time("2026-09-05 02:00:00"):
            self.follow_up()
            self.assertFalse(self.order.contract_plan_ids)
            steps = self.order.with_user(self.owner)._contract_next_steps(True)
            self.assertNotIn("progress_plan", [step for _urgency, step in steps])
            self.company.write({**asked, "contract_plan_amount": 1001})
            self.follow_up()
            self.assertFalse(self.order.contract_plan_ids)
            self.company.contract_plan_amount = 1000
            steps = self.order.with_user(self.owner)._contract_next_steps(True)
            self.assertIn("progress_plan", [step for _urgency, step in steps])
            self.follow_up()
            self.follow_up()
        plan = self.order.contract_plan_ids
        self.assertEqual(len(plan), 1)
        self.assertEqual(plan.user_id, self.owner)
        self.assertTrue(plan.line_ids)
        told = plan.activity_ids
        self.assertEqual(told.user_id, self.owner)
        self.assertEqual(str(told.date_deadline), "2026-09-11")

    def test_one_that_fails_stops_no_other(self):
        self.company.write(
            {"contract_plan_required": True, "contract_plan_from": "2026-01-01"}
        )
        plans = type(self.env["contract.plan"])
        begin = plans._begin

        def fails_once(records, parent):
            if parent == self.order:
                raise UserError(parent.name)
            return begin(records, parent)

        with freeze_time("2026-09-05 02:00:00"):
            other = self.order.copy()
            other.action_confirm()
            with (
                patch.object(plans, "_begin", fails_once),
                self.assertLogs("odoo.addons.contract_tracking", "WARNING"),
            ):
                self.follow_up()
        self.assertFalse(self.order.contract_plan_ids)
        self.assertTrue(other.contract_plan_ids)

    def test_risks_are_proposed(self):
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Casting cracked"}
        )
        plan = self.new_plan()
        plan.with_user(self.owner).action_propose_risks()
        self.assertIn(deviation.name, plan.risk_ids[0].name)
        with self.fails("Nothing threatens"):
            plan.with_user(self.owner).action_propose_risks()

    def test_tracking_as_often_as_planned(self):
        self.agree(self.new_plan(tracking_days=10))
        day = self.order.contract_signing_date or self.order.date_order.date()
        late = self.order._contract_regular_record_date(day, late=True)
        self.assertEqual((late - day).days, 7)
        regular = self.order._contract_regular_record_date(day)
        self.assertEqual((regular - day).days, 10)

    def test_goes_into_the_tracking_record(self):
        plan = self.agree(self.new_plan())
        casting = self.line(plan, "Casting")
        self.report(casting, self.worker, 60, problem="Core broke", cause="Sand")
        with freeze_time("2026-09-18 02:00:00"):
            plan.line_ids.invalidate_recordset()
            record = self.env["contract.tracking.record"].create(
                {"order_id": self.order.id}
            )
        text = record.plan_progress
        self.assertIn(f"{plan.name}, version 1: 30 % done", text)
        self.assertIn("“Casting” was planned for", text)
        self.assertIn("problem: Core broke; cause: Sand", text)
        self.assertIn(text, dict(record._form_texts()).values())

    def test_goes_into_the_month(self):
        plan = self.agree(self.new_plan())
        self.report(
            self.line(plan, "Casting"), self.worker, 60, needs="A second furnace"
        )
        record = self.env["contract.monthly.record"]
        record = record.new({"team_id": self.team.id})
        self.patch(
            type(record),
            "_contracts_domain",
            lambda r: Domain("order_id", "=", self.order.id),
        )
        with freeze_time("2026-09-12 02:00:00"):
            ((number, line),) = record._plan_lines()
        self.assertEqual(number, plan.name)
        self.assertIn("to be coordinated: A second furnace", line)

    def test_is_printed(self):
        plan = self.agree(
            self.new_plan(goals="On time", risk_ids=[Command.create({"name": "Sand"})])
        )
        blocks = plan._form_blocks()
        self.assertTrue(blocks)
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "contract_tracking.report_plan", plan.ids
        )
        for word in ("Casting", "Workshop", "On time", "Sand", plan.name):
            self.assertIn(word, html.decode())

    def test_who_reads(self):
        plan = self.new_plan()
        for user in (self.owner, self.seller, self.supervisor, self.head, self.leader):
            self.assertTrue(plan.with_user(user).has_access("read"), user.name)
        for user in (self.worker, self.rival, self.outsider, self.employee):
            self.assertFalse(plan.with_user(user).has_access("read"), user.name)
        self.agree(plan)
        self.assertTrue(plan.with_user(self.worker).has_access("read"))
        self.assertTrue(plan.line_ids.with_user(self.worker).has_access("read"))
        self.assertFalse(plan.with_user(self.rival).has_access("read"))
        for user in (self.worker, self.leader, self.auditor, self.finance):
            self.assertFalse(plan.with_user(user).has_access("write"), user.name)
