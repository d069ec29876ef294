from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class DeviationCase(RoleCase):
    """A deviation of the seller's contract, and the steps of its life as one-liners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env.ref("contract_tracking.deviation_cause_material")
        cls.rule = cls.env["contract.approval.rule"].create(
            {
                "name": "Leader decides",
                "kind": "deviation",
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Leader",
                            "approver": "users",
                            "user_ids": [Command.set(cls.leader.ids)],
                        }
                    )
                ],
            }
        )
        cls.business_office = cls.env["contract.department"].create(
            {"name": "Business", "head_id": cls.business.id}
        )
        cls.company.contract_business_office_id = cls.business_office

    @classmethod
    def report(cls, user=None, **values):
        user = user or cls.seller
        return (
            cls.env["contract.deviation"]
            .with_user(user)
            .create(
                {
                    "order_id": cls.order.id,
                    "user_id": user.id,
                    "kind": "late_delivery",
                    "severity": "major",
                    "date": "2026-10-13",
                    "summary": "Agreed by 10/01, 60 delivered on 10/13, 40 missing.",
                    "cause_id": cls.cause.id,
                    "impact_days": 12,
                    "impact_amount": 400,
                    "recommendation": "Deliver by 10/30, no penalty.",
                    **values,
                }
            )
        )

    def submitted(self, **values):
        deviation = self.report(**values)
        deviation.action_analyse()
        deviation.action_submit()
        return deviation

    def decided(self, outcome="accept", comment="Do so.", **values):
        deviation = self.submitted(**values)
        deviation.with_user(self.leader).action_approve(comment, outcome)
        return deviation

    def reported(self, **values):
        deviation = self.decided(**values)
        self.step(deviation, "report", self.seller)
        return deviation

    def step(self, record, step, user, text="So it is.", **values):
        """Take a step as people do, in its window."""
        action = record._name == "contract.deviation.action"
        self.env["contract.deviation.step"].with_user(user).create(
            {
                "deviation_id": record.deviation_id.id if action else record.id,
                "action_id": action and record.id,
                "step": step,
                "text": text,
                **values,
            }
        ).action_apply()

    def add_action(self, deviation, user=None, **values):
        return (
            self.env["contract.deviation.action"]
            .with_user(self.seller)
            .create(
                {
                    "deviation_id": deviation.id,
                    "name": "Press the foundry",
                    "user_id": (user or self.outsider).id,
                    "date_deadline": "2026-10-20",
                    **values,
                }
            )
        )

    def todo(self, record):
        """``{(type, user)}`` of the deviation's activities."""
        prefix = "contract_tracking.mail_activity_"
        return {
            (
                activity.activity_type_id.get_external_id()[
                    activity.activity_type_id.id
                ].removeprefix(prefix),
                activity.user_id,
            )
            for activity in record.sudo().activity_ids
        }

    def assert_refused(self, call, text=None):
        with mute_logger(*RULES), self.assertRaises(UserError) as error:
            with self.env.cr.savepoint():
                call()
        if text:
            self.assertIn(text, str(error.exception))
        self.env.invalidate_all()


