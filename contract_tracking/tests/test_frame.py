from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..models.contract_guard import unguarded
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
        with self.assertRaisesRegex(UserError, "isn't possible any more"):
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
        self.assertEqual(clause.status, "waiting")
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
            frame._correct({"client_ref": "x"}, "  ")
        with self.assertRaises(ValidationError):
            frame._correct({"date_end": False}, "Open end")

    def test_steps(self):
        frame = self.new_frame()
        with self.assertRaises(UserError):
            frame._step("close", " ")
        frame._step("close", "Fulfilled")
        self.assertEqual(frame.state, "closed")
        with self.assertRaisesRegex(UserError, "isn't possible"):
            frame._step("close", "Again")
        frame._step("reopen", "Mistake")
        self.assertEqual(frame.state, "active")
        rows = frame.history_ids.filtered(lambda row: row.kind == "state")
        self.assertEqual(rows.mapped("new_text"), ["In effect", "Closed", "In effect"])
        order = self.call_off(frame, "2026-02-01", [(self.pump, 1)])
        with self.assertRaisesRegex(UserError, "Close it instead"):
            frame._step("cancel_frame", "Fell through")
        order._contract_step("cancel", "Fell through")
        frame._step("cancel_frame", "Fell through")
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
        successor._step("cancel_frame", "Other terms")
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
        closed._step("close", "Fulfilled")
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
        frame._correct({"date_end": date(2027, 6, 30)}, "Supplement")
        self.remind("2027-06-10")
        self.assertEqual(len(frame.activity_ids), 1)
        frame._step("close", "Over")
        self.assertFalse(frame.activity_ids)

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


