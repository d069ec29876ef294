from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from ..tools.guard import unguarded
from .common import ContractCommon


class ClaimCase(ContractCommon):
    """Money, bank lines, claims and credit notes as one-liners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.receivable = cls.partner.with_company(
            cls.company
        ).property_account_receivable_id
        cls.expense = cls.env["account.account"].search(
            [
                ("account_type", "=", "expense"),
                ("company_ids", "in", cls.company.ids),
            ],
            limit=1,
        )

    # ------------------------------------------------------------------
    # The steps
    # ------------------------------------------------------------------

    def contracts(self, count=3, **values):
        values = {"promised": "2026-06-01", **values}
        return [self.new_contract("2026-03-01", **values) for _n in range(count)]

    def money(self, day, amount, **values):
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

    def receipt(self, payment, day=None):
        receipt = self.env["contract.receipt"]._of(payment)
        receipt.invalidate_recordset()
        return receipt.with_context(contract_cutoff=day)

    def claim(self, payment, order, amount, user=None, **values):
        Claim = self.env["contract.payment.claim"].with_user(user or self.env.user)
        claim = Claim.create(
            {
                "receipt_id": payment.id * 2,
                "order_id": order.id,
                "amount": amount,
                **values,
            }
        )
        return claim.with_user(self.env.user)

    def reconcile(self, *moves):
        lines = self.env["account.move.line"].union(*(m.line_ids for m in moves))
        lines.filtered(lambda ln: ln.account_id == self.receivable).reconcile()

    def paid(self, invoice, amount, day="2026-04-10", **values):
        """A receipt that is reconciled with an invoice as far as it reaches."""
        payment = self.money(day, amount, **values)
        self.reconcile(payment.move_id, invoice)
        return payment

    def credit(self, invoice, day, quantity=None, price=None):
        """A posted credit note of the invoice, of less than all if asked."""
        with freeze_time(f"{day} 02:00:00"):
            note = invoice._reverse_moves(
                [{"invoice_date": day, "date": day}], cancel=False
            )
            if quantity is not None:
                note.invoice_line_ids.quantity = quantity
            if price is not None:
                note.invoice_line_ids.price_unit = price
            note.action_post()
        # core sets it off against its invoice at once
        note.line_ids.remove_move_reconcile()
        return note

    def bank(self, day, amount, *others, paid=None):
        """A bank line that was posted to the receivable and to ``others``: amounts of
        other income (negative: fees)."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.journal.id,
                "date": day,
                "payment_ref": "Bank",
                "partner_id": self.partner.id,
                "amount": amount,
            }
        )
        _liquid, suspense, _other = line._seek_for_lines()
        rows = [(self.receivable, amount - sum(others))]
        rows += [(self.expense, other) for other in others]
        line.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.partner.id,
                                "balance": -part,
                                "amount_currency": -part,
                            }
                        )
                        for account, part in rows
                    ),
                ]
            }
        )
        if paid:
            self.reconcile(line.move_id, paid)
        return line

    def currencies(self):
        """A second currency, 7 for 1 of ours: (ours, other)."""
        ours = self.company.currency_id
        other = self.env.ref("base.CNY")
        if other == ours:
            other = self.env.ref("base.USD")
        other.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", other.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2026-01-01", "rate": 7}
        )
        return ours, other

    def assertReceived(self, amounts, orders, day=None):
        received = [float(self.figures(order, day)["received"]) for order in orders]
        for amount, got in zip(amounts, received, strict=True):
            self.assertAlmostEqual(amount, got, 2, f"{amounts} ≠ {received}")


