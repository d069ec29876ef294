from odoo.tests import Form

from .test_statement import StatementCommon


class TestChangedAfterwards(StatementCommon):
    """What is entered for days that a customer confirmed is said to him.

    1,000 invoiced: 400 on March 1st, 600 on April 10th; 150 paid on April 20th. The
    statement of April, confirmed: 400 + 600 − 150 = 850.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.net_contract()
        cls.april = cls.confirmed("2026-04-01", "2026-04-30")

    @classmethod
    def confirmed(cls, start, end, **values):
        statement = cls.new_statement(start, end, **values)
        statement.action_mark_sent()
        statement.attachment_ids = [cls.file()]
        statement.action_confirm()
        return statement

    def told(self, statement):
        return [
            (line.changes_id.name, *row)
            for line, row in zip(statement.line_ids, self.rows(statement), strict=True)
        ]

    def late_invoice(self, amount=100):
        """A second contract, invoiced for April 25th after April was confirmed."""
        order = self.new_contract("2026-03-05", [(self.pump, 1, amount)])
        return self.invoice(order, "2026-04-25")

    def test_nothing_changed(self):
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(self.told(may), [(False, "opening", "", 850, 850)])
        self.assertFalse(may.has_changes)

    def test_an_invoice_of_a_confirmed_period(self):
        invoice = self.late_invoice()
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(
            self.told(may),
            [
                (False, "opening", "", 850, 850),
                (self.april.name, "invoice", "2026-04-25", 100, 950),
            ],
        )
        self.assertEqual(may.line_ids[1].name, invoice.name)
        self.assertTrue(may.has_changes)
        # what he confirmed, and how it comes to the balance of today
        self.assertEqual(may.opening_balance, self.april.closing_balance)
        self.assertEqual((may.invoiced, may.closing_balance), (100, 950))

    def test_a_receipt_withdrawn(self):
        """150 of April 20th are no more: the customer owes 1,000."""
        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.partner.id), ("amount", "=", 150)]
        )
        payment.action_draft()
        payment.action_cancel()
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(
            self.told(may),
            [
                (False, "opening", "", 850, 850),
                (self.april.name, "receipt", "2026-04-20", -150, 1000),
            ],
        )

    def test_a_receipt_more_on_a_day(self):
        """100 more of the same April 20th: the day was told with 150."""
        self.claim(self.money("2026-04-20", 100), self.order, 100)
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(
            self.told(may),
            [
                (False, "opening", "", 850, 850),
                (self.april.name, "receipt", "2026-04-20", 100, 750),
            ],
        )

    def test_before_the_confirmed_period(self):
        """An invoice of March, which April brought forward without it."""
        order = self.new_contract("2026-03-05", [(self.pump, 1, 100)])
        self.invoice(order, "2026-03-20")
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(
            self.told(may),
            [
                (False, "opening", "", 850, 850),
                (self.april.name, "adjustment", "", -100, 950),
            ],
        )
        self.assertEqual((may.opening_balance, may.adjusted), (850, -100))
        # told once
        may.action_mark_sent()
        self.assertFalse(self.new_statement("2026-06-01", "2026-06-10").has_changes)

    def test_the_only_receipt_of_a_contract_was_anothers(self):
        """300 of April 22nd were claimed for a contract that has nothing else, and
        told: −300. They were another's: 300 more for it, 300 less for that."""
        wrong, right = (
            self.new_contract("2026-03-05", [(self.pump, 1, 500)]) for _n in range(2)
        )
        payment = self.money("2026-04-22", 300)
        claim = self.claim(payment, wrong, 300)
        april = self.confirmed("2026-04-01", "2026-04-30")
        self.assertEqual(april.closing_balance, 550)
        claim._withdraw("another's")
        self.claim(payment, right, 300)
        may = self.new_statement("2026-05-01", "2026-05-31")
        self.assertEqual(may.opening_balance, 550)
        self.assertEqual(
            [
                (line.order_id, line.kind, line.amount)
                for line in may.line_ids.filtered("changes_id").sorted("amount")
            ],
            [(wrong, "receipt", -300), (right, "receipt", 300)],
        )
        self.assertEqual(may.closing_balance, 550)

    def test_overlapping_periods(self):
        """From January on: April stays as it was told."""
        january = self.confirmed("2026-01-01", "2026-04-30")
        self.late_invoice()
        year = self.new_statement("2026-01-01", "2026-05-31")
        self.assertEqual(
            self.told(year),
            [
                (january.name, "invoice", "2026-04-25", 100, 100),
                (False, "invoice", "2026-03-01", 400, 500),
                (False, "invoice", "2026-04-10", 600, 1100),
                (False, "receipt", "2026-04-20", 150, 950),
            ],
        )
        self.assertEqual((year.invoiced, year.closing_balance), (1100, 950))

    def test_told_once(self):
        """May told it; June doesn't again. A change of May is June's."""
        self.late_invoice()
        may = self.confirmed("2026-05-01", "2026-05-31")
        june = self.new_statement("2026-06-01", "2026-06-10")
        self.assertEqual(
            {(line.changes_id.name, line.kind) for line in june.line_ids},
            {(False, "opening")},
        )
        self.assertEqual(june.opening_balance, may.closing_balance)

    def test_gap_between_statements(self):
        """Nothing was told of the days between."""
        order = self.new_contract("2026-03-05", [(self.pump, 1, 100)])
        self.invoice(order, "2026-05-05")
        late = self.new_statement("2026-05-10", "2026-05-31")
        self.assertFalse(late.has_changes)
        self.assertEqual(late.opening_balance, 950)

    def test_a_void_or_unsent_statement_told_nothing(self):
        self.april._void("wrong")
        self.new_statement("2026-04-01", "2026-04-30")
        self.late_invoice()
        self.assertFalse(self.new_statement("2026-05-01", "2026-05-31").has_changes)

    def test_who_may_not_read_the_statement_before(self):
        """Finance told April, a salesperson tells May: his spreadsheet names it."""
        seller = self.new_user("sealed_seller", "sales_team.group_sale_salesman")
        self.order.user_id = seller
        self.claim(self.money("2026-04-25", 100), self.order, 100)
        may = self.new_statement("2026-05-01", "2026-05-31", user=seller)
        self.assertTrue(may.has_changes)
        self.env.invalidate_all()
        self.assertTrue(may.with_user(seller)._xlsx())

    def test_printed(self):
        self.late_invoice()
        may = self.new_statement("2026-05-01", "2026-05-31")
        text = may.line_ids[1]._document_text()
        self.assertIn(f"after {self.april.name}", text)
        labels = [label for label, *_rest in may._xlsx_columns()]
        self.assertIn("Changes", labels)
        with Form(may) as form:
            self.assertTrue(form.has_changes)


