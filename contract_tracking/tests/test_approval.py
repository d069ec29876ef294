from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase

DECIDE = "contract_tracking.mail_activity_decide"


class ApprovalCase(RoleCase):
    """A deviation of the seller's contract, to be decided by the head of the office and
    then by a leader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.approval.rule"].search([]).active = False
        cls.rule = cls.new_rule(
            {"name": "Head", "approver": "office_leader", "sequence": 10},
            {
                "name": "Leader",
                "approver": "users",
                "user_ids": [Command.link(cls.leader.id)],
                "sequence": 20,
            },
        )
        cls.deviation = cls.new_deviation()

    @classmethod
    def new_rule(cls, *lines, **values):
        return cls.env["contract.approval.rule"].create(
            {
                "name": "Deviations",
                "kind": "deviation",
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        )

    @classmethod
    def new_deviation(cls, **values):
        return cls.env["contract.deviation"].create(
            {
                "order_id": cls.order.id,
                "user_id": cls.seller.id,
                "kind": "other",
                "summary": "Pumps are dented.",
                "cause_id": cls.env.ref("contract_tracking.deviation_cause_quality").id,
                "recommendation": "Repaint them.",
                **values,
            }
        )

    def submit(self, deviation=None, user=None):
        deviation = deviation or self.deviation
        unguarded(deviation).write({"state": "analysed"})
        deviation.with_user(user or self.seller).action_submit()
        return deviation

    def steps(self, deviation=None, state="pending"):
        return (deviation or self.deviation).step_ids.filtered(
            lambda s: s.state == state
        )

    def deciders(self, deviation=None):
        """Who has an activity to decide."""
        return (
            (deviation or self.deviation)
            .activity_ids.filtered(lambda a: a.activity_type_id == self.env.ref(DECIDE))
            .user_id
        )

    @contextmanager
    def fails(self, pattern, error=UserError):
        """Raises, and what was written before is rolled back, as for a real caller."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    def follow_up(self):
        # it commits its batches
        with self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_approval_follow_up"
            ).method_direct_trigger()

    def as_user(self, user):
        return self.deviation.with_user(user)

    def wizard(self, user, verb, **values):
        wizard = (
            self.env["contract.decision"]
            .with_user(user)
            .create(
                {
                    "res_model": "contract.deviation",
                    "res_ids": self.deviation.ids,
                    "verb": verb,
                    **values,
                }
            )
        )
        return wizard.action_apply()


