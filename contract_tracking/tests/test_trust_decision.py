from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError

from ..tools.guard import unguarded
from .deviations import DeviationCase
from .test_reagreement import ReagreementCase


class TestLeadersWords(DeviationCase):
    """附表3 tells what the leader decided, whoever signs after him."""

    def ask_also(self, deviation, user, comment="Look at it, please."):
        deviation.with_user(self.leader)._approval_add(user, comment)

    def test_added_approver_agrees_plainly(self):
        deviation = self.submitted()
        self.ask_also(deviation, self.business)
        deviation.with_user(self.leader).action_approve(
            "Half of the penalty.", "accept_changed"
        )
        self.assertFalse(deviation.decision)
        deviation.with_user(self.business).action_approve()
        self.assertEqual(deviation.state, "executing")
        self.assertEqual(deviation.decision, "accept_changed")
        self.assertEqual(deviation.decision_text, "Half of the penalty.")
        self.assertEqual(deviation.decided_by_name, self.leader.name)
        leader = next(s for s in deviation._form_signatures() if s["title"] == "Leader")
        self.assertEqual(leader["name"], self.leader.name)

    def test_added_approver_has_words_of_his_own(self):
        """The leader agreed before and said nothing; the other's words stay his."""
        deviation = self.submitted()
        self.ask_also(deviation, self.business)
        deviation.with_user(self.leader).action_approve()
        deviation.with_user(self.business).action_approve("No.", "accept_changed")
        self.assertEqual(deviation.decision, "accept")
        self.assertFalse(deviation.decision_text)
        self.assertEqual(deviation.decided_by_name, self.leader.name)
        self.assertIn("No.", deviation.step_ids.mapped("comment"))

    def test_in_the_leaders_place(self):
        deviation = self.submitted()
        deviation.with_user(self.leader)._approval_transfer(self.business, "You do it")
        deviation.with_user(self.business).action_approve("So be it.", "accept_changed")
        self.assertEqual(deviation.decided_by_name, self.business.name)
        self.assertEqual(deviation.decision_text, "So be it.")

    def test_added_approver_refuses(self):
        deviation = self.submitted()
        self.ask_also(deviation, self.business)
        deviation.with_user(self.leader).action_approve("Fine.", "accept_changed")
        deviation.with_user(self.business).action_refuse("Not with me.")
        self.assertEqual(deviation.decision, "reject")
        self.assertEqual(deviation.decision_text, "Not with me.")
        self.assertEqual(deviation.decided_by_name, self.business.name)

    def test_two_leaders_side_by_side(self):
        rule = self.env["contract.approval.rule"].search(
            [("kind", "=", "deviation"), ("company_id", "=", self.company.id)]
        )
        rule.line_ids.write(
            {"mode": "all", "user_ids": [Command.link(self.business.id)]}
        )
        deviation = self.submitted()
        deviation.with_user(self.business).action_approve("By air.", "accept_changed")
        deviation.with_user(self.leader).action_approve()
        self.assertEqual(deviation.decision, "accept_changed")
        self.assertEqual(deviation.decision_text, f"{self.business.name}: By air.")
        self.assertIn(self.leader.name, deviation.decided_by_name)
        self.assertIn(self.business.name, deviation.decided_by_name)

    def test_refused_is_not_asked_again_unchanged(self):
        deviation = self.submitted()
        deviation.with_user(self.leader).action_refuse("The customer is to pay.")
        seller = deviation.with_user(self.seller)
        self.assert_refused(seller.action_submit, "refused as it is")
        seller.recommendation = "Deliver  by 10/30, no penalty. "
        self.assert_refused(seller.action_submit, "refused as it is")
        # figures follow the facts: they answer nobody
        seller.write({"impact_days": 13, "impact_amount": 500})
        self.assert_refused(seller.action_submit, "refused as it is")
        seller.recommendation = "The customer pays half."
        seller.action_submit()
        self.assertEqual(deviation.state, "submitted")

    def test_another_plan_answers_a_refusal(self):
        deviation = self.submitted()
        deviation.with_user(self.leader).action_refuse("Nobody does anything?")
        self.add_action(deviation)
        deviation.with_user(self.seller).action_submit()
        self.assertEqual(deviation.state, "submitted")

    def test_refused_by_a_copy_or_with_others(self):
        refused = self.submitted()
        refused.with_user(self.leader).action_refuse("No.")
        copy = refused.with_user(self.seller).copy()
        copy.action_analyse()
        self.assert_refused(copy.action_submit, "refused as it is")
        lead = self.report(recommendation="Something else.")
        lead.action_analyse()
        refused.with_user(self.seller).lead_id = lead
        self.assert_refused(lead.action_submit, "refused as it is")
        refused.with_user(self.seller).recommendation = "Half of it."
        lead.action_submit()
        self.assertEqual(refused.state, "submitted")

    def test_taken_out_of_a_report(self):
        """Who asked for the report decides nothing of what was in it."""
        lead, member = self.report(self.head), self.report()
        self.env["contract.approval.rule"].search(
            [("kind", "=", "deviation"), ("company_id", "=", self.company.id)]
        ).line_ids.user_ids = self.head | self.leader
        member.lead_id = lead
        lead.action_analyse()
        lead.action_submit()
        lead.action_withdraw()
        member.with_user(self.seller).action_take_out()
        member.with_user(self.seller).action_submit()
        self.assert_refused(member.with_user(self.head).action_approve)

    def test_decided_actions_stay_what_they_are(self):
        deviation = self.report()
        action = self.add_action(deviation)
        deviation.action_analyse()
        deviation.action_submit()
        deviation.with_user(self.leader).action_approve("Do so.")
        mine = action.with_user(self.seller)
        self.assert_refused(lambda: mine.write({"name": "Nothing"}), "decided on")
        mine.date_deadline = "2026-10-25"

    def test_office_of_a_contract_in_effect(self):
        west = self.env["crm.team"].create({"name": "West", "user_id": self.rival.id})
        order = self.order.with_user(self.seller)
        self.assert_refused(lambda: order.write({"team_id": west.id}), "who decides")
        order.with_user(self.director).team_id = west

    def test_returned_is_submitted_again(self):
        deviation = self.submitted()
        deviation.with_user(self.leader).action_return("Ask me next week.")
        deviation.with_user(self.seller).action_submit()
        self.assertEqual(deviation.state, "submitted")


