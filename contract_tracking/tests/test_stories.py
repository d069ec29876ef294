from datetime import date

from freezegun import freeze_time

from odoo import Command

from .common import ContractCommon


class StoryCase(ContractCommon):
    """Contracts from the first to the last day; every figure is worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    @classmethod
    def ref(cls, name):
        return cls.env.ref(f"contract_tracking.{name}")

    def event(self, order, name, day):
        with freeze_time(f"{day} 02:00:00"):
            self.env["contract.event"].create(
                {
                    "order_id": order.id,
                    "type_id": self.ref(f"event_type_{name}").id,
                    "date": day,
                }
            )

    def sign(self, picking, day, fname="contract_receipt_date"):
        with freeze_time(f"{day} 02:00:00"):
            picking[fname] = day

    def term(self, order, payment_kind):
        return order.contract_term_ids.filtered(
            lambda term: term.payment_kind == payment_kind
        )

    def money(self, day, amount, **values):
        """Money that arrives without any invoice."""
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner.id,
                    "amount": amount,
                    "date": day,
                    "journal_id": self.journal.id,
                    **values,
                }
            )
            payment.action_post()
        return payment

    def claim(self, order, payment, term=None):
        return self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "order_id": order.id,
                "amount": payment.amount,
                "term_id": term and term.id,
            }
        )

    def assertFigures(self, order, day, **expected):
        figures = self.figures(order, day)
        for name, value in expected.items():
            with self.subTest(day=day, figure=name):
                self.assertAlmostEqual(figures[name], value, places=2)

    def assertFact(self, order, day, name, **expected):
        fact = self.facts(order, day)[name]
        for column, value in expected.items():
            with self.subTest(day=day, term=name, column=column):
                if isinstance(value, float | int) and not isinstance(value, bool):
                    self.assertAlmostEqual(float(fact[column]), value, places=2)
                else:
                    self.assertEqual(fact[column], value)


class TestMachineOrder(StoryCase):
    """Two machines at 500,000, paid 30/60/10 with bank acceptance bills.

    Agreed 1,000,000: deposit 300,000 a week after taking effect, 600,000 when the
    goods are ready, 100,000 retention 12 months after acceptance or 18 months after
    delivery, whichever is earlier.
    """

    DEPOSIT = "Deposit"
    SHIPMENT = "Payment before shipment"
    RETENTION = "Retention"

    def bill(self, order, day, amount, number, maturity, term=None):
        payment = self.money(
            day,
            amount,
            contract_instrument_id=self.ref("instrument_bank_acceptance").id,
            contract_bill_number=number,
            contract_bill_maturity=maturity,
        )
        self.claim(order, payment, term)
        return payment

    def outcome(self, payment, outcome, day):
        with freeze_time(f"{day} 02:00:00"):
            payment._contract_bill_outcome(outcome, date.fromisoformat(day))

    def machine_order(self, **values):
        """In effect on 5 January, delivered on 10 March."""
        order = self.new_contract(
            "2026-01-05",
            [(self.pump, 2, 500000)],
            template="template_30_60_10",
            promised="2026-03-31",
            **values,
        )
        self.event(order, "goods_ready", "2026-03-01")
        self.picking = self.deliver(order, "2026-03-10")
        return order

    def play(self, order, named):
        """Bills of 300,000, 400,000 and 200,000; the last one is dishonoured.

        :param named: whether the claims say for which term the money is
        """
        deposit = self.term(order, "deposit") if named else None
        shipment = self.term(order, "shipment") if named else None
        first = self.bill(order, "2026-01-10", 300000, "A1", "2026-07-10", deposit)
        second = self.bill(order, "2026-03-05", 400000, "A2", "2026-09-05", shipment)
        third = self.bill(order, "2026-03-05", 200000, "A3", "2026-06-05", shipment)
        self.invoice(order, "2026-03-12")
        self.event(order, "acceptance", "2026-04-15")
        self.outcome(third, "dishonoured", "2026-06-05")
        self.claim(
            order,
            self.money(
                "2026-06-20",
                200000,
                contract_instrument_id=self.ref("instrument_transfer").id,
            ),
            shipment,
        )
        self.outcome(first, "honoured", "2026-07-10")
        self.outcome(second, "honoured", "2026-09-07")

    def check(self, order):
        # the deposit: due 5 + 7 = 12 January, a bill counts on receipt, 2 days early
        self.assertFact(order, "2026-01-09", self.DEPOSIT, status="due_soon", matured=0)
        self.assertFact(
            order,
            "2026-01-10",
            self.DEPOSIT,
            status="met",
            date_due=date(2026, 1, 12),
            actual_date=date(2026, 1, 10),
            variance_days=-2,
        )
        # advance: 0 − 300 = −300; the bill may be dishonoured: −300 + 300 = 0
        self.assertFigures(
            order, "2026-01-31", received=300000, receivable=-300000,
            bills=300000, exposure=0, overdue=0,
        )  # fmt: skip
        # goods ready on 1 March: 600 of 900 are missing until the 5th
        self.assertFact(
            order, "2026-03-01", self.SHIPMENT, status="due_soon", matured=600000
        )
        self.assertFact(
            order, "2026-03-04", self.SHIPMENT, status="overdue", variance_days=3
        )
        self.assertFigures(order, "2026-03-04", matured=900000, overdue=600000)
        self.assertFact(
            order,
            "2026-03-05",
            self.SHIPMENT,
            status="met_late",
            actual_date=date(2026, 3, 5),
            variance_days=4,
        )
        # delivered 1,000 − received 900; invoiced two days later
        self.assertFigures(
            order, "2026-03-11", delivered=1000000, invoiced=0, received=900000,
            delivered_not_invoiced=1000000, delivered_unpaid=100000,
            receivable=-900000, delivery_progress=1, payment_progress=0.9,
        )  # fmt: skip
        # 1,000 − 900 = 100, and bills of 900 that count but are not honoured
        self.assertFigures(
            order, "2026-03-31", invoiced=1000000, receivable=100000, bills=900000,
            counted_bills=900000, exposure=1000000, overdue=0, collection_rate=1,
        )  # fmt: skip
        # retention: 18 months after 10 March until the acceptance of 15 April, then
        # 12 months after it, which is earlier
        self.assertFact(order, "2026-04-14", self.RETENTION, date_due=date(2027, 9, 10))
        self.assertFact(
            order,
            "2026-04-15",
            self.RETENTION,
            date_due=date(2027, 4, 15),
            status="not_due",
            matured=0,
        )
        # one bill of 200 dishonoured: received 900 − 200, due since 1 March, which
        # is 30 + 30 + 31 + 10 = 101 days on 10 June
        self.assertFigures(
            order, "2026-06-04", received=900000, bills=900000, overdue=0
        )
        self.assertFigures(
            order, "2026-06-10", received=700000, receivable=300000, bills=700000,
            exposure=1000000, matured=900000, overdue=200000, collection_rate=7 / 9,
            late_payments=1,
        )  # fmt: skip
        self.assertFact(
            order,
            "2026-06-10",
            self.SHIPMENT,
            status="short",
            variance_days=101,
            actual_amount=400000,
            overdue=200000,
        )
        # replaced by a transfer: 30 + 30 + 31 + 20 = 111 days after 1 March
        self.assertFact(
            order,
            "2026-06-20",
            self.SHIPMENT,
            status="met_late",
            actual_date=date(2026, 6, 20),
            variance_days=111,
        )
        self.assertFigures(
            order, "2026-06-20", received=900000, bills=700000, exposure=800000
        )
        # honoured bills leave the exposure: 100 + 400, then 100 + 0
        self.assertFigures(order, "2026-07-10", bills=400000, exposure=500000)
        self.assertFigures(order, "2026-09-06", bills=400000, exposure=500000)
        self.assertFigures(order, "2026-09-07", bills=0, exposure=100000)
        # the retention is due on 15 April 2027 and overdue from the next day on
        self.assertFigures(order, "2027-04-15", matured=1000000, overdue=0)
        self.assertFigures(order, "2027-04-16", matured=1000000, overdue=100000)

    def test_claims_name_their_terms(self):
        order = self.machine_order()
        self.play(order, named=True)
        self.check(order)

    def test_claims_name_no_terms(self):
        """In the contract's own order the money goes to the same promises."""
        order = self.machine_order()
        self.play(order, named=False)
        self.check(order)

    def test_bills_that_count_when_honoured(self):
        self.ref("instrument_bank_acceptance").counts_on = "honoured"
        order = self.machine_order()
        self.play(order, named=True)
        # nothing but paper until June: the transfer of 200, then 300, then 400
        for day, received, bills, overdue in (
            ("2026-03-31", 0, 900000, 900000),
            ("2026-06-10", 0, 700000, 900000),
            ("2026-06-20", 200000, 700000, 700000),
            ("2026-07-10", 500000, 400000, 400000),
            ("2026-09-07", 900000, 0, 0),
        ):
            self.assertFigures(
                order, day, received=received, bills=bills, overdue=overdue
            )
        # what doesn't count is in the receivable already: 1,000 − 500 on 10 July
        self.assertFigures(
            order, "2026-07-10", receivable=500000, counted_bills=0, exposure=500000
        )

    def test_a_bill_of_another_kind_than_agreed(self):
        order = self.new_order([(self.pump, 2, 500000)], "template_30_60_10")
        self.term(order, "shipment").write(
            {
                "instrument_id": self.ref("instrument_bank_acceptance").id,
                "tenor_days": 184,
            }
        )
        with freeze_time("2026-01-05 02:00:00"):
            order.action_confirm()
        self.event(order, "goods_ready", "2026-03-01")
        self.deliver(order, "2026-03-10")
        self.play(order, named=True)
        # 5 March to 5 September: 26 + 30 + 31 + 30 + 31 + 31 + 5 = 184 days
        self.assertFact(order, "2026-06-04", self.SHIPMENT, is_mismatch=False)
        # the transfer that replaced the bill is another instrument
        self.assertFact(order, "2026-06-20", self.SHIPMENT, is_mismatch=True)
        self.assertFigures(order, "2026-06-20", mismatches=1)

    def test_deemed_acceptance(self):
        """Signed for on 20 March, deemed accepted 30 days later: 11 days are left in
        March, so that it is 19 April."""
        order = self.machine_order(contract_deemed_days=30)
        self.sign(self.picking, "2026-03-20")
        waits = {
            "2026-03-09": False,  # not delivered yet
            "2026-03-10": True,
            "2026-04-18": True,
            "2026-04-19": False,
        }
        for day, expected in waits.items():
            with self.subTest(day=day):
                self.assertEqual(
                    self.figures(order, day)["awaits_acceptance"], expected
                )
        self.assertFact(order, "2026-04-18", self.RETENTION, date_due=date(2027, 9, 10))
        self.assertFact(order, "2026-04-19", self.RETENTION, date_due=date(2027, 4, 19))
        # what he says himself goes before what is deemed
        self.event(order, "acceptance", "2026-04-10")
        self.assertFact(order, "2026-04-30", self.RETENTION, date_due=date(2027, 4, 10))
        self.assertFact(order, "2026-04-09", self.RETENTION, date_due=date(2027, 9, 10))

    def test_nothing_is_deemed_accepted_before_everything_is_there(self):
        order = self.new_contract(
            "2026-01-05",
            [(self.pump, 2, 500000)],
            template="template_30_60_10",
            promised="2026-03-31",
            contract_deemed_days=30,
        )
        first = self.deliver(order, "2026-03-10", pump=1)
        second = self.deliver(order, "2026-05-10")
        self.sign(first, "2026-03-20")
        self.assertTrue(self.figures(order, "2026-06-30")["awaits_acceptance"])
        # 18 months after the last delivery
        self.assertFact(
            order, "2026-06-30", self.RETENTION, date_due=date(2027, 11, 10)
        )
        self.sign(second, "2026-05-12")
        # 12 May + 30 days = 11 June
        self.assertTrue(self.figures(order, "2026-06-10")["awaits_acceptance"])
        self.assertFalse(self.figures(order, "2026-06-11")["awaits_acceptance"])
        self.assertFact(order, "2026-06-11", self.RETENTION, date_due=date(2027, 6, 11))