class TestApprovalFlow(ApprovalCase):
    def test_its_activity_follows_its_day(self):
        self.submit()
        step = self.steps()
        day = step.date_deadline + timedelta(days=3)
        unguarded(step).date_deadline = day
        self.deviation._sync_activities()
        asked = self.deviation.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(DECIDE)
        )
        self.assertEqual(asked.date_deadline, day)

    def test_steps_in_order(self):
        self.submit()
        self.assertEqual(self.deviation.approval_state, "pending")
        self.assertEqual(self.steps().user_id, self.head)
        self.assertEqual(self.steps(state="waiting").user_id, self.leader)
        self.assertEqual(self.deciders(), self.head)
        self.as_user(self.head).action_approve("agreed")
        self.assertEqual(self.deciders(), self.leader)
        self.assertEqual(self.deviation.approval_state, "pending")
        self.as_user(self.leader).action_approve()
        self.assertEqual(self.deviation.approval_state, "approved")
        self.assertFalse(self.deciders())
        first, second = self.deviation.step_ids
        self.assertEqual(
            (first.decided_by_name, first.comment), (self.head.name, "agreed")
        )
        self.assertEqual(second.decided_by_id, self.leader)
        self.assertTrue(second.decided_on)

    def test_parallel_steps(self):
        self.rule.line_ids.sequence = 10
        self.submit()
        self.assertEqual(self.deciders(), self.head | self.leader)
        self.as_user(self.leader).action_approve()
        self.assertEqual(self.deviation.approval_state, "pending")
        self.assertEqual(self.deciders(), self.head)
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deviation.approval_state, "approved")

    def test_anyone_or_all(self):
        line = self.rule.line_ids[1]
        line.user_ids |= self.business
        self.rule.line_ids[0].unlink()
        self.submit()
        self.assertEqual(self.deciders(), self.leader | self.business)
        self.as_user(self.business).action_approve()
        self.assertEqual(self.deviation.approval_state, "approved")
        self.assertEqual(self.steps(state="skipped").user_id, self.leader)
        line.mode = "all"
        other = self.submit(self.new_deviation())
        other.with_user(self.business).action_approve()
        self.assertEqual(other.approval_state, "pending")
        other.with_user(self.leader).action_approve()
        self.assertEqual(other.approval_state, "approved")

    def test_refuse_ends_it(self):
        self.submit()
        with self.fails("comment"):
            self.as_user(self.head).action_refuse("  ")
        self.as_user(self.head).action_refuse("not our fault")
        self.assertEqual(self.deviation.approval_state, "refused")
        self.assertEqual(self.steps(state="skipped").user_id, self.leader)
        self.assertFalse(self.deciders())
        with self.fails("not our|decided already"):
            self.as_user(self.leader).action_approve()

    def test_return_and_resubmit_keeps_trail(self):
        self.submit()
        self.as_user(self.head).action_return("Add photos")
        self.assertEqual(self.deviation.approval_state, "returned")
        self.submit()
        self.assertEqual(self.deviation.approval_round, 2)
        self.assertEqual(self.steps().round, 2)
        self.assertEqual(self.steps(state="returned").comment, "Add photos")
        self.assertEqual(len(self.deviation.step_ids), 4)

    def test_withdraw(self):
        self.submit()
        with self.fails("Only who submitted"):
            self.as_user(self.business).action_withdraw()
        self.as_user(self.seller).action_withdraw()
        self.assertEqual(self.deviation.approval_state, "withdrawn")
        self.assertFalse(self.deciders())
        self.assertEqual(len(self.steps(state="withdrawn")), 2)
        with self.fails("not waiting"):
            self.as_user(self.head).action_approve()

    def test_only_who_is_asked_decides(self):
        self.submit()
        for user in (self.owner, self.business, self.manager, self.auditor):
            with self.fails("doesn't wait for you"):
                self.as_user(user).action_approve()
        with self.fails("doesn't wait for you"):
            self.as_user(self.leader).action_approve()
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.as_user(self.outsider).action_approve()
        self.assertEqual(len(self.steps()), 1)

    def test_not_asked_any_more(self):
        self.submit()
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deviation.approval_state, "pending")
        with self.fails("doesn't wait for you"):
            self.as_user(self.head).action_approve()

    def test_deciding_twice(self):
        self.submit()
        self.as_user(self.head).action_approve()
        self.as_user(self.leader).action_approve()
        with self.fails("decided already"):
            self.as_user(self.leader).action_approve()
        self.assertEqual(len(self.steps(state="approved")), 2)

    def test_several_at_once(self):
        other = self.new_deviation()
        self.submit()
        self.submit(other)
        (self.deviation | other).with_user(self.head).action_approve()
        self.assertEqual(self.deciders(), self.leader)
        self.assertEqual(self.deciders(other), self.leader)
        third = self.new_deviation()
        with self.assertRaises(UserError):
            (self.deviation | third).with_user(self.leader).action_approve()

    def test_cancelled_contract(self):
        self.submit()
        self.order.with_user(self.director)._take_reason_step("cancel", "Gone")
        self.assertEqual(self.order.contract_state, "cancelled")
        with self.fails("was cancelled"):
            self.as_user(self.head).action_approve()
        self.as_user(self.seller).action_withdraw()
        with self.fails("was cancelled"):
            self.submit()

    def test_requester_is_told(self):
        self.submit()
        before = self.deviation.message_ids
        self.as_user(self.head).action_refuse("no")
        told = self.env["mail.message"].search(
            [
                ("model", "=", "contract.deviation"),
                ("res_id", "=", self.deviation.id),
                ("partner_ids", "in", self.seller.partner_id.ids),
                ("id", "not in", before.ids),
            ]
        )
        self.assertTrue(told)

    def test_submitting_twice(self):
        self.submit()
        with self.fails("submitted already"):
            self.as_user(self.seller).action_submit()

    def test_changes_need_comment(self):
        self.patch(
            type(self.env["contract.deviation"]),
            "_approval_outcomes",
            lambda self: ["accept", "accept_changed"],
        )
        self.submit()
        self.as_user(self.head).action_approve()
        with self.fails("comment"):
            self.as_user(self.leader).action_approve(outcome="accept_changed")
        self.as_user(self.leader).action_approve("At half price", "accept_changed")
        self.assertEqual(self.deviation._approval_conclusion().comment, "At half price")
        self.assertEqual(
            self.deviation._approval_conclusion().outcome, "accept_changed"
        )


