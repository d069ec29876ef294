from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .deviations import RULES, DeviationCase


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
        self.assertTrue(as_owner.can_do)
        self.assertFalse(deviation.can_do)
        window = as_owner.action_own_done()["context"]
        self.assertEqual(window["default_res_ids"], own.ids)
        self.assert_refused(deviation.action_own_done)
        self.step(own, "done", self.outsider)
        self.assertEqual(self.todo(deviation), {("deviation_action", self.rival)})
        self.assert_refused(
            lambda: self.step(own, "done", self.outsider), "possible only"
        )

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
            {"done_by_id": self.seller.id}, {"res_id": self.report().id},
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
            deviations._sync_activities()
            self.env.flush_all()
            return self.cr.sql_log_count - start

        queries(few)
        self.assertLessEqual(queries(many), queries(few) + 3)

    def test_screens_query_growth(self):
        def queries(count):
            deviations = self.env["contract.deviation"].union(
                *(self.submitted() for _n in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            deviations.with_user(self.business).read(
                ["agreed_text", "actual_text", "next_step", "can_verify", "can_waive",
                 "can_cancel", "can_work", "not_cured", "color", "partner_id"]
            )  # fmt: skip
            return self.cr.sql_log_count - start

        queries(1)
        few = queries(3)
        self.assertLessEqual(queries(12), few + 3)


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

    def test_no_document(self):
        values = {
            "name": "Cast again",
            "user_id": self.outsider.id,
            "date_deadline": "2026-10-20",
            "res_id": self.order.id,
        }
        for document in ({}, {"res_model": "sale.order"}, {"res_model": "no.model"}):
            with self.assertRaisesRegex(UserError, "Choose the document"):
                self.env["contract.action"].create({**values, **document})

    def test_documents_are_read_as_a_set(self):
        deviations = [self.decided() for _n in range(6)]
        actions = self.env["contract.action"].union(
            *(self.add_action(deviation) for deviation in deviations)
        )
        costs = []
        for some in (actions[:2], actions[:2], actions):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.seller).mapped("can_do")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])
