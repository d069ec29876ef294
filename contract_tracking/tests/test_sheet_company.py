from odoo import fields
from odoo.tools import SQL

from .test_account import AccountCommon
from .test_sheet_credits import SheetCase

NET_30 = {"percent": 100, "due_mode": "event", "delay": 30, "each": True}


class TestCompanyCurrency(SheetCase, AccountCommon):
    """What is owed in the company's currency is what its ledger says.

    One unit of the company's money buys 0.80 euros in the first quarter (1.25 a euro),
    0.64 in April (1.5625), 0.50 from May on (2.00). Contracts are of 800 euros.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pricelist = cls.euro_pricelist()
        cls.euro = cls.pricelist.currency_id
        cls.euro.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.euro.id, "name": day, "rate": rate}
                for day, rate in (
                    ("2026-01-01", 0.80),
                    ("2026-04-01", 0.64),
                    ("2026-05-01", 0.50),
                )
            ]
        )
        cls.partner = cls.env["res.partner"].create({"name": "Lyon Machines"})

    @classmethod
    def export(cls, lines=None, *terms, **values):
        """A contract in euros of March 1st: net 30 days, or other terms."""
        invoice = cls.env.ref("contract_tracking.event_type_invoice").id
        return cls.with_terms(
            *terms or [{**NET_30, "event_type_id": invoice}],
            lines=lines or [(cls.pump, 10, 80)],
            signed="2026-03-01",
            pricelist_id=cls.pricelist.id,
            **values,
        )

    def ledger(self, day=None):
        """The customer's receivable account, by SQL of its own."""
        self.env.flush_all()
        [[amount]] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(l.balance), 0)
                     FROM account_move_line l
                     JOIN account_account a ON a.id = l.account_id
                    WHERE l.partner_id = %s AND l.parent_state = 'posted'
                      AND a.account_type = 'asset_receivable'
                      AND l.date <= COALESCE(%s::date, 'infinity')""",
                self.partner.id,
                day,
            )
        )
        return float(amount)

    def check(self, order, day, **expected):
        row = self.balance(order, day)
        for name, amount in expected.items():
            with self.subTest(day=day, figure=name):
                self.assertAlmostEqual(float(row[name]), amount, 2)
        with self.subTest(day=day, figure="ledger"):
            self.assertAlmostEqual(float(row["booked_receivable"]), self.ledger(day), 2)
        return row

    def test_invoice_rate(self):
        """800 euros ordered at 0.80 (1,000), invoiced at 0.64: 800 ÷ 0.64 = 1,250."""
        order = self.export()
        self.invoice(order, "2026-04-02")
        self.check(
            order, "2026-04-10", receivable=800, booked_receivable=1250,
            booked_not_due=1250, booked_overdue=0, exchange=0,
        )  # fmt: skip
        self.check(
            order, "2026-05-10", overdue=800, booked_overdue=1250, booked_due_1_30=1250
        )
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.contract_receivable_amount, 1250)
        self.assertEqual(self.partner.contract_overdue_amount, 1250)
        [ageing] = self.env["contract.ageing"].search([("order_id", "=", order.id)])
        self.assertEqual(ageing.receivable, 1250)
        self.assertEqual(ageing.contract_receivable, 800)
        self.assertEqual(ageing.overdue, 1250)

    def test_part_paid_at_another_rate(self):
        """Invoiced at 1,250; 400 come in at 2.00 = 800. The ledger closes half of the
        invoice, 625, and books 175 as exchange difference."""
        order = self.export()
        invoice = self.invoice(order, "2026-04-02")
        self.pay(invoice, "2026-05-20", 400)
        self.check(
            order, "2026-06-10", receivable=400, booked_receivable=625,
            booked_overdue=625, exchange=0,
        )  # fmt: skip
        # before the money came
        self.check(order, "2026-05-10", booked_receivable=1250)

    def test_claim_before_it_is_reconciled(self):
        """400 euros claimed at 2.00 = 800. Open are 400 euros of the invoice's, 625;
        the ledger stands at 1,250 − 800 = 450: 175 less, an exchange difference."""
        order = self.export()
        invoice = self.invoice(order, "2026-04-02")
        payment = self.money("2026-05-20", 400, currency_id=self.euro.id)
        self.claim(payment, order, 400)
        self.check(
            order, "2026-06-10", receivable=400, booked_receivable=450,
            booked_overdue=625, exchange=-175,
        )  # fmt: skip
        # reconciled, the difference is booked and gone
        (payment.move_id | invoice).line_ids.filtered(
            lambda ln: ln.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.check(
            order, "2026-06-10", receivable=400, booked_receivable=625,
            booked_overdue=625, exchange=0,
        )  # fmt: skip

    def test_paid_in_full_by_claims(self):
        """800 claimed at 2.00 = 1,600 for an invoice of 1,250: nothing is owed, 350 are
        difference until it is reconciled."""
        order = self.export()
        self.invoice(order, "2026-04-02")
        self.claim(self.money("2026-05-20", 800, currency_id=self.euro.id), order, 800)
        self.check(
            order, "2026-06-10", receivable=0, booked_receivable=-350,
            booked_overdue=0, exchange=-350,
        )  # fmt: skip

    def test_advance(self):
        """300 euros come in at 1.25 before anything is invoiced: 375 in advance."""
        order = self.export()
        self.claim(self.money("2026-03-05", 300, currency_id=self.euro.id), order, 300)
        self.check(
            order, "2026-03-10", receivable=-300, booked_receivable=-375, exchange=0
        )
        # invoiced in April: 500 euros are open at 1.5625, the advance stays at 1.25
        self.invoice(order, "2026-04-02")
        self.check(
            order, "2026-05-10", receivable=500, booked_receivable=1250 - 375,
            booked_overdue=781.25, exchange=875 - 781.25,
        )  # fmt: skip

    def test_advance_after_a_paid_invoice(self):
        """400 euros invoiced at 1.25 and paid; 100 more come in at 2.00: 200 in
        advance, no difference."""
        order = self.export()
        invoice = self.invoice(order, "2026-03-02", {self.pump: 5})
        self.pay(invoice, "2026-03-20")
        self.claim(self.money("2026-05-20", 100, currency_id=self.euro.id), order, 100)
        self.check(
            order, "2026-06-10", receivable=-100, booked_receivable=-200, exchange=0
        )

    def test_money_of_a_frame_agreement(self):
        """A call-off of 800 euros invoiced at 1.5625 = 1,250, covered by 800 euros at
        2.00 = 1,600 that are claimed for the agreement: 350 are the difference."""
        frame = self.new_frame(
            currency_id=self.euro.id,
            lines=[{"product_id": self.pump.id, "quantity": 100, "price_unit": 80}],
        )
        order = self.export(contract_frame_id=frame.id)
        self.invoice(order, "2026-04-02")
        payment = self.money("2026-05-20", 800, currency_id=self.euro.id)
        self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "frame_id": frame.id, "amount": 800}
        )
        rows = self.env["contract.facts"]._read_accounts(order, "2026-06-10", frame)
        figures = {
            record: [
                float(rows[record][name])
                for name in (
                    "booked_receivable",
                    "booked_relieved",
                    "booked_overdue",
                    "exchange",
                )
            ]
            for record in (order, frame)
        }
        self.assertEqual(figures[order], [1250, 1250, 0, 0])
        self.assertEqual(figures[frame], [-1600, 0, 0, -350])
        self.assertEqual(self.ledger("2026-06-10"), -350)

    def test_due_before_it_is_invoiced(self):
        """A deposit of 30 % falls due on signing: 240 euros at the order's 1.25."""
        order = self.export(
            None,
            {
                "percent": 30,
                "payment_kind": "deposit",
                "due_mode": "event",
                "event_type_id": self.event("signing"),
                "delay": 5,
            },
            {**NET_30, "percent": 70, "event_type_id": self.event("invoice")},
        )
        self.check(
            order, "2026-03-20", overdue=240, booked_overdue=300, booked_receivable=0
        )
        # half is invoiced at 1.5625 and due on May 2nd: 280 euros. Of the 520 that are
        # overdue 400 are invoiced (625), 120 are not (150).
        self.invoice(order, "2026-04-02", {self.pump: 5})
        self.check(
            order, "2026-05-10", overdue=520, booked_overdue=775, booked_receivable=625
        )

    def test_two_invoices_the_first_paid(self):
        """400 euros invoiced at 1.25 = 500 and paid, 400 at 1.5625 = 625."""
        order = self.export()
        first = self.invoice(order, "2026-03-02", {self.pump: 5})
        self.invoice(order, "2026-04-02")
        self.pay(first, "2026-04-03")
        self.check(
            order, "2026-05-10", receivable=400, booked_receivable=625,
            booked_overdue=625, exchange=0,
        )  # fmt: skip

    def test_deposit_invoice_at_another_rate(self):
        """A deposit of 240 euros invoiced and paid at 1.25 = 300. The rest of 560 is
        invoiced at 1.5625 = 875: this is what the ledger says is open."""
        order = self.export()
        deposit = self.settle(order, "2026-03-05", 240)
        row = self.balance(order, "2026-03-10")
        # a deposit is no invoiced delivery: 300 of the ledger are no receivable of ours
        self.assertEqual(float(row["booked_receivable"]), 0)
        self.assertEqual(self.ledger("2026-03-10"), 300)
        self.pay(deposit, "2026-03-20")
        row = self.balance(order, "2026-03-25")
        self.assertEqual(float(row["receivable"]), -240)
        self.assertEqual(float(row["booked_receivable"]), -300)
        self.invoice(order, "2026-04-02")
        self.check(
            order, "2026-05-10", receivable=560, booked_receivable=875,
            booked_not_due=0, booked_overdue=875, exchange=0,
        )  # fmt: skip

    def test_credit_note(self):
        """2 of 10 are credited at 2.00: 160 euros = 320, of the invoice's 250."""
        order = self.export()
        invoice = self.invoice(order, "2026-04-02")
        self.credit(invoice, "2026-05-03", 2, reconcile=False)
        self.check(order, "2026-05-03", receivable=640, booked_receivable=1250 - 320)

    def test_cents_add_up(self):
        """One invoice of 100.01 and 100.01 euros at 1.5625 is 312.53 in the ledger."""
        orders = self.export([(self.pump, 1, 100.01)]) | self.export(
            [(self.pump, 1, 100.01)]
        )
        self.invoice(orders, "2026-04-02")
        rows = self.balances(orders, "2026-04-10")
        self.assertAlmostEqual(
            sum(float(row["booked_receivable"]) for row in rows.values()),
            self.ledger("2026-04-10"),
            2,
        )
        # a receipt of 200.02 at 2.00 claimed in three parts is 400.04
        payment = self.money("2026-05-20", 200.02, currency_id=self.euro.id)
        for order, amount in zip(orders, (66.67, 66.67), strict=True):
            self.claim(payment, order, amount)
        self.claim(payment, orders[0], 66.68)
        rows = self.balances(orders)
        self.assertAlmostEqual(
            sum(float(row["booked_receivable"]) for row in rows.values()),
            self.ledger(),
            2,
        )

    def test_parts_add_up(self):
        """Receivable = not due + overdue + exchange difference, in every row."""
        order = self.export([(self.pump, 3, 33.33)])
        for day in ("2026-03-02", "2026-04-02", "2026-05-02"):
            self.invoice(order, day, {self.pump: 1})
        self.claim(
            self.money("2026-05-20", 10.01, currency_id=self.euro.id), order, 10.01
        )
        for day in ("2026-04-20", "2026-05-10", "2026-05-25", "2026-07-01"):
            row = self.balance(order, day)
            self.assertAlmostEqual(
                float(row["booked_receivable"]),
                float(row["booked_not_due"])
                + float(row["booked_overdue"])
                + float(row["exchange"]),
                2,
            )
            self.assertAlmostEqual(
                float(row["booked_overdue"]),
                sum(
                    float(row[f"booked_due_{age}"])
                    for age in ("1_30", "31_60", "61_90", "91_180", "181_365")
                )
                + float(row["booked_due_over_365"]),
                2,
            )

    def test_euros_for_a_contract_of_the_companys_money(self):
        """A receipt counts at its own rate in the books, not at that of the day on
        which it is claimed: 400 euros of April, 625, are claimed in May."""
        order = self.new_contract("2026-03-01", [(self.pump, 10, 100)])
        self.invoice(order, "2026-04-02")
        payment = self.money("2026-04-20", 400, currency_id=self.euro.id)
        claim = self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "order_id": order.id,
                "amount": 400,
                "date": "2026-05-10",
            }
        )
        self.assertEqual(claim.contract_amount, 625)
        self.check(order, "2026-05-20", receivable=375, booked_receivable=375)

    def test_opening_figures(self):
        """Opening figures count at the rate of the order: 160 − 80 euros = 100."""
        order = self.export()
        order.write(
            {
                "contract_opening_date": "2026-02-01",
                "contract_opening_invoiced": 160,
                "contract_opening_received": 80,
            }
        )
        row = self.balance(order, fields.Date.to_date("2026-03-10"))
        self.assertEqual(float(row["receivable"]), 80)
        self.assertEqual(float(row["booked_receivable"]), 100)