class TestDeviationFlow(DeviationCase):
    """附表3 from the report to its verified closure, by role and state."""

    def test_whole_life(self):
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.report()
            self.assertEqual(deviation.state, "detected")
            self.assertEqual(self.todo(deviation), {("deviation_analyse", self.seller)})
            self.assertEqual(str(deviation.date_deadline), "2026-10-16")
            deviation.action_analyse()
            self.assertEqual(deviation.state, "analysed")
            deviation.action_submit()
            self.assertEqual(deviation.state, "submitted")
            self.assertEqual(self.todo(deviation), {("decide", self.leader)})
            self.assertEqual(deviation.step_ids.amount, 400)
            self.assertEqual(deviation.step_ids.severity, "major")
            self.assert_refused(lambda: self.add_action(deviation), "Submitted")
        with freeze_time("2026-10-14 02:00:00"):
            deviation.with_user(self.leader).action_approve(
                "Air freight for the rest.", "accept_changed"
            )
            self.assertEqual(deviation.state, "executing")
            self.assertEqual(deviation.decision, "accept_changed")
            self.assertEqual(deviation.decision_text, "Air freight for the rest.")
            self.assertEqual(deviation.decided_by_name, self.leader.name)
            self.assertEqual(
                deviation.decided_on, fields.Datetime.to_datetime("2026-10-14 02:00:00")
            )
            # without actions the result is due five days after the decision
            self.assertEqual(str(deviation.date_deadline), "2026-10-19")
            self.assertEqual(self.todo(deviation), {("deviation_report", self.seller)})
            action = self.add_action(deviation)
            self.assertEqual(
                self.todo(deviation), {("deviation_action", self.outsider)}
            )
            self.assertEqual(str(deviation.date_deadline), "2026-10-20")
            self.assert_refused(
                lambda: self.step(deviation, "report", self.seller), "Press the foundry"
            )
        with freeze_time("2026-10-18 02:00:00"):
            self.step(action, "done", self.outsider, "He delivers on 10/25.")
            self.assertEqual(action.state, "done")
            self.assertEqual(str(action.done_on), "2026-10-18")
            self.assertEqual(action.done_by_name, self.outsider.name)
            self.assertEqual(str(deviation.execution_end), "2026-10-18")
            self.assertEqual(str(deviation.date_deadline), "2026-10-23")
            self.assertEqual(self.todo(deviation), {("deviation_report", self.seller)})
            files = (
                self.env["ir.attachment"]
                .with_user(self.seller)
                .create({"name": "awb.txt", "raw": b"x"})
            )
            self.step(
                deviation,
                "report",
                self.seller,
                "All is delivered.",
                cured_on="2026-10-17",
                attachment_ids=[Command.set(files.ids)],
            )
            self.assertEqual(deviation.state, "reported")
            self.assertEqual(deviation.result, "All is delivered.")
            self.assertEqual(deviation.reported_by_id, self.seller)
            self.assertEqual(str(deviation.cured_on), "2026-10-17")
            self.assertEqual(files.res_model, "contract.deviation")
            self.assertEqual(
                self.todo(deviation), {("deviation_verify", self.supervisor)}
            )
            self.step(deviation, "verify", self.supervisor, "Seen the papers.")
        self.assertEqual(deviation.state, "closed")
        self.assertEqual(deviation.verified_by_name, self.supervisor.name)
        self.assertFalse(self.todo(deviation))
        self.assertFalse(deviation.next_step)

    def test_analysis_must_be_complete(self):
        for fname in ("cause_id", "summary"):
            deviation = self.report(**{fname: False})
            with self.subTest(field=fname):
                self.assert_refused(deviation.action_analyse)
        deviation = self.report(recommendation=False)
        deviation.action_analyse()
        self.assert_refused(deviation.action_submit, "Recommendation")
        deviation.recommendation_ids = self.env.ref(
            "contract_tracking.deviation_recommendation_expedite"
        )
        deviation.action_submit()
        self.assertEqual(deviation.state, "submitted")
        self.assert_refused(self.report().action_submit, "To analyse")

    def test_rejected_words_are_kept(self):
        deviation = self.submitted()
        self.assert_refused(deviation.with_user(self.leader).action_refuse)
        deviation.with_user(self.leader).action_refuse("The customer must agree.")
        self.assertEqual(deviation.state, "analysed")
        self.assertEqual(deviation.decision, "reject")
        self.assertEqual(deviation.decision_text, "The customer must agree.")
        self.assertEqual(self.todo(deviation), {("deviation_analyse", self.seller)})
        deviation.recommendation = "Agreed with the customer: 10/30."
        deviation.action_submit()
        deviation.with_user(self.leader).action_approve("Then yes.")
        self.assertEqual(deviation.decision_text, "Then yes.")
        self.assertEqual(
            deviation.step_ids.sorted("round").mapped("comment"),
            ["The customer must agree.", "Then yes."],
        )
        with self.assertRaises(UserError):
            deviation.with_user(self.leader).action_approve("Again")

    def test_changes_need_a_comment(self):
        deviation = self.submitted().with_user(self.leader)
        self.assert_refused(lambda: deviation.action_approve(False, "accept_changed"))
        deviation.action_approve()
        self.assertEqual(deviation.decision, "accept")
        self.assertFalse(deviation.decision_text)

    def test_returned_and_withdrawn(self):
        deviation = self.submitted()
        deviation.with_user(self.leader).action_return("Say by when.")
        self.assertEqual(deviation.state, "analysed")
        self.assertFalse(deviation.decision)
        deviation.recommendation = "By 10/30."
        deviation.action_submit()
        deviation.action_withdraw()
        self.assertEqual(deviation.state, "analysed")
        self.assertFalse(deviation.sudo().approver_ids)

    def test_what_was_submitted_and_decided_is_frozen(self):
        deviation = self.decided()
        values = {
            "summary": "Nothing", "cause_id": False, "impact_amount": 1,
            "severity": "minor", "user_id": self.owner.id, "recommendation": "x",
            "decision": "reject", "decision_text": "No", "decided_by_name": "Me",
            "decided_on": "2026-01-01 00:00:00", "state": "closed", "result": "x",
            "reported_by_id": self.owner.id, "verified_by_id": self.owner.id,
            "verification": "x", "ended_reason": "x", "involved_ids": [Command.clear()],
            "cured_on": "2026-01-01", "execution_end": "2026-01-01",
        }  # fmt: skip
        admin = self.env.ref("base.user_admin")
        for env in (
            self.env(user=self.seller),
            self.env(user=self.business),
            self.env(user=admin),
            self.env(user=admin, su=True),
        ):
            for name, value in values.items():
                if name == "execution_end":
                    continue
                with self.subTest(field=name, user=env.user.login):
                    self.assert_refused(
                        lambda e=env, n=name, v=value: deviation.with_env(e).write(
                            {n: v}
                        )
                    )
        self.assertEqual(deviation.decision_text, "Do so.")
        for env in (self.env(user=self.seller), self.env(user=admin, su=True)):
            self.assert_refused(deviation.with_env(env).unlink)
        with self.assertRaises(UserError):
            self.env["contract.deviation"].create(
                {"order_id": self.order.id, "decision": "accept", "state": "executing"}
            )

    def test_only_a_reported_draft_is_deleted(self):
        self.report().unlink()
        deviation = self.report()
        deviation.action_analyse()
        self.assert_refused(deviation.unlink)
        deviation = self.submitted()
        deviation.action_withdraw()
        self.assert_refused(deviation.unlink)

    def test_copy_is_a_new_report(self):
        deviation = self.reported()
        self.step(deviation, "verify", self.supervisor)
        copied = deviation.copy()
        self.assertEqual(copied.state, "detected")
        self.assertEqual(copied.source, "reported")
        self.assertFalse(copied.decision)
        self.assertFalse(copied.step_ids)
        self.assertNotEqual(copied.name, deviation.name)
        # nothing that ended goes on
        for call in (
            deviation.action_analyse,
            deviation.action_submit,
            lambda: self.step(deviation, "report", self.seller),
            lambda: self.step(deviation, "send_back", self.supervisor),
            lambda: self.step(deviation, "cancel", self.business),
            lambda: self.step(deviation, "waive", self.leader),
            lambda: self.step(
                deviation, "hand_over", self.business, user_id=self.owner.id
            ),
        ):
            self.assert_refused(call)

    def test_nobody_verifies_his_own(self):
        deviation = self.decided()
        action = self.add_action(deviation, self.supervisor)
        self.step(action, "done", self.supervisor)
        self.step(deviation, "report", self.head)
        for user in (self.seller, self.supervisor, self.head):
            with self.subTest(user=user.login):
                self.assert_refused(
                    lambda u=user: self.step(deviation, "verify", u), "somebody else"
                )
                self.assertFalse(deviation.with_user(user).can_verify)
        self.assertEqual(self.todo(deviation), {("deviation_verify", self.business)})
        # an earlier handler neither, after he handed it over
        self.step(deviation, "hand_over", self.business, user_id=self.owner.id)
        self.assert_refused(
            lambda: self.step(deviation, "verify", self.seller), "somebody else"
        )
        for user in (self.auditor, self.finance, self.member, self.rival):
            with self.subTest(user=user.login):
                self.assert_refused(lambda u=user: self.step(deviation, "verify", u))
        self.step(deviation, "verify", self.leader, "Concession, as decided.")
        self.assertEqual(deviation.state, "closed")
        self.assertTrue(deviation.not_cured)
        self.assertIn("not cured", deviation.message_ids[0].body)

    def test_sent_back(self):
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.reported()
        with freeze_time("2026-10-20 02:00:00"):
            self.assert_refused(
                lambda: self.step(deviation, "send_back", self.supervisor, " ")
            )
            self.step(deviation, "send_back", self.supervisor, "40 still missing.")
            self.assertEqual(deviation.state, "executing")
            self.assertEqual(deviation.sent_back_reason, "40 still missing.")
            # five days more
            self.assertEqual(str(deviation.date_deadline), "2026-10-25")
            self.step(deviation, "report", self.seller, "Now all.")
            self.step(deviation, "verify", self.supervisor)
        self.assertEqual(deviation.state, "closed")

    def test_waived(self):
        refused = ("seller", "owner", "head", "member", "auditor", "finance", "rival")
        deviation = self.report()
        for name in refused:
            with self.subTest(user=name):
                self.assert_refused(
                    lambda n=name: self.step(deviation, "waive", getattr(self, n))
                )
        self.assert_refused(lambda: self.step(deviation, "waive", self.leader, " "))
        self.step(deviation, "waive", self.business, "Below what is worth it.")
        self.assertEqual(deviation.state, "waived")
        self.assertEqual(
            (
                deviation.ended_reason,
                deviation.ended_by_name,
                deviation.ended_authority,
            ),
            ("Below what is worth it.", self.business.name, "Business Office"),
        )
        self.assertFalse(self.todo(deviation))
        own = self.report(self.business)
        self.assert_refused(lambda: self.step(own, "waive", self.business))
        decided = self.decided()
        self.assert_refused(lambda: self.step(decided, "waive", self.business))
        self.step(decided, "waive", self.leader)
        self.assertEqual(decided.ended_authority, "Leader")
        self.assert_refused(
            lambda: self.step(self.submitted(), "waive", self.leader), "Submitted"
        )

    def test_cancelled_as_false(self):
        expected = ("head", "member", "business", "manager", "director")
        for name in (
            "seller", "owner", "supervisor", "leader", "auditor", "finance", "rival",
            "stranger", "outsider", "stock_user", "biller", *expected,
        ):  # fmt: skip
            deviation = self.report()
            user = getattr(self, name)
            with self.subTest(user=name):
                if name in expected:
                    self.step(deviation, "cancel", user, "Counted wrongly.")
                    self.assertEqual(deviation.state, "cancelled")
                else:
                    self.assert_refused(
                        lambda d=deviation, u=user: self.step(d, "cancel", u)
                    )
        self.assert_refused(
            lambda: self.step(self.submitted(), "cancel", self.business), "Submitted"
        )

    def test_cancelled_contract(self):
        analysed = self.report()
        analysed.action_analyse()
        pending = self.submitted()
        executing = self.decided()
        action = self.add_action(executing)
        reported = self.reported()
        self.order.with_user(self.business)._contract_step("cancel", "Never signed")
        for call in (
            self.report().action_analyse,
            analysed.action_submit,
            pending.with_user(self.leader).action_approve,
            lambda: self.step(executing, "report", self.seller),
            lambda: self.step(action, "done", self.outsider),
            lambda: self.step(reported, "verify", self.supervisor),
        ):
            self.assert_refused(call, "was cancelled")
        for deviation in (analysed, pending, executing, reported):
            self.assertIn("cancels", deviation.next_step)
            self.step(deviation, "cancel", self.business, "The contract is gone.")
            self.assertEqual(deviation.state, "cancelled")
            self.assertFalse(self.todo(deviation))
        self.assertEqual(pending.step_ids.state, "withdrawn")

    def test_handed_over(self):
        deviation = self.submitted()
        for user in (self.seller, self.owner, self.member, self.leader, self.rival):
            with self.subTest(user=user.login):
                self.assert_refused(
                    lambda u=user: self.step(
                        deviation, "hand_over", u, user_id=self.owner.id
                    )
                )
        for user in (self.outsider, self.leader, self.employee):
            with self.subTest(user=user.login):
                self.assert_refused(
                    lambda u=user: self.step(
                        deviation, "hand_over", self.head, user_id=u.id
                    )
                )
        self.step(deviation, "hand_over", self.head, "On leave", user_id=self.owner.id)
        self.assertEqual(deviation.user_id, self.owner)
        self.assertIn("On leave", deviation.message_ids[0].body)
        self.assertIn(self.seller.name, deviation.message_ids[0].body)
        deviation.with_user(self.leader).action_approve()
        self.assertEqual(self.todo(deviation), {("deviation_report", self.owner)})