class TestApprovalRules(ApprovalCase):
    def test_rule_by_amount_severity_office(self):
        self.rule.amount_to = 500
        big = self.new_rule(
            {"name": "L", "user_ids": [Command.link(self.leader.id)]},
            name="Big",
            amount_from=500,
        )

        def find(document):
            return self.env["contract.approval.rule"]._find(document)[document]

        self.assertEqual(find(self.deviation), self.rule)
        self.deviation.impact_amount = 500
        self.patch(
            type(self.deviation),
            "_approval_amount",
            lambda self: (self.impact_amount, self.currency_id),
        )
        self.assertEqual(find(self.deviation), big)
        big.team_ids = self.env["crm.team"].create({"name": "West"})
        with self.fails("Configuration ‣ Approval Rules"):
            find(self.deviation)
        big.team_ids = self.team
        big.severity = "critical"
        with self.assertRaises(UserError) as caught:
            self.submit()
        self.assertIn("500", str(caught.exception))
        self.assertIn(self.manager.name, str(caught.exception))

    def test_rule_of_the_company_first(self):
        own = self.new_rule(
            {"name": "L", "user_ids": [Command.link(self.leader.id)]},
            sequence=99,
            company_id=self.company.id,
        )
        found = self.env["contract.approval.rule"]._find(self.deviation)
        self.assertEqual(found, {self.deviation: own})

    def test_requester_does_not_decide(self):
        self.team.user_id = self.seller
        with self.fails("Nobody can decide step “Head”"):
            self.submit()
        self.rule.line_ids[0].skip_if_none = True
        self.submit()
        self.assertEqual(self.deciders(), self.leader)
        self.as_user(self.seller).action_withdraw()
        self.rule.line_ids[0].write(
            {
                "skip_if_none": False,
                "fallback_group_id": self.env.ref(
                    "contract_tracking.group_contract_auditor"
                ).id,
            }
        )
        self.submit()
        self.assertIn(self.auditor, self.deciders())

    def test_handler_who_is_the_head_does_not_decide(self):
        """Who handles it and who submits it are two: neither decides it."""
        self.deviation.user_id = self.head
        with self.fails("Nobody can decide step “Head”"):
            self.submit(user=self.seller)
        first = self.rule.line_ids[0]
        first.fallback_group_id = self.env.ref(
            "contract_tracking.group_contract_auditor"
        )
        self.submit(user=self.seller)
        self.assertIn(self.auditor, self.deciders())
        self.assertNotIn(self.head, self.deciders())
        self.as_user(self.seller).action_withdraw()
        first.skip_if_none = True
        self.submit(user=self.seller)
        self.assertEqual(self.deciders(), self.leader)
        self.as_user(self.seller).action_withdraw()
        self.company.contract_own_decisions = True
        self.submit(user=self.seller)
        self.assertEqual(self.deciders(), self.head)

    def test_contract_without_owner(self):
        self.rule.line_ids[0].approver = "owner_leader"
        unguarded(self.order).write({"contract_owner_id": False, "user_id": False})
        with self.fails("Nobody can decide step “Head”"):
            self.submit(user=self.business)

    def test_own_decisions_by_setting(self):
        self.team.user_id = self.seller
        self.company.contract_own_decisions = True
        self.submit()
        self.assertEqual(self.deciders(), self.seller)
        self.company.contract_own_decisions = False
        with self.fails("you ask for the decision"):
            self.as_user(self.seller).action_approve()

    def test_shipped_rule_has_no_dead_end(self):
        self.rule.active = False
        self.env.ref("contract_tracking.approval_rule_deviation").active = True
        self.team.user_id = False
        group = self.env.ref("contract_tracking.group_contract_leader")
        group.user_ids = [Command.clear()]
        self.submit()
        self.assertIn(self.manager, self.deciders())
        self.assertNotIn(self.env.ref("base.user_root"), self.deciders())

    def test_approver_who_cannot_read(self):
        with self.fails("can't read the document", ValidationError):
            self.rule.line_ids[1].user_ids = self.employee
        self.rule.line_ids[0].write(
            {"approver": "group"} | {"group_id": self.env.ref("base.group_portal").id}
        )
        with self.fails("Nobody can decide"):
            self.submit()
        group = self.env["res.groups"].create({"name": "Friends"})
        group.user_ids = self.employee
        self.rule.line_ids[0].group_id = group
        with self.fails("can't read"):
            self.submit()

    def test_approver_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.leader.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        with self.fails("Nobody can decide step “Leader”"):
            self.submit()

    def test_rule_without_step(self):
        with self.fails("has no step", ValidationError):
            self.new_rule()

    def test_used_rule_is_archived_not_deleted(self):
        self.submit()
        with self.fails("archive"):
            self.rule.unlink()

    def test_frozen_when_submitted(self):
        self.submit()
        self.rule.line_ids[1].user_ids = self.business
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deciders(), self.leader)

    def test_approver_reads_what_he_decides(self):
        """A leader of a production department has nothing else to do with sales."""
        self.rule.line_ids[0].unlink()
        self.rule.line_ids.user_ids = self.outsider
        order = self.order.with_user(self.outsider)
        self.assertFalse(order.has_access("read"))
        self.deliver(self.order, "2026-09-20")
        invoice = self.invoice(self.order, "2026-09-21")
        self.submit()
        for records in (
            order,
            self.order.order_line.with_user(self.outsider),
            self.order.contract_term_ids.with_user(self.outsider),
            self.order.picking_ids.with_user(self.outsider),
            self.order.picking_ids.move_ids.with_user(self.outsider),
            invoice.with_user(self.outsider),
            invoice.invoice_line_ids.with_user(self.outsider),
            self.deviation.with_user(self.outsider),
            self.deviation.step_ids.with_user(self.outsider),
        ):
            self.assertTrue(records)
            self.assertTrue(records.has_access("read"), records._name)
            if records._name != "contract.approval.step":
                self.assertFalse(records.has_access("write"), records._name)
        rival = self.new_role_contract(user_id=self.rival.id)
        self.assertFalse(rival.with_user(self.outsider).has_access("read"))


