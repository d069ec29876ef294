from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .test_approval import ApprovalCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class TestOwnJudge(ApprovalCase):
    """Who ever asked, handled, wrote or analysed decides nothing, in whatever order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.line_ids.unlink()
        cls.rule.line_ids = [
            Command.create(
                {
                    "name": "Anyone",
                    "approver": "users",
                    "user_ids": [
                        Command.set((cls.head | cls.leader | cls.business).ids)
                    ],
                }
            )
        ]

    def assert_out(self, deviation, user):
        """A user decides nothing of a document, on no way."""
        self.assertNotIn(user, self.steps(deviation).user_id)
        theirs = deviation.with_user(user)
        self.assertFalse(theirs.can_decide)
        for call in (theirs.action_approve, theirs.action_refuse, theirs.action_return):
            with self.fails("can't decide|doesn't wait"):
                call("Said so")
        for verb in ("transfer", "add"):
            with self.fails("had a part"):
                self.decide(deviation, self.leader, verb, user_id=user.id)
        self.env["contract.delegation"].create(
            {
                "user_id": self.leader.id,
                "delegate_id": user.id,
                "date_from": "2026-09-10",
                "date_to": "2036-09-12",
                "reason": "Away",
            }
        )
        self.assertIn(self.leader, self.steps(deviation).user_id)
        self.assertNotIn(user, self.steps(deviation).user_id)
        step = self.steps(deviation)[:1]
        unguarded(step).write(
            {
                "oral_allowed": True,
                "oral_limit": 10**9,
                "oral_user_ids": [Command.link(user.id)],
            }
        )
        self.assertFalse(deviation._approval_may_record_oral(step, user))
        self.assertFalse(deviation._waive_authority(user))

    def decide(self, deviation, user, verb, **values):
        return (
            self.env["contract.decision"]
            .with_user(user)
            .create(
                {
                    "res_model": deviation._name,
                    "res_ids": deviation.ids,
                    "verb": verb,
                    "comment": "So",
                    **values,
                }
            )
            .action_apply()
        )

    def test_handed_over_while_pending(self):
        """The head is the handler, the seller submits, the head wants to be rid of it
        and to approve."""
        self.deviation.user_id = self.head
        self.submit()
        self.assertNotIn(self.head, self.steps().user_id)
        for user in (self.head, self.business, self.manager):
            theirs = self.as_user(user)
            with self.fails("withdraw it first"):
                theirs._take_reason_step("hand_over", "Busy", user=self.seller)
            with self.fails("withdraw it first"):
                theirs.write({"user_id": self.seller.id})
            with self.fails("withdraw it first"):
                theirs.sudo().write({"user_id": self.seller.id})
        with self.fails("withdraw it first"):
            unguarded(self.deviation).user_id = self.seller
        self.assertEqual(self.deviation.user_id, self.head)
        self.as_user(self.seller).action_withdraw()
        self.as_user(self.head)._take_reason_step("hand_over", "Busy", user=self.seller)
        self.as_user(self.seller).action_submit()
        self.assert_out(self.deviation, self.head)

    def test_author(self):
        """The head writes a report, sets the seller as handler and lets him submit."""
        deviation = (
            self.env["contract.deviation"]
            .with_user(self.head)
            .create(
                {
                    "order_id": self.order.id,
                    "user_id": self.seller.id,
                    "kind": "other",
                    "summary": "Pumps are dented.",
                    "cause_id": self.deviation.cause_id.id,
                    "recommendation": "Repaint them.",
                }
            )
            .sudo(False)
            .with_env(self.env)
        )
        self.submit(deviation)
        self.assert_out(deviation, self.head)

    def test_who_writes_and_who_analyses(self):
        self.as_user(self.business).recommendation = "Sell them as they are."
        self.as_user(self.head).action_analyse()
        self.submit()
        self.assertEqual(self.steps().user_id, self.leader)
        self.assert_out(self.deviation, self.business)

    def test_analyser(self):
        self.as_user(self.head).action_analyse()
        self.submit()
        self.assert_out(self.deviation, self.head)

    def test_handler_before(self):
        self.as_user(self.seller).user_id = self.head
        self.as_user(self.business)._take_reason_step(
            "hand_over", "Back", user=self.seller
        )
        self.submit()
        self.assert_out(self.deviation, self.head)
        # who gave it to another, and never handled it, decides
        self.assertIn(self.business, self.steps().user_id)

    def test_handler_by_import(self):
        self.deviation.user_id = self.head
        result = self.as_user(self.head).load(
            [".id", "user_id/.id"], [[str(self.deviation.id), str(self.seller.id)]]
        )
        self.assertTrue(result["ids"], result)
        self.submit()
        self.assert_out(self.deviation, self.head)

    def test_copy(self):
        """A copy says what the author of the first said."""
        self.as_user(self.head).summary = "They are a little dented."
        copy = self.as_user(self.seller).copy().with_env(self.env)
        self.submit(copy)
        self.assert_out(copy, self.head)

    def test_reports_in_one(self):
        """Who handled what is covered by the report has a part in it."""
        other = self.new_deviation(user_id=self.head.id)
        (self.deviation | other).action_one_report()
        lead = self.deviation if other.lead_id else other
        unguarded(lead).user_id = self.seller
        self.submit(lead)
        self.assert_out(lead, self.head)
        member = (self.deviation | other) - lead
        with self.fails("withdraw it first"):
            unguarded(member).user_id = self.rival

    def test_parties_only_grow(self):
        self.as_user(self.head).summary = "Other words"
        self.assertIn(self.head, self.deviation.party_ids)
        for user in (self.head, self.manager, self.env.ref("base.user_root")):
            with self.assertRaises(UserError):
                self.as_user(user).write({"party_ids": [Command.clear()]})
            with self.assertRaises(UserError):
                self.new_deviation().with_user(user).create(
                    {"order_id": self.order.id, "party_ids": [Command.clear()]}
                )
        self.submit()
        self.as_user(self.leader).action_return("Say more")
        self.submit()
        self.assert_out(self.deviation, self.head)

    def test_setting_allows(self):
        self.company.contract_own_decisions = True
        self.as_user(self.head).summary = "Other words"
        self.submit()
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deviation.approval_state, "approved")

    def test_who_followed_decides(self):
        """Reading, informing, reminding and planning are no part of it."""
        self.submit()
        self.as_user(self.seller).action_remind()
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deviation.approval_state, "approved")

    def test_author_of_a_reagreement(self):
        """Who writes only a line of a re-agreement has a part in it."""
        reagreement = self.env["contract.reagreement"].create(
            {"order_id": self.order.id, "user_id": self.seller.id}
        )
        for writer, vals in (
            (self.business, {"amount_after": 7}),
            (self.head, None),
        ):
            theirs = reagreement.with_user(writer)
            self.assertTrue(reagreement._approval_may_decide(writer))
            if vals:
                theirs.write(vals)
            else:
                theirs.line_ids.create(
                    {
                        "reagreement_id": reagreement.id,
                        "action": "add",
                        "kind": "clause",
                        "name": "Other paint",
                        "due_mode": "date",
                        "date_fixed": "2026-12-01",
                    }
                )
            self.assertFalse(reagreement._approval_may_decide(writer))


class TestFrozenRule(ApprovalCase):
    """What the rule said at the submission holds; what was used stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head_line, cls.line = cls.rule.line_ids
        cls.line.write(
            {
                "oral_allowed": True,
                "oral_limit": 1000,
                "oral_user_ids": [Command.set(cls.business.ids)],
                "days": 5,
                "escalate_days": 3,
            }
        )
        cls.head_line.unlink()

    def test_oral_rule_edited_afterwards(self):
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
        step = self.steps()
        self.line.with_user(self.manager).write(
            {"oral_user_ids": [Command.set(self.manager.ids)], "oral_limit": 10**9}
        )
        may = self.deviation._approval_may_record_oral
        self.assertFalse(may(step, self.manager))
        self.assertTrue(may(step, self.business))
        unguarded(step).amount = 5000
        self.assertFalse(may(step, self.business))
        unguarded(step).amount = 0
        self.line.oral_allowed = False
        self.assertTrue(may(step, self.business))
        for vals in (
            {"oral_user_ids": [Command.link(self.manager.id)]},
            {"oral_limit": 10**9},
            {"oral_allowed": True},
            {"days": 0},
        ):
            with self.assertRaises(UserError):
                step.write(vals)

    def test_transferred_keeps_it(self):
        self.submit()
        self.line.oral_user_ids = self.manager
        self.wizard(self.leader, "transfer", user_id=self.head.id, comment="You")
        self.assertEqual(self.steps().user_id, self.head)
        self.assertEqual(self.steps().oral_user_ids, self.business)
        self.assertEqual(self.steps().days, 5)

    def test_days_edited_afterwards(self):
        self.rule.line_ids = [
            Command.create(
                {"name": "First", "approver": "office_leader", "sequence": 1, "days": 1}
            )
        ]
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
            self.rule.line_ids.write({"days": 90, "escalate_days": 90})
            self.as_user(self.head).action_approve()
            self.assertEqual(str(self.steps().date_deadline), "2026-09-15")
        for day, escalated in (("2026-09-18", False), ("2026-09-19", True)):
            with freeze_time(f"{day} 02:00:00"):
                self.follow_up()
            self.assertEqual(bool(self.steps().escalated_on), escalated)

    def test_used_lines_stay(self):
        self.submit()
        with self.fails("has no step", ValidationError):
            self.line.active = False
        for user in (self.manager, self.env.ref("base.user_root")):
            line = self.line.with_user(user)
            with self.fails("archive it instead"):
                line.unlink()
            with self.fails("archive it instead"):
                line.rule_id.write({"line_ids": [Command.delete(line.id)]})
        self.rule.line_ids = [
            Command.create({"name": "Head", "approver": "office_leader"})
        ]
        self.line.active = False
        other = self.submit(self.new_deviation())
        self.assertEqual(self.steps(other).user_id, self.head)
        self.assertEqual(self.steps().user_id, self.leader)

    def test_archived_rules_stay_archived(self):
        """A context of the client brings no archived rule or step back."""
        weak = self.new_rule(
            {"name": "Friend", "approver": "users", "user_ids": self.owner.ids},
            sequence=1,
        )
        weak.active = False
        deviation = self.new_deviation()
        unguarded(deviation).state = "analysed"
        deviation.with_user(self.seller).with_context(active_test=False).action_submit()
        self.assertEqual(self.steps(deviation).user_id, self.leader)

    def test_in_batches(self):
        """Scheduled work is committed document by document, not in one transaction."""
        with freeze_time("2026-09-10 02:00:00"):
            for deviation in (self.deviation, *(self.new_deviation() for _n in "ab")):
                self.submit(deviation)
        commits = []
        self.patch(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda cron, *args, **kwargs: commits.append(args) or 1,
        )
        with freeze_time("2026-09-16 02:00:00"):
            self.env["contract.approval.step"]._cron_follow_up(batch=1)
        self.assertGreaterEqual(len(commits), 4)
        self.assertTrue(self.steps().reminded_on)