class TestPlannedByHand(DeviationCase):
    """What people plan with the types of decisions is theirs."""

    def plan(self, deviation, user, xmlid="mail_activity_decide"):
        return (
            self.env["mail.activity"]
            .with_user(self.seller)
            .create(
                {
                    "activity_type_id": self.env.ref(f"contract_tracking.{xmlid}").id,
                    "res_model_id": self.env["ir.model"]._get_id(deviation._name),
                    "res_id": deviation.id,
                    "user_id": user.id,
                }
            )
        )

    def test_is_removed_and_says_why(self):
        deviation = self.report()
        for xmlid in ("mail_activity_decide", "mail_activity_confirm_oral"):
            with self.subTest(xmlid):
                activity = self.plan(deviation, self.seller, xmlid)
                self.assertFalse(activity.contract_decision)
                with self.assertRaisesRegex(UserError, "planned this activity himself"):
                    activity.action_contract_approve()
                activity.unlink()
        activity = self.plan(deviation, self.seller)
        activity.action_feedback("Done")
        self.assertFalse(activity.active)

    def test_for_another_than_who_decides(self):
        deviation = self.submitted()
        self.plan(deviation, self.seller).unlink()

    def test_what_waits_stays(self):
        deviation = self.submitted()
        activity = deviation.activity_ids.filtered(lambda a: a.user_id == self.leader)
        self.assertTrue(activity.contract_decision)
        for values in (
            {"res_model": "res.partner"},
            {"date_deadline": "2099-01-01"},
            {"summary": "Nothing"},
        ):
            with self.subTest(values):
                for user in (self.seller, self.leader):
                    self.assert_refused(
                        lambda u=user, v=values: activity.with_user(u).write(v)
                    )
        self.assert_refused(activity.with_user(self.leader).unlink, "no")
        self.assert_refused(activity.with_user(self.leader).action_done, "decision")