class TestFrameFigures(FrameCase):
    """What was called off, delivered, invoiced, received: numbers by hand."""

    def test_figures(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 13", "amount": 13, "type_tax_use": "sale"}
        )
        self.pump.taxes_id = tax
        frame = self.new_frame(
            amount_total=22600,
            lines=[
                {"product_id": self.pump.id, "quantity": 100, "price_unit": 100},
                {"product_id": self.valve.id, "amount": 4000},
            ],
        )
        first = self.call_off(frame, "2026-02-01", [(self.pump, 10), (self.valve, 5)])
        self.call_off(frame, "2026-03-01", [(self.pump, 20)])
        quotation = self.new_order([(self.pump, 7)])
        with freeze_time("2026-03-05 02:00:00"):
            quotation.contract_frame_id = frame
        self.deliver(first, "2026-02-10", pump=4, valve=5)
        invoice = self.invoice(first, "2026-02-11", {self.pump: 4, self.valve: 5})
        self.pay(invoice, "2026-02-20", 300)
        with freeze_time("2026-07-01 02:00:00"):
            frame = self.reread(frame)
            # 10 × 113 + 5 × 40 + 20 × 113
            self.assertAlmostEqual(frame.called_amount, 3590)
            # 4 × 113 + 5 × 40
            self.assertAlmostEqual(frame.delivered_amount, 652)
            self.assertAlmostEqual(frame.invoiced_amount, 652)
            self.assertAlmostEqual(frame.received_amount, 300)
            self.assertAlmostEqual(frame.left_amount, 19010)
            self.assertAlmostEqual(frame.called_progress, 3590 / 22600)
            self.assertAlmostEqual(frame.received_progress, 300 / 22600)
            self.assertEqual(frame.call_off_count, 3)
            pumps, valves = frame.line_ids
            self.assertEqual(pumps.called_quantity, 30)
            self.assertEqual(pumps.delivered_quantity, 4)
            self.assertEqual(pumps.invoiced_quantity, 4)
            self.assertEqual(pumps.left_quantity, 70)
            self.assertAlmostEqual(pumps.called_amount, 3390)
            self.assertAlmostEqual(pumps.called_progress, 0.3)
            self.assertAlmostEqual(pumps.delivered_progress, 0.04)
            self.assertAlmostEqual(valves.called_amount, 200)
            self.assertAlmostEqual(valves.left_amount, 3800)
            self.assertAlmostEqual(valves.called_progress, 0.05)
            # as of a day
            rows = frame._read_call_offs(date(2026, 2, 15))
            self.assertEqual([order.id for order in rows], [first.id])
            self.assertAlmostEqual(rows[first.sudo()]["received"], 0)

    def test_what_ends_gives_back(self):
        frame = self.new_frame()
        cancelled = self.call_off(frame, "2026-02-01", [(self.pump, 10)])
        terminated = self.call_off(frame, "2026-02-01", [(self.pump, 10)])
        self.deliver(terminated, "2026-02-10", pump=3)
        cancelled._contract_step("cancel", "Fell through")
        terminated._contract_step("terminate", "Settled")
        frame = self.reread(frame)
        self.assertEqual(frame.line_ids.called_quantity, 3)
        self.assertEqual(frame.called_amount, 300)
        # without an agreed total, the mean of the lines
        self.assertAlmostEqual(frame.called_progress, 0.03)

    def test_units(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        frame = self.new_frame(
            lines=[
                {"product_id": self.pump.id, "quantity": 10, "uom_id": dozen.id},
            ]
        )
        order = self.call_off(frame, "2026-02-01", [(self.pump, 30)])
        self.assertEqual(self.reread(frame).line_ids.called_quantity, 2.5)
        self.deliver(order, "2026-02-10", pump=6)
        line = self.reread(frame).line_ids
        self.assertEqual((line.delivered_quantity, line.left_quantity), (0.5, 7.5))

    def test_categories(self):
        Category = self.env["product.category"]
        machines = Category.create({"name": "Machines"})
        pumps = Category.create({"name": "Pumps", "parent_id": machines.id})
        self.pump.categ_id = pumps
        self.valve.categ_id = machines
        frame = self.new_frame(
            lines=[
                {"categ_id": machines.id, "amount": 1000},
                {"categ_id": pumps.id, "amount": 5000},
                {"product_id": self.service.id, "amount": 100},
            ]
        )
        self.call_off(
            frame,
            "2026-02-01",
            [(self.pump, 10), (self.valve, 10), (self.service, 1)],
        )
        lines = self.reread(frame).line_ids
        self.assertEqual(lines.mapped("called_amount"), [400, 1000, 50])

    def test_currencies(self):
        """100 USD = 80 EUR on the order's day, 90 later; 1 USD = 700 in the third."""
        usd = self.company.currency_id
        eur = self.env.ref("base.EUR")
        third = self.env["res.currency"].create({"name": "XQQ", "symbol": "q"})
        eur.active = True
        Rate = self.env["res.currency.rate"]
        self.env["res.currency.rate"].search([("currency_id", "=", eur.id)]).unlink()
        for currency, day, rate in (
            (eur, "2026-01-01", 0.8),
            (eur, "2026-06-01", 0.9),
            (third, "2026-01-01", 4),
            (third, "2026-02-15", 7),
        ):
            Rate.create(
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
            )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": eur.id}
        )
        lines = [{"product_id": self.pump.id, "quantity": 100, "price_unit": 100}]
        for currency, day, price, expected in (
            (usd, "2026-02-01", 80, 1000),
            (eur, "2026-02-01", 80, 800),
            (third, "2026-02-01", 80, 4000),
            (third, "2026-03-01", 80, 7000),
        ):
            frame = self.new_frame(lines=lines, currency_id=currency.id)
            order = self.call_off(
                frame, day, [(self.pump, 10, price)], pricelist_id=pricelist.id
            )
            self.assertEqual(order.currency_id, eur)
            frame = self.reread(frame)
            with self.subTest(currency=currency.name, day=day):
                self.assertAlmostEqual(frame.called_amount, expected)
                self.assertAlmostEqual(frame.line_ids.called_amount, expected)

    def test_queries_do_not_grow(self):
        spec = {
            name: {}
            for name in (
                "name",
                "called_progress",
                "received_progress",
                "left_amount",
                "call_off_count",
                "is_expired",
                "record_count",
            )
        }
        spec["line_ids"] = {"fields": {"called_quantity": {}, "left_quantity": {}}}
        frames = []
        for _n in range(22):
            frame = self.new_frame()
            self.call_off(frame, "2026-02-01", [(self.pump, 1), (self.valve, 1)])
            frames.append(frame.id)
        costs = []
        for count in (2, 2, 22):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["contract.frame"].web_search_read(
                [("id", "in", frames[:count])], spec
            )
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])


