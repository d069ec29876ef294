from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError

from .roles import RoleCase

DAY = "2026-10-05"


class CoordinationCase(RoleCase):
    """A document of the seller to a department, to a user, and outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop = cls.env["contract.department"].create(
            {
                "name": "Workshop",
                "head_id": cls.outsider.id,
                "member_ids": [Command.set(cls.stranger.ids)],
            }
        )
        cls.carrier = cls.env["res.partner"].create(
            {"name": "Fast Carrier", "email": "carrier@example.com"}
        )

    @classmethod
    def to(cls, recipient, role="to", **values):
        kind = {
            "contract.department": "department",
            "res.users": "user",
            "res.partner": "partner",
        }[recipient._name]
        return Command.create(
            {"role": role, "kind": kind, f"{kind}_id": recipient.id, **values}
        )

    @classmethod
    def new_document(cls, *recipients, user=None, **values):
        user = user or cls.seller
        values = {
            "order_id": cls.order.id,
            "user_id": user.id,
            "subject": "Pumps are late",
            "summary": "INTERNAL-SUMMARY",
            "description": "INTERNAL-DESCRIPTION",
            "requests": "INTERNAL-REQUESTS",
            "outside_text": "The pumps leave on Monday.",
            "date": DAY,
            "reply_date": "2026-10-09",
            "reply_ids": list(recipients),
            **values,
        }
        with freeze_time(f"{DAY} 02:00:00"):
            return cls.env["contract.coordination"].with_user(user).create(values)

    def send(self, document, day=DAY, user=None):
        with freeze_time(f"{day} 02:00:00"):
            action = document.with_user(user or self.seller).action_send()
            if action is not True:
                wizard = (
                    self.env["contract.coordination.send"]
                    .with_user(user or self.seller)
                    .with_context(**action["context"])
                    .create({})
                )
                wizard.action_send()
        self.env.invalidate_all()
        return document

    def sent(self, *recipients, **values):
        return self.send(self.new_document(*recipients, **values))

    def reply(self, line, user, text="Done on Friday", day="2026-10-06", **values):
        with freeze_time(f"{day} 02:00:00"):
            self.env["contract.coordination.answer"].with_user(user).create(
                {"line_id": line.id, "reply_text": text, **values}
            ).action_reply()
        self.env.invalidate_all()

    def tasks(self, document, name=None):
        activities = self.env["mail.activity"].search(
            [("res_model", "=", document._name), ("res_id", "=", document.id)]
        )
        if name:
            activities = activities.filtered(
                lambda a: (
                    a.activity_type_id
                    == self.env.ref(f"contract_tracking.mail_activity_{name}")
                )
            )
        return activities


class TestCoordination(CoordinationCase):
    def test_flow(self):
        document = self.new_document(
            self.to(self.workshop), self.to(self.rival), self.to(self.head, "copy")
        )
        self.assertRegex(document.name, r"^XT2026-\d+$")
        self.assertEqual(document.form_code, "QR-XS-02")
        self.assertEqual(document.contract_no, self.order.contract_number)
        self.assertFalse(self.tasks(document))
        self.send(document)
        self.assertEqual(document.state, "sent")
        shop, rival, copy = document.reply_ids
        self.assertEqual(
            document.reply_ids.mapped("state"), ["waiting"] * 2 + ["informed"]
        )
        self.assertEqual(shop.name, "Workshop")
        tasks = self.tasks(document, "coordination_reply")
        self.assertEqual(tasks.user_id, self.outsider | self.rival)
        self.assertEqual(
            set(tasks.mapped("date_deadline")), {fields.Date.to_date("2026-10-09")}
        )
        # a member answers for the department: the head's activity goes
        self.reply(shop, self.stranger, "Two weeks")
        self.assertEqual(shop.reply_text, "Two weeks")
        self.assertEqual(shop.answered_by_name, self.stranger.name)
        self.assertEqual(document.state, "sent")
        self.assertEqual(self.tasks(document).user_id, self.rival)
        self.reply(rival, self.rival)
        self.assertEqual(document.state, "replied")
        self.assertEqual(
            self.tasks(document), self.tasks(document, "coordination_outcome")
        )
        self.assertEqual(self.tasks(document).user_id, self.seller)
        # who has a copy may answer
        self.reply(copy, self.head)
        self.assertEqual(copy.state, "answered")
        with self.assertRaisesRegex(UserError, "Outcome"):
            document.with_user(self.seller).action_close()
        document.with_user(self.seller).outcome = "Partial delivery"
        document.with_user(self.seller).action_close()
        self.assertEqual(document.state, "closed")
        self.assertFalse(self.tasks(document))
        with self.assertRaises(UserError):
            document.with_user(self.seller).outcome = "Something else"

    def test_finished_activity_is_no_answer(self):
        document = self.sent(self.to(self.workshop), self.to(self.rival))
        self.tasks(document).filtered(lambda a: a.user_id == self.rival).with_user(
            self.rival
        ).action_feedback()
        self.assertEqual(document.reply_ids[1].state, "waiting")
        self.reply(document.reply_ids[0], self.outsider)
        self.assertEqual(self.tasks(document).user_id, self.rival)

    def test_names_are_frozen(self):
        document = self.sent(self.to(self.workshop))
        self.workshop.name = "Assembly"
        self.partner.name = "Renamed"
        self.assertEqual(document.reply_ids.name, "Workshop")
        self.assertEqual(document.reply_ids.display_name, "Workshop")
        self.assertEqual(document.partner_name, "Yangtze Pumps")

    def test_another_answer_is_a_supplement(self):
        document = self.sent(self.to(self.workshop), self.to(self.rival))
        shop = document.reply_ids[0]
        self.reply(shop, self.outsider, "First")
        self.reply(shop, self.outsider, "Second")
        self.assertEqual(shop.reply_text, "First")
        supplement = document.reply_ids.filtered("supplement_of_id")
        self.assertEqual(supplement.reply_text, "Second")
        self.assertEqual(supplement.name, "Workshop")
        self.assertEqual(document.state, "sent")

    def test_bad_documents(self):
        late = {"reply_date": "2026-10-04"}
        poor = self.env["res.partner"].create({"name": "No mail"})
        nobody = self.env["contract.department"].create({"name": "Nobody"})
        no_role = self.to(self.employee)
        for recipients, values, message in (
            ([], {}, "recipient"),
            ([self.to(self.workshop, "copy")], {}, "recipient"),
            ([self.to(self.workshop)], late, "past"),
            ([self.to(self.workshop)], {"reply_date": False}, "until when"),
            ([self.to(poor)], {}, "e-mail"),
            ([self.to(nobody)], {}, "neither"),
            ([no_role], {}, "role"),
            ([self.to(self.carrier)], {"outside_text": False}, "empty"),
        ):
            document = self.new_document(*recipients, **values)
            with (
                self.subTest(message=message),
                self.assertRaisesRegex(UserError, message),
            ):
                self.send(document)
            self.assertEqual(document.state, "draft")

    def test_reply_due_today(self):
        document = self.sent(self.to(self.workshop), reply_date=DAY)
        self.assertEqual(document.state, "sent")
        with freeze_time(f"{DAY} 02:00:00"):
            self.assertFalse(document.is_overdue)
        self.env.invalidate_all()
        with freeze_time("2026-10-06 02:00:00"):
            self.assertTrue(document.is_overdue)

    def test_cancelled_contract(self):
        document = self.new_document(self.to(self.workshop))
        self.order.with_user(self.business)._take_reason_step("cancel", "Gone")
        with self.assertRaisesRegex(UserError, "cancelled"):
            self.send(document)

    def test_sent_is_evidence(self):
        document = self.sent(self.to(self.workshop))
        line = document.reply_ids
        for user in (self.seller, self.business, self.env.ref("base.user_admin")):
            for record, values in (
                (document, {"subject": "x"}),
                (document, {"state": "closed"}),
                (document, {"reply_ids": [self.to(self.rival)]}),
                (document, {"reply_ids": [Command.delete(line.id)]}),
                (line, {"reply_text": "x"}),
                (line, {"state": "answered"}),
                (line, {"requests": "x"}),
                (line, {"role": "copy"}),
            ):
                with (
                    self.subTest(user=user.login, values=values),
                    self.assertRaises(UserError),
                ):
                    record.with_user(user).write(values)
            for record in (document, line):
                with self.assertRaises(UserError):
                    record.with_user(user).unlink()
        with self.assertRaises(UserError):
            document.sudo().write({"subject": "x"})
        with self.assertRaises(UserError):
            line.sudo().with_context(contract_guard=True).write({"reply_text": "x"})

    def test_defaults_of_a_client(self):
        Document = self.env["contract.coordination"].with_user(self.seller)
        document = Document.with_context(
            default_state="closed", default_sent_by_id=self.leader.id, default_stage=3
        ).create({"order_id": self.order.id, "subject": "x"})
        self.assertEqual((document.state, document.stage), ("draft", 1))
        self.assertFalse(document.sent_by_id)
        with self.assertRaises(UserError):
            Document.create(
                {"order_id": self.order.id, "subject": "x", "state": "sent"}
            )
        with self.assertRaises(UserError):
            document.write(
                {
                    "reply_ids": [
                        self.to(self.workshop, reply_text="Yes", state="answered")
                    ]
                }
            )
        line = (
            self.env["contract.coordination.reply"]
            .with_user(self.seller)
            .with_context(default_state="answered", default_reply_text="Yes")
            .create(
                {
                    "coordination_id": document.id,
                    "kind": "user",
                    "user_id": self.rival.id,
                }
            )
        )
        self.assertFalse(line.state or line.reply_text)
