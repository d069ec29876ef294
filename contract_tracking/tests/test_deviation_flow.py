from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError

from .deviations import DeviationCase


class TestDeviationFlow(DeviationCase):
    """附表3 from the report to its verified closure, by role and state."""

    # ------------------------------------------------------------------
    # The whole life, a step a test
    # ------------------------------------------------------------------

    def submitted_on(self, day="2026-10-13"):
        with freeze_time(f"{day} 02:00:00"):
            return self.submitted()

    def decided_on(self, day="2026-10-14"):
        deviation = self.submitted_on()
        with freeze_time(f"{day} 02:00:00"):
            deviation.with_user(self.leader).action_approve(
                "Air freight for the rest.", "accept_changed"
            )
        return deviation

    def executed_on(self, day="2026-10-18"):
        """The deviation and its only action, which is done."""
        deviation = self.decided_on()
        with freeze_time("2026-10-14 02:00:00"):
            action = self.add_action(deviation)
        with freeze_time(f"{day} 02:00:00"):
            self.step(action, "done", self.outsider, "He delivers on 10/25.")
        return deviation, action

    def test_reported(self):
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.report()
        self.assertEqual(deviation.state, "detected")
        self.assertEqual(self.todo(deviation), {("deviation_analyse", self.seller)})
        self.assertEqual(str(deviation.date_deadline), "2026-10-16")
        with freeze_time("2026-10-13 02:00:00"):
            deviation.action_analyse()
        self.assertEqual(deviation.state, "analysed")

    def test_submitted(self):
        deviation = self.submitted_on()
        self.assertEqual(deviation.state, "submitted")
        self.assertEqual(self.todo(deviation), {("decide", self.leader)})
        self.assertEqual(deviation.step_ids.amount, 400)
        self.assertEqual(deviation.step_ids.severity, "major")
        self.assert_refused(lambda: self.add_action(deviation), "Submitted")

    def test_decided(self):
        deviation = self.decided_on("2026-10-14")
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

    def test_waits_for_its_action(self):
        deviation = self.decided_on()
        with freeze_time("2026-10-14 02:00:00"):
            self.add_action(deviation)
            self.assertEqual(
                self.todo(deviation), {("deviation_action", self.outsider)}
            )
            self.assertEqual(str(deviation.date_deadline), "2026-10-20")
            self.assert_refused(
                lambda: self.step(deviation, "report", self.seller), "Press the foundry"
            )

    def test_executed(self):
        deviation, action = self.executed_on("2026-10-18")
        self.assertEqual(action.state, "done")
        self.assertEqual(str(action.done_on), "2026-10-18")
        self.assertEqual(action.done_by_name, self.outsider.name)
        self.assertEqual(str(deviation.execution_end), "2026-10-18")
        self.assertEqual(str(deviation.date_deadline), "2026-10-23")
        self.assertEqual(self.todo(deviation), {("deviation_report", self.seller)})

    def test_result_reported_and_verified(self):
        deviation, _action = self.executed_on()
        with freeze_time("2026-10-18 02:00:00"):
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

    def test_cured_by_today(self):
        deviation = self.decided_on("2026-10-14")
        with freeze_time("2026-10-18 02:00:00"):
            self.assert_refused(
                lambda: self.step(
                    deviation, "report", self.seller, cured_on="2026-10-19"
                )
            )
            self.step(deviation, "report", self.seller, cured_on="2026-10-18")
        self.assertEqual(str(deviation.cured_on), "2026-10-18")

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

    def test_not_waived_by_who_submitted(self):
        deviation = self.report()
        deviation.action_analyse()
        deviation.with_user(self.business).action_submit()
        deviation.with_user(self.leader).action_refuse("The customer must agree.")
        self.assertEqual(deviation.submitted_by_id, self.business)
        self.assertFalse(deviation.with_user(self.business).can_waive)
        self.assert_refused(lambda: self.step(deviation, "waive", self.business))
        self.step(deviation, "waive", self.leader)
        self.assertEqual(deviation.state, "waived")

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
        self.order.with_user(self.business)._take_reason_step("cancel", "Never signed")
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
        self.assert_refused(
            lambda: self.step(deviation, "hand_over", self.head, user_id=self.owner.id)
        )
        deviation.with_user(self.leader).action_approve()
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
        self.assertEqual(self.todo(deviation), {("deviation_report", self.owner)})

    def test_nothing_joins_a_decided_report_by_creating_it(self):
        decided = self.decided()
        with self.assertRaisesRegex(UserError, "no further deviation"):
            self.report(lead_id=decided.id)
        lead = self.report()
        lead.action_analyse()
        self.assertEqual(self.report(lead_id=lead.id).state, "analysed")

    def test_days_of_the_system_are_not_written(self):
        deviation = self.report()
        for name in ("date_deadline", "execution_end", "company_id"):
            with self.assertRaises(UserError):
                deviation.with_user(self.seller).write({name: False})
