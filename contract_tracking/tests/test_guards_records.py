from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .roles import RoleCase


class TestRecords(RoleCase):
    """Confirmed tracking records are evidence: corrected, never edited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls.new_record(cls.order, "2026-09-10")

    @classmethod
    def new_record(cls, order, day, **values):
        return cls.env["contract.tracking.record"].create(
            {"order_id": order.id, "date": day, "user_id": cls.owner.id, **values}
        )

    def void(self, record, user=None, reason="Wrong figures"):
        action = (
            self.env["contract.reason"]
            .with_user(user or self.owner)
            .create(
                {
                    "res_model": record._name,
                    "res_ids": record.ids,
                    "step": "void",
                    "reason": reason,
                }
            )
            .action_apply()
        )
        return self.env["contract.tracking.record"].browse(action["res_id"])

    def test_confirm(self):
        self.record.with_user(self.owner).action_confirm()
        self.assertEqual(self.record.state, "confirmed")
        self.assertEqual(self.record.confirmed_by_id, self.owner)
        self.assertTrue(self.record.confirmed_on)
        self.assertEqual(self.order.contract_next_record_date, self.record.next_date)
        with self.assertRaises(UserError):
            self.record.action_confirm()
        with self.assertRaises(UserError):
            self.record.action_refresh()

    def test_who_confirms(self):
        for user in (self.leader, self.auditor, self.rival, self.stock_user):
            for method in ("action_confirm", "action_refresh"):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(UserError):
                        getattr(self.record.with_user(user), method)()
            before = self.record.line_ids.ids
            with self.assertRaises(UserError):
                self.record.with_user(user).action_confirm_unchanged()
            self.assertEqual(self.record.line_ids.ids, before, "nothing was read")
        self.assertEqual(self.record.state, "draft")

    def test_facts_of_a_draft_are_read_not_written(self):
        values = {
            "state": "confirmed",
            "delivered": 1,
            "amount_total": 1,
            "partner_name": "Somebody else",
            "confirmed_by_id": self.leader.id,
            "void_reason": "x",
            "replaces_id": self.record.id,
            "has_changes": False,
            "name": "GZ-1",
            "order_id": self.new_role_contract().id,
            "line_ids": [Command.clear()],
        }
        for env in (self.env, self.env(user=self.owner), self.env(su=True)):
            for name, value in values.items():
                with self.subTest(field=name, user=env.user.login):
                    with self.assertRaises(UserError):
                        self.record.with_env(env).write({name: value})
        self.record.with_user(self.owner).write({"summary": "All is well."})
        self.assertEqual(self.record.summary, "All is well.")

    def test_state_at_creation(self):
        order = self.new_role_contract()
        Record = self.env["contract.tracking.record"].with_user(self.owner)
        values = {"order_id": order.id, "date": "2026-09-10"}
        for state in ("confirmed", "void"):
            with self.assertRaises(UserError):
                Record.create({**values, "state": state})

    def test_confirmed_stays(self):
        self.record.action_confirm()
        line = self.record.line_ids[0]
        values = {
            "summary": "Better",
            "coordination": "x",
            "next_steps": "x",
            "next_date": "2027-01-01",
            "date": "2026-09-11",
            "user_id": self.seller.id,
            "state": "draft",
            "delivered": 5,
            "line_ids": [Command.clear()],
        }
        for env in (self.env, self.env(user=self.director), self.env(su=True)):
            for name, value in values.items():
                with self.subTest(field=name, user=env.user.login):
                    with self.assertRaises(UserError):
                        self.record.with_env(env).write({name: value})
            with self.assertRaises(UserError):
                self.record.with_env(env).unlink()
            with self.subTest(what="line", user=env.user.login):
                with self.assertRaises(UserError):
                    line.with_env(env).write({"actual_amount": 1})
                with self.assertRaises(UserError):
                    line.with_env(env).unlink()
        # its conversation goes on
        self.record.with_user(self.owner).message_post(body="Sent to the customer")

    def test_void_makes_a_linked_copy(self):
        self.record.with_user(self.owner).write(
            {"summary": "My words", "coordination": "Called Mr Li"}
        )
        self.record.action_confirm()
        copy = self.void(self.record)
        self.assertEqual(self.record.state, "void")
        self.assertEqual(self.record.void_reason, "Wrong figures")
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.replaces_id, self.record)
        self.assertEqual(self.record.replaced_by_ids, copy)
        self.assertEqual(copy.date, self.record.date)
        self.assertEqual(copy.summary, "My words")
        self.assertEqual(copy.coordination, "Called Mr Li")
        self.assertNotEqual(copy.name, self.record.name)
        self.assertIn("Wrong figures", self.record.message_ids[:1].body)
        with self.assertRaises(UserError):
            self.void(self.record)
        for env in (self.env, self.env(su=True)):
            with self.assertRaises(UserError):
                self.record.with_env(env).write({"summary": "x"})
            with self.assertRaises(UserError):
                self.record.with_env(env).unlink()

    def test_a_draft_corrects_one_record(self):
        """Voiding another record while a draft corrects this one loses no link."""
        self.record.action_confirm()
        older = self.record
        newer = self.new_record(self.order, "2026-09-20")
        newer.action_confirm()
        draft = self.void(newer)
        with self.assertRaisesRegex(UserError, "Confirm the draft"):
            self.void(older)
        self.assertEqual(draft.replaces_id, newer)

    def test_void_needs(self):
        with self.assertRaises(UserError):
            self.void(self.record)
        self.record.action_confirm()
        for reason in ("", " "):
            with self.assertRaises(UserError):
                self.record.with_user(self.owner)._take_reason_step("void", reason)
        for user in (self.rival, self.outsider, self.leader, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.void(self.record, user)
        self.assertEqual(self.record.state, "confirmed")

    def test_void_while_another_waits(self):
        self.record.action_confirm()
        waiting = self.new_record(self.order, "2026-09-20")
        self.assertEqual(self.void(self.record), waiting)
        self.assertEqual(waiting.replaces_id, self.record)

    @mute_logger("odoo.sql_db")
    def test_one_draft_a_contract(self):
        with self.assertRaises(IntegrityError):
            self.new_record(self.order, "2026-09-11")
        action = self.order.with_user(self.owner).action_contract_record()
        self.assertEqual(action["res_id"], self.record.id)
        self.record.action_confirm()
        action = self.order.with_user(self.owner).action_contract_record()
        self.assertNotEqual(action["res_id"], self.record.id)

    def test_confirm_the_unchanged(self):
        other = self.new_role_contract()
        first = self.record + self.new_record(other, "2026-09-10")
        first.action_confirm()
        self.deliver(other, "2026-09-12")
        drafts = self.env["contract.tracking.record"]
        for order in self.order + other:
            drafts += self.new_record(order, "2026-09-15")
        same, changed = drafts
        self.assertFalse(same.has_changes)
        self.assertTrue(changed.has_changes)
        action = (first + drafts).with_user(self.business).action_confirm_unchanged()
        self.assertEqual(same.state, "confirmed")
        self.assertEqual(same.confirmed_by_id, self.business)
        self.assertEqual(changed.state, "draft")
        self.assertIn("1 confirmed; 1 need", action["params"]["message"])

    def test_needs_a_contract_and_a_day_that_was(self):
        self.company.contract_track_mode = "manual"
        untracked = self.new_contract("2026-09-01", user_id=self.seller.id)
        self.assertFalse(untracked.contract_state)
        with self.assertRaises(ValidationError):
            self.new_record(untracked, "2026-09-10")
        with self.assertRaises(UserError):
            untracked.with_user(self.seller).action_contract_record()
        tomorrow = self.order._contract_today() + timedelta(days=1)
        with self.assertRaises(ValidationError):
            self.record.date = tomorrow
        with self.assertRaises(ValidationError):
            self.new_record(self.new_role_contract(), tomorrow)

    def test_activity_of_the_recorder(self):
        self.assertEqual(self.record.activity_ids.user_id, self.owner)
        self.record.user_id = self.seller
        self.assertEqual(self.record.activity_ids.user_id, self.seller)
        self.record.action_confirm()
        self.assertFalse(self.record.activity_ids)

    def test_contract_with_records_stays(self):
        order = self.new_order(user_id=self.seller.id)
        order.action_contract_assign_number()
        self.new_record(order, "2026-09-10")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            order.unlink()


class TestEventsAndTemplates(RoleCase):
    """What terms hang on."""

    def new_event(self, day, type_name="event_type_goods_ready"):
        return self.env["contract.event"].create(
            {
                "order_id": self.order.id,
                "type_id": self.env.ref(f"contract_tracking.{type_name}").id,
                "date": day,
            }
        )

    def test_events_have_happened(self):
        today = self.order._contract_today()
        event = self.new_event(today)
        for day in (today + timedelta(days=1), today + timedelta(days=400)):
            with self.assertRaises(ValidationError):
                event.date = day
            with self.assertRaises(ValidationError):
                self.new_event(day, "event_type_bl")

    def test_events_are_dated(self):
        event = self.new_event("2026-09-10").with_user(self.owner)
        event.date = "2026-09-12"
        row = self.last_row(self.order)
        self.assertEqual(row.kind, "event")
        self.assertEqual(
            (row.old_value, row.new_value, row.user_id),
            ("2026-09-10", "2026-09-12", self.owner),
        )
        event.unlink()
        row = self.last_row(self.order)
        self.assertEqual((row.old_value, row.new_value), ("2026-09-12", False))

    @mute_logger("odoo.sql_db")
    def test_events_stay_with_their_contract(self):
        event = self.new_event("2026-09-10")
        with self.assertRaises(UserError):
            event.order_id = self.new_role_contract()
        with self.assertRaises(IntegrityError):
            self.new_event("2026-09-11")
        for name in ("event_type_effect", "event_type_dispatch", "event_type_invoice"):
            with self.subTest(event=name), self.assertRaises(ValidationError):
                self.new_event("2026-09-11", name)
        with self.assertRaises(UserError):
            self.env.ref("contract_tracking.event_type_effect").unlink()

    def new_template(self, *shares, **values):
        event = self.env.ref("contract_tracking.event_type_invoice")
        return self.env["contract.schedule.template"].create(
            {
                "name": "Ours",
                "line_ids": [
                    Command.create(
                        {
                            "name": f"Part {number}",
                            "percent": share,
                            "event_type_id": event.id,
                            **values,
                        }
                    )
                    for number, share in enumerate(shares)
                ],
            }
        )

    def test_template_percentages(self):
        for shares in ((30, 60), (30, 80), (99.9,)):
            with self.subTest(shares=shares), self.assertRaises(ValidationError):
                self.new_template(*shares)
        for shares in ((0, 100), (-10, 110), (120,)):
            with self.subTest(shares=shares), self.assertRaises(ValidationError):
                self.new_template(*shares)
        template = self.new_template(33.3333, 33.3333, 33.3334)
        line = template.line_ids[0]
        for command in (
            Command.update(line.id, {"percent": 3}),
            Command.delete(line.id),
        ):
            with self.subTest(command=command), self.assertRaises(ValidationError):
                template.line_ids = [command]
        # a line alone can't know the others of the same save: using the template does
        line.percent = 30
        with self.assertRaises(ValidationError):
            self.new_order().contract_schedule_template_id = template
        with self.assertRaises(ValidationError):
            self.new_template(100, due_mode="date")

    def split(self, term, *parts, user=None):
        wizard = (
            self.env["contract.term.split"]
            .with_user(user or self.seller)
            .with_context(default_term_id=term.id)
            .create({})
        )
        self.assertEqual(wizard.line_ids.quantity, 10)
        wizard.line_ids = [Command.clear()] + [
            Command.create({"date": day, "quantity": quantity})
            for day, quantity in parts
        ]
        wizard.action_apply()

    def test_split(self):
        with self.assertRaises(UserError):
            self.split(
                self.order.contract_term_ids.filtered("line_id"),
                ("2026-10-01", 4),
                ("2026-11-01", 6),
                user=self.business,
            )
        self.company.contract_effective_rule = "signature"
        order = self.new_role_contract(template=None)
        term = order.contract_term_ids
        for parts in ((("2026-10-01", 4),), (("2026-10-01", 4), ("2026-11-01", 7))):
            with self.assertRaises(UserError):
                self.split(term, *parts)
        with self.assertRaises(UserError):
            self.split(term, ("2026-10-01", 4), ("2026-11-01", 6), user=self.rival)
        self.split(term, ("2026-11-01", 6), ("2026-10-01", 4))
        terms = order.contract_term_ids.sorted("date_fixed")
        self.assertEqual(terms.mapped("quantity"), [4, 6])
        self.assertEqual(terms.line_id, order.order_line)
        # the line changes after the split: what was split must be looked at
        order.order_line.product_uom_qty = 11
        sign = {
            "contract_signatory": "Chen",
            "contract_signing_date": fields.Date.to_date("2026-09-03"),
        }
        with self.assertRaises(UserError) as caught:
            order.write(sign)
        self.assertIn("10", str(caught.exception))
        self.assertIn("11", str(caught.exception))
        order.order_line.product_uom_qty = 10
        order.write(sign)
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(len(order.contract_term_ids), 2)