class TestDeviationActions(DeviationCase):
    """Actions: who plans, who reports, who reads."""

    def test_owner_reads_and_reports_his_own(self):
        deviation = self.decided()
        own = self.add_action(deviation)
        other = self.add_action(deviation, self.rival, name="Train the planner")
        as_owner = deviation.with_user(self.outsider)
        self.assertEqual(as_owner.read(["summary"])[0]["id"], deviation.id)
        self.assertEqual(as_owner.action_ids, own + other)
        self.assert_refused(lambda: as_owner.write({"action_ids": [Command.clear()]}))
        self.assert_refused(
            lambda: own.with_user(self.outsider).write({"date_deadline": "2027-01-01"})
        )
        self.assert_refused(lambda: self.step(other, "done", self.outsider))
        self.assert_refused(lambda: self.step(own, "done", self.seller))
        self.assert_refused(lambda: self.step(own, "done", self.outsider, " "))
        self.assertTrue(own.with_user(self.outsider).can_do)
        self.assertFalse(own.with_user(self.rival).can_do)
        self.step(own, "done", self.outsider)
        self.assertEqual(self.todo(deviation), {("deviation_action", self.rival)})
        self.assert_refused(lambda: self.step(own, "done", self.outsider), "not open")

    def test_without_a_role_nobody_owns_an_action(self):
        deviation = self.report()
        for user in (self.employee, self.stock_user):
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                self.add_action(deviation, user)

    def test_guards(self):
        deviation = self.report()
        planned = self.add_action(deviation)
        deleted = self.add_action(deviation)
        deleted.unlink()
        self.assertFalse(
            self.env["mail.activity"].search([("summary", "like", "foun")])
        )
        self.assert_refused(lambda: self.step(planned, "done", self.outsider))
        deviation.action_analyse()
        deviation.action_submit()
        for call in (
            lambda: planned.write({"name": "x"}),
            planned.unlink,
            lambda: self.add_action(deviation),
        ):
            self.assert_refused(call)
        deviation.with_user(self.leader).action_approve()
        self.assert_refused(planned.unlink)
        for values in (
            {"state": "done"}, {"done_on": "2026-10-01"}, {"note": "x"},
            {"done_by_id": self.seller.id}, {"deviation_id": self.report().id},
        ):  # fmt: skip
            for env in (self.env(user=self.seller), self.env(su=True)):
                self.assert_refused(
                    lambda v=values, e=env: planned.with_env(e).write(v)
                )
        planned.write({"date_deadline": "2026-11-11"})
        self.assertIn("11/11/2026", deviation.message_ids[0].body)
        self.assertEqual(str(deviation.date_deadline), "2026-11-11")
        self.assert_refused(lambda: self.step(planned, "drop", self.seller))
        self.step(planned, "drop", self.member, "Not needed.")
        self.assertEqual(planned.state, "dropped")
        self.assertTrue(deviation.execution_end)
        self.assert_refused(lambda: planned.write({"name": "x"}))

    def test_in_the_form(self):
        deviation = self.decided()
        with Form(deviation.with_user(self.seller)) as form:
            with form.action_ids.new() as line:
                line.name = "Press the foundry"
                line.user_id = self.outsider
                line.date_deadline = "2026-10-20"
        self.assertEqual(deviation.action_ids.user_id, self.outsider)