class TestShared(DeviationCase):
    """Who administrates one company writes its rows, not those of all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second"})
        cls.theirs = cls.new_user(
            "ct_theirs",
            "contract_tracking.group_contract_manager",
            company_id=cls.second.id,
            company_ids=[Command.set(cls.second.ids)],
        )

    def shared(self):
        """A row of every kind of configuration that holds in all companies."""
        for name, model in sorted(self.env.items()):
            if not model._abstract and "contract.shared.mixin" in model._inherit_module:
                row = model.search(
                    [("company_id", "=", False)]
                    if "company_id" in model._fields
                    else [],
                    limit=1,
                )
                yield name, row

    def test_of_all_companies(self):
        seen = set()
        for name, row in self.shared():
            with self.subTest(name):
                if not row:
                    continue
                seen.add(name)
                fname = "sequence" if "sequence" in row._fields else "days_from"
                with self.assertRaisesRegex(AccessError, "holds for all companies"):
                    row.with_user(self.theirs).write({fname: 99})
                with self.assertRaises(UserError):
                    row.with_user(self.theirs).unlink()
        self.assertLessEqual(
            {
                "contract.approval.rule",
                "contract.approval.rule.line",
                "contract.deviation.rule",
                "contract.deviation.rule.band",
                "contract.document.type",
                "contract.event.type",
                "contract.schedule.template",
                "contract.checklist.template",
            },
            seen,
        )

    def test_of_his_own(self):
        Rule = self.env["contract.approval.rule"].with_user(self.theirs)
        step = {"name": "We", "user_ids": [Command.link(self.theirs.id)]}
        values = {
            "name": "Ours",
            "kind": "deviation",
            "line_ids": [Command.create(step)],
        }
        with self.assertRaises(AccessError):
            Rule.create(values)
        rule = Rule.create({**values, "company_id": self.second.id})
        rule.sequence = 3
        with self.assertRaises(AccessError):
            rule.company_id = False
        rule.unlink()

    def test_of_every_company(self):
        self.theirs.company_ids = self.env["res.company"].search([])
        rule = self.env.ref("contract_tracking.deviation_rule_milestone_late")
        rule.with_user(self.theirs).with_context(
            allowed_company_ids=self.theirs.company_ids.ids
        ).tolerance_days = 3
        self.assertEqual(rule.tolerance_days, 3)


class TestAgreed(ReagreementCase):
    """What a supplementary agreement is, and what follows from it."""

    def report(self, kind="order_changed", **values):
        """One of the kind, as the search took it for what it found."""
        deviation = (
            self.env["contract.deviation"]
            .with_user(self.seller)
            .create(
                {
                    "order_id": self.order.id,
                    "kind": kind,
                    "summary": "Changed",
                    "cause_id": self.env.ref(
                        "contract_tracking.deviation_cause_material"
                    ).id,
                    "recommendation": "Agree on it.",
                    **values,
                }
            )
        )
        if kind == "order_changed":
            unguarded(deviation.sudo()).detect_key = f"order:{self.order.id}"
        return deviation

    def test_what_somebody_calls_so(self):
        """Only what was found to differ is agreed on: other deviations stay, and don't
        change their kind."""
        called = self.report("other")
        called.kind = "order_changed"
        found = self.report("late_payment")
        unguarded(found.sudo()).detect_key = "term:1"
        with self.fails("found from the facts"):
            found.kind = "order_changed"
        self.agree(self.new_reagreement(self.change(self.deposit, name="First")))
        self.assertEqual(called.state, "detected")
        self.assertEqual(found.state, "detected")

    def test_papers_that_agree_on_nothing(self):
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20")
        )
        for kind in ("email", "letter", "minutes", "signed", "other"):
            self.paper.type_id = self.env.ref(f"contract_tracking.document_type_{kind}")
            with (
                self.subTest(kind),
                self.fails("changes nothing that both sides signed"),
            ):
                record.with_user(self.seller).action_submit()
        self.paper.type_id = self.env.ref("contract_tracking.document_type_supplement")
        self.agree(record)
        self.assertEqual(record.state, "done")

    def test_order_changed_is_closed(self):
        deviation = self.report()
        record = self.agree(
            self.new_reagreement(self.change(self.deposit, name="First payment"))
        )
        self.assertEqual(deviation.state, "closed")
        self.assertEqual(str(deviation.cured_on), "2026-09-20")
        self.assertIn(record.name, deviation.verification)
        self.assertEqual(deviation.verified_by_name, self.leader.name)
        self.assertFalse(deviation.sudo().activity_ids)

    def test_while_it_is_decided(self):
        self.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "deviation",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(self.leader.id)]}
                    )
                ],
            }
        )
        deviation = self.report()
        deviation.action_analyse()
        deviation.action_submit()
        self.agree(self.new_reagreement(self.change(self.deposit, name="First")))
        self.assertEqual(deviation.state, "closed")
        self.assertEqual(deviation.approval_state, "withdrawn")
        self.assertEqual(deviation.step_ids.mapped("state"), ["skipped"])
        self.assertFalse(deviation.sudo().activity_ids)

    def test_still_different(self):
        """What the order says beside the agreement is still to be decided."""
        deviation = self.report()
        self.order.order_line.with_user(self.seller).product_uom_qty = 12
        self.agree(self.new_reagreement(self.change(self.deposit, name="First")))
        self.assertEqual(deviation.state, "detected")
        self.assertFalse(deviation.cured_on)

    def test_reported_with_others(self):
        """The report on other things goes on without what was agreed on."""
        lead, changed = self.report("other"), self.report()
        changed.lead_id = lead
        self.agree(self.new_reagreement(self.change(self.deposit, name="First")))
        self.assertEqual(changed.state, "closed")
        self.assertFalse(changed.lead_id)
        self.assertEqual(lead.state, "detected")


class TestMilestones(ReagreementCase):
    """Milestones of our own move with a reason, and the first day stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls.env["contract.department"].create({"name": "Workshop"})
        cls.milestone = cls.new_milestone()

    @classmethod
    def new_milestone(cls, **values):
        with freeze_time("2026-09-02 02:00:00"):
            return cls.env["contract.term"].create(
                {
                    "order_id": cls.order.id,
                    "kind": "milestone",
                    "name": "Castings ready",
                    "user_id": cls.outsider.id,
                    "department_id": cls.department.id,
                    "due_mode": "date",
                    "date_fixed": "2026-09-20",
                    **values,
                }
            )

    def move(self, term, user, date, day="2026-09-10", reason="The foundry is full."):
        with freeze_time(f"{day} 02:00:00"):
            self.env["contract.reason"].with_user(user).create(
                {
                    "res_model": "contract.term",
                    "res_ids": term.ids,
                    "step": "move",
                    "reason": reason,
                    "date": date,
                }
            ).action_apply()

    def rows(self, day):
        self.env.flush_all()
        rows = self.env["contract.facts"]._read_terms(self.order, day)
        return {self.env["contract.term"].browse(key): row for key, row in rows.items()}

    def test_by_its_owner(self):
        self.milestone.progress = 40
        self.move(self.milestone, self.outsider, "2026-10-05")
        new = self.current("milestone")
        self.assertEqual(new.predecessor_id, self.milestone)
        self.assertEqual(str(new.date_fixed), "2026-10-05")
        self.assertEqual((new.progress, new.user_id), (40, self.outsider))
        self.assertEqual(str(new.baseline_date), "2026-09-20")
        before, after = self.rows("2026-09-09"), self.rows("2026-09-25")
        self.assertEqual(str(before[self.milestone]["date_due"]), "2026-09-20")
        self.assertNotIn(self.milestone, after)
        self.assertEqual(after[new]["status"], "not_due")
        row = self.last_row(self.order, ("kind", "=", "term"))
        self.assertEqual(row.reason, "The foundry is full.")
        self.assertIn("2026", row.old_value)

    def test_moved_again(self):
        self.move(self.milestone, self.outsider, "2026-10-05")
        self.move(self.current("milestone"), self.business, "2026-10-25", "2026-09-28")
        new = self.current("milestone")
        self.assertEqual(str(new.date_due), "2026-10-25")
        self.assertEqual(str(new.baseline_date), "2026-09-20")

    def test_by_nobody_else(self):
        for user in (self.seller, self.owner, self.leader, self.auditor, self.head):
            with self.subTest(user.login), self.fails("moved by its owner"):
                self.move(self.milestone, user, "2026-10-05")
        for user in (self.stranger, self.rival):
            with self.subTest(user.login), self.fails("access", AccessError):
                self.move(self.milestone, user, "2026-10-05")

    def test_who_makes_himself_its_owner(self):
        for user in (self.seller, self.owner):
            with self.subTest(user.login), self.fails("names another owner"):
                self.milestone.with_user(user).user_id = user
        self.milestone.with_user(self.outsider).user_id = self.owner
        row = self.last_row(self.order, ("kind", "=", "term"))
        self.assertIn(self.outsider.name, row.old_value)
        self.assertIn(self.owner.name, row.new_value)

    def test_what_is_late(self):
        """Nobody moves away what he is late with; the business office may."""
        with self.fails("before it is late"):
            self.move(self.milestone, self.outsider, "2026-10-05", "2026-09-22")
        self.move(self.milestone, self.business, "2026-10-05", "2026-09-22")
        self.assertEqual(str(self.current("milestone").date_fixed), "2026-10-05")

    def test_what_the_customer_signed(self):
        signed = self.new_milestone(name="Acceptance", with_customer=True)
        for user in (self.outsider, self.business):
            with self.subTest(user.login), self.fails("agreed with the customer"):
                self.move(signed, user, "2026-10-05")
        with self.fails("terms of a contract in effect"):
            signed.with_user(self.business).with_customer = False

    def test_other_terms(self):
        for term in (self.delivery, self.deposit):
            with self.subTest(term.kind), self.fails("only milestones"):
                self.move(term, self.business, "2026-10-05")
        self.milestone.done_date = "2026-09-08"
        with self.fails("only milestones"):
            self.move(self.milestone, self.outsider, "2026-10-05")

    def test_days(self):
        for date in ("2026-09-09", "2026-09-20", False):
            with self.subTest(date), self.fails("another day"):
                self.move(self.milestone, self.outsider, date)


