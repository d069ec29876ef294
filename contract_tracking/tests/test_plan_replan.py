from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .plans import PlanCase


class TestReplan(PlanCase):
    """Days of an active plan change by a new version with a reason."""

    def setUp(self):
        super().setUp()
        self.plan = self.agree(self.new_plan())
        self.casting = self.line(self.plan, "Casting")

    def replan(self, reason="The furnace failed", user=None, day="2026-09-10"):
        with freeze_time(f"{day} 02:00:00"):
            new = self.plan.with_user(user or self.owner)._take_reason_step(
                "replan", reason
            )
        return new.with_env(self.env)

    def test_active_plan_is_not_written(self):
        with self.fails("planning anew"):
            self.plan.with_user(self.owner).goals = "More"
        with self.fails("planning anew"):
            self.casting.with_user(self.owner).date_planned = "2026-10-01"
        with self.fails("planning anew"):
            self.casting.with_user(self.owner).unlink()
        with self.fails("submitted|deleted"):
            self.plan.with_user(self.owner).unlink()

    def test_new_version_through_the_same_approval(self):
        self.report(self.casting, self.worker, 60, problem="Furnace")
        new = self.replan()
        self.assertEqual((new.version, new.replaces_id), (2, self.plan))
        self.assertEqual(new.replan_reason, "The furnace failed")
        self.assertEqual((new.state, self.plan.state), ("draft", "active"))
        casting = self.line(new, "Casting")
        casting.with_user(self.owner).date_planned = "2026-09-22"
        self.assertEqual(str(casting.date_before), "2026-09-15")
        # reports go on until the new one holds
        self.report(self.casting, self.worker, 70, day="2026-09-11")
        self.agree(new, day="2026-09-12")
        self.assertEqual((new.state, self.plan.state), ("active", "replaced"))
        self.assertEqual(str(self.plan.ended_on), "2026-09-12")
        # baseline, current and actual side by side
        self.assertEqual(str(casting.date_baseline), "2026-09-15")
        self.assertEqual(str(casting.date_planned), "2026-09-22")
        self.assertEqual(casting.slippage, 7)
        self.assertEqual(new.slippage, 7)
        self.assertEqual(casting.progress, 70)
        self.report(casting, self.worker, 100, day="2026-09-24")
        self.assertEqual(str(casting.date_actual), "2026-09-24")
        self.assertEqual(casting.slippage, 9)
        # the version before says what it said
        self.assertEqual(str(self.casting.date_planned), "2026-09-15")
        self.assertTrue(self.plan.with_user(self.worker).has_access("read"))
        with self.fails("while its plan is active"):
            self.report(self.casting, self.worker, 100)

    def test_predecessors_and_added_tasks(self):
        plan = self.plan
        new = self.replan()
        cast, delivery = self.line(new, "Casting"), new.line_ids[0]
        delivery.with_user(self.owner).write({"predecessor_id": cast.id, "weight": 30})
        self.env["contract.plan.line"].with_user(self.owner).create(
            {"plan_id": new.id, **self.task("Painting", "2026-09-20", 20)}
        )
        self.agree(new, day="2026-09-11")
        self.plan = new
        third = self.replan(day="2026-09-12")
        self.assertEqual(third.line_ids[0].predecessor_id, self.line(third, "Casting"))
        painting = self.line(third, "Painting")
        self.assertEqual(str(painting.date_baseline), "2026-09-20")
        self.assertEqual(third.version, 3)
        self.assertEqual(plan.state, "replaced")

    def test_one_at_a_time(self):
        self.replan()
        with self.fails("begun already"):
            self.replan()
        # a plan beside the active one
        other = self.new_plan()
        with self.fails("is active: plan anew"):
            other.with_user(self.owner).action_submit()

    def test_two_are_not_decided_at_once(self):
        order = self.new_role_contract()
        task = self.task("Casting", "2026-09-15", 100)
        first, second = (self.new_plan(task, order_id=order.id) for _n in range(2))
        first.with_user(self.owner).action_submit()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            second.with_user(self.owner).action_submit()

    def test_who_may(self):
        with self.fails("in words"):
            self.replan(" ")
        for user in (self.worker, self.workshop_head, self.leader):
            with self.assertRaises(UserError):
                self.replan(user=user)
        new = self.replan(user=self.seller)
        with self.fails("possible only while"):
            new.with_user(self.owner)._take_reason_step("replan", "Again")

    def test_refused_version_leaves_the_plan_as_it_is(self):
        new = self.replan()
        new.with_user(self.owner).action_submit()
        new.with_user(self.workshop_head).action_refuse("Keep the day")
        self.assertEqual((new.state, self.plan.state), ("refused", "active"))
        self.assertTrue(self.replan())

    def test_stage_follows_what_is_agreed_anew(self):
        stage = self.plan.line_ids.filtered(lambda line: line.kind == "stage")
        old = stage.term_id
        with freeze_time("2026-09-10 02:00:00"):
            moved = self.milestone.with_user(self.owner)._move(
                "Later", self.milestone.date_due.replace(day=28)
            )
        self.assertNotEqual(moved, self.milestone)
        self.assertEqual(stage.term_id, old)
        new = self.replan()
        values = self.stage(moved, "2026-09-29", 0)
        self.env["contract.plan.line"].with_user(self.owner).create(
            {"plan_id": new.id, **values}
        )
        self.agree(new, day="2026-09-11")
        drawings = self.line(new, "Drawings")
        self.assertEqual(drawings.term_id.predecessor_id, moved)
        self.assertEqual(str(drawings.term_id.date_due), "2026-09-29")