class TestApprovalVerbs(ApprovalCase):
    def test_transfer(self):
        self.submit()
        with self.fails("asks for this decision"):
            self.wizard(self.head, "transfer", user_id=self.seller.id)
        self.wizard(self.head, "transfer", user_id=self.business.id, comment="yours")
        self.assertEqual(self.deciders(), self.business)
        self.assertEqual(self.steps(state="transferred").user_id, self.head)
        with self.assertRaises(UserError):
            self.as_user(self.head).action_approve()
        self.as_user(self.business).action_approve()
        self.assertEqual(self.deciders(), self.leader)

    def test_add_approver(self):
        self.submit()
        self.wizard(self.head, "add", user_id=self.business.id)
        self.assertEqual(self.deciders(), self.head | self.business)
        self.as_user(self.head).action_approve()
        self.assertEqual(self.deciders(), self.business)
        self.as_user(self.business).action_approve()
        self.assertEqual(self.deciders(), self.leader)
        with self.fails("is to decide"):
            self.wizard(self.leader, "add", user_id=self.leader.id)

    def test_transfer_only_to_who_can_read(self):
        self.submit()
        with self.assertRaises(UserError):
            self.wizard(self.head, "transfer", user_id=self.employee.id)
        self.assertEqual(self.deciders(), self.head)

    def test_inform(self):
        self.submit()
        self.wizard(self.head, "inform", user_ids=[Command.link(self.business.id)])
        message = self.env["mail.message"].search(
            [
                ("model", "=", "contract.deviation"),
                ("res_id", "=", self.deviation.id),
                ("partner_ids", "in", self.business.partner_id.ids),
            ]
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(self.deciders(), self.head)
        with self.fails("can't read"):
            self.wizard(self.head, "inform", user_ids=[Command.link(self.employee.id)])

    def test_remind(self):
        self.submit()
        self.as_user(self.seller).action_remind()
        message = self.env["mail.message"].search(
            [
                ("res_id", "=", self.deviation.id),
                ("model", "=", "contract.deviation"),
                ("partner_ids", "in", self.head.partner_id.ids),
            ]
        )
        self.assertTrue(message)

    def test_wizard_takes_documents_only(self):
        for model in ("res.users", "nothing", "contract.term"):
            wizard = (
                self.env["contract.decision"]
                .with_user(self.head)
                .create({"res_model": model, "res_ids": [1], "verb": "approve"})
            )
            with self.fails("Choose the documents"):
                wizard.action_apply()

    def test_wizard_form(self):
        self.submit()
        action = self.as_user(self.head).action_open_refuse()
        with Form(
            self.env["contract.decision"]
            .with_user(self.head)
            .with_context(**action["context"])
        ) as form:
            self.assertEqual(form.verb, "refuse")
            form.comment = "Too late"
        form.record.action_apply()
        self.assertEqual(self.deviation.approval_state, "refused")


class TestApprovalEvidence(ApprovalCase):
    def test_nobody_changes_what_was_decided(self):
        self.submit()
        self.as_user(self.head).action_approve("agreed")
        step = self.steps(state="approved")
        for env_step in (step.sudo(), unguarded(step.sudo())):
            with self.fails("evidence"):
                env_step.write({"comment": "never"})
            with self.fails("evidence"):
                env_step.write({"state": "refused"})
        with self.fails("evidence"):
            step.sudo().unlink()
        with self.assertRaises(UserError):
            self.steps().sudo().write({"user_id": self.seller.id})
        with self.assertRaises(UserError):
            self.env["contract.approval.step"].sudo().create(
                {
                    "order_id": self.order.id,
                    "res_model": "contract.deviation",
                    "res_id": self.deviation.id,
                    "user_id": self.seller.id,
                    "state": "approved",
                }
            )
        with self.assertRaises(UserError):
            step.with_user(self.manager).write({"comment": "never"})

    def test_state_of_the_document_is_not_written(self):
        for name, value in (
            ("approval_state", "approved"),
            ("approval_round", 3),
            ("submitted_by_id", self.seller.id),
        ):
            with self.assertRaises(UserError):
                self.deviation.sudo().write({name: value})
        with self.assertRaises(UserError):
            self.new_deviation(approval_state="approved")

    def test_submitted_is_not_changed_or_deleted(self):
        self.submit()
        with self.assertRaises(UserError):
            self.as_user(self.seller).write({"summary": "else"})
        with self.assertRaises(UserError):
            self.deviation.sudo().unlink()
        self.as_user(self.seller).action_withdraw()
        with self.assertRaises(UserError):
            self.deviation.sudo().unlink()

    def test_amount_of_the_day(self):
        self.patch(
            type(self.deviation),
            "_approval_amount",
            lambda self: (1234.5, self.currency_id),
        )
        self.submit()
        self.assertEqual(self.steps().amount, 1234.5)
        self.assertEqual(self.steps().currency_id, self.company.currency_id)


class TestApprovalActivities(ApprovalCase):
    def activity(self, user):
        return (
            self.env["mail.activity"]
            .with_user(user)
            .search(
                [
                    ("res_model", "=", "contract.deviation"),
                    ("user_id", "=", user.id),
                    ("activity_type_id", "=", self.env.ref(DECIDE).id),
                ]
            )
        )

    def test_done_is_no_decision(self):
        self.submit()
        activity = self.activity(self.head)
        for call in (
            activity.action_done,
            activity.action_feedback,
            activity.unlink,
            activity.action_cancel,
            lambda: activity.write({"active": False}),
            lambda: activity.write({"user_id": self.seller.id}),
        ):
            with self.fails("is none"):
                call()
        self.assertEqual(self.deviation.approval_state, "pending")
        self.assertEqual(self.deciders(), self.head)

    def test_approve_in_the_activity(self):
        self.submit()
        self.activity(self.head).action_contract_approve()
        self.assertEqual(self.deciders(), self.leader)
        action = self.activity(self.leader).action_contract_refuse()
        self.assertEqual(action["res_model"], "contract.decision")
        self.assertEqual(action["context"]["default_verb"], "refuse")

    def test_flag_for_the_web_client(self):
        self.submit()
        [data] = self.activity(self.head).activity_format()["mail.activity"]
        self.assertEqual(data["contract_decision"], "mine")
        [data] = (self.activity(self.head).with_user(self.business).activity_format())[
            "mail.activity"
        ]
        self.assertEqual(data["contract_decision"], "other")

    def test_other_activities_are_left_alone(self):
        activity = self.deviation.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.seller.id
        )
        self.assertFalse(activity.contract_decision)
        activity.with_user(self.seller).action_done()
        self.assertNotIn(activity, self.deviation.activity_ids)

    def test_queries_do_not_grow(self):
        few = self.env["contract.deviation"].union(
            *(self.new_deviation() for _i in range(2))
        )
        many = self.env["contract.deviation"].union(
            *(self.new_deviation() for _i in range(22))
        )
        for deviation in few | many:
            self.submit(deviation)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records._sync_activities()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        self.assertLessEqual(count(many), count(few) + 1)