class TestPlanners(DeviationCase):
    """The plan is decided on with the report: its author doesn't decide it."""

    def setUp(self):
        super().setUp()
        self.rule.line_ids.user_ids |= self.business
        self.deviation = self.report()
        self.action = self.add_action(self.deviation)

    def assert_out(self, user):
        self.assertFalse(self.deviation._waive_authority(user))
        self.deviation.action_analyse()
        self.deviation.action_submit()
        self.assertNotIn(user, self.deviation.sudo().step_ids.user_id)

    def test_plans(self):
        self.action.with_user(self.business).copy()
        self.assert_out(self.business)

    def test_changes_the_plan(self):
        self.action.with_user(self.business).date_deadline = "2026-10-25"
        self.assert_out(self.business)

    def test_takes_out_of_the_plan(self):
        self.action.with_user(self.business).unlink()
        self.assert_out(self.business)

    def test_in_the_report(self):
        command = Command.update(self.action.id, {"name": "Wait"})
        self.deviation.with_user(self.business).write({"action_ids": [command]})
        self.assert_out(self.business)

    def test_who_only_carries_it_out(self):
        """What is planned after the decision, or done, makes nobody its author."""
        self.action.with_user(self.seller).user_id = self.business
        self.deviation.action_analyse()
        self.deviation.action_submit()
        self.assertIn(self.business, self.deviation.sudo().step_ids.user_id)