class TestExportOrder(StoryCase):
    """100 pumps at 100 euros for a company that keeps its books in dollars.

    Agreed 10,000 €, 30 % deposit a week after taking effect (1 March), 70 % a week
    after the B/L date. Fulfilled with the B/L date, promised for 15 May. A dollar is
    0.50 € until March, 0.40 € from April, 0.30 € from 5 June on.
    """

    DEPOSIT = "Deposit"
    BALANCE = "Balance against copy of B/L"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        dollar, cls.euro = cls.env.ref("base.USD"), cls.env.ref("base.EUR")
        assert cls.company.currency_id == dollar
        cls.euro.active = True
        cls.euro.contract_tolerance = 25
        Rate = cls.env["res.currency.rate"]
        Rate.search([("currency_id", "=", cls.euro.id)]).unlink()
        Rate.create(
            [
                {"currency_id": cls.euro.id, "name": day, "rate": rate}
                for day, rate in (
                    ("2026-01-01", 0.5),
                    ("2026-04-01", 0.4),
                    ("2026-06-05", 0.3),
                )
            ]
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": cls.euro.id}
        )

    def export_order(self, each=False):
        order = self.new_order(
            [(self.pump, 100, 100)],
            "template_deposit_bl",
            pricelist_id=self.pricelist.id,
            contract_fulfilment="bl",
            commitment_date="2026-05-15 02:00:00",
        )
        self.assertEqual(order.currency_id, self.euro)
        self.term(order, "balance").each = each
        with freeze_time("2026-03-01 02:00:00"):
            order.action_confirm()
        return order

    def play(self, order):
        # 3,000 € of deposit less 20 € of bank fees
        self.deposit = self.money("2026-03-06", 2980, currency_id=self.euro.id)
        self.claim(order, self.deposit, self.term(order, "deposit"))
        first = self.deliver(order, "2026-05-10", pump=60)
        self.sign(first, "2026-05-12", "contract_bl_date")
        second = self.deliver(order, "2026-05-20")
        self.sign(second, "2026-05-24", "contract_bl_date")
        self.final = self.invoice(order, "2026-05-21")
        self.part = self.money("2026-05-30", 4000, currency_id=self.euro.id)
        self.claim(order, self.part)
        # 10,000 $ × 0.30 = 3,000 €
        self.rest = self.money("2026-06-10", 10000)
        claim = self.claim(order, self.rest)
        self.assertAlmostEqual(claim.contract_amount, 3000)

    def check_goods(self, order):
        # core counts what left, the promise what is on a bill of lading
        for day, delivered, quantity, status in (
            ("2026-05-11", 6000, 0, "due_soon"),
            ("2026-05-12", 6000, 60, "due_soon"),
            ("2026-05-16", 6000, 60, "short"),
            ("2026-05-20", 10000, 60, "short"),
            ("2026-05-24", 10000, 100, "met_late"),
        ):
            self.assertFigures(order, day, delivered=delivered)
            self.assertFact(order, day, "Pump", actual_quantity=quantity, status=status)
        self.assertFact(
            order,
            "2026-06-01",
            "Pump",
            actual_date=date(2026, 5, 24),
            variance_days=9,
        )

    def check_deposit(self, order):
        self.assertFact(
            order, "2026-03-05", self.DEPOSIT, status="due_soon",
            date_due=date(2026, 3, 8), actual_amount=0,
        )  # fmt: skip
        # 20 € are missing: within the 25 € for bank fees
        self.assertFact(
            order, "2026-03-20", self.DEPOSIT, status="met", actual_amount=2980,
            actual_date=date(2026, 3, 6), variance_days=-2, overdue=0,
        )  # fmt: skip
        self.assertFigures(
            order, "2026-03-20", received=2980, receivable=-2980, matured=3000,
            overdue=0, delivered_unpaid=-2980, payment_progress=0.298,
        )  # fmt: skip
        self.euro.contract_tolerance = 0
        self.assertFact(order, "2026-03-20", self.DEPOSIT, status="short", overdue=20)
        self.euro.contract_tolerance = 25

    def check_end(self, order):
        # 2,980 + 4,000 + 3,000 = 9,980 of 10,000; the deposit takes its 20 first, the
        # balance has 6,980 of 7,000, ten days after 31 May
        self.assertFigures(
            order, "2026-06-10", received=9980, adjusted=0, receivable=20,
            matured=10000, overdue=0,
        )  # fmt: skip
        self.assertFact(order, "2026-06-10", self.DEPOSIT, actual_amount=3000)
        self.assertFact(
            order, "2026-06-10", self.BALANCE, status="met_late",
            actual_amount=6980, actual_date=date(2026, 6, 10),
        )  # fmt: skip

    def test_balance_against_the_last_bill_of_lading(self):
        order = self.export_order()
        self.play(order)
        self.check_goods(order)
        self.check_deposit(order)
        self.assertFact(
            order, "2026-05-11", self.BALANCE, status="waiting", date_due=None
        )
        # the last B/L is of 24 May: the whole balance on the 31st
        self.assertFact(
            order, "2026-05-24", self.BALANCE, status="due_soon",
            date_due=date(2026, 5, 31), matured=0,
        )  # fmt: skip
        self.assertFigures(order, "2026-05-30", received=6980, matured=3000, overdue=0)
        # 7,000 − (4,000 − the 20 that the deposit lacked) = 3,020
        self.assertFigures(order, "2026-06-01", matured=10000, overdue=3020)
        self.assertFact(
            order, "2026-06-01", self.BALANCE, status="short", variance_days=1,
            actual_amount=3980,
        )  # fmt: skip
        self.check_end(order)
        self.assertFact(order, "2026-06-10", self.BALANCE, variance_days=10)

    def test_balance_with_each_bill_of_lading(self):
        order = self.export_order(each=True)
        self.play(order)
        self.check_goods(order)
        self.check_deposit(order)
        # 60 of 100 pumps: 4,200 on 12 + 7 = 19 May, 2,800 on 24 + 7 = 31 May
        self.assertFigures(order, "2026-05-18", matured=3000, overdue=0)
        self.assertFigures(order, "2026-05-19", matured=7200, overdue=0)
        self.assertFact(
            order, "2026-05-20", self.BALANCE, status="overdue",
            date_due=date(2026, 5, 19), overdue=4200,
        )  # fmt: skip
        # 4,200 − 3,980 = 220
        self.assertFigures(order, "2026-05-30", overdue=220)
        self.assertFigures(order, "2026-05-31", matured=10000, overdue=220)
        self.assertFigures(order, "2026-06-01", overdue=3020)
        self.check_end(order)

    def test_reconciling_what_is_claimed_changes_nothing(self):
        """Neither is the money counted twice, nor are exchange differences money."""
        order = self.export_order()
        self.play(order)
        days = ("2026-03-20", "2026-05-30", "2026-06-05", "2026-06-10", "2026-11-01")
        names = ("invoiced", "received", "adjusted", "receivable", "overdue")

        def snapshot():
            return [
                [round(float(self.figures(order, day)[name]), 2) for name in names]
                for day in days
            ]

        before = snapshot()
        with freeze_time("2026-06-15 02:00:00"):
            for payment in self.deposit + self.part + self.rest:
                (payment.move_id + self.final).line_ids.filtered(
                    lambda ln: (
                        ln.account_id.account_type == "asset_receivable"
                        and not ln.reconciled
                    )
                ).reconcile()
        # the books: 10,000 − 2,980 − 4,000 − 3,000
        self.assertAlmostEqual(self.final.amount_residual, 20)
        self.assertTrue(
            self.env["account.partial.reconcile"].search(
                [
                    ("debit_move_id", "in", self.final.line_ids.ids),
                    ("exchange_move_id", "!=", False),
                ]
            )
        )
        self.assertEqual(snapshot(), before)

    def test_what_the_bank_kept_is_written_off(self):
        order = self.export_order()
        self.play(order)
        with freeze_time("2026-06-15 02:00:00"):
            credit = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.partner.id,
                    "currency_id": self.euro.id,
                    "invoice_date": "2026-06-15",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Bank fee", "price_unit": 20, "tax_ids": False}
                        )
                    ],
                }
            )
            credit.action_post()
            (credit + self.final).line_ids.filtered(
                lambda ln: ln.account_id.account_type == "asset_receivable"
            ).reconcile()
        # 9,980 + 20 = 10,000: adjusted, not received
        self.assertFigures(
            order, "2026-06-14", received=9980, adjusted=0, receivable=20
        )
        self.assertFigures(
            order, "2026-06-15", received=9980, adjusted=20, receivable=0
        )
        self.assertFact(order, "2026-06-15", self.BALANCE, actual_amount=7000)
