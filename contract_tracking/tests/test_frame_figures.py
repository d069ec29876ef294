from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .test_frame import FrameCase


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
        cancelled._take_reason_step("cancel", "Fell through")
        terminated._take_reason_step("terminate", "Settled")
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

    def test_rates_of_a_branch_are_its_roots(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        third = self.env["res.currency"].create({"name": "XQQ", "symbol": "q"})
        self.env["res.currency.rate"].create(
            {
                "currency_id": third.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 4,
            }
        )
        self.env.user.company_ids |= branch
        frame = self.new_frame(company_id=branch.id, currency_id=third.id)
        with freeze_time("2026-02-01 02:00:00"):
            order = self.new_order(company_id=branch.id, contract_frame_id=frame.id)
        seller = self.new_user(
            "branch_seller",
            "sales_team.group_sale_salesman_all_leads",
            company_id=branch.id,
            company_ids=[branch.id],
        )
        mine = frame.with_user(seller).with_context(allowed_company_ids=branch.ids)
        rates = mine._call_off_rates(order.with_env(mine.env).sudo())
        self.assertEqual(rates, {order.id: 4})
        # and what is tolerated, in the company's currency, for the daily search
        rate = self.env["contract.deviation"]._rate_sql(frame)
        rows = self.env.execute_query(
            SQL("SELECT %s FROM (VALUES (%s)) s (order_id)", rate, frame.id)
        )
        self.assertEqual(rows, [(4,)])

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
            self.env["contract.facts"]._fold()
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

    def recorded_frame(self):
        """A frame agreement with two call-offs, of which the first was delivered,
        invoiced and paid in part, and its record between them."""
        self.head = self.new_user("frame_head", "contract_tracking.group_contract_user")
        self.team.user_id = self.head
        frame = self.new_frame(
            day=False, amount_total=10000, client_ref="K-7", team_id=self.team.id
        )
        self.clause = self.env["contract.term"].create(
            {
                "frame_id": frame.id,
                "kind": "clause",
                "name": "Price review",
                "due_mode": "date",
                "date_fixed": "2026-06-01",
            }
        )
        with freeze_time("2026-01-05 02:00:00"):
            frame.action_activate()
        self.first = self.call_off(
            frame, "2026-02-01", [(self.pump, 10)], client_order_ref="FAX-1"
        )
        self.call_off(frame, "2026-04-01", [(self.pump, 20)])
        self.deliver(self.first, "2026-02-10", pump=4)
        invoice = self.invoice(self.first, "2026-02-11", {self.pump: 4})
        self.pay(invoice, "2026-02-20", 300)
        return frame, self.new_record(frame, "2026-03-01")

    def test_no_record_before_it_is_in_effect(self):
        frame = self.new_frame(day=False, amount_total=10000)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.new_record(frame, "2026-01-02")

    def test_head_of_a_record(self):
        frame, record = self.recorded_frame()
        self.assertRegex(record.name, r"^GZ2026-")
        self.assertRecordValues(
            record,
            [
                {
                    "company_id": self.company.id,
                    "team_id": self.team.id,
                    "contract_no": frame.name,
                    "customer_ref": "K-7",
                    "partner_name": "Yangtze Pumps",
                    "office_head_name": self.head.name,
                    "amount_total": 10000,
                    "delivered": 400,
                    "invoiced": 400,
                    "received": 300,
                    "receivable": 100,
                    "has_changes": True,
                }
            ],
        )
        self.assertEqual(self.new_record(frame, "2026-03-01"), record)

    def test_lines_of_a_record(self):
        _frame, record = self.recorded_frame()
        # the second call-off came later
        call_off, clause = record.line_ids
        self.assertEqual(clause.term_id, self.clause)
        self.assertRecordValues(
            call_off,
            [
                {
                    "order_id": self.first.id,
                    "name": self.first.contract_number,
                    "specification": "FAX-1",
                    "agreed_amount": 1000,
                    "delivered_amount": 400,
                    "invoiced_amount": 400,
                    "actual_amount": 300,
                }
            ],
        )

    def test_confirmed_record_and_the_next_one(self):
        frame, record = self.recorded_frame()
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
