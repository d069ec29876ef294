from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .common import ContractCommon


class FrameCase(ContractCommon):
    def call_off(self, frame, day, lines, **values):
        """A confirmed call-off of ``day``."""
        return self.new_contract(day, lines, contract_frame_id=frame.id, **values)

    def reread(self, frame, day="2026-07-01"):
        """The frame as it stands on a day, read anew."""
        self.env.flush_all()
        self.env.invalidate_all()
        return frame


class TestFrame(FrameCase):
    """A frame agreement: number, validity, total, steps, renewal, reminder."""

    def test_numbers(self):
        with freeze_time("2026-03-01 02:00:00"):
            first, second = (self.new_frame(day=False) for _n in range(2))
        self.assertRegex(first.name, r"^KJ2026-\d{4}$")
        self.assertEqual(int(second.name[-4:]), int(first.name[-4:]) + 1)
        with freeze_time("2027-03-01 02:00:00"):
            self.assertRegex(self.new_frame(day=False).name, r"^KJ2027-0001$")
        typed = self.new_frame(day=False, name="F-77")
        self.assertEqual(typed.name, "F-77")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.new_frame(day=False, name="F-77")
        with self.assertRaises(ValidationError):
            typed.name = False

    def test_numbers_of_a_second_company(self):
        company = self.env["res.company"].create({"name": "South Branch"})
        self.env.user.company_ids |= company
        other = self.new_frame(day=False, name="F-1", company_id=company.id)
        self.assertEqual(self.new_frame(day=False, name="F-1").name, other.name)
        drawn = self.new_frame(day=False, company_id=company.id)
        self.assertTrue(drawn.name.endswith("-0001"))

    def test_total_is_typed_or_the_sum_of_the_lines(self):
        lines = [
            {"product_id": self.pump.id, "amount": 1000},
            {"product_id": self.valve.id, "amount": 500},
        ]
        frame = self.new_frame(lines=lines, day=False)
        self.assertEqual(frame.amount_total, 1500)
        frame.line_ids[0].amount = 2000
        self.assertEqual(frame.amount_total, 2500)
        frame.amount_total = 4000
        frame.line_ids[0].amount = 100
        self.assertEqual((frame.amount_total, frame.amount_lines), (4000, 600))
        frame.amount_total = 0
        self.assertEqual(frame.amount_total, 600)
        self.assertEqual(
            self.new_frame(lines=lines, day=False, amount_total=9).amount_total, 9
        )

    def test_form(self):
        with Form(self.env["contract.frame"]) as form:
            form.partner_id = self.partner
            form.date_start = "2026-01-01"
            form.date_end = "2026-12-31"
            for product, amount in ((self.pump, 300), (self.valve, 200)):
                with form.line_ids.new() as line:
                    line.product_id = product
                    line.amount = amount
            self.assertEqual(form.amount_total, 500)
        frame = form.save()
        self.assertEqual(frame.line_ids.uom_id, self.pump.uom_id)
        self.assertEqual(frame.amount_total, 500)

    def test_lines(self):
        frame = self.new_frame(day=False)
        hour = self.env.ref("uom.product_uom_hour")
        category = self.env["product.category"].create({"name": "Machines"})
        wrong = [
            {"quantity": 5},
            {"product_id": self.valve.id, "categ_id": category.id, "quantity": 5},
            {"product_id": self.valve.id},
            {"product_id": self.valve.id, "quantity": 5, "uom_id": hour.id},
            {"categ_id": category.id, "quantity": 5},
        ]
        for values in wrong:
            with self.subTest(values=values), self.assertRaises(ValidationError):
                with self.env.cr.savepoint():
                    frame.line_ids = [Command.create(values)]
        for values in (
            {"product_id": self.pump.id, "quantity": 1},
            {"product_id": self.valve.id, "quantity": -1},
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    frame.line_ids = [Command.create(values)]
                    self.env.flush_all()
        with self.assertRaises(ValidationError):
            frame.date_end = "2025-01-01"

    def test_activation_asks_for_what_is_missing(self):
        frame = self.new_frame(day=False, lines=[], date_end=False)
        for values, words in (
            ({}, "has no validity"),
            ({"date_end": "2026-12-31"}, "agrees on nothing"),
        ):
            frame.write(values)
            with self.assertRaisesRegex(UserError, words):
                frame.action_activate()
        frame.line_ids = [Command.create({"product_id": self.pump.id, "quantity": 1})]
        term = self.new_term(frame, percent=30)
        with self.assertRaisesRegex(UserError, "enter the agreed total"):
            frame.action_activate()
        term.write({"percent": 0, "amount": 200})
        frame.amount_total = 100
        with self.assertRaisesRegex(UserError, "more than the agreed total"):
            frame.action_activate()
        frame.amount_total = 200
        frame.action_activate()
        self.assertEqual(frame.state, "active")
        with self.assertRaisesRegex(UserError, "possible only"):
            frame.action_activate()

    def new_term(self, frame, **values):
        return self.env["contract.term"].create(
            {
                "frame_id": frame.id,
                "kind": "payment",
                "name": "Deposit of the year",
                "due_mode": "date",
                "date_fixed": "2026-02-01",
                **values,
            }
        )

    def test_terms_are_stamped(self):
        frame = self.new_frame(day=False, amount_total=1000.01)
        thirds = [
            self.new_term(frame, percent=percent, sequence=number)
            for number, percent in enumerate((33.3333, 33.3333, 33.3334))
        ]
        clause = self.new_term(frame, kind="clause", name="Price review")
        with self.assertRaises(ValidationError):
            self.new_term(frame, percent=1)
        self.assertEqual(thirds[0].company_id, self.company)
        self.assertEqual(thirds[0].currency_id, frame.currency_id)
        self.assertEqual(thirds[0].partner_id, self.partner)
        self.assertEqual(thirds[0].contract_number, frame.name)
        self.assertEqual(thirds[0].contract_state, "draft")
        with freeze_time("2026-01-05 02:00:00"):
            frame.action_activate()
        # on their running sum: 333.336…, 666.673…, 1000.01
        amounts = [term.amount for term in thirds]
        self.assertEqual(amounts, [333.34, 333.33, 333.34])
        self.assertTrue(all(term.stamped for term in frame.term_ids))
        self.assertEqual(clause.status, "overdue")
        self.assertEqual(clause.contract_state, "active")
        with self.assertRaises(UserError):
            thirds[0].amount = 1
        with self.assertRaises(UserError):
            thirds[0].unlink()
        added = self.new_term(frame, kind="clause", name="Added")
        self.assertTrue(added.stamped)
        added._waive("Not needed")
        rows = frame.history_ids.filtered(lambda row: row.kind == "term")
        self.assertEqual(rows.mapped("new_value"), ["Waived", "Term added"])
        self.assertEqual(rows[0].reason, "Not needed")
        self.assertEqual(added.action_open_order()["res_id"], frame.id)

    def test_a_part_belongs_to_one_of_them(self):
        frame, order = self.new_frame(day=False), self.new_order()
        values = {"kind": "clause", "name": "x", "due_mode": "date"}
        values["date_fixed"] = "2026-02-01"
        for parents in ({}, {"order_id": order.id, "frame_id": frame.id}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                with self.env.cr.savepoint():
                    self.env["contract.term"].create({**values, **parents})
        with self.assertRaisesRegex(ValidationError, "no deliveries of its own"):
            self.env["contract.term"].create(
                {
                    "frame_id": frame.id,
                    "kind": "delivery",
                    "line_id": order.order_line.id,
                    "quantity": 1,
                    "due_mode": "date",
                    "date_fixed": "2026-02-01",
                }
            )
        term = self.env["contract.term"].create({**values, "frame_id": frame.id})
        with self.assertRaisesRegex(UserError, "stays with the contract"):
            term.write({"frame_id": False, "order_id": order.id})

    def test_terms_are_found_and_grouped_by_their_parent(self):
        owner = self.new_user("frame_term_owner", "sales_team.group_sale_salesman")
        frame = self.new_frame(owner, day=False, team_id=self.team.id)
        term = self.new_term(frame, percent=10)
        order = self.new_contract("2026-02-01", user_id=owner.id, team_id=self.team.id)
        terms = term | order.contract_term_ids
        Term = self.env["contract.term"]
        for domain in (
            [("salesperson_id", "=", owner.id)],
            [("team_id", "ilike", "East")],
            [("partner_id", "ilike", "Yangtze")],
        ):
            found = Term.search([("id", "in", terms.ids), *domain])
            self.assertEqual(found, terms, domain)
        self.assertEqual(Term.search([("contract_number", "=", frame.name)]), term)
        for name, value in (("salesperson_id", owner), ("team_id", self.team)):
            groups = Term._read_group([("id", "in", terms.ids)], [name], ["__count"])
            self.assertEqual(groups, [(value, 2)])

    def test_events_and_papers(self):
        frame = self.new_frame()
        kind = self.env.ref("contract_tracking.event_type_goods_ready").id
        event = self.env["contract.event"].create(
            {"frame_id": frame.id, "type_id": kind, "date": "2026-02-01"}
        )
        self.assertEqual(event.company_id, self.company)
        frame.invalidate_recordset()
        row = frame.history_ids[0]
        self.assertEqual((row.kind, row.new_value), ("event", "2026-02-01"))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                event.copy()
        paper = self.env["contract.document"].create(
            {
                "frame_id": frame.id,
                "name": "Frame agreement",
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
                "attachment_ids": [Command.create({"name": "a.pdf", "raw": b"%PDF"})],
            }
        )
        self.assertEqual(paper.company_id, self.company)
        self.assertEqual(frame.document_ids, paper)

    # ------------------------------------------------------------------
    # Facts and steps
    # ------------------------------------------------------------------

    def test_correction_keeps_the_old_values(self):
        frame = self.new_frame(amount_total=10000)
        line = frame.line_ids
        wizard = (
            self.env["contract.frame.correction"]
            .with_context(default_frame_id=frame.id)
            .create({"reason": "Supplement 1", "date_end": "2027-03-31"})
        )
        wizard.line_ids.price_unit = 95
        wizard.line_ids = [
            Command.create(
                {
                    "product_id": self.valve.id,
                    "quantity": 5,
                    "uom_id": self.valve.uom_id.id,
                }
            )
        ]
        wizard.action_apply()
        self.assertEqual(frame.date_end, date(2027, 3, 31))
        self.assertEqual(line.price_unit, 95)
        self.assertEqual(frame.line_ids.product_id, self.pump + self.valve)
        rows = frame.history_ids.filtered(lambda row: row.reason == "Supplement 1")
        texts = {(row.name, row.old_value, row.new_value) for row in rows}
        self.assertEqual(
            texts,
            {
                ("Valid Until", "2026-12-31", "2027-03-31"),
                (
                    "Agreed Products",
                    "Pump · 100 Units · 100.00 USD / Units",
                    "Pump · 100 Units · 95.00 USD / Units",
                ),
                ("Agreed Products", False, "Valve · 5 Units"),
            },
        )
        self.assertIn("Supplement 1", frame.message_ids[0].body)
        wizard = (
            self.env["contract.frame.correction"]
            .with_context(default_frame_id=frame.id)
            .create({"reason": "Nothing"})
        )
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            wizard.action_apply()
        foreign = self.new_frame().line_ids
        wizard.line_ids = [
            Command.create({"line_id": foreign.id, "product_id": self.valve.id})
        ]
        with self.assertRaisesRegex(UserError, "another frame agreement"):
            wizard.action_apply()
        with self.assertRaises(UserError):
            frame._contract_correct({"client_ref": "x"}, "  ")
        with self.assertRaises(ValidationError):
            frame._contract_correct({"date_end": False}, "Open end")

    def test_steps(self):
        frame = self.new_frame()
        with self.assertRaises(UserError):
            frame._take_reason_step("close", " ")
        frame._take_reason_step("close", "Fulfilled")
        self.assertEqual(frame.state, "closed")
        with self.assertRaisesRegex(UserError, "possible only"):
            frame._take_reason_step("close", "Again")
        frame._take_reason_step("reopen", "Mistake")
        self.assertEqual(frame.state, "active")
        rows = frame.history_ids.filtered(lambda row: row.kind == "state")
        self.assertEqual(rows.mapped("new_text"), ["In effect", "Closed", "In effect"])
        order = self.call_off(frame, "2026-02-01", [(self.pump, 1)])
        with self.assertRaisesRegex(UserError, "Close it instead"):
            frame._take_reason_step("cancel_frame", "Fell through")
        order._take_reason_step("cancel", "Fell through")
        frame._take_reason_step("cancel_frame", "Fell through")
        self.assertEqual(frame.state, "cancelled")
        with self.assertRaisesRegex(UserError, "kept as evidence"):
            frame.unlink()
        draft = self.new_frame(day=False)
        draft.unlink()
        self.assertFalse(draft.exists())

    # ------------------------------------------------------------------
    # Renewal and reminder
    # ------------------------------------------------------------------

    def test_renewal(self):
        template = self.env.ref("contract_tracking.template_30_70_delivery")
        frame = self.new_frame(
            day=False, amount_total=1000, schedule_template_id=template.id
        )
        self.new_term(frame, percent=30, progress=0)
        dropped = self.new_term(frame, kind="clause", name="Dropped")
        kept = self.new_term(frame, kind="clause", name="Kept")
        frame.action_activate()
        dropped._waive("Given up")
        kept.done_date = "2026-03-01"
        successor = self.env["contract.frame"].browse(frame.action_renew()["res_id"])
        self.assertEqual(successor.predecessor_id, frame)
        self.assertEqual(successor.state, "draft")
        self.assertFalse(successor.effective_date)
        self.assertNotEqual(successor.name, frame.name)
        self.assertEqual(
            (successor.date_start, successor.date_end),
            (date(2027, 1, 1), date(2027, 12, 31)),
        )
        self.assertEqual(successor.schedule_template_id, template)
        self.assertEqual(successor.amount_total, 1000)
        line = successor.line_ids
        self.assertEqual((line.product_id, line.quantity), (self.pump, 100))
        terms = successor.term_ids.sorted("sequence")
        self.assertEqual(terms.mapped("name"), ["Deposit of the year", "Kept"])
        self.assertEqual(set(terms.mapped("date_fixed")), {date(2027, 2, 1)})
        self.assertFalse(any(terms.mapped("stamped")))
        self.assertFalse(any(terms.mapped("done_date")))
        # once: the second time the same opens
        self.assertEqual(frame.action_renew()["res_id"], successor.id)
        successor._take_reason_step("cancel_frame", "Other terms")
        self.assertNotEqual(frame.action_renew()["res_id"], successor.id)
        with self.assertRaises(UserError):
            self.new_frame(day=False).action_renew()

    def test_half_a_year(self):
        frame = self.new_frame(date_end="2026-06-30")
        successor = self.env["contract.frame"].browse(frame.action_renew()["res_id"])
        self.assertEqual(successor.date_start, date(2026, 7, 1))
        self.assertEqual(successor.date_end, date(2026, 12, 31))

    def remind(self, day):
        with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
            self.env.ref("contract_tracking.cron_remind_frames").method_direct_trigger()

    def test_reminder_once(self):
        self.company.contract_frame_reminder_days = 30
        owner = self.new_user("frame_owner", "sales_team.group_sale_salesman")
        frame = self.new_frame(owner)
        draft = self.new_frame(owner, day=False)
        closed = self.new_frame(owner)
        closed._take_reason_step("close", "Fulfilled")
        renewed = self.new_frame(owner)
        renewed.action_renew()
        self.remind("2026-11-30")
        self.assertFalse(frame.activity_ids)
        self.remind("2026-12-01")
        activity = frame.activity_ids
        self.assertEqual(activity.user_id, owner)
        self.assertEqual(activity.date_deadline, date(2026, 12, 31))
        self.assertEqual(frame.reminded_on, date(2026, 12, 1))
        self.assertFalse((draft | closed | renewed).activity_ids)
        self.remind("2026-12-02")
        self.assertEqual(frame.activity_ids, activity)
        activity.unlink()
        self.remind("2026-12-03")
        self.assertFalse(frame.activity_ids)
        # its end moves: reminded again, and no more once it is closed
        frame._contract_correct({"date_end": date(2027, 6, 30)}, "Supplement")
        self.remind("2027-06-10")
        self.assertEqual(len(frame.activity_ids), 1)
        frame._take_reason_step("close", "Over")
        self.assertFalse(frame.activity_ids)

    def test_reminder_in_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        owner = self.new_user(
            "chinese_owner", "sales_team.group_sale_salesman", lang="zh_CN"
        )
        frame = self.new_frame(owner)
        self.remind("2026-12-01")
        self.assertIn("有效期至", frame.activity_ids.note)
        # its end moves: the same activity, with the new day in its words
        frame._contract_correct({"date_end": date(2027, 1, 15)}, "Supplement")
        self.remind("2026-12-20")
        self.assertEqual(frame.activity_ids.date_deadline, date(2027, 1, 15))
        self.assertIn("2027", frame.activity_ids.note)

    def test_reminders_are_set_based(self):
        costs = []
        for count in (2, 22):
            frames = self.env["contract.frame"].union(
                *(self.new_frame() for _n in range(count))
            )
            self.reread(frames)
            before = self.env.cr.sql_log_count
            frames._remind_expiry()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 5)

    def test_expiring_and_expired(self):
        self.company.contract_frame_reminder_days = 30
        frames = {
            day: self.new_frame(date_start="2026-01-01", date_end=day)
            for day in ("2026-05-31", "2026-06-01", "2026-07-01", "2026-07-02")
        }
        everything = self.env["contract.frame"].union(*frames.values())
        expiring = frames["2026-06-01"] | frames["2026-07-01"]
        # ten in the evening in UTC is the next day in Shanghai
        with freeze_time("2026-05-31 22:00:00"):
            everything.invalidate_recordset()
            for name, expected in (
                ("is_expiring", expiring),
                ("is_expired", frames["2026-05-31"]),
            ):
                domain = [("id", "in", everything.ids)]
                found = everything.search([*domain, (name, "=", True)])
                self.assertEqual(
                    found,
                    expected.sorted(lambda f: f.id, reverse=True).sorted(
                        "date_end", reverse=True
                    ),
                )
                others = everything.search([*domain, (name, "=", False)])
                self.assertEqual(others | expected, everything)
                self.assertEqual(everything.filtered(name), expected)
        unguarded(everything).write({"state": "closed"})
        with freeze_time("2026-06-01 02:00:00"):
            expired = everything.search([("is_expired", "=", True)])
        self.assertFalse(expired & everything)