class TestIncluded(DeviationCase):
    """Several deviations in one report."""

    def setUp(self):
        super().setUp()
        self.minor = self.report(severity="minor", impact_amount=100)
        self.critical = self.report(
            severity="critical", kind="late_payment", impact_amount=-50
        )
        self.major = self.report()

    def one_report(self, deviations):
        return self.env["contract.deviation"].browse(
            deviations.with_user(self.seller).action_one_report()["res_id"]
        )

    def test_follow_the_lead(self):
        lead = self.one_report(self.minor + self.critical + self.major)
        self.assertEqual(lead, self.critical)
        self.assertEqual(lead.included_ids, self.minor + self.major)
        family = self.minor + self.critical + self.major
        self.assertEqual(self.todo(family), {("deviation_analyse", self.seller)})
        self.assertFalse(self.todo(self.minor + self.major))
        for call in (
            self.minor.action_analyse,
            lambda: self.step(self.minor, "cancel", self.business),
            lambda: self.step(self.minor, "waive", self.leader),
        ):
            self.assert_refused(call, "is decided with")
        self.minor.cause_id = False
        self.assert_refused(lead.action_analyse, "Cause")
        self.minor.cause_id = self.cause
        lead = lead.with_user(self.seller)
        lead.action_analyse()
        self.assertEqual(set(family.mapped("state")), {"analysed"})
        self.major.action_take_out()
        self.assertEqual(lead.included_ids, self.minor)
        family -= self.major
        self.assert_refused(self.minor.action_submit)
        lead.action_submit()
        self.assertEqual(lead.step_ids.amount, 150)
        self.assertEqual(lead.step_ids.severity, "critical")
        self.assert_refused(lambda: self.minor.write({"summary": "x"}))
        self.assert_refused(self.minor.action_take_out)
        self.assert_refused(lambda: self.major.write({"lead_id": lead.id}))
        lead.with_user(self.leader).action_approve("Both.")
        self.assertEqual(set(family.mapped("decision_text")), {"Both."})
        self.step(lead, "report", self.seller)
        self.assert_refused(lambda: self.step(self.minor, "verify", self.supervisor))
        self.step(lead, "verify", self.supervisor)
        self.assertEqual(set(family.mapped("state")), {"closed"})
        self.assertEqual(self.major.state, "analysed")

    def test_of_one_contract(self):
        other = self.report(order_id=self.new_role_contract().id)
        with self.assertRaises(ValidationError):
            (self.minor + other).action_one_report()
        self.env.invalidate_all()
        self.assert_refused(self.minor.action_one_report)

    def test_two_reports_become_one(self):
        lead = self.one_report(self.minor + self.major)
        self.assertEqual(lead, self.major)
        lead = self.one_report(self.major + self.critical)
        self.assertEqual(lead, self.critical)
        self.assertEqual(lead.included_ids, self.minor + self.major)
        self.assertFalse(self.major.included_ids)