class TestRecordChangedAfterwards(StatementCommon):
    """What was told in a confirmed tracking record and is different now is told in the
    next one: 1,000 invoiced and 150 received on April 30th."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.net_contract()
        cls.april = cls.record("2026-04-30")
        cls.april.action_confirm()

    @classmethod
    def record(cls, day):
        return cls.env["contract.tracking.record"].create(
            {"order_id": cls.order.id, "date": day}
        )

    def test_nothing_changed(self):
        # a receipt of later is none of April's
        self.claim(self.money("2026-05-02", 100), self.order, 100)
        self.assertNotIn("Changed since", self.record("2026-05-31").summary)

    def test_figures_of_its_day(self):
        """100 more of April 25th, and all delivered on April 26th."""
        self.claim(self.money("2026-04-25", 100), self.order, 100)
        self.deliver(self.order, "2026-04-26")
        first = self.record("2026-05-31").summary.splitlines()[0]
        self.assertEqual(
            first.replace("\xa0", " "),
            f"Changed since {self.april.name} (as of 04/30/2026): "
            "Delivered $ 0.00, now $ 1,000.00 and Received $ 150.00, now $ 250.00.",
        )

    def test_of_a_frame_agreement(self):
        """200 of a call-off of March, invoiced for April after April was told."""
        frame = self.new_frame()
        order = self.new_contract(
            "2026-03-05", [(self.pump, 2)], contract_frame_id=frame.id
        )
        april, may = (
            {"frame_id": frame.id, "date": day} for day in ("2026-04-30", "2026-05-31")
        )
        Record = self.env["contract.tracking.record"]
        Record.create(april).action_confirm()
        self.invoice(order, "2026-04-20")
        self.assertIn("Invoiced", Record.create(may).summary.splitlines()[0])
