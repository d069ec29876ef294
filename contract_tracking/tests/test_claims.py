from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import ContractCommon

PARTNER = "contract_tracking.group_contract_user"


class TestClaims(ContractCommon):
    """Whose money a receipt is, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    def money(self, day, amount, partner=None, memo=None, **values):
        """A payment that arrives without any invoice."""
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": (partner or self.partner).id,
                    "amount": amount,
                    "date": day,
                    "memo": memo,
                    "journal_id": self.journal.id,
                    **values,
                }
            )
            payment.action_post()
        return payment

    def receipt(self, payment):
        return self.env["contract.receipt"]._of(payment)

    def claim(self, payment, order, amount, **values):
        return self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "order_id": order.id,
                "amount": amount,
                **values,
            }
        )

    def contracts(self, count=2, **values):
        return [
            self.new_contract("2026-03-01", promised="2026-06-01", **values)
            for _n in range(count)
        ]

    def bill(self, day, amount, instrument, maturity, **values):
        return self.money(
            day,
            amount,
            contract_instrument_id=self.env.ref(
                f"contract_tracking.instrument_{instrument}"
            ).id,
            contract_bill_number="B1",
            contract_bill_maturity=maturity,
            **values,
        )

    # ------------------------------------------------------------------
    # What counts
    # ------------------------------------------------------------------

    def test_a_round_sum_for_several_contracts(self):
        first, second = self.contracts()
        payment = self.money("2026-04-01", 1500)
        receipt = self.receipt(payment)
        self.assertEqual((receipt.unclaimed, receipt.is_unclaimed), (1500, True))
        self.claim(payment, first, 900)
        self.claim(payment, second, 500)
        receipt.invalidate_recordset()
        self.assertEqual(receipt.claimed, 1400)
        self.assertEqual(receipt.unclaimed, 100)
        self.assertEqual(self.figures(first)["received"], 900)
        self.assertEqual(self.figures(second)["received"], 500)
        self.assertEqual(self.figures(first, "2026-03-31")["received"], 0)
        self.assertEqual(self.figures(first, "2026-04-01")["received"], 900)

    def test_a_claimed_receipt_counts_once(self):
        first, second = self.contracts()
        invoice = self.invoice(first, "2026-04-01")
        payment = self.pay(invoice, "2026-04-10")
        self.assertEqual(self.figures(first)["received"], 1000)
        self.claim(payment, first, 1000)
        self.assertEqual(self.figures(first)["received"], 1000)
        self.assertEqual(self.figures(first)["receivable"], 0)
        # reconciled after somebody claimed it: what was said first counts
        other = self.invoice(second, "2026-04-01")
        paid = self.money("2026-04-10", 1000)
        claim = self.claim(paid, first, 1000)
        (paid.move_id | other).line_ids.filtered(
            lambda ln: ln.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(self.figures(second)["received"], 0)
        self.assertEqual(self.figures(first)["received"], 2000)
        receipt = self.receipt(paid)
        receipt.invalidate_recordset()
        self.assertTrue(receipt.is_conflict)
        self.assertIn(
            receipt, self.env["contract.receipt"].search([("is_conflict", "=", True)])
        )
        claim._withdraw("typing error")
        receipt.invalidate_recordset()
        self.assertFalse(receipt.is_conflict)
        self.assertEqual(self.figures(second)["received"], 1000)
        self.assertEqual(self.figures(first)["received"], 1000)

    def test_reconciled_money_is_kept_by_the_first_claim(self):
        first, second = self.contracts()
        invoice = self.invoice(first, "2026-04-01")
        payment = self.money("2026-04-10", 1500)
        lines = (payment.move_id | invoice).line_ids.filtered(
            lambda ln: ln.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        receipt = self.receipt(payment)
        receipt.invalidate_recordset()
        self.assertEqual((receipt.reconciled, receipt.unclaimed), (1000, 500))
        self.claim(payment, second, 500)
        self.assertEqual(self.figures(first)["received"], 1000)
        self.assertEqual(self.figures(second)["received"], 500)
        self.assertEqual(
            sorted(receipt.claim_ids.mapped("origin")), ["manual", "reconciliation"]
        )
        receipt.invalidate_recordset()
        self.assertEqual(receipt.unclaimed, 0)
        self.assertFalse(receipt.is_conflict)

    def test_less_than_a_unit_is_kept_too(self):
        first, second = self.contracts()
        payment = self.money("2026-04-10", 1500)
        (payment.move_id | self.invoice(first, "2026-04-01")).line_ids.filtered(
            lambda ln: ln.account_id.account_type == "asset_receivable"
        ).reconcile()
        claims = self.env["contract.payment.claim"].create(
            [
                {"payment_id": payment.id, "order_id": order.id, "amount": amount}
                for order, amount in ((first, 999.99), (second, 500))
            ]
        )
        kept = self.receipt(payment).claim_ids - claims
        self.assertEqual((kept.order_id, kept.amount), (first, 0.01))
        self.assertEqual(self.figures(first)["received"], 1000)

    def test_money_outside_contracts_is_nobody_s(self):
        self.company.contract_track_mode = "manual"
        order = self.new_contract("2026-03-01")
        self.pay(self.invoice(order, "2026-04-01"), "2026-04-10", 400)
        payment = self.env["account.payment"].search([], order="id desc", limit=1)
        receipt = self.receipt(payment)
        self.assertEqual((receipt.outside, receipt.unclaimed), (400, 0))
        self.assertFalse(receipt.is_unclaimed)

    def test_a_write_off_stays_an_adjustment(self):
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        payment = self.pay(
            invoice,
            "2026-04-10",
            900,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data_expense().id,
        )
        receipt = self.receipt(payment)
        self.assertEqual((receipt.amount, receipt.reconciled), (900, 900))
        self.claim(payment, order, 900)
        figures = self.figures(order)
        self.assertEqual((figures["received"], figures["adjusted"]), (900, 100))
        self.assertEqual(figures["receivable"], 0)

    def company_data_expense(self):
        return self.env["account.account"].search(
            [
                ("account_type", "=", "expense"),
                ("company_ids", "in", self.company.ids),
            ],
            limit=1,
        )

    def test_a_claim_names_its_term(self):
        order = self.new_contract(
            "2026-03-01", template="template_30_60_10", promised="2026-06-01"
        )
        terms = {t.payment_kind: t for t in order.contract_term_ids if t.payment_kind}
        payment = self.money("2026-03-20", 700)
        self.claim(payment, order, 600, term_id=terms["shipment"].id)
        facts = self.facts(order, "2026-03-25")
        # named for the shipment, although the deposit is due
        self.assertEqual(facts["Deposit"]["actual_amount"], 0)
        self.assertEqual(facts["Deposit"]["status"], "overdue")
        self.assertEqual(facts["Payment before shipment"]["actual_amount"], 600)
        self.assertEqual(facts["Payment before shipment"]["status"], "met")
        self.assertEqual(
            facts["Payment before shipment"]["actual_date"], date(2026, 3, 20)
        )
        self.assertEqual(self.figures(order, "2026-03-25")["overdue"], 300)
        # the deposit was not received: what waits for it waits on
        rest = self.claim(payment, order, 100)
        facts = self.facts(order, "2026-03-25")
        self.assertEqual(facts["Deposit"]["actual_amount"], 100)
        self.assertEqual(facts["Deposit"]["status"], "short")
        rest._withdraw("other contract")
        # more than the term takes goes on to the next one in order
        more = self.money("2026-03-21", 100)
        self.claim(more, order, 100, term_id=terms["shipment"].id)
        facts = self.facts(order, "2026-03-25")
        self.assertEqual(facts["Payment before shipment"]["actual_amount"], 600)
        self.assertEqual(facts["Deposit"]["actual_amount"], 100)

    def test_claims_of_a_contract_without_payment_terms(self):
        [order] = self.contracts(1)
        term = self.env["account.payment.term"].create(
            {
                "name": "Half, half",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (10, 40)
                ],
            }
        )
        order.payment_term_id = term
        self.invoice(order, "2026-04-01")
        self.assertEqual(self.figures(order, "2026-04-20")["overdue"], 500)
        self.assertEqual(self.figures(order, "2026-05-20")["overdue"], 1000)
        self.claim(self.money("2026-04-15", 600), order, 600)
        self.assertEqual(self.figures(order, "2026-04-14")["overdue"], 500)
        self.assertEqual(self.figures(order, "2026-04-20")["overdue"], 0)
        self.assertEqual(self.figures(order, "2026-05-20")["overdue"], 400)

    def test_two_currencies(self):
        dollar = self.env.ref("base.USD")
        euro = self.env.ref("base.EUR")
        other = euro if self.company.currency_id == dollar else dollar
        other.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", other.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "name": "2026-01-01", "rate": 0.5},
                {"currency_id": other.id, "name": "2026-05-01", "rate": 0.4},
            ]
        )
        [order] = self.contracts(1)  # company currency, 1000
        payment = self.money("2026-04-01", 200, currency_id=other.id)
        claim = self.claim(payment, order, 200)
        self.assertEqual(claim.contract_amount, 400)  # 200 ÷ 0.5
        self.assertEqual(self.figures(order)["received"], 400)
        late = self.money("2026-05-10", 80, currency_id=other.id)
        self.assertEqual(self.claim(late, order, 80).contract_amount, 200)  # ÷ 0.4
        self.assertEqual(self.figures(order, "2026-05-09")["received"], 400)
        self.assertEqual(self.figures(order, "2026-05-10")["received"], 600)

    def test_history_keeps_all_decimals(self):
        dinar = self.env.ref("base.KWD")
        dinar.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "Kuwait", "currency_id": dinar.id}
        )
        [order] = self.contracts(1, pricelist_id=pricelist.id)
        claim = self.claim(
            self.money("2026-04-01", 1000.125, currency_id=dinar.id), order, 1000.125
        )
        row = self.env["contract.history"].search([("kind", "=", "claim")], limit=1)
        self.assertEqual((row.order_id, row.record_id), (order, claim.id))
        self.assertEqual(row.new_value, "Claimed 1,000.125 KWD")

    def test_a_refund_is_claimed_back(self):
        [order] = self.contracts(1)
        self.claim(self.money("2026-04-01", 500), order, 500)
        refund = self.money("2026-04-20", 200, payment_type="outbound")
        receipt = self.receipt(refund)
        self.assertEqual((receipt.amount, receipt.unclaimed), (-200, -200))
        with self.assertRaises(ValidationError):
            self.claim(refund, order, 200)
        self.claim(refund, order, -200)
        self.assertEqual(self.figures(order, "2026-04-19")["received"], 500)
        self.assertEqual(self.figures(order)["received"], 300)

    # ------------------------------------------------------------------
    # Bank statements, opening entries, payments without a journal entry
    # ------------------------------------------------------------------

    def test_bank_statement(self):
        [order] = self.contracts(1)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.journal.id,
                "date": "2026-04-01",
                "payment_ref": f"for {order.contract_number}",
                "partner_id": self.partner.id,
                "amount": 500,
            }
        )
        # not said yet that it is a customer's money
        self.assertFalse(
            self.env["contract.receipt"].search([("kind", "=", "statement")])
        )
        _liquid, suspense, _other = line._seek_for_lines()
        line.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(
                        suspense.id,
                        {
                            "account_id": self.partner.with_company(
                                self.company
                            ).property_account_receivable_id.id,
                        },
                    )
                ]
            }
        )
        receipt = self.env["contract.receipt"].search([("kind", "=", "statement")])
        self.assertEqual((receipt.amount, receipt.unclaimed), (500, 500))
        [proposal] = receipt._propose()[receipt.id]
        self.assertEqual(
            (proposal["order_id"], proposal["amount"], proposal["origin"]),
            (order.id, 500, "reference"),
        )
        claim = self.env["contract.payment.claim"].create(
            {"receipt_id": receipt.id, "order_id": order.id, "amount": 500}
        )
        self.assertEqual(claim.move_line_id, receipt.move_line_id)
        self.assertEqual(self.figures(order)["received"], 500)
        line.action_undo_reconciliation()
        self.assertEqual(claim.state, "withdrawn")
        self.assertEqual(self.figures(order)["received"], 0)

    def test_opening_entry(self):
        [order] = self.contracts(1)
        receivable = self.partner.with_company(
            self.company
        ).property_account_receivable_id
        move = self.env["account.move"].create(
            {
                "date": "2026-03-15",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": self.partner.id,
                            "name": "Advance",
                            "credit": 250,
                        }
                    ),
                    Command.create(
                        {"account_id": self.company_data_expense().id, "debit": 250}
                    ),
                ],
            }
        )
        move.action_post()
        self.company.account_opening_move_id = move
        receipt = self.env["contract.receipt"].search([("kind", "=", "opening")])
        self.assertEqual((receipt.amount, receipt.unclaimed), (250, 250))
        claim = self.env["contract.payment.claim"].create(
            {"receipt_id": receipt.id, "order_id": order.id, "amount": 250}
        )
        self.assertEqual(self.figures(order)["received"], 250)
        move.button_draft()
        self.assertEqual(claim.state, "withdrawn")
        self.assertFalse(receipt.exists())

    def without_entry(self, invoice, amount, day):
        """A payment as Enterprise's accounting makes it: no journal entry."""
        payment = self.money(day, amount)
        move = payment.move_id
        self.env.cr.execute(
            "UPDATE account_payment SET move_id = NULL, outstanding_account_id = NULL,"
            " state = 'in_process' WHERE id = %s",
            [payment.id],
        )
        self.env.cr.execute(
            "INSERT INTO account_move__account_payment (invoice_id, payment_id)"
            " VALUES (%s, %s)",
            [invoice.id, payment.id],
        )
        self.env.invalidate_all()
        move.button_draft()
        move.unlink()
        return payment

    def test_payments_without_a_journal_entry(self):
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        payment = self.without_entry(invoice, 600, "2026-04-10")
        receipt = self.receipt(payment)
        self.assertEqual((receipt.reconciled, receipt.unclaimed), (600, 0))
        self.assertEqual(self.figures(order, "2026-04-09")["received"], 0)
        self.assertEqual(self.figures(order)["received"], 600)
        self.claim(payment, order, 600)
        self.assertEqual(self.figures(order)["received"], 600)

    # ------------------------------------------------------------------
    # Bills
    # ------------------------------------------------------------------

    def test_bills_count_when_they_count(self):
        first, second = self.contracts()
        bank = self.bill("2026-04-01", 400, "bank_acceptance", "2026-10-01")
        trade = self.bill("2026-04-01", 300, "commercial_acceptance", "2026-10-01")
        self.claim(bank, first, 400)
        self.claim(trade, second, 300)
        self.assertEqual(self.figures(first, "2026-05-01")["received"], 400)
        self.assertEqual(self.figures(first, "2026-05-01")["bills"], 400)
        self.assertEqual(self.figures(first, "2026-05-01")["exposure"], 0)
        self.assertEqual(self.figures(second, "2026-05-01")["received"], 0)
        self.assertEqual(self.figures(second, "2026-05-01")["bills"], 300)
        with freeze_time("2026-10-08 02:00:00"):
            bank._contract_bill_outcome("dishonoured", date(2026, 10, 2))
            trade._contract_bill_outcome("honoured", date(2026, 10, 3))
        # before it was dishonoured it was money
        self.assertEqual(self.figures(first, "2026-10-01")["received"], 400)
        self.assertEqual(self.figures(first, "2026-10-01")["bills"], 400)
        self.assertEqual(self.figures(first, "2026-10-02")["received"], 0)
        self.assertEqual(self.figures(first, "2026-10-02")["bills"], 0)
        self.assertEqual(self.figures(second, "2026-10-02")["received"], 0)
        self.assertEqual(self.figures(second, "2026-10-03")["received"], 300)
        with self.assertRaises(UserError):
            bank._contract_bill_outcome("honoured", date(2026, 10, 3))
        with self.assertRaises(UserError):
            bank.contract_bill_state = "honoured"
        bank._contract_bill_outcome(False, False)
        self.assertEqual(self.figures(first, "2026-10-02")["received"], 400)

    def test_bill_dishonoured_before_its_claim_s_day(self):
        """It takes back on the claim's day what the claim brings, not before."""
        [order] = self.contracts(1, template="template_30_60_10")
        bill = self.bill("2026-04-01", 300, "bank_acceptance", "2026-10-01")
        self.claim(bill, order, 300, date="2026-06-01")
        with freeze_time("2026-05-03 02:00:00"):
            bill._contract_bill_outcome("dishonoured", date(2026, 5, 2))
        self.claim(self.money("2026-05-10", 300), order, 300)
        self.assertEqual(self.figures(order, "2026-06-02")["received"], 300)
        deposit = self.facts(order, "2026-06-02")["Deposit"]
        self.assertEqual(deposit["actual_date"], date(2026, 5, 10))

    def test_days_in_messages(self):
        """As the user's language writes them."""
        [order] = self.contracts(1)
        with self.assertRaisesRegex(ValidationError, "04/01/2026.* on 03/31/2026"):
            self.bill("2026-04-01", 10, "lc", "2026-03-31")
        payment = self.money("2026-04-01", 10)
        with self.assertRaisesRegex(ValidationError, "it came, on 04/01/2026"):
            self.claim(payment, order, 10, date="2026-03-31")

    def test_reconciled_bills(self):
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        lc = self.env.ref("contract_tracking.instrument_lc")
        payment = self.pay(
            invoice,
            "2026-04-05",
            contract_instrument_id=lc.id,
            contract_bill_number="LC 7",
            contract_bill_maturity="2026-07-01",
        )
        self.assertEqual(payment.contract_instrument_id, lc)
        self.assertEqual(payment.contract_bill_number, "LC 7")
        # the books call it paid, the contract has a promise of a bank
        self.assertEqual(self.figures(order, "2026-05-01")["received"], 0)
        self.assertEqual(self.figures(order, "2026-05-01")["overdue"], 1000)
        with freeze_time("2026-07-02 02:00:00"):
            payment._contract_bill_outcome("honoured", date(2026, 7, 1))
        self.assertEqual(self.figures(order, "2026-07-01")["received"], 1000)
        self.assertEqual(self.figures(order, "2026-07-01")["overdue"], 0)

    def test_another_instrument_than_agreed(self):
        order = self.new_contract(
            "2026-03-01", template="template_30_70_delivery", promised="2026-06-01"
        )
        deposit = order.contract_term_ids.filtered(
            lambda t: t.payment_kind == "deposit"
        )
        other = self.new_order(template="template_30_70_delivery")
        term = other.contract_term_ids.filtered(lambda t: t.payment_kind == "deposit")
        term.write(
            {
                "instrument_id": self.env.ref(
                    "contract_tracking.instrument_bank_acceptance"
                ).id,
                "tenor_days": 180,
            }
        )
        with freeze_time("2026-03-01 02:00:00"):
            other.action_confirm()
        cases = (
            ("bank_acceptance", "2026-09-01", False),
            ("bank_acceptance", "2026-12-01", True),  # longer than 180 days
            ("promissory", "2026-09-01", True),
        )
        for instrument, maturity, mismatch in cases:
            payment = self.bill("2026-04-01", 300, instrument, maturity)
            payment.contract_instrument_id.counts_on = "receipt"
            claim = self.claim(payment, other, 300)
            with self.subTest(instrument=instrument, maturity=maturity):
                self.assertEqual(self.facts(other)["Deposit"]["is_mismatch"], mismatch)
                self.assertEqual(self.figures(other)["mismatches"], int(mismatch))
            claim._withdraw("next case")
            named = self.claim(payment, other, 300, term_id=term.id)
            self.assertEqual(self.facts(other)["Deposit"]["is_mismatch"], mismatch)
            named._withdraw("next case")
        self.claim(self.bill("2026-04-01", 300, "lc", "2026-09-01"), order, 300)
        self.assertFalse(self.facts(order)["Deposit"]["is_mismatch"])
        self.assertFalse(deposit.is_mismatch)

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    def test_proposed_by_reference(self):
        first, second = self.contracts()
        payment = self.money("2026-04-01", 300, memo=f"Pay {second.name.lower()} thx")
        [proposal] = self.receipt(payment)._propose()[payment.id * 2]
        self.assertEqual(
            (proposal["order_id"], proposal["amount"], proposal["origin"]),
            (second.id, 300, "reference"),
        )
        self.assertNotEqual(proposal["order_id"], first.id)
        # on the screen, before anything is stored
        with (
            Form(
                self.env["contract.claim"].with_context(
                    default_receipt_ids=[payment.id * 2]
                )
            ) as form,
            form.line_ids.edit(0) as line,
        ):
            self.assertEqual(line.order_id, second)
            self.assertEqual(line.amount, 300)

    def test_running_account(self):
        self.partner.contract_running_account = True
        older, newer = (
            self.new_contract(day, template="template_net_30", promised="2026-06-01")
            for day in ("2026-03-01", "2026-03-02")
        )
        self.invoice(newer, "2026-03-10")
        self.invoice(older, "2026-03-20")
        payment = self.money("2026-05-01", 1300)
        user = self.new_user("ct_seller_running", "sales_team.group_sale_salesman")
        (older | newer).user_id = user
        lines = self.receipt(payment)._propose()[payment.id * 2]
        # newer is due on 9 April, older on 19 April
        self.assertEqual(
            [(line["order_id"], line["amount"]) for line in lines],
            [(newer.id, 1000), (older.id, 300)],
        )
        wizard = (
            self.env["contract.claim"]
            .with_user(user)
            .create({"receipt_ids": [Command.set([payment.id * 2])]})
        )
        self.assertEqual(len(wizard.line_ids), 2)
        wizard.action_claim()
        claims = self.env["contract.payment.claim"].search(
            [("payment_id", "=", payment.id)]
        )
        # finance confirms what is only proposed by age
        self.assertEqual(set(claims.mapped("state")), {"to_confirm"})
        self.assertEqual(self.figures(newer)["received"], 0)
        with self.assertRaises(UserError):
            claims.with_user(user).action_confirm()
        finance = self.new_user("ct_fin", "contract_tracking.group_contract_finance")
        claims.with_user(finance).action_confirm()
        self.assertEqual(self.figures(newer)["received"], 1000)
        self.assertEqual(self.figures(older)["received"], 300)
        with self.assertRaises(UserError):
            claims.with_user(finance).action_confirm()

    def test_propose_for_all_running_accounts(self):
        self.partner.contract_running_account = True
        order = self.new_contract(
            "2026-03-01", template="template_net_30", promised="2026-06-01"
        )
        self.invoice(order, "2026-03-10")
        self.money("2026-05-01", 700)
        self.money("2026-05-02", 700)
        self.env["contract.receipt"].action_propose_running()
        claims = self.env["contract.payment.claim"].search(
            [("order_id", "=", order.id)]
        )
        self.assertEqual(sorted(claims.mapped("amount")), [300, 700])
        self.assertEqual(self.figures(order)["received"], 1000)

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def test_never_more_than_the_receipt(self):
        first, second = self.contracts()
        payment = self.money("2026-04-01", 500)
        self.claim(payment, first, 400)
        with self.assertRaises(ValidationError):
            self.claim(payment, second, 200)
        self.claim(payment, second, 100)

    def test_a_claim_is_not_edited(self):
        [order] = self.contracts(1)
        claim = self.claim(self.money("2026-04-01", 500), order, 400)
        for vals in ({"amount": 500}, {"state": "withdrawn"}, {"date": "2026-05-01"}):
            with self.assertRaises(UserError):
                claim.write(vals)
        with self.assertRaises(UserError):
            claim.unlink()
        with self.assertRaises(UserError):
            self.claim(claim.payment_id, order, 50, state="claimed")
        defaults = self.env["contract.payment.claim"].with_context(
            default_contract_amount=10000, default_state="claimed"
        )
        made = defaults.create(
            {"payment_id": claim.payment_id.id, "order_id": order.id, "amount": 50}
        )
        self.assertEqual(made.contract_amount, 50)
        with self.assertRaises(UserError):
            claim._take_reason_step("withdraw", " ")
        claim._withdraw("wrong contract")
        self.assertEqual(claim.state, "withdrawn")

    def test_impossible_claims(self):
        first, second = self.contracts()
        payment = self.money("2026-04-01", 500)
        with self.assertRaises(ValidationError):
            self.claim(payment, first, 100, date="2026-03-01")
        with self.assertRaises(ValidationError):
            self.claim(payment, first, 100, term_id=second.contract_term_ids[0].id)
        quotation = self.new_order()
        with self.assertRaises(UserError):
            self.claim(payment, quotation, 100)
        draft = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 100,
                "journal_id": self.journal.id,
            }
        )
        with self.assertRaises(UserError):
            self.claim(draft, first, 100)
        with self.assertRaises(UserError):
            self.env["contract.payment.claim"].create(
                {"order_id": first.id, "amount": 100}
            )

    def test_cancelled_rejected_and_unreconciled_payments(self):
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        for undo in ("action_draft", "action_cancel", "action_reject"):
            payment = self.money("2026-04-10", 200)
            claim = self.claim(payment, order, 200)
            self.assertEqual(self.figures(order)["received"], 200)
            getattr(payment, undo)()
            with self.subTest(undo=undo):
                self.assertEqual(claim.state, "withdrawn")
                self.assertTrue(claim.withdrawn_reason)
                self.assertEqual(self.figures(order)["received"], 0)
        payment = self.money("2026-04-10", 200)
        claim = self.claim(payment, order, 200)
        payment.move_id.button_draft()
        self.assertEqual(claim.state, "withdrawn")
        paid = self.pay(invoice, "2026-04-12")
        kept = self.claim(paid, order, 1000)
        self.assertEqual(self.figures(order)["received"], 1000)
        paid.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(kept.state, "withdrawn")
        self.assertEqual(self.figures(order)["received"], 0)
        self.assertTrue(self.receipt(paid).is_unclaimed)
        history = order.contract_history_ids.filtered(lambda h: h.kind == "claim")
        self.assertTrue(history)

    def test_third_party_payer(self):
        [order] = self.contracts(1)
        mother = self.env["res.partner"].create({"name": "Holding", "is_company": True})
        own = self.claim(self.money("2026-04-01", 100), order, 100)
        self.assertFalse(own.is_third_party)
        claim = self.claim(
            self.money("2026-04-01", 100, contract_payer_id=mother.id), order, 100
        )
        self.assertTrue(claim.is_third_party)
        self.assertTrue(claim.is_unauthorised)
        attachment = self.env["ir.attachment"].create({"name": "a.txt", "raw": b"ok"})
        paper = self.env["contract.document"].create(
            {
                "name": "Authorisation",
                "order_id": order.id,
                "type_id": self.env.ref(
                    "contract_tracking.document_type_authorisation"
                ).id,
                "partner_ids": [Command.set(self.partner.ids)],
                "attachment_ids": [Command.link(attachment.id)],
            }
        )
        self.assertTrue(claim.is_unauthorised, "it authorises somebody else")
        paper.partner_ids = mother
        self.assertFalse(claim.is_unauthorised)
        paper.unlink()
        self.assertTrue(claim.is_unauthorised)
        claim._take_back("Somebody else's money")
        self.assertNotIn(claim, claim.search([("is_unauthorised", "=", True)]))

    def test_who_claims(self):
        seller = self.new_user("ct_claim_seller", "sales_team.group_sale_salesman")
        rival = self.new_user("ct_claim_rival", "sales_team.group_sale_salesman")
        auditor = self.new_user(
            "ct_claim_auditor", "contract_tracking.group_contract_auditor"
        )
        stock = self.new_user("ct_claim_stock", "stock.group_stock_user")
        mine, other = self.contracts()
        mine.user_id, other.user_id = seller, rival
        payment = self.money("2026-04-01", 500)

        def claim(user, order, amount=100):
            return (
                self.env["contract.payment.claim"]
                .with_user(user)
                .create(
                    {
                        "receipt_id": payment.id * 2,
                        "order_id": order.id,
                        "amount": amount,
                    }
                )
            )

        self.assertTrue(self.receipt(payment).with_user(seller).has_access("read"))
        made = claim(seller, mine)
        self.assertEqual(made.sudo().state, "claimed")
        for user, order in ((seller, other), (auditor, mine), (stock, mine)):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                claim(user, order)
        with self.assertRaises(UserError):
            made.with_user(rival)._withdraw("mine")
        made.with_user(seller)._withdraw("mistake")
        # the company may want finance to look at each of them
        self.company.contract_claim_confirm = True
        waiting = claim(seller, mine)
        self.assertEqual(waiting.sudo().state, "to_confirm")
        self.assertEqual(self.figures(mine)["received"], 0)
        # fully claimed money of others is none of his business
        claim(rival, other, 400)
        receipt = self.receipt(payment).with_user(seller)
        receipt.invalidate_recordset()
        self.assertTrue(receipt.has_access("read"), "his claim waits there")
        waiting.with_user(seller)._withdraw("mistake")
        claim(rival, other, 100)
        self.env.invalidate_all()
        self.assertNotIn(
            receipt.id,
            self.env["contract.receipt"]
            .with_user(seller)
            .search([("claim_ids.state", "=", "to_confirm")])
            .ids,
        )

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        [order] = self.contracts(1)
        payment = self.money("2026-04-01", 500)
        self.env.user.company_ids |= company
        foreign = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "company_id": company.id,
                "contract_number": "X-1",
                "order_line": [Command.create({"product_id": self.pump.id})],
            }
        )
        with self.assertRaises(UserError):
            self.claim(payment, foreign, 100)
        self.claim(payment, order, 100)