class TestFollowUp(DeviationCase):
    """Overdue steps and actions are reminded once and escalated once."""

    def run_cron(self, day):
        before = self.env["mail.message"].search([], order="id desc", limit=1).id
        with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_follow_up_deviations"
            ).method_direct_trigger()
        return self.env["mail.message"].search(
            [
                ("id", ">", before),
                ("message_type", "=", "user_notification"),
                ("model", "=", "contract.deviation"),
            ]
        )

    def test_once(self):
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.decided()
            action = self.add_action(deviation)
        self.assertFalse(self.run_cron("2026-10-20"))
        message = self.run_cron("2026-10-21")
        self.assertEqual(message.partner_ids, self.outsider.partner_id)
        self.assertIn("Press the foundry", message.body)
        self.assertFalse(self.run_cron("2026-10-22"))
        self.assertEqual(self.todo(deviation), {("deviation_action", self.outsider)})
        self.run_cron("2026-10-24")
        escalated = {
            ("deviation_action", self.outsider),
            ("deviation_escalated", self.head),
            ("deviation_escalated", self.business),
        }
        self.assertEqual(self.todo(deviation), escalated)
        count = len(deviation.sudo().activity_ids)
        self.assertFalse(self.run_cron("2026-10-25"))
        self.assertEqual(len(deviation.sudo().activity_ids), count)
        with freeze_time("2026-10-25 02:00:00"):
            self.step(action, "done", self.outsider)
        self.assertEqual(self.todo(deviation), {("deviation_report", self.seller)})
        # the result has a deadline of its own
        self.assertFalse(self.run_cron("2026-10-30"))
        message = self.run_cron("2026-10-31")
        self.assertEqual(message.partner_ids, self.seller.partner_id)
        self.run_cron("2026-11-03")
        self.assertIn(("deviation_escalated", self.head), self.todo(deviation))
        with freeze_time("2026-11-03 02:00:00"):
            self.step(deviation, "report", self.seller)
        self.assertEqual(self.todo(deviation), {("deviation_verify", self.supervisor)})

    def test_new_deadline_starts_again(self):
        with freeze_time("2026-10-13 02:00:00"):
            action = self.add_action(self.decided())
        self.assertTrue(self.run_cron("2026-10-21"))
        action.date_deadline = "2026-10-25"
        self.assertFalse(self.run_cron("2026-10-25"))
        self.assertTrue(self.run_cron("2026-10-26"))

    def test_activities_are_not_steps(self):
        deviation = self.report()
        deviation.activity_ids.action_feedback()
        self.assertEqual(deviation.state, "detected")
        deviation.user_id = self.owner
        self.assertEqual(self.todo(deviation), {("deviation_analyse", self.owner)})

    def test_query_growth(self):
        few = self.env["contract.deviation"].union(*(self.report() for _n in range(3)))
        many = self.env["contract.deviation"].union(
            *(self.report() for _n in range(12))
        )

        def queries(deviations):
            deviations.sudo().activity_ids.unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            deviations._activity_update()
            self.env.flush_all()
            return self.cr.sql_log_count - start

        queries(few)
        self.assertLessEqual(queries(many), queries(few) + 3)