class TestSheetClaims(ClaimCase):
    """Whose money it is, computed by hand as an accountant would.

    A, B, C are contracts of 1,000 (10 pumps at 100) of one customer.
    """

    # ------------------------------------------------------------------
    # What is free
    # ------------------------------------------------------------------

    def test_beyond_the_free_part(self):
        """1,000 came, 600 of it paid A's invoice of 600: 400 are free."""
        a, b, c = orders = self.contracts()
        invoice = self.invoice(a, "2026-04-01", {self.pump: 6})
        payment = self.paid(invoice, 1000)
        self.assertReceived([600, 0, 0], orders)
        refused = f"400.00 is free.*{a.contract_number}.*600.00"
        with self.assertRaisesRegex(ValidationError, refused):
            self.claim(payment, b, 500)
        self.assertReceived([600, 0, 0], orders)
        self.assertEqual(self.figures(a, "2026-06-30")["overdue"], 0)
        self.claim(payment, b, 400)
        self.assertReceived([600, 400, 0], orders)
        self.assertEqual(self.receipt(payment).unclaimed, 0)
        with self.assertRaisesRegex(ValidationError, f"{b.contract_number}.*400.00"):
            self.claim(payment, c, 0.01)
        self.assertReceived([600, 400, 0], orders)

    def test_two_claims_at_once(self):
        """1,000 came, 600 paid A. B 300 and C 200 ask for 500 of the free 400."""
        a, b, c = orders = self.contracts()
        payment = self.paid(self.invoice(a, "2026-04-01", {self.pump: 6}), 1000)
        values = [
            {"payment_id": payment.id, "order_id": order.id, "amount": amount}
            for order, amount in ((b, 300), (c, 200))
        ]
        with self.assertRaises(ValidationError):
            self.env["contract.payment.claim"].create(values)
        values[1]["amount"] = 100
        self.env["contract.payment.claim"].create(values)
        self.assertReceived([600, 300, 100], orders)

    def test_what_paid_other_invoices_is_not_free(self):
        """1,000 came, 400 of it paid an invoice of no contract: 600 are free."""
        [a] = self.contracts(1)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": "2026-04-01",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Rent", "price_unit": 400, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        payment = self.paid(invoice, 1000)
        self.assertEqual(self.receipt(payment).unclaimed, 600)
        with self.assertRaisesRegex(ValidationError, "no contract.*400.00"):
            self.claim(payment, a, 700)
        self.claim(payment, a, 600)
        self.assertReceived([600], [a])

    def test_the_free_part_for_the_same_contract(self):
        """1,500 came, 1,000 paid A; the free 500 are A's too: 1,500. Taken back: 1,000.

        And 1,000 claimed for A say no more than its reconciliation: 1,000.
        """
        a, b, _c = orders = self.contracts()
        payment = self.paid(self.invoice(a, "2026-04-01"), 1500)
        receipt = self.receipt(payment)
        form = Form(
            self.env["contract.claim"].with_context(default_receipt_ids=receipt.ids)
        )
        with form.line_ids.edit(0) as line:
            self.assertEqual(line.amount, 500)
            line.order_id = a
        form.save().action_claim()
        self.assertReceived([1500, 0, 0], orders)
        self.assertEqual(self.receipt(payment).unclaimed, 0)
        with self.assertRaises(ValidationError):
            self.claim(payment, b, 100)
        receipt.claim_ids.filtered(lambda k: k.origin == "manual")._withdraw("no")
        self.assertReceived([1000, 0, 0], orders)
        self.assertEqual(self.receipt(payment).unclaimed, 500)
        self.claim(payment, a, 1000)
        self.assertReceived([1000, 0, 0], orders)
        self.claim(payment, b, 500)
        self.assertReceived([1000, 500, 0], orders)

    def test_a_proposal_that_is_given_to_another_contract(self):
        """1,500 came, 1,000 paid A, 500 are C's. Of what is proposed for A by the
        reconciliation 300 are given to B by hand: no reconciliation says so. C's is
        taken back, and B keeps what it was given."""
        a, b, c = orders = self.contracts()
        payment = self.paid(self.invoice(a, "2026-04-01"), 1500)
        third = self.claim(payment, c, 200)
        claim = self.claim(payment, b, 300, origin="reconciliation")
        self.assertEqual(claim.origin, "manual")
        self.assertReceived([1000, 300, 200], orders)
        third._withdraw("no")
        self.assertReceived([1000, 300, 0], orders)

    def test_whose_the_rest_is_says_no_name_to_strangers(self):
        """1,000 came, 600 are A's. B's salesperson, who doesn't follow A, asks for all
        of it: he learns that 600 have an owner, not who that is."""
        a, b, _c = self.contracts()
        seller = self.new_user("ct_stranger", "sales_team.group_sale_salesman")
        a.user_id, b.user_id = self.env.user, seller
        payment = self.money("2026-04-10", 1000)
        self.claim(payment, a, 600)
        for user, named in ((seller, False), (self.env.user, True)):
            with self.assertRaises(ValidationError) as caught:
                self.claim(payment, b, 1000, user=user)
            self.assertEqual(a.display_name in str(caught.exception), named)
            self.assertIn("600", str(caught.exception))

    def test_money_of_an_ended_contract(self):
        """Terminated, A still owes what was delivered: it is proposed by its number,
        and on a running account before what fell due later."""
        a, b, _c = self.contracts(template="template_net_30")
        for order, day in ((a, "2026-04-01"), (b, "2026-04-10")):
            self.invoice(order, day)
        self.deliver(a, "2026-04-01")
        a._contract_reach("terminated", None, "given up")
        named = self.money("2026-06-01", 100, memo=f"Payment {a.contract_number}")
        [proposal] = self.receipt(named)._propose()[named.id * 2]
        self.assertEqual(proposal["order_id"], a.id)
        self.partner.contract_running_account = True
        payment = self.money("2026-06-01", 1200)
        lines = self.receipt(payment)._propose()[payment.id * 2]
        self.assertEqual(
            [(line["order_id"], line["amount"]) for line in lines],
            [(a.id, 1000), (b.id, 200)],
        )

    def test_what_is_no_bill_has_no_bill_data(self):
        """A bill's maturity was entered, then it was a wire after all."""
        a, _b, _c = self.contracts()
        invoice = self.invoice(a, "2026-04-01")
        bill, wire = (
            self.env.ref(f"contract_tracking.instrument_{name}")
            for name in ("bank_acceptance", "transfer")
        )
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "payment_date": "2026-04-10",
                    "contract_instrument_id": bill.id,
                    "contract_bill_number": "B1",
                    "contract_bill_maturity": "2026-04-05",
                }
            )
        )
        wizard.contract_instrument_id = wire
        payment = wizard._create_payments()
        self.assertEqual(payment.contract_instrument_id, wire)
        self.assertFalse(payment.contract_bill_number)
        self.assertFalse(payment.contract_bill_maturity)

    def test_taken_back_beside_another_claim(self):
        """1,500 came, 1,000 paid A. A 999.99 and B 500 are claimed, then A's is taken
        back: A's invoice is paid as before, 1,000, and B keeps 500."""
        a, b, _c = orders = self.contracts()
        payment = self.paid(self.invoice(a, "2026-04-01"), 1500)
        first = self.claim(payment, a, 999.99)
        self.claim(payment, b, 500)
        self.assertReceived([1000, 500, 0], orders)
        first._withdraw("typing error")
        self.assertReceived([1000, 500, 0], orders)
        self.assertEqual(self.receipt(payment).unclaimed, 0)

    def test_waiting_claims_lower_nothing(self):
        """1,500 came, 1,000 paid A. A salesperson's claim waits: A has 1,000 meanwhile,
        B's 300 then 1,000 and 300, whatever was claimed for whom."""
        a, b, _c = orders = self.contracts()
        seller = self.new_user("ct_sheet_seller", "sales_team.group_sale_salesman")
        a.user_id = b.user_id = seller
        self.company.contract_claim_confirm = True
        for amount, later in ((500, 1500), (1000, 1000), (1200, 1200)):
            invoice = self.invoice(a, "2026-04-01")
            payment = self.paid(invoice, 1500)
            with self.subTest(amount=amount):
                claim = self.claim(payment, a, amount, user=seller)
                self.assertEqual(claim.state, "to_confirm")
                self.assertReceived([1000, 0, 0], orders)
                claim.action_confirm()
                self.assertReceived([later, 0, 0], orders)
                claim._withdraw("next")
                self.assertReceived([1000, 0, 0], orders)
            payment.action_draft()
            invoice.button_draft()
            invoice.button_cancel()

    def test_waiting_claims_beside_another_claim(self):
        """1,100 came: 600 paid A, 400 paid B. Both salespeople say so again; finance
        confirms one after the other: 600 and 400 all the time."""
        a, b, _c = orders = self.contracts()
        seller = self.new_user("ct_sheet_seller", "sales_team.group_sale_salesman")
        a.user_id = b.user_id = seller
        self.company.contract_claim_confirm = True
        payment = self.money("2026-04-10", 1100)
        self.reconcile(payment.move_id, self.invoice(a, "2026-04-01", {self.pump: 6}))
        self.reconcile(payment.move_id, self.invoice(b, "2026-04-01", {self.pump: 4}))
        waiting = [
            self.claim(payment, order, amount, user=seller)
            for order, amount in ((a, 600), (b, 400))
        ]
        for claim in waiting:
            self.assertReceived([600, 400, 0], orders)
            claim.action_confirm()
        self.assertReceived([600, 400, 0], orders)
        self.assertFalse(self.receipt(payment).is_conflict)
        waiting[1]._withdraw("no")
        self.assertReceived([600, 400, 0], orders)

    def test_cents_of_a_shared_invoice(self):
        """A document of A and B, half each, 33.33 open: 16.665 each. 50.00 pays it,
        16.67 are left for C: 16.67 + 16.66 + 16.67 = 50.00."""
        lines = [(self.pump, 1, 16.66)]
        a, b, c = self.contracts(lines=lines)
        with freeze_time("2026-04-01 02:00:00"):
            invoice = (a | b)._create_invoices()
            invoice.invoice_date = "2026-04-01"
            self.assertEqual(len(invoice), 1)
            invoice.invoice_line_ids.filtered("product_id").write({"price_unit": 50})
            invoice.action_post()
        self.paid(invoice, 66.67, "2026-04-02")
        payment = self.paid(invoice, 50)
        self.assertEqual(self.receipt(payment).unclaimed, 16.67)
        self.claim(payment, c, 16.67)
        kept = self.receipt(payment).claim_ids.filtered(
            lambda k: k.origin == "reconciliation"
        )
        self.assertEqual(sorted(kept.mapped("amount")), [16.66, 16.67])
        self.assertReceived([16.67], [c])
        self.assertFalse(self.receipt(payment).is_conflict)

    def test_what_is_kept_keeps_its_days(self):
        """1,500 of 10 April: 600 paid A's invoice of that day, 400 one of 1 May. The
        rest is claimed for B on 20 May: nothing changes for A on any day."""
        a, b, _c = orders = self.contracts()
        payment = self.paid(self.invoice(a, "2026-04-01", {self.pump: 6}), 1500)
        self.reconcile(payment.move_id, self.invoice(a, "2026-05-01", {self.pump: 4}))
        days = (
            ("2026-04-09", 0),
            ("2026-04-10", 600),
            ("2026-04-30", 600),
            ("2026-05-01", 1000),
            ("2026-05-20", 1000),
        )
        for claimed in (False, True):
            for day, amount in days:
                with self.subTest(claimed=claimed, day=day):
                    self.assertReceived([amount], [a], day)
            if not claimed:
                self.claim(payment, b, 500, date="2026-05-20")
        self.assertReceived([1000, 0, 0], orders, "2026-05-19")
        self.assertReceived([1000, 500, 0], orders, "2026-05-20")

    def test_what_is_kept_of_another_currency(self):
        """A owes 100 of ours, 700 of the other currency pay that at 7; 1,400 came in.
        The rate is 8 when it comes: kept are the 100 that it paid of A."""
        _ours, other = self.currencies()
        a, b, _c = orders = self.contracts(lines=[(self.pump, 1)])
        payment = self.money("2026-04-10", 1400, currency_id=other.id)
        self.reconcile(payment.move_id, self.invoice(a, "2026-04-01"))
        self.assertReceived([100, 0, 0], orders)
        self.claim(payment, b, self.receipt(payment).unclaimed)
        self.assertReceived([100, 100, 0], orders)

    # ------------------------------------------------------------------
    # What is nobody's, on a day
    # ------------------------------------------------------------------

    def test_unclaimed_on_the_last_day(self):
        """500 of 15 July, claimed for A from 10 August: on 31 July they are nobody's.

        300 of 20 July are claimed from that day: on 31 July they are A's. 200 of 20
        July wait for finance: they are nobody's on both days."""
        a, _b, _c = orders = self.contracts()
        payments = [
            self.money(day, amount)
            for day, amount in (
                ("2026-07-15", 500),
                ("2026-07-20", 300),
                ("2026-07-20", 200),
                ("2026-08-05", 50),
            )
        ]
        self.claim(payments[0], a, 500, date="2026-08-10")
        self.claim(payments[1], a, 300)
        seller = self.new_user("ct_sheet_seller", "sales_team.group_sale_salesman")
        a.user_id = seller
        self.company.contract_claim_confirm = True
        self.claim(payments[2], a, 200, user=seller)
        for day, received, unclaimed in (
            ("2026-07-31", 300, 700),
            ("2026-08-31", 800, 250),
        ):
            with self.subTest(day=day):
                self.assertReceived([received, 0, 0], orders, day)
                statement = self.env["contract.statement"].create(
                    {
                        "partner_id": self.partner.id,
                        "date_from": "2026-07-01",
                        "date_to": day,
                    }
                )
                self.assertEqual(statement.unclaimed, unclaimed)
                self.assertEqual(statement.closing_balance, -received)
        # the list of receipts: what waits is not to be claimed again
        self.env.invalidate_all()
        found = self.env["contract.receipt"].search([("is_unclaimed", "=", True)])
        self.assertEqual(found.mapped("unclaimed"), [50])
        self.env.invalidate_all()
        past = self.env["contract.receipt"].with_context(contract_cutoff="2026-07-31")
        found = past.search([("partner_id", "=", self.partner.id)], order="id")
        self.assertEqual(found.mapped("unclaimed"), [500, 0, 0])
        self.assertEqual(found.mapped("claimed"), [0, 300, 0])
        # who sees only what is nobody's doesn't see what was
        self.env.invalidate_all()
        own = past.with_user(seller).search([("partner_id", "=", self.partner.id)])
        self.assertIn(payments[3].id * 2, own.ids)

    def test_reconciled_after_the_last_day(self):
        """1,000 of 15 July pay the invoice of 10 August: nobody's on 31 July."""
        [a] = self.contracts(1)
        payment = self.money("2026-07-15", 1000)
        self.reconcile(payment.move_id, self.invoice(a, "2026-08-10"))
        for day, unclaimed in (("2026-07-14", 0), ("2026-07-31", 1000)):
            rows = self.env["contract.receipt"]._read_uncounted(
                self.company, self.partner, day
            )
            self.assertEqual(sum(row["amount"] for row in rows), unclaimed)
        self.assertFalse(
            self.env["contract.receipt"]._read_uncounted(
                self.company, self.partner, "2026-08-10"
            )
        )

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    def proposals(self, *payments):
        """``[(receipt's amount, contract, amount), …]`` of the claim window."""
        receipts = self.env["contract.receipt"].union(
            *(self.env["contract.receipt"]._of(p) for p in payments)
        )
        receipts.invalidate_recordset()
        proposed = receipts._propose()
        return [
            (
                receipt.amount,
                self.env["sale.order"].browse(vals.get("order_id", ())),
                vals["amount"],
            )
            for receipt in receipts
            for vals in proposed[receipt.id]
        ]

    def test_two_currencies_on_a_running_account(self):
        """1,000 of ours are due; 600 of ours and 7,000 of the other at 7 came. The
        first pays 600, 400 × 7 = 2,800 of the second the rest, 4,200 are free. The
        other way round the second pays it alone."""
        _ours, other = self.currencies()
        self.partner.contract_running_account = True
        [a] = self.contracts(1, template="template_net_30")
        self.invoice(a, "2026-03-10")
        none = self.env["sale.order"]
        first = self.money("2026-05-01", 600)
        second = self.money("2026-05-02", 7000, currency_id=other.id)
        expected = [(600, a, 600), (7000, a, 2800), (7000, none, 4200)]
        self.assertEqual(self.proposals(first, second), expected)
        self.assertCountEqual(self.proposals(second, first), expected)
        first.action_draft()
        first.date = "2026-05-03"
        first.action_post()
        expected = [(600, none, 600), (7000, a, 7000)]
        self.assertCountEqual(self.proposals(first, second), expected)
        first.action_draft()
        first.date = "2026-05-01"
        first.action_post()
        self.env.invalidate_all()
        self.env["contract.receipt"].action_propose_running()
        claims = self.env["contract.payment.claim"].search([("order_id", "=", a.id)])
        self.assertEqual(sorted(claims.mapped("amount")), [600, 2800])
        self.assertReceived([1000], [a])

    def test_what_waits_is_not_due_again(self):
        """1,000 due, 700 claimed and waiting: 300 are proposed of the next 700."""
        self.partner.contract_running_account = True
        [a] = self.contracts(1, template="template_net_30")
        seller = self.new_user("ct_sheet_seller", "sales_team.group_sale_salesman")
        a.user_id = seller
        self.company.contract_claim_confirm = True
        self.invoice(a, "2026-03-10")
        self.claim(self.money("2026-05-01", 700), a, 700, user=seller)
        none = self.env["sale.order"]
        self.assertEqual(
            self.proposals(self.money("2026-05-02", 700)),
            [(700, a, 300), (700, none, 400)],
        )

    def test_tolerated_leftovers_are_not_proposed(self):
        """Within 5 of tolerance: A paid 998 of 1,000, B 600 of 1,000. 500 more are
        proposed for B's 400, nothing for A's 2."""
        self.partner.contract_running_account = True
        a, b, _c = self.contracts(template="template_net_30")
        self.company.currency_id.contract_tolerance = 5
        for order, amount in ((a, 998), (b, 600)):
            self.paid(self.invoice(order, "2026-03-10"), amount)
        none = self.env["sale.order"]
        self.assertEqual(
            self.proposals(self.money("2026-05-02", 500)),
            [(500, b, 400), (500, none, 100)],
        )

    def test_numbers_in_the_payers_words(self):
        """A is HTX-001, B HTX-0012, C our order of the customer's number 2026; another
        customer's reference is 7788."""
        [a], [b], [c] = (
            self.contracts(1, contract_number=number)
            for number in ("HTX-001", "HTX-0012", "HTX-9")
        )
        c.client_order_ref = "2026"
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        [other] = self.contracts(1, partner_id=stranger.id)
        other.client_order_ref = "7788"
        none = self.env["sale.order"]
        for words, found in (
            ("pay HTX-0012", b),
            ("pay HTX-001", a),
            ("货款ＨＴＸ－００１合同", a),
            ("htx—001.", a),
            ("HTX001", a),
            ("HTX-0013", none),
            ("XHTX-001", none),
            ("HTX-001-3", none),
            ("20260301", none),
            ("2026-03-01", none),
            ("PO 2026", c),
            ("7788", none),
            ("HTX-0012/HTX-001", a | b),
        ):
            payment = self.money("2026-04-01", 100, memo=words)
            with self.subTest(words=words):
                found_ids = self.receipt(payment)._proposed_by_reference()
                self.assertEqual(set(found_ids.get(payment.id * 2, ())), set(found.ids))
        payment = self.money("2026-04-01", 100, memo="7788", partner_id=stranger.id)
        self.assertEqual(self.proposals(payment), [(100, other, 100)])

    # ------------------------------------------------------------------
    # Credit notes and bank lines
    # ------------------------------------------------------------------

    def test_credit_note_closes_another_contracts_invoice(self):
        """A and B invoiced 1,000 each. A credit note of 200 on B's lines is set off
        against A's invoice: A still owes 1,000, B 800."""
        a, b, _c = self.contracts()
        first, second = (self.invoice(order, "2026-04-01") for order in (a, b))
        note = self.credit(second, "2026-04-20", quantity=2)
        self.reconcile(first, note)
        for order, receivable in ((a, 1000), (b, 800)):
            for day in ("2026-04-20", None):
                with self.subTest(order=order.name, day=day):
                    figures = self.figures(order, day)
                    self.assertEqual(figures["receivable"], receivable)
                    self.assertEqual(figures["adjusted"], 0)
            balance = self.balances(order)[order.id]
            self.assertEqual(balance["receivable"], receivable)
        self.assertEqual(
            first.amount_residual + second.amount_residual, 1800, "as the books"
        )
        # the books call A's invoice paid by 200 more: ended, it owes on
        self.paid(first, 800, "2026-04-21")
        unguarded(a).write({"contract_state": "completed"})
        self.env.invalidate_all()
        row = self.env["contract.ageing"].search([("order_id", "=", a.id)])
        self.assertEqual((first.amount_residual, row.contract_receivable), (0, 200))

    def test_credit_note_on_a_shared_invoice(self):
        """A and B share an invoice of 1,000 each. 300 of B's goods are credited and
        set off against it: A owes 1,000, B 700. A goodwill of 100 on no order line
        relieves both by half: 950 and 650."""
        a, b, _c = self.contracts()
        with freeze_time("2026-04-01 02:00:00"):
            invoice = (a | b)._create_invoices()
            invoice.invoice_date = "2026-04-01"
            invoice.action_post()
        note = self.credit(invoice, "2026-04-20", quantity=0)
        note.button_draft()
        note.invoice_line_ids.filtered(
            lambda ln: ln.sale_line_ids.order_id == b
        ).quantity = 3
        note.action_post()
        self.assertEqual(note.amount_total, 300)
        note.line_ids.remove_move_reconcile()
        self.reconcile(invoice, note)
        for order, receivable in ((a, 1000), (b, 700)):
            self.assertAlmostEqual(
                float(self.figures(order)["receivable"]), receivable, 2
            )
        goodwill = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "invoice_date": "2026-04-25",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goodwill", "price_unit": 100, "tax_ids": False}
                    )
                ],
            }
        )
        goodwill.action_post()
        self.reconcile(invoice, goodwill)
        for order, receivable in ((a, 950), (b, 650)):
            figures = self.figures(order)
            self.assertAlmostEqual(float(figures["receivable"]), receivable, 2)
            self.assertAlmostEqual(float(figures["adjusted"]), 50, 2)

    def test_credit_note_closes_an_invoice_of_no_contract(self):
        """B is credited 200; that is set off against a rent invoice: B owes 800. The
        rest of the credit is paid out: 100 more credited and refunded change nothing
        but received, −100."""
        [b] = self.contracts(1)
        invoice = self.invoice(b, "2026-04-01")
        note = self.credit(invoice, "2026-04-20", quantity=2)
        rent = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": "2026-04-21",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Rent", "price_unit": 200, "tax_ids": False}
                    )
                ],
            }
        )
        rent.action_post()
        self.reconcile(rent, note)
        self.assertEqual(self.figures(b)["receivable"], 800)
        other = self.credit(invoice, "2026-04-22", quantity=1)
        self.pay(other, "2026-04-23")
        figures = self.figures(b)
        self.assertEqual((figures["received"], figures["receivable"]), (-100, 800))

    def test_bank_line_counts_for_what_it_paid(self):
        """A bank line of 1,000: 600 of A's invoice and 400 of other income. A bank
        line of 990 with 10 of fees: 1,000 of B's invoice, 990 of it money."""
        a, b, c = orders = self.contracts()
        self.bank(
            "2026-04-10", 1000, 400, paid=self.invoice(a, "2026-04-01", {self.pump: 6})
        )
        figures = self.figures(a)
        self.assertEqual((figures["received"], figures["adjusted"]), (600, 0))
        self.assertEqual(figures["receivable"], 0)
        receipts = self.env["contract.receipt"].search([("kind", "=", "statement")])
        self.assertEqual(receipts.mapped("amount"), [600])
        self.assertFalse(receipts.is_unclaimed)
        self.bank("2026-04-11", 990, -10, paid=self.invoice(b, "2026-04-01"))
        figures = self.figures(b)
        self.assertEqual((figures["received"], figures["adjusted"]), (990, 10))
        receipt = receipts.search([("kind", "=", "statement")]) - receipts
        self.assertEqual(
            (receipt.amount, receipt.reconciled, receipt.unclaimed), (990, 990, 0)
        )
        with self.assertRaises(ValidationError):
            self.env["contract.payment.claim"].create(
                {"receipt_id": receipt.id, "order_id": c.id, "amount": 10}
            )
        self.assertReceived([600, 990, 0], orders)

    # ------------------------------------------------------------------
    # Bills
    # ------------------------------------------------------------------

    def bill(self, amount, instrument, number="B1"):
        return self.money(
            "2026-04-01",
            amount,
            contract_instrument_id=self.env.ref(
                f"contract_tracking.instrument_{instrument}"
            ).id,
            contract_bill_number=number,
            contract_bill_maturity="2026-10-01",
        )

    def test_a_bill_is_passed_on(self):
        """A commercial bill of 400 for A counts from 5 May, when a supplier takes it;
        one of 300 for B from 6 May, when a bank buys it. A bank bill of 200 for C
        counts from 1 April, and is no open bill any more from 7 May."""
        orders = self.contracts()
        trade, second = (
            self.bill(amount, "commercial_acceptance") for amount in (400, 300)
        )
        bank = self.bill(200, "bank_acceptance")
        for payment, order in zip((trade, second, bank), orders, strict=True):
            self.claim(payment, order, payment.amount)
        with freeze_time("2026-05-08 02:00:00"):
            trade._contract_bill_outcome("endorsed", date(2026, 5, 5))
            second._contract_bill_outcome("discounted", date(2026, 5, 6))
            bank._contract_bill_outcome("endorsed", date(2026, 5, 7))
        self.assertReceived([0, 0, 200], orders, "2026-05-04")
        self.assertReceived([400, 0, 200], orders, "2026-05-05")
        self.assertReceived([400, 300, 200], orders, "2026-05-06")
        for day, bills in (("2026-05-04", [400, 300, 200]), ("2026-05-07", [0, 0, 0])):
            self.assertEqual([self.figures(o, day)["bills"] for o in orders], bills)
        self.assertEqual(self.figures(orders[2], "2026-05-06")["exposure"], 0)
        self.assertEqual(self.figures(orders[2], "2026-05-07")["exposure"], -200)
        self.assertEqual(self.receipt(trade).bill_state, "endorsed")
        self.env.invalidate_all()
        self.assertEqual(self.receipt(trade, "2026-05-04").bill_state, "open")

    def test_a_bill_that_was_passed_on_comes_back(self):
        """A commercial bill of 400 for A counts from 5 May, when a supplier takes it,
        until 2 June, when he comes back; a bank bill of 300 for B from 1 April."""
        orders = self.contracts()
        trade = self.bill(400, "commercial_acceptance")
        bank = self.bill(300, "bank_acceptance")
        for payment, order in zip((trade, bank), orders, strict=False):
            self.claim(payment, order, payment.amount)
        with freeze_time("2026-06-10 02:00:00"):
            (trade | bank)._contract_bill_outcome("endorsed", date(2026, 5, 5))
            with self.assertRaises(UserError):
                trade._contract_bill_outcome("honoured", date(2026, 6, 2))
            with self.assertRaises(UserError):
                trade._contract_bill_outcome("dishonoured", date(2026, 5, 4))
            wizard = self.env["contract.bill.outcome"].create(
                {"payment_id": trade.id, "is_returned": True, "date": "2026-06-02"}
            )
            self.assertTrue(wizard.is_passed_on)
            wizard.action_apply()
            bank._contract_bill_outcome("dishonoured", date(2026, 6, 2))
        for day, received in (
            ("2026-05-04", [0, 300, 0]),
            ("2026-05-05", [400, 300, 0]),
            ("2026-06-01", [400, 300, 0]),
            ("2026-06-02", [0, 0, 0]),
        ):
            self.assertReceived(received, orders, day)
        # in our hands, and in those of others
        for day, bills in (("2026-05-04", [400, 300, 0]), ("2026-05-05", [0, 0, 0])):
            self.assertEqual([self.figures(o, day)["bills"] for o in orders], bills)
        states = []
        for day in ("2026-05-04", "2026-05-05", "2026-06-02"):
            self.env.invalidate_all()
            receipt = self.receipt(trade, day)
            states.append((receipt.bill_state, str(receipt.bill_date or "")))
        self.assertEqual(
            states,
            [
                ("open", ""),
                ("endorsed", "2026-05-05"),
                ("dishonoured", "2026-06-02"),
            ],
        )
        # what it is stays what it was
        for values in (
            {"contract_instrument_id": False},
            {"contract_bill_number": "B2"},
            {"contract_bill_maturity": "2026-12-01"},
        ):
            with self.assertRaises(UserError):
                trade.write(values)
        trade.write({"contract_bill_number": trade.contract_bill_number})
        # recorded by mistake: the supplier has it, then it is still in our hands
        trade._contract_bill_outcome(False, False)
        self.assertEqual(trade.contract_bill_state, "endorsed")
        self.assertFalse(trade.contract_bill_passed_date)
        self.assertReceived([400, 0, 0], orders, "2026-06-02")
        trade._contract_bill_outcome(False, False)
        self.assertReceived([0, 300, 0], orders, "2026-06-01")

    def test_the_same_bill_twice(self):
        """However the number is written; a cancelled payment says nothing."""
        first = self.bill(400, "bank_acceptance", "1301 5810-22")
        self.assertFalse(first.contract_bill_warning)
        second = self.bill(400, "bank_acceptance", "１３０１581022")
        self.assertIn(first.name, second.contract_bill_warning)
        self.assertFalse(self.bill(1, "bank_acceptance", "130").contract_bill_warning)
        self.assertFalse(self.bill(1, "transfer", "1301581022").contract_bill_warning)
        [a] = self.contracts(1)
        wizard = (
            self.env["account.payment.register"]
            .with_context(
                active_model="account.move",
                active_ids=self.invoice(a, "2026-04-01").ids,
            )
            .create(
                {
                    "contract_instrument_id": first.contract_instrument_id.id,
                    "contract_bill_number": "1301-581022",
                }
            )
        )
        self.assertIn(second.name, wizard.contract_bill_warning)
        second.action_draft()
        second.action_cancel()
        first.invalidate_recordset(["contract_bill_warning"])
        self.assertFalse(first.contract_bill_warning)

    def test_look_back(self):
        """The window asks for the day; the list is that of the day."""
        self.money("2026-07-15", 500)
        action = self.env["contract.receipt"].action_look_back()
        wizard = Form(
            self.env["contract.ageing.date"].with_context(**action["context"])
        )
        wizard.date = "2026-07-14"
        action = wizard.save().action_apply()
        self.assertEqual(action["res_model"], "contract.receipt")
        self.assertEqual(action["context"]["contract_cutoff"], "2026-07-14")
        Receipt = self.env["contract.receipt"].with_context(**action["context"])
        self.assertFalse(Receipt.search([("partner_id", "=", self.partner.id)]))

    # ------------------------------------------------------------------
    # Terms that came later
    # ------------------------------------------------------------------

    def test_claim_for_a_term_that_came_later(self):
        """Deposit 300 of 1,000. An agreement of 1 August replaces the deposit term;
        400 of 15 July are then claimed for the new one: on 20 July they are the old
        deposit's 300, and 100 go on to the next term."""
        a = self.new_contract(
            "2026-03-01", template="template_30_70_delivery", promised="2026-06-01"
        )
        deposit = a.contract_term_ids.filtered(lambda t: t.payment_kind == "deposit")
        new = self.replace_term(deposit, date(2026, 8, 1))
        self.claim(self.money("2026-07-15", 400), a, 400, term_id=new.id)
        for day, term in (("2026-07-20", deposit), ("2026-08-20", new)):
            rows = self.env["contract.facts"]._read_terms(a, date.fromisoformat(day))
            with self.subTest(day=day):
                self.assertEqual(rows[term.id]["actual_amount"], 300)
                self.assertEqual(rows[term.id]["status"], "met_late")
                self.assertEqual(
                    sum(
                        row["actual_amount"]
                        for row in rows.values()
                        if row["kind"] == "payment"
                    ),
                    400,
                )

    def replace_term(self, term, day):
        """What an approved re-agreement does: it closes a term and opens a like one."""
        amount = term.amount
        unguarded(term).write({"valid_to": day})
        new = unguarded(term).copy({"predecessor_id": term.id})
        unguarded(new).write(
            {
                "valid_from": day,
                "valid_to": False,
                "stamped": True,
                "amount": amount,
                "predecessor_id": term.id,
            }
        )
        return new