class TestDelegation(ApprovalCase):
    def delegate(self, user, delegate, day_from, day_to, by=None):
        return (
            self.env["contract.delegation"]
            .with_user(by or user)
            .create(
                {
                    "user_id": user.id,
                    "delegate_id": delegate.id,
                    "date_from": day_from,
                    "date_to": day_to,
                    "reason": "On leave",
                }
            )
        )

    @freeze_time("2026-09-10 02:00:00")
    def test_absent_when_asked(self):
        self.delegate(self.head, self.business, "2026-09-09", "2026-09-12")
        self.submit()
        self.assertEqual(self.deciders(), self.business)
        self.as_user(self.business).action_approve()
        step = self.steps(state="approved")
        self.assertEqual(step.decided_by_id, self.business)
        self.assertEqual(step.absent_name, self.head.name)
        self.assertEqual(step.absent_reason, "On leave")
        self.assertIn("on behalf of", step.decision_text)

    @freeze_time("2026-09-10 02:00:00")
    def test_absent_afterwards(self):
        self.submit()
        self.assertEqual(self.deciders(), self.head)
        self.delegate(self.head, self.business, "2026-09-11", "2026-09-12")
        self.assertEqual(self.deciders(), self.head)
        with freeze_time("2026-09-11 02:00:00"):
            self.follow_up()
        self.assertEqual(self.deciders(), self.business)
        self.as_user(self.head).action_approve()
        step = self.steps(state="approved")
        self.assertEqual(step.decided_by_id, self.head)
        self.assertNotIn("on behalf of", step.decision_text)

    @freeze_time("2026-09-10 02:00:00")
    def test_delegate_who_asks_does_not_decide(self):
        self.delegate(self.head, self.seller, "2026-09-09", "2026-09-12")
        self.submit()
        self.assertEqual(self.deciders(), self.head)

    @freeze_time("2026-09-10 12:00:00")
    def test_days_of_the_company(self):
        """Its days are those of the company, not of who looks at it."""
        self.company.contract_tz = "UTC"
        self.head.tz = "Pacific/Kiritimati"
        Delegation = (
            self.env["contract.delegation"]
            .with_user(self.head)
            .with_context(tz="Pacific/Kiritimati")
        )
        self.assertEqual(
            str(Delegation.default_get(["date_from"])["date_from"]), "2026-09-10"
        )
        delegation = self.delegate(self.head, self.business, "2026-09-11", "2026-09-12")
        delegation.with_env(Delegation.env).unlink()
        self.assertFalse(delegation.exists())

    @freeze_time("2026-09-10 02:00:00")
    def test_delegate_without_role_does_not_decide(self):
        self.delegate(self.head, self.business, "2026-09-09", "2026-09-12")
        self.business.group_ids = self.env.ref("base.group_user")
        self.submit()
        self.assertEqual(self.deciders(), self.head)

    @freeze_time("2026-09-10 02:00:00")
    def test_who_delegates(self):
        with self.assertRaises(AccessError):
            self.delegate(
                self.head, self.owner, "2026-09-09", "2026-09-12", by=self.owner
            )
        self.delegate(
            self.head, self.owner, "2026-09-09", "2026-09-12", by=self.manager
        )
        with self.fails("already", ValidationError):
            self.delegate(self.head, self.business, "2026-09-12", "2026-09-15")
        with self.fails("no role", ValidationError):
            self.delegate(self.leader, self.employee, "2026-09-12", "2026-09-15")

    @freeze_time("2026-09-10 02:00:00")
    def test_begun_delegation_stays(self):
        delegation = self.delegate(self.head, self.business, "2026-09-09", "2026-09-12")
        with self.fails("has begun"):
            delegation.unlink()
        with self.fails("has begun"):
            delegation.delegate_id = self.owner
        delegation.date_to = "2026-09-10"

    @freeze_time("2026-09-08 02:00:00")
    def test_first_and_last_day(self):
        self.delegate(self.head, self.business, "2026-09-10", "2026-09-12")
        for day, absent in (
            ("2026-09-09", False),
            ("2026-09-10", True),
            ("2026-09-12", True),
            ("2026-09-13", False),
        ):
            with self.subTest(day=day):
                found = self.env["contract.delegation"]._delegations(self.head, day)
                self.assertEqual(bool(found), absent)

    @freeze_time("2026-09-08 02:00:00")
    def test_days_of_two_delegations(self):
        self.delegate(self.head, self.business, "2026-09-10", "2026-09-12")
        for first, last in (("2026-09-08", "2026-09-10"), ("2026-09-12", "2026-09-15")):
            with self.subTest(first=first), self.fails("already", ValidationError):
                self.delegate(self.head, self.owner, first, last)
        self.delegate(self.head, self.owner, "2026-09-08", "2026-09-09")
        self.delegate(self.head, self.owner, "2026-09-13", "2026-09-15")

    @freeze_time("2026-09-10 02:00:00")
    def test_begins_today(self):
        today = self.delegate(self.head, self.business, "2026-09-10", "2026-09-10")
        later = self.delegate(self.head, self.business, "2026-09-11", "2026-09-12")
        with self.fails("has begun"):
            today.unlink()
        later.unlink()
        self.assertFalse(later.exists())


