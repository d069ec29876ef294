from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .test_coordination import CoordinationCase


class TestCoordinationAccess(CoordinationCase):
    """Who reads, who answers; recipients of any role, of contracts that aren't
    theirs."""

    @mute_logger("odoo.addons.base.models.ir_rule")
    def assert_reads(self, document, readers, others):
        self.env.invalidate_all()
        for user in readers:
            with self.subTest(reader=user.login):
                document.with_user(user).check_access("read")
                self.assertIn(
                    document,
                    self.env["contract.coordination"].with_user(user).search([]),
                )
        for user in others:
            with self.subTest(other=user.login), self.assertRaises(AccessError):
                document.with_user(user).check_access("read")

    def test_recipients_read(self):
        recipients = (self.outsider, self.stranger, self.rival, self.finance)
        document = self.new_document(
            self.to(self.workshop), self.to(self.rival), self.to(self.finance)
        )
        mine = (self.seller, self.owner, self.supervisor, self.head, self.member)
        all_read = (self.business, self.leader, self.auditor, self.director)
        never = (self.colleague, self.stock_user, self.employee, self.portal)
        self.assert_reads(document, mine + all_read, recipients + never)
        self.send(document)
        self.assert_reads(document, mine + all_read + recipients, never)
        shop, rival, finance = document.reply_ids
        for user, line in (
            (self.outsider, shop),
            (self.stranger, shop),
            (self.rival, rival),
            (self.finance, finance),
        ):
            with self.subTest(user=user.login):
                # the form of somebody who sees no more of the contract than asked
                form = document.with_user(user)
                spec = {
                    name: {}
                    for name in self.env["contract.coordination"]
                    .with_user(user)
                    .get_view(view_type="form")["models"]["contract.coordination"]
                    if name not in ("reply_ids", "message_ids", "activity_ids")
                }
                spec["reply_ids"] = {"fields": {"reply_text": {}, "can_reply": {}}}
                [values] = form.web_read(spec)
                self.assertEqual(
                    [row["id"] for row in values["reply_ids"] if row["can_reply"]],
                    line.ids,
                )
                self.assertEqual(len(values["reply_ids"]), 3)
                self.assertTrue(form.waits_for_me and form.is_to_me)
                self.assertFalse(form.has_access("write"))
                # what he is asked about he reads
                self.assertTrue(form.order_id.with_user(user).has_access("read"))
                self.assertFalse(
                    user != self.finance
                    and form.order_id.with_user(user).has_access("write")
                )
        found = (
            self.env["contract.coordination"]
            .with_user(self.stranger)
            .search([("waits_for_me", "=", True)])
        )
        self.assertEqual(found, document)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_replies_for_others(self):
        document = self.sent(self.to(self.workshop), self.to(self.carrier))
        shop, carrier = document.reply_ids
        admin = self.env.ref("base.user_admin")
        for user in (self.seller, self.business, self.rival, self.leader, admin):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.reply(shop, user)
        for user in (self.outsider, self.owner, self.auditor, self.portal):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.reply(carrier, user)
        with self.assertRaises(UserError):
            self.reply(shop, self.outsider, " ")
        draft = self.new_document()
        foreign = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": draft._name, "res_id": draft.id}
        )
        with self.assertRaises(AccessError):
            self.reply(shop, self.outsider, attachment_ids=[Command.set(foreign.ids)])
        self.reply(carrier, self.seller, "By phone: yes")
        self.assertIn("Fast Carrier", carrier.answered_by_name)
        self.assertIn(self.seller.name, carrier.answered_by_name)
        own = (
            self.env["ir.attachment"]
            .with_user(self.outsider)
            .create({"name": "plan", "raw": b"plan"})
        )
        self.reply(shop, self.outsider, attachment_ids=[Command.set(own.ids)])
        self.assertEqual(shop.with_user(self.seller).attachment_ids.raw, b"plan")

    def test_reply_to_what_is_closed(self):
        draft = self.new_document(self.to(self.workshop))
        with self.assertRaises(UserError):
            self.reply(draft.reply_ids, self.outsider)
        document = self.sent(self.to(self.workshop))
        document.with_user(self.seller)._void("Mistake")
        with self.assertRaises(UserError):
            self.reply(document.reply_ids, self.outsider)

    def test_only_the_sender_closes(self):
        document = self.sent(self.to(self.workshop))
        self.reply(document.reply_ids, self.outsider)
        for user in (self.owner, self.head, self.outsider, self.auditor):
            for step in (
                lambda d: d.write({"outcome": "x"}),
                lambda d: d.action_close(),
                lambda d: d._void("x"),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    step(document.with_user(user))
        stand_in = document.with_user(self.business)
        stand_in.outcome = "Agreed"
        stand_in.action_close()
        self.assertEqual(document.closed_by_id, self.business)

    def test_void_and_copy(self):
        document = self.sent(self.to(self.workshop, requests="Hurry"))
        with self.assertRaises(UserError):
            document.with_user(self.seller)._take_reason_step("void", " ")
        wizard = (
            self.env["contract.reason"]
            .with_user(self.seller)
            .create(
                {
                    "res_model": document._name,
                    "res_ids": document.ids,
                    "step": "void",
                    "reason": "Wrong day",
                }
            )
        )
        action = wizard.action_apply()
        copy = document.browse(action["res_id"])
        self.assertEqual(document.state, "void")
        self.assertFalse(self.tasks(document))
        self.assertEqual((copy.state, copy.replaces_id), ("draft", document))
        self.assertEqual(copy.reply_ids.requests, "Hurry")
        self.assertNotEqual(copy.name, document.name)
        copy.with_user(self.seller).unlink()

    def test_draft_is_deleted(self):
        self.new_document(self.to(self.workshop)).unlink()

    def test_stages(self):
        document = self.sent(self.to(self.workshop), kind="reminder")
        with self.assertRaises(UserError):
            self.sent(self.to(self.workshop)).with_user(self.seller).action_next_stage()
        action = document.with_user(self.seller).action_next_stage()
        second = document.browse(action["res_id"])
        self.assertEqual((second.stage, second.predecessor_id), (2, document))
        again = document.with_user(self.seller).action_next_stage()
        self.assertEqual(again["res_id"], second.id)
        with self.assertRaises(UserError):
            second.with_user(self.seller).action_next_stage()
        second.reply_date = "2026-10-12"
        self.send(second)
        corrected = second.with_user(self.seller)._void("Wrong amount")
        self.assertEqual((corrected.stage, corrected.predecessor_id), (2, document))
        corrected.reply_date = "2026-10-12"
        self.send(corrected)
        third = document.browse(
            corrected.with_user(self.seller).action_next_stage()["res_id"]
        )
        third.reply_date = "2026-10-12"
        self.send(third)
        self.assertEqual(third.stage, 3)
        with self.assertRaises(UserError):
            third.with_user(self.seller).action_next_stage()

    def test_silence(self):
        document = self.sent(self.to(self.workshop), self.to(self.rival))
        self.reply(document.reply_ids[0], self.outsider)
        document.with_user(self.seller).outcome = "Without them"
        with freeze_time("2026-10-09 02:00:00"):
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "still has time"):
                document.with_user(self.seller).action_close()
        with freeze_time("2026-10-10 02:00:00"):
            self.env.invalidate_all()
            self.assertTrue(document.is_overdue)
            document.with_user(self.seller).action_close()
        self.assertEqual(document.reply_ids[1].state, "silent")

    def test_second_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        department = self.env["contract.department"].create(
            {"name": "Far away", "company_id": company.id}
        )
        with self.assertRaises(UserError):
            self.new_document(self.to(department))
        foreigner = self.new_user(
            "ct_foreigner",
            "contract_tracking.group_contract_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        document = self.new_document(self.to(foreigner))
        with self.assertRaisesRegex(UserError, "no active user"):
            self.send(document)
        boss = self.new_user(
            "ct_boss",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.env["contract.coordination"].with_user(boss).search([]))
        number = self.env["contract.form.type"]._next_numbers(
            "contract.coordination", company, 1
        )
        self.assertTrue(number[0].endswith("0001"))

    def test_deviations(self):
        deviations = self.env["contract.deviation"].create(
            [
                {"order_id": self.order.id, "summary": "Late by 4 days"},
                {"order_id": self.order.id, "summary": "Two are dented"},
            ]
        )
        action = deviations.with_user(self.seller).action_coordinate()
        document = (
            self.env["contract.coordination"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(document.deviation_ids, deviations)
        self.assertEqual(document.summary, "Late by 4 days\nTwo are dented")
        self.assertEqual(document.order_id, self.order)
        document.summary = "Mine"
        document.deviation_ids = deviations[0]
        self.assertEqual(document.summary, "Mine")
        other = self.new_role_contract()
        stranger = self.env["contract.deviation"].create({"order_id": other.id})
        with self.assertRaises(ValidationError):
            document.deviation_ids = stranger
        with self.assertRaises(UserError):
            (deviations | stranger).with_user(self.seller).action_coordinate()

    def test_action_of_a_reply(self):
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Late by 4 days"}
        )
        document = self.sent(
            self.to(self.workshop),
            self.to(self.carrier),
            deviation_ids=[Command.set(deviation.ids)],
        )
        shop, carrier = document.reply_ids
        self.reply(shop, self.stranger, "Cast on Sunday")
        self.reply(carrier, self.seller, "Truck on Monday")
        for line, user in ((shop, self.stranger), (carrier, self.seller)):
            window = line.with_user(self.seller).action_create_action()
            action = (
                self.env["contract.action"]
                .with_user(self.seller)
                .with_context(**window["context"])
                .create({"date_deadline": "2026-10-11"})
            )
            self.assertEqual(action.deviation_id, deviation)
            self.assertEqual(action.name, line.reply_text)
            self.assertEqual(action.user_id, user)
            self.assertEqual(action.department_id, line.department_id)
        # without a deviation it is one of the document itself
        other = self.sent(self.to(self.workshop))
        with self.assertRaises(UserError):
            other.reply_ids.with_user(self.outsider).action_create_action()
        self.reply(other.reply_ids, self.stranger, "Cast on Monday")
        window = other.reply_ids.with_user(self.seller).action_create_action()
        action = (
            self.env["contract.action"]
            .with_user(self.seller)
            .with_context(**window["context"])
            .create({"date_deadline": "2026-10-11"})
        )
        self.assertEqual(other.action_ids, action)
        self.assertEqual(action.user_id, self.stranger)
        self.assertFalse(action.deviation_id)
        task = self.tasks(other, "coordination_action")
        self.assertEqual(task.user_id, self.stranger)
        with self.assertRaises(UserError):
            action.with_user(self.rival).name = "Something else"
        action.with_user(self.stranger)._report_done("Cast")
        self.assertEqual(action.state, "done")
        self.assertFalse(self.tasks(other, "coordination_action"))

    def test_re_agreement_comes_from_it(self):
        document = self.sent(self.to(self.workshop))
        self.reply(document.reply_ids, self.stranger, "Two weeks later")
        document.with_user(self.seller).outcome = "Delivery on October 20th"
        with self.assertRaises(UserError):
            document.with_user(self.rival).action_reagree()
        window = document.with_user(self.seller).action_reagree()
        record = (
            self.env["contract.reagreement"]
            .with_user(self.seller)
            .with_context(**window["context"])
            .create({})
        )
        self.assertEqual(record.coordination_id, document)
        self.assertEqual(record.reason, "Delivery on October 20th")
        self.assertEqual(document.reagreement_ids, record)
        draft = self.new_document(self.to(self.workshop))
        with self.assertRaises(UserError):
            draft.with_user(self.seller).action_reagree()
        other = self.new_role_contract()
        with self.assertRaises(ValidationError):
            record.copy({"order_id": other.id, "coordination_id": document.id})

    def test_late_replies_go_on(self):
        office = self.env["contract.department"].create(
            {"name": "Business", "head_id": self.business.id}
        )
        self.company.contract_business_office_id = office
        self.company.contract_reply_days = 3
        self.workshop.member_ids += self.rival
        document = self.sent(
            self.to(self.rival), self.to(self.workshop), self.to(self.carrier)
        )
        cron = self.env.ref("contract_tracking.cron_remind_replies")

        def run(day):
            with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            return self.tasks(document, "coordination_escalated")

        self.assertFalse(run("2026-10-12"))
        self.company.contract_reply_days = 0
        self.assertFalse(run("2026-10-13"))
        self.company.contract_reply_days = 3
        tasks = run("2026-10-13")
        told = {(task.user_id, task.summary.rpartition(": ")[2]) for task in tasks}
        # the head of the workshop leads the rival, and is asked himself
        self.assertEqual(
            told,
            {
                (self.outsider, self.rival.name),
                (self.business, self.rival.name),
                (self.business, "Workshop"),
                (self.business, "Fast Carrier"),
            },
        )
        self.assertEqual(run("2026-10-14"), tasks)
        self.reply(document.reply_ids[0], self.rival, day="2026-10-14")
        self.assertEqual(
            self.tasks(document, "coordination_escalated").user_id, self.business
        )

    def test_frame(self):
        frame = self.new_frame(self.owner)
        action = frame.with_user(self.owner).action_coordinate()
        document = (
            self.env["contract.coordination"]
            .with_user(self.owner)
            .with_context(**action["context"])
            .create(
                {
                    "subject": "Call-offs",
                    "reply_date": "2026-10-09",
                    "reply_ids": [self.to(self.workshop)],
                }
            )
        )
        self.assertEqual(document.contract_no, frame.name)
        self.send(document, user=self.owner)
        self.assertEqual(frame.with_user(self.owner).coordination_count, 1)
        for user in (self.outsider, self.stranger):
            document.with_user(user).check_access("read")
        list_action = frame.with_user(self.owner).action_view_coordinations()
        self.assertEqual(list_action["domain"], [("frame_id", "=", frame.id)])

    def test_reminders(self):
        document = self.sent(
            self.to(self.workshop),
            self.to(self.rival, date_deadline="2026-10-20"),
            self.to(self.carrier),
            self.to(self.head, "copy"),
        )
        answered = self.sent(self.to(self.workshop))
        self.reply(answered.reply_ids, self.outsider)
        cron = self.env.ref("contract_tracking.cron_remind_replies")
        Message = self.env["mail.message"]

        def run(day):
            before = Message.search([("model", "=", document._name)])
            with (
                freeze_time(f"{day} 02:00:00"),
                self.enter_registry_test_mode(),
            ):
                cron.method_direct_trigger()
            self.env.invalidate_all()
            new = Message.search([("model", "=", document._name)]) - before
            return new.filtered(lambda m: "Overdue reply" in (m.subject or ""))

        self.assertFalse(run("2026-10-09"))
        told = run("2026-10-10")
        self.assertEqual(told.partner_ids, self.outsider.partner_id)
        self.assertEqual(told.mapped("res_id"), document.ids)
        chase = self.tasks(document, "coordination_chase")
        self.assertEqual(chase.user_id, self.seller)
        self.assertIn("Fast Carrier", chase.summary)
        self.assertFalse(run("2026-10-11"))
        self.assertEqual(run("2026-10-21").partner_ids, self.rival.partner_id)
        self.reply(document.reply_ids[2], self.seller)
        self.assertFalse(self.tasks(document, "coordination_chase"))
        overdue = self.env["contract.coordination"].search([("is_overdue", "=", True)])
        unguarded(document.reply_ids).write({"date_deadline": "2020-01-01"})
        self.assertIn(
            document,
            self.env["contract.coordination"].search([("is_overdue", "=", True)]),
        )
        self.assertNotIn(answered, overdue)

    def test_reminders_in_batches(self):
        documents = [self.sent(self.to(self.workshop)) for _i in range(3)]
        cron = self.env.ref("contract_tracking.cron_remind_replies")
        cron.code = "model._cron_remind_replies(batch=2)"
        with freeze_time("2026-10-10 02:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        for document in documents:
            self.assertTrue(document.reply_ids.reminded_on)

    def test_form(self):
        document = self.new_document(
            self.to(self.workshop, requests="Hurry"),
            self.to(self.carrier, "copy"),
            summary="\n".join(f"Line {number}" for number in range(120)),
        )
        self.send(document)
        self.reply(document.reply_ids[0], self.stranger, "In two weeks")
        pages = document._form_pages()
        self.assertGreater(len(pages), 2)
        for user in (self.seller, self.stranger):
            html = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html(
                    "contract_tracking.report_coordination", document.ids
                )[0]
                .decode()
            )
            for text in (
                document.name,
                "Line 119",
                "Workshop",
                "Fast Carrier",
                "In two weeks",
                self.stranger.name,
                "QR-XS-02",
            ):
                self.assertIn(text, html)