class TestFrameRecord(FrameCase):
    """附表1 of a frame agreement: its own terms and a line a call-off."""

    def new_record(self, frame, day):
        with freeze_time(f"{day} 02:00:00"):
            action = frame.action_record()
        return self.env["contract.tracking.record"].browse(action["res_id"])

    def test_record(self):
        head = self.new_user("frame_head", "contract_tracking.group_contract_user")
        self.team.user_id = head
        frame = self.new_frame(
            day=False, amount_total=10000, client_ref="K-7", team_id=self.team.id
        )
        term = self.env["contract.term"].create(
            {
                "frame_id": frame.id,
                "kind": "clause",
                "name": "Price review",
                "due_mode": "date",
                "date_fixed": "2026-06-01",
            }
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.new_record(frame, "2026-01-02")
        with freeze_time("2026-01-05 02:00:00"):
            frame.action_activate()
        first = self.call_off(
            frame, "2026-02-01", [(self.pump, 10)], client_order_ref="FAX-1"
        )
        self.call_off(frame, "2026-04-01", [(self.pump, 20)])
        self.deliver(first, "2026-02-10", pump=4)
        invoice = self.invoice(first, "2026-02-11", {self.pump: 4})
        self.pay(invoice, "2026-02-20", 300)
        record = self.new_record(frame, "2026-03-01")
        self.assertRegex(record.name, r"^GZ2026-")
        self.assertEqual(record.company_id, self.company)
        self.assertEqual(record.team_id, self.team)
        self.assertEqual(record.contract_no, frame.name)
        self.assertEqual(record.customer_ref, "K-7")
        self.assertEqual(record.partner_name, "Yangtze Pumps")
        self.assertEqual(record.office_head_name, head.name)
        self.assertEqual(
            (record.amount_total, record.delivered, record.invoiced, record.received),
            (10000, 400, 400, 300),
        )
        self.assertEqual(record.receivable, 100)
        # the second call-off came later
        call_off, clause = record.line_ids
        self.assertEqual(clause.term_id, term)
        self.assertEqual(call_off.order_id, first)
        self.assertEqual(
            (call_off.name, call_off.specification), (first.contract_number, "FAX-1")
        )
        self.assertEqual(
            (
                call_off.agreed_amount,
                call_off.delivered_amount,
                call_off.invoiced_amount,
                call_off.actual_amount,
            ),
            (1000, 400, 400, 300),
        )
        self.assertTrue(record.has_changes)
        self.assertEqual(self.new_record(frame, "2026-03-01"), record)
        with freeze_time("2026-03-01 02:00:00"):
            record.action_confirm()
        self.assertFalse(record.next_date)
        with self.assertRaises(UserError):
            record.frame_id = self.new_frame()
        same = self.new_record(frame, "2026-03-02")
        self.assertEqual(same.log_ids, record)
        self.assertFalse(same.has_changes)
        with freeze_time("2026-04-05 02:00:00"):
            same.date = "2026-04-05"
        self.assertTrue(same.has_changes)
        self.assertEqual(len(same.line_ids), 3)
        copy = record._void("Wrong figures")
        self.assertEqual(copy, same)
        self.assertEqual(frame.record_count, 1)

    def test_printed(self):
        frame = self.new_frame(amount_total=10000)
        self.call_off(frame, "2026-02-01", [(self.pump, 10)], client_order_ref="FAX-1")
        record = self.new_record(frame, "2026-03-01")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "contract_tracking.report_tracking_record", record.ids
        )
        text = html.decode()
        for words in (frame.name, "Call-Offs", "FAX-1", "1,000.00", "10,000.00"):
            self.assertIn(words, text)