class TestApprovalFollowUp(ApprovalCase):
    def messages(self, user):
        return self.env["mail.message"].search_count(
            [
                ("model", "=", "contract.deviation"),
                ("res_id", "=", self.deviation.id),
                ("partner_ids", "in", user.partner_id.ids),
            ]
        )

    def follow_up_on(self, day):
        with freeze_time(f"{day} 02:00:00"):
            self.follow_up()

    def test_reminded_and_escalated_once(self):
        department = self.env["contract.department"].create(
            {"name": "Business Office", "head_id": self.business.id}
        )
        self.company.contract_business_office_id = department
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
        start = self.messages(self.head)
        self.follow_up_on("2026-09-12")
        self.assertEqual(self.messages(self.head), start)
        for day in ("2026-09-13", "2026-09-13", "2026-09-14"):
            self.follow_up_on(day)
            self.assertEqual(self.messages(self.head), start + 1)
            self.assertEqual(self.messages(self.business), 0)
        for day in ("2026-09-15", "2026-09-16"):
            self.follow_up_on(day)
            self.assertEqual(self.messages(self.business), 1)
        self.assertEqual(self.messages(self.head), start + 1)

    def test_escalated_although_who_is_named_left(self):
        self.rule.line_ids[0].escalate_user_id = self.business
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
        self.business.active = False
        for day in ("2026-09-13", "2026-09-16"):
            self.follow_up_on(day)
        self.assertEqual(self.messages(self.manager), 1)

    def test_reminders_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.manager.lang = self.head.lang = "zh_CN"
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
        for day in ("2026-09-13", "2026-09-16"):
            self.follow_up_on(day)
        late, escalated = (
            self.env["mail.message"].search(
                [
                    ("model", "=", "contract.deviation"),
                    ("res_id", "=", self.deviation.id),
                    ("partner_ids", "in", user.partner_id.ids),
                ],
                limit=1,
            )
            for user in (self.head, self.manager)
        )
        self.assertIn("逾期", late.body)
        self.assertIn("尚未", escalated.body)
        # the day on which it was due, as the reader writes days
        self.assertIn("2026/09/12", escalated.body)

    def test_two_steps_of_a_user_are_one_activity(self):
        self.rule.line_ids.write({"sequence": 10})
        self.rule.line_ids[1].write({"user_ids": self.head, "days": 1})
        with freeze_time("2026-09-10 02:00:00"):
            self.submit()
        [activity] = self.deviation.activity_ids.filtered(
            lambda a: a.user_id == self.head
        )
        self.assertEqual(str(activity.date_deadline), "2026-09-11")

    def test_lost_activity_comes_back(self):
        self.submit()
        self.deviation.activity_ids.sudo().unlink()
        self.assertFalse(self.deciders())
        self.follow_up()
        self.assertEqual(self.deciders(), self.head)