class TestWhoDelegates(ApprovalCase):
    """The absent person, or an administrator for others; nobody to himself."""

    def delegate(self, by, user, to, **values):
        return (
            self.env["contract.delegation"]
            .with_user(by)
            .create(
                {
                    "user_id": user.id,
                    "delegate_id": to.id,
                    "date_from": "2026-12-01",
                    "date_to": "2026-12-05",
                    "reason": "Away",
                    **values,
                }
            )
        )

    @mute_logger(*RULES)
    @freeze_time("2026-11-01 02:00:00")
    def test_who(self):
        for by, user, to in (
            (self.business, self.leader, self.business),
            (self.business, self.leader, self.owner),
            (self.manager, self.leader, self.manager),
            (self.director, self.leader, self.director),
            (self.head, self.leader, self.head),
            (self.auditor, self.leader, self.owner),
        ):
            with self.subTest(by=by.name, to=to.name):
                with self.assertRaises(AccessError):
                    self.delegate(by, user, to)
        self.delegate(self.leader, self.leader, self.business)
        self.delegate(self.manager, self.head, self.business)
        self.delegate(self.manager, self.manager, self.business)

    @mute_logger(*RULES)
    @freeze_time("2026-11-01 02:00:00")
    def test_written_and_re_targeted(self):
        made = self.delegate(self.manager, self.leader, self.owner)
        for by, vals in (
            (self.manager, {"delegate_id": self.manager.id}),
            (self.owner, {"date_to": "2026-12-31"}),
            (self.business, {"delegate_id": self.business.id}),
            (self.business, {"active": False}),
            (self.head, {"user_id": self.head.id}),
        ):
            with self.subTest(by=by.name):
                with self.assertRaises(AccessError):
                    made.with_user(by).write(vals)
        own = self.delegate(self.business, self.business, self.owner)
        with self.assertRaises(AccessError):
            own.write({"user_id": self.auditor.id, "delegate_id": self.business.id})
        theirs = self.delegate(self.head, self.head, self.manager)
        for vals in ({"date_to": "2027-12-31"}, {"user_id": self.seller.id}):
            with self.assertRaises(AccessError):
                theirs.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError):
            theirs.with_user(self.owner).unlink()
        made.with_user(self.leader).write({"delegate_id": self.head.id})
        made.with_user(self.leader).unlink()

    @freeze_time("2026-11-01 02:00:00")
    def test_who_reads(self):
        made = self.delegate(self.leader, self.leader, self.owner)
        for user, reads in (
            (self.leader, True),
            (self.owner, True),
            (self.business, True),
            (self.manager, True),
            (self.seller, False),
            (self.head, False),
            (self.auditor, False),
        ):
            with self.subTest(user=user.name):
                found = made.with_user(user).search([("id", "=", made.id)])
                self.assertEqual(bool(found), reads)
        other = self.env["res.company"].create({"name": "Other Works"})
        foreign = self.new_user(
            "ct_foreign",
            "contract_tracking.group_contract_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(made.with_user(foreign).search([("id", "=", made.id)]))
