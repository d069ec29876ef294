from datetime import date

from freezegun import freeze_time

from odoo.tools import SQL

from ..tools.guard import unguarded
from .test_account import AccountCommon
from .test_sheet_claims import ClaimCase
from .test_sheet_credits import SheetCase

NOVEMBER, DECEMBER, JANUARY = date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)
# What a line tells in five: brought forward, in the month, earlier months, this year,
# to date.
FIVE = ("opening", "month", "adjustment", "year", None)
MOVING = ("delivered", "invoiced", "received")


class MonthCase(SheetCase, ClaimCase, AccountCommon):
    """Three months of a small company: November and December of 2025, of which the
    latter ends on the 25th, and January. Every figure of its records by hand.

    A sheet says of a line what isn't 0: ``name=amount``, and of what moves
    ``name=(brought forward, in the month, earlier months, this year, to date)``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_track_from = date(2025, 1, 1)
        cls.west = cls.env["crm.team"].create({"name": "West Office"})
        cls.env["contract.monthly.cutoff"].create(
            {"month": DECEMBER, "date": "2025-12-25"}
        )

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------

    def generate(self, month, day, hour="02:00:00"):
        """The records of a month, made on ``day``: ``{office: record}``."""
        Record = self.env["contract.monthly.record"]
        with freeze_time(f"{day} {hour}"):
            records = Record._generate(self.company, month)
        self.env.invalidate_all()
        return {record.team_id: record for record in records}

    def confirm_records(self, records):
        for record in records.values():
            unguarded(record).write({"state": "confirmed"})
        self.env.flush_all()

    def line(self, records, contract):
        """The one line of a contract in the records of a month."""
        lines = self.env["contract.monthly.record.line"].union(
            *(record.line_ids for record in records.values())
        )
        line = lines.filtered(lambda line: line._contract() == contract)
        self.assertEqual(len(line), 1, contract.display_name)
        return line

    def figures_of(self, line):
        """All figures of a line that aren't 0."""
        return {
            name: round(line[name], 4)
            for name, field in line._fields.items()
            if field.type in ("monetary", "float", "integer")
            and name not in ("id", "rate", "run")
            and round(line[name], 4)
        }

    def expected(self, rate=1, **figures):
        """The figures of a sheet by column, once in the contract's currency and, where
        the sheet doesn't say otherwise, divided by ``rate``."""
        result = {}
        for name, value in figures.items():
            if isinstance(value, tuple):
                result.update(
                    {
                        "_".join(filter(None, (name, part))): amount
                        for part, amount in zip(FIVE, value, strict=True)
                    }
                )
            else:
                result[name] = value
        fields = self.env["contract.monthly.record.line"]._fields
        for name, amount in list(result.items()):
            if f"booked_{name}" in fields:
                result.setdefault(f"booked_{name}", round(amount / rate, 2))
        return {name: round(value, 4) for name, value in result.items() if value}

    def assert_line(self, records, contract, rate=1, **figures):
        """That the line of a contract says what the sheet does, and nothing else."""
        line = self.line(records, contract)
        found, expected = self.figures_of(line), self.expected(rate, **figures)
        differing = {
            name: (found.get(name, 0), expected.get(name, 0))
            for name in found | expected
            if found.get(name) != expected.get(name)
        }
        with self.subTest(contract=line.number, month=line.month):
            self.assertEqual(differing, {}, "(found, expected)")
        self.assert_adds_up(line)
        return line

    def assert_adds_up(self, lines):
        """Brought forward + in the month + earlier months = to date."""
        for line in lines:
            for name in MOVING:
                for column in (name, f"booked_{name}"):
                    parts = sum(line[f"{column}_{part}"] for part in FIVE[:3])
                    self.assertAlmostEqual(parts, line[column], 2, column)

    def assert_lines(self, records, *contracts):
        """Of which contracts there are lines: ``{office: contracts}`` in order."""
        found = {
            office: {line._contract() for line in record.line_ids}
            for office, record in records.items()
        }
        self.assertEqual(found, {office: set(orders) for office, orders in contracts})

    def assert_bridge(self, record, **rows):
        """The rows of the foot, in order; the last is what the ledger says."""
        with self.subTest(bridge=record.team_name, month=record.month):
            self.assertEqual(
                [(row.kind, row.amount) for row in record.bridge_ids],
                list(rows.items()),
            )
        *others, ledger = record.bridge_ids
        self.assertAlmostEqual(sum(row.amount for row in others), ledger.amount, 2)
        self.assertAlmostEqual(ledger.amount, self.ledger_of(record.date), 2)

    # ------------------------------------------------------------------
    # SQL of its own
    # ------------------------------------------------------------------

    def ask(self, query, *values):
        self.env.flush_all()
        [[amount]] = self.env.execute_query(SQL(query, *values))
        return float(amount or 0)

    def ledger_of(self, day):
        return self.ask(
            """SELECT SUM(l.balance) FROM account_move_line l
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND l.company_id = %s
                  AND l.parent_state = 'posted' AND l.date <= %s""",
            self.company.id,
            day,
        )

    def sums(self, order, first, last):
        """What plain documents say of a contract from a day to another."""
        period = (order.id, first, last)
        return {
            "delivered": self.ask(
                """SELECT SUM(m.quantity * l.price_total / l.product_uom_qty
                              * CASE t.usage WHEN 'customer' THEN 1 ELSE -1 END)
                     FROM stock_move m
                     JOIN sale_order_line l ON l.id = m.sale_line_id
                     JOIN stock_location t ON t.id = m.location_dest_id
                    WHERE l.order_id = %s AND m.state = 'done'
                      AND (m.date + INTERVAL '8 hours')::date BETWEEN %s AND %s""",
                *period,
            ),
            "invoiced": self.ask(
                """SELECT SUM(-a.balance) FROM account_move_line a
                     JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = a.id
                     JOIN sale_order_line l ON l.id = r.order_line_id
                    WHERE l.order_id = %s AND a.parent_state = 'posted'
                      AND NOT COALESCE(l.is_downpayment, FALSE)
                      AND a.invoice_date BETWEEN %s AND %s""",
                *period,
            ),
            "received": self.ask(
                """SELECT COALESCE(SUM(p.amount), 0)
                     FROM account_partial_reconcile p
                     JOIN account_move_line i ON i.id = p.debit_move_id
                     JOIN account_move_line c ON c.id = p.credit_move_id
                     JOIN account_move m ON m.id = c.move_id
                    WHERE m.origin_payment_id IS NOT NULL
                      AND i.move_id IN (
                          SELECT a.move_id FROM account_move_line a
                            JOIN sale_order_line_invoice_rel r
                              ON r.invoice_line_id = a.id
                            JOIN sale_order_line l ON l.id = r.order_line_id
                           WHERE l.order_id = %s)
                      AND p.max_date BETWEEN %s AND %s""",
                *period,
            )
            + self.ask(
                """SELECT SUM(amount) FROM contract_payment_claim
                    WHERE order_id = %s AND state = 'claimed'
                      AND date BETWEEN %s AND %s""",
                *period,
            ),
        }

    def assert_sums(self, records, order, wrote_off=0):
        """That a line holds against documents added up by SQL: to date, this year and
        in the month.

        :param wrote_off: what closed an invoice up to the day without being money
        """
        line = self.line(records, order)
        record = line.record_id
        start = date(2025, 12, 26) if record.month == JANUARY else date(2025, 1, 1)
        for suffix, first in (
            ("", date(2025, 1, 1)),
            ("_year", start),
            ("_month", record.date_from),
        ):
            sums = self.sums(order, first, record.date)
            for name, amount in sums.items():
                with self.subTest(order.name, figure=name + suffix):
                    lost = name == "received" and not suffix and wrote_off
                    self.assertAlmostEqual(line[name + suffix], amount - lost, 2)