class TestOralDecision(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule.line_ids[0].unlink()
        cls.rule.line_ids.write(
            {
                "oral_allowed": True,
                "oral_limit": 1000,
                "oral_user_ids": [Command.link(cls.business.id)],
            }
        )
        with freeze_time("2026-09-10 02:00:00"):
            unguarded(cls.deviation).state = "analysed"
            cls.deviation.with_user(cls.seller).action_submit()

    def record(self, user=None, **values):
        with freeze_time("2026-09-10 06:00:00"):
            return self.wizard(
                user or self.business,
                "oral",
                **{
                    "step_id": self.steps().id,
                    "oral_on": "2026-09-10 05:00:00",
                    "oral_means": "By phone",
                    **values,
                },
            )

    def test_provisional_until_confirmed(self):
        self.record()
        self.assertEqual(self.deviation.approval_state, "approved")
        self.assertTrue(self.deviation.approval_provisional)
        step = self.deviation.step_ids
        self.assertEqual(step.oral_by_name, self.business.name)
        self.assertEqual(step.decided_by_id, self.leader)
        self.assertIn("not confirmed", step.decision_text)
        self.assertTrue(self.as_user(self.leader).can_confirm_oral)
        activity = self.deviation.activity_ids.filtered(
            lambda a: a.user_id == self.leader
        )
        self.assertEqual(len(activity), 1)
        activity.with_user(self.leader).action_contract_approve()
        self.assertEqual(step.oral_state, "confirmed")
        self.assertFalse(self.deviation.approval_provisional)
        self.assertFalse(
            self.deviation.activity_ids.filtered(lambda a: a.user_id == self.leader)
        )

    def test_confirmed_in_words(self):
        """What he adds when he confirms is kept."""
        self.record()
        self.as_user(self.leader).action_approve("Only in blue.")
        self.assertEqual(self.deviation.step_ids.oral_state, "confirmed")
        self.assertIn("Only in blue.", self.deviation.message_ids[0].body)

    def test_denied(self):
        self.record()
        self.as_user(self.leader).action_refuse("I never said so")
        self.assertEqual(self.deviation.step_ids.oral_state, "denied")
        self.assertEqual(self.deviation.approval_state, "returned")

    def test_who_may_record(self):
        for user in (self.seller, self.owner, self.leader, self.manager):
            with self.assertRaises(UserError):
                self.record(user)
        self.rule.line_ids.oral_user_ids = self.business | self.seller
        with self.fails("doesn't let you"):
            self.record(self.seller)
        self.assertEqual(self.deviation.approval_state, "pending")

    def test_amount_and_time(self):
        with self.fails("check the time"):
            self.record(oral_on="2026-09-10 07:00:00")
        with self.fails("check the time"):
            self.record(oral_on="2026-09-09 05:00:00")
        self.rule.line_ids.oral_limit = 0.01
        self.deviation.step_ids.flush_recordset()
        self.env.cr.execute("UPDATE contract_approval_step SET amount = 2000")
        self.env.invalidate_all()
        with self.fails("doesn't let you"):
            self.record()

    def test_not_by_who_decides(self):
        self.rule.line_ids.oral_user_ids = self.business | self.leader
        may = self.deviation._approval_may_record_oral
        self.assertTrue(may(self.steps(), self.business))
        self.assertFalse(may(self.steps(), self.leader))

    def test_decided_when_he_was_asked(self):
        with self.fails("check the time"):
            self.record(oral_on="2026-09-10 01:59:59")
        self.record(oral_on="2026-09-10 02:00:00")
        self.assertEqual(self.deviation.approval_state, "approved")

    def test_decided_just_now(self):
        with self.fails("check the time"):
            self.record(oral_on="2026-09-10 06:00:01")
        self.record(oral_on="2026-09-10 06:00:00")
        self.assertEqual(self.deviation.approval_state, "approved")

    def test_below_the_limit(self):
        step = self.steps()
        for amount, may in ((1000, False), (999.99, True)):
            unguarded(step).amount = amount
            with self.subTest(amount=amount):
                self.assertIs(
                    self.deviation._approval_may_record_oral(step, self.business), may
                )

    def test_unconfirmed_escalates_once(self):
        self.record()
        for day, expected in (
            ("2026-09-11 05:00:00", 0),
            ("2026-09-11 07:00:00", 1),
            ("2026-09-12 07:00:00", 1),
        ):
            with freeze_time(day):
                self.follow_up()
            self.assertEqual(
                self.env["mail.message"].search_count(
                    [
                        ("res_id", "=", self.deviation.id),
                        ("model", "=", "contract.deviation"),
                        ("partner_ids", "in", self.manager.partner_id.ids),
                    ]
                ),
                expected,
            )