class TestReporting(DeviationCase):
    """Deviations are reported where they are seen."""

    def test_from_a_term(self):
        term = self.order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        form = Form(
            self.env["contract.deviation"]
            .with_user(self.seller)
            .with_context(default_term_id=term.id)
        )
        form.summary = "Late"
        deviation = form.save()
        self.assertEqual(
            (deviation.order_id, deviation.kind, deviation.line_id),
            (self.order, "late_delivery", term.line_id),
        )
        self.assertEqual(deviation.term_id, term)
        self.assertEqual(deviation.source, "reported")

    def test_from_a_delivery_and_an_invoice(self):
        picking = self.deliver(self.order, "2026-10-02", pump=6)
        move = self.invoice(self.order, "2026-10-03")
        Deviation = self.env["contract.deviation"].with_user(self.seller)
        for name, record, kind in (
            ("picking_id", picking, "rejected"),
            ("move_id", move, "invoice_mismatch"),
        ):
            form = Form(Deviation.with_context(**{f"default_{name}": record.id}))
            deviation = form.save()
            self.assertEqual((deviation[name], deviation.kind), (record, kind))
            self.assertEqual(deviation.order_id, self.order)

    def test_from_the_menu(self):
        form = Form(self.env["contract.deviation"].with_user(self.seller))
        form.order_id = self.order
        deviation = form.save()
        self.assertEqual(deviation.user_id, self.seller)
        self.assertIn(self.seller.name, deviation.next_step)

    def test_of_a_frame(self):
        frame = self.new_frame(self.owner)
        deviation = self.report(self.owner, order_id=False, frame_id=frame.id)
        deviation.action_analyse()
        deviation.action_submit()
        deviation.with_user(self.leader).action_approve()
        self.assertEqual(deviation.state, "executing")

    def test_who_reports(self):
        with mute_logger(*RULES):
            for user in (self.leader, self.auditor, self.rival, self.stock_user):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.report(user)

    def test_second_company(self):
        deviation = self.reported()
        company = self.env["res.company"].create({"name": "Second"})
        foreign = self.new_user(
            "ct_foreign",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        with mute_logger(*RULES):
            with self.assertRaises(AccessError):
                deviation.with_user(foreign).read(["summary"])
            self.assert_refused(lambda: self.step(deviation, "verify", foreign))
            with self.assertRaises(ValidationError):
                self.add_action(self.report(), foreign)

    def test_searches(self):
        pending = self.submitted()
        executing = self.decided()
        with freeze_time("2026-10-13 02:00:00"):
            self.add_action(executing)
        Deviation = self.env["contract.deviation"].with_user(self.leader)
        self.assertEqual(Deviation.search([("can_decide", "=", True)]), pending)
        with freeze_time("2026-10-21 02:00:00"):
            self.assertEqual(
                Deviation.search([("action_ids", "any", [("is_overdue", "=", True)])]),
                executing,
            )