class TestMonthPlain(MonthCase):
    """Goods, invoices and money of three contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        effect = cls.env.ref("contract_tracking.event_type_effect").id
        dispatch = cls.env.ref("contract_tracking.event_type_dispatch").id
        event = {"due_mode": "event"}
        # 20 pumps at 100: 600 on 3 November, 70 % of each delivery 30 days after it
        cls.a = cls.with_terms(
            {"percent": 30, "event_type_id": effect, "payment_kind": "deposit"} | event,
            {"percent": 70, "event_type_id": dispatch, "delay": 30, "each": True}
            | event,
            lines=[(cls.pump, 20)],
            signed="2025-11-03",
            promised="2025-12-10",
            team_id=cls.team.id,
        )
        # 50 valves at 40, paid by invoices that are due at once
        cls.b = cls.with_terms(
            lines=[(cls.valve, 50)],
            signed="2025-11-05",
            promised="2025-12-05",
            team_id=cls.west.id,
        )
        # 10 pumps at 100, of no office
        cls.c = cls.with_terms(
            signed="2025-11-10", promised="2025-11-15", team_id=False
        )

    def november(self):
        """A: 600 claimed, 8 delivered and invoiced. B: 500 down payment, invoiced and
        paid. C: 10 delivered and invoiced."""
        self.claim(self.money("2025-11-10", 600), self.a, 600, date="2025-11-10")
        self.first = self.deliver(self.a, "2025-11-12", pump=8)
        self.invoice_a = self.invoice(self.a, "2025-11-20", {self.pump: 8})
        self.pay(self.settle(self.b, "2025-11-06", 500), "2025-11-08")
        self.shipped_c = self.deliver(self.c, "2025-11-15")
        self.invoice_c = self.invoice(self.c, "2025-11-16")

    def december(self):
        """Of A 2 pumps had left on 25 November and 100 come on the 28th; 5 more leave,
        one comes back, 400 are paid. B is delivered, invoiced less its down payment,
        paid but for 20 that are written off. Of C 3 come back and are credited."""
        self.deliver(self.a, "2025-11-25", pump=2)
        self.pay(self.invoice_a, "2025-11-28", 100)
        self.deliver(self.a, "2025-12-05", pump=5)
        self.give_back(self.first, "2025-12-15", 1)
        self.pay(self.invoice_a, "2025-12-12", 400)
        self.deliver(self.b, "2025-12-01")
        self.pay(
            self.invoice(self.b, "2025-12-03"),
            "2025-12-15",
            1480,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.expense.id,
        )
        self.give_back(self.shipped_c, "2025-12-09", 3)
        self.credit(self.invoice_c, "2025-12-10", 3)

    def january(self):
        """A: the last 5 leave, 11 are invoiced, 300 and 200 are paid. C is paid."""
        self.pay(self.invoice_a, "2025-12-29", 300)
        self.deliver(self.a, "2026-01-10")
        invoice = self.invoice(self.a, "2026-01-12", {self.pump: 11})
        self.pay(invoice, "2026-01-20", 200)
        self.pay(self.invoice_c, "2026-01-20", 700)

    def test_three_months(self):
        self.november()
        records = self.generate(NOVEMBER, "2025-12-02")
        none = self.env["crm.team"]
        self.assert_lines(
            records, (self.team, [self.a]), (self.west, [self.b]), (none, [self.c])
        )
        # 560 fall due on 12 December of what left, the other 12 pumps are promised
        self.assert_line(
            records, self.a, total=2000,
            delivered=(0, 800, 0, 800, 800), invoiced=(0, 800, 0, 800, 800),
            received=(0, 600, 0, 600, 600), receivable=200, matured=600,
            collection_rate=1, collection_rate_year=1, completion=0.4,
            plan_delivery=1200, plan_collection=560,
        )  # fmt: skip
        # a down payment is no invoice: paid in advance; it fell due
        self.assert_line(
            records, self.b, total=2000, received=(0, 500, 0, 500, 500),
            receivable=-500, matured=500, collection_rate=1, collection_rate_year=1,
            plan_delivery=2000, booked_deposits=500,
        )  # fmt: skip
        self.assert_line(
            records, self.c, total=1000,
            delivered=(0, 1000, 0, 1000, 1000), invoiced=(0, 1000, 0, 1000, 1000),
            receivable=1000, matured=1000, overdue=1000, completion=1,
            plan_collection=1000,
        )  # fmt: skip
        for order in (self.a, self.b, self.c):
            self.assert_sums(records, order)
        # 800 + 1,000 invoiced, 600 received; the down payment is even
        self.assert_bridge(
            records[self.team], contracts=200, others=500, deposits=500, ledger=1200
        )
        self.assert_bridge(
            records[self.west], contracts=-500, others=1200, deposits=500, ledger=1200
        )
        self.confirm_records(records)

        self.december()
        records = self.generate(DECEMBER, "2025-12-27")
        # delivered 8 + 2 + 5 − 1. Due: 600, 560 on 12 and 140 on 25 December, less 70
        # of what came back; 350 on 4 January. 1,100 of 1,230 are there, 130 are due
        # that day.
        self.assert_line(
            records, self.a, total=2000,
            delivered=(800, 400, 200, 1400, 1400), invoiced=(800, 0, 0, 800, 800),
            received=(600, 400, 100, 1100, 1100), receivable=-300,
            delivered_not_invoiced=600, matured=1230, completion=0.7,
            collection_rate=1100 / 1230, collection_rate_year=1100 / 1230,
            planned_delivery=1200, planned_collection=560,
            delivery_achieved=400 / 1200, collection_achieved=400 / 560,
            plan_delivery=600, plan_collection=480,
        )  # fmt: skip
        self.assert_line(
            records, self.b, total=2000,
            delivered=(0, 2000, 0, 2000, 2000), invoiced=(0, 2000, 0, 2000, 2000),
            received=(500, 1480, 0, 1980, 1980), adjusted=20, matured=2000,
            collection_rate=1, collection_rate_year=1, completion=1,
            planned_delivery=2000, delivery_achieved=1,
        )  # fmt: skip
        self.assert_line(
            records, self.c, total=1000,
            delivered=(1000, -300, 0, 700, 700), invoiced=(1000, -300, 0, 700, 700),
            receivable=700, matured=700, overdue=700, completion=0.7,
            planned_collection=1000, plan_collection=700, plan_delivery=300,
        )  # fmt: skip
        # 800 + 1,000 + 1,500 − 300 invoiced, 600 + 100 + 400 + 1,480 and 20 settled
        self.assert_bridge(records[self.team], contracts=-300, others=700, ledger=400)
        self.assert_sums(records, self.c)
        self.confirm_records(records)

        self.january()
        records = self.generate(JANUARY, "2026-02-02")
        self.assert_january(records)
        before = {
            line: self.figures_of(line)
            for record in records.values()
            for line in record.line_ids
        }
        # what happens in February is of February, whenever it is read
        self.deliver(self.c, "2026-02-03")
        self.claim(self.money("2026-02-04", 1), self.a, 1, date="2026-02-04")
        self.credit(self.invoice_c, "2026-02-05", 2, reconcile=False)
        records = self.generate(JANUARY, "2026-02-10")
        self.assert_january(records)
        for line, figures in before.items():
            self.assertEqual(self.figures_of(line), figures)

    def assert_january(self, records):
        """January begins on 26 December, and with it the year."""
        # due: 350 more, all paid, and 20 in advance of 350 on 9 February
        self.assert_line(
            records, self.a, total=2000,
            delivered=(1400, 500, 0, 500, 1900), invoiced=(800, 1100, 0, 1100, 1900),
            received=(1100, 500, 0, 500, 1600), receivable=300, matured=1580,
            collection_rate=1, collection_rate_year=1, completion=0.95,
            planned_delivery=600, planned_collection=480,
            delivery_achieved=500 / 600, collection_achieved=500 / 480,
            plan_delivery=100, plan_collection=330,
        )  # fmt: skip
        self.assert_line(
            records, self.b, total=2000,
            delivered=(2000, 0, 0, 0, 2000), invoiced=(2000, 0, 0, 0, 2000),
            received=(1980, 0, 0, 0, 1980), adjusted=20, matured=2000,
            collection_rate=1, completion=1,
        )  # fmt: skip
        self.assert_line(
            records, self.c, total=1000,
            delivered=(700, 0, 0, 0, 700), invoiced=(700, 0, 0, 0, 700),
            received=(0, 700, 0, 700, 700), matured=700, collection_rate=1,
            completion=0.7, planned_collection=700, collection_achieved=1,
            planned_delivery=300, plan_delivery=300,
        )  # fmt: skip
        for order in (self.a, self.b, self.c):
            self.assert_sums(records, order, wrote_off=20 * (order == self.b))
        self.assert_bridge(records[self.team], contracts=300, ledger=300)
