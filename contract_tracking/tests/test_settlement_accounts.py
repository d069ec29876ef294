"""Settlements as an accountant reckons them: what happened, and the figures by hand."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..tools.guard import unguarded
from ..tools.words import amount_in_words
from .test_reagreement_apply import ApplyCase
from .test_settlement import DAY, SettlementCase
from .test_termination import TerminationCase

# What is read of a settlement, in this order.
FIGURES = (
    "agreed", "delivered", "returned", "invoiced", "uninvoiced", "received",
    "adjusted",
)  # fmt: skip


class AccountsCase(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.pump + cls.valve).invoice_policy = "delivery"
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        accounts = cls.env["account.account"]
        cls.expense = accounts.search([("account_type", "=", "expense")], limit=1)
        cls.receivable = accounts.browse(cls.partner.property_account_receivable_id.ids)

    def of_books(self, order, day=DAY, **values):
        """The settlement as of a day, equal to register and statement; void again."""
        self.env.flush_all()
        settlement = self.settle(
            order, day, user=self.env.user, **{"kind": "termination", **values}
        )
        with freeze_time(f"{day} 02:00:00"):
            self.assert_equal_books(order, settlement)
        return settlement

    def amounts(self, settlement):
        return tuple(settlement[f"{name}_amount"] for name in FIGURES)

    def owed(self, settlement):
        return (
            settlement.balance,
            settlement.retention_amount,
            settlement.due_amount,
        )

    def prices(self, currency, *rates):
        """A price list in a currency with rates: (day, units of it for ours)."""
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [{"currency_id": currency.id, "name": day, "rate": r} for day, r in rates]
        )
        return self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )

    def vat(self, amount, **values):
        return self.env["account.tax"].create(
            {
                "name": f"VAT {amount}",
                "amount": amount,
                "type_tax_use": "sale",
                **values,
            }
        )

    def money(self, day, amount, **values):
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner.id,
                    "journal_id": self.journal.id,
                    "amount": amount,
                    "date": day,
                    **values,
                }
            )
            payment.action_post()
        return payment

    def claim(self, payment, amount, **values):
        return self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "amount": amount,
                "date": payment.date,
                **values,
            }
        )

    def bank(self, day, amount, fee, invoice):
        """A bank line of an invoice, of which the bank kept a fee."""
        with freeze_time(f"{day} 02:00:00"):
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
            rows = [(self.receivable, amount + fee), (self.expense, -fee)]
            line.move_id.with_context(
                force_delete=True, skip_readonly_check=True
            ).write(
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
            self.reconcile(line.move_id | invoice)

    def reconcile(self, moves):
        moves.line_ids.filtered(
            lambda ln: ln.account_id == self.receivable and not ln.reconciled
        ).reconcile()


@tagged("post_install", "-at_install")
class TestSettlementAccounts(AccountsCase):
    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def test_exchange_difference(self):
        """1,000 euro, at 1.25 of ours when invoiced, at 2 when 900 are paid: what is
        left is 100 euro, in our books the 125 of the invoice."""
        prices = self.prices(
            self.env.ref("base.EUR"), ("2026-01-01", 0.8), ("2026-08-01", 0.5)
        )
        order = self.kept_back(lines=[(self.pump, 10, 100)], pricelist_id=prices.id)
        self.deliver(order, "2026-07-20")
        invoice = self.invoice(order, "2026-07-21")
        self.assertEqual(invoice.amount_total_signed, 1250)
        self.pay(invoice, "2026-08-05", 900)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 900, 0))
        self.assertEqual(self.owed(settlement), (100, 100, 0))
        items = invoice.line_ids.filtered(lambda ln: ln.display_type == "payment_term")
        self.assertEqual(sum(items.mapped("amount_residual")), 125)
        self.assertEqual(settlement.booked_receivable, 125)
        with freeze_time(f"{DAY} 02:00:00"):
            self.env.invalidate_all()
            self.assertTrue(order.contract_to_settle)

    def test_parts_of_money_add_up(self):
        """A contract in euro that is invoiced in our currency, and paid in three parts
        of 26.664, 26.664 and 26.68 euro: 80.01 in all, and so do the rows."""
        prices = self.prices(self.env.ref("base.EUR"), ("2026-01-01", 0.8))
        order = self.kept_back(lines=[(self.pump, 10, 100)], pricelist_id=prices.id)
        self.deliver(order, "2026-07-20")
        with freeze_time("2026-07-21 02:00:00"):
            invoice = order._create_invoices()
            invoice.currency_id = self.company.currency_id
            invoice.invoice_line_ids.price_unit = 125
            invoice.invoice_date = "2026-07-21"
            invoice.action_post()
        self.assertEqual(invoice.amount_total, 1250)
        for day, amount in (("01", 33.33), ("02", 33.33), ("03", 33.35)):
            self.pay(invoice, f"2026-08-{day}", amount)
        settlement = self.of_books(order)
        self.assertEqual(settlement.received_amount, 80.01)
        self.assertEqual(self.owed(settlement), (919.99, 100, 819.99))

    def test_refund_of_a_credit_note(self):
        """All is paid, two of ten come back, are credited, and paid back."""
        order = self.new_contract("2026-06-01", promised="2026-08-01")
        out = self.deliver(order, "2026-07-20")
        self.pay(self.invoice(order, "2026-07-21"), "2026-08-05")
        self.give_back(out, "2026-08-20", 2)
        before = self.of_books(order, "2026-08-20")
        self.assertEqual(self.amounts(before), (1000, 800, 200, 1000, -200, 1000, 0))
        self.assertEqual(self.owed(before), (-200, 0, -200))
        credit = self.invoice(order, "2026-08-21")
        self.assertEqual((credit.move_type, credit.amount_total), ("out_refund", 200))
        self.pay(credit, "2026-08-25")
        with freeze_time(f"{DAY} 02:00:00"):
            before.date = "2026-08-24"
            self.assertEqual(self.amounts(before), (1000, 800, 200, 800, 0, 1000, 0))
            self.assertEqual(before.balance, -200)
            before.date = DAY
            self.assert_equal_books(order, before)
        self.assertEqual(self.amounts(before), (1000, 800, 200, 800, 0, 800, 0))
        self.assertEqual(self.owed(before), (0, 0, 0))
        line = before.line_ids
        self.assertEqual(
            (
                line.agreed_quantity,
                line.delivered_quantity,
                line.returned_quantity,
                line.invoiced_quantity,
            ),
            (10, 8, 2, 8),
        )

    def test_early_payment_discount(self):
        """2 % off within ten days: 980 of 1,000 are paid, 20 are no money."""
        early = self.env["account.payment.term"].create(
            {
                "name": "2/10",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "included",
            }
        )
        order = self.kept_back(payment_term_id=early.id)
        self.deliver(order, "2026-07-20")
        invoice = self.invoice(order, "2026-07-21")
        [payment] = self.pay(invoice, "2026-07-25")
        self.assertEqual(payment.amount, 980)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 980, 20))
        self.assertEqual(self.owed(settlement), (0, 0, 0))
        self.assertEqual(settlement.booked_receivable, 0)

    def test_bad_debt(self):
        """400 are paid; the rest of 600 is booked as lost."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        invoice = self.invoice(order, "2026-07-21")
        self.pay(invoice, "2026-08-05", 400)
        with freeze_time("2026-09-20 02:00:00"):
            entry = self.env["account.move"].create(
                {
                    "date": "2026-09-20",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.partner.id,
                                "balance": balance,
                            }
                        )
                        for account, balance in (
                            (self.expense, 600),
                            (self.receivable, -600),
                        )
                    ],
                }
            )
            entry.action_post()
            self.reconcile(entry | invoice)
        settlement = self.of_books(order, "2026-09-19")
        self.assertEqual(self.owed(settlement), (600, 100, 500))
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.date = DAY
            self.assert_equal_books(order, settlement)
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 400, 600))
        self.assertEqual(self.owed(settlement), (0, 0, 0))

    def test_bank_charges(self):
        """The customer sends 900, of which the bank keeps 10: 890 came in, and nothing
        but the retention is owed."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        invoice = self.invoice(order, "2026-07-21")
        self.bank("2026-08-05", 890, 10, invoice)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 890, 10))
        self.assertEqual(self.owed(settlement), (100, 100, 0))

    def test_short_by_the_tolerance(self):
        """895 of 900 come: by the company's 1 % the term is met, and the contract is
        to be settled; the five stay open in the books, and need a reason."""
        self.company.contract_tolerance_percent = 1
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.pay(self.invoice(order, "2026-07-21"), "2026-08-05", 895)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.owed(settlement), (105, 100, 5))
        terms = settlement.payment_ids.filtered(lambda r: r.kind == "term")
        self.assertEqual(terms.mapped("outstanding"), [5, 100])
        with freeze_time(f"{DAY} 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(order.contract_late_payments, 0)
            self.assertTrue(order.contract_to_settle)

    def test_claims_of_one_receipt(self):
        """500 on account, 300 for one contract, 150 for another, 50 for nobody: their
        reconciliation with the invoice of the second one counts no more."""
        first, second = self.kept_back(), self.kept_back()
        for order in (first, second):
            self.deliver(order, "2026-07-20")
            self.invoice(order, "2026-07-21")
        payment = self.money("2026-08-05", 500)
        self.claim(payment, 300, order_id=first.id)
        self.claim(payment, 150, order_id=second.id)
        self.reconcile(payment.move_id | second.invoice_ids)
        for order, received in ((first, 300), (second, 150)):
            settlement = self.of_books(order)
            self.assertEqual(settlement.received_amount, received)
            self.assertEqual(settlement.adjusted_amount, 0)
            self.assertEqual(
                self.owed(settlement), (1000 - received, 100, 900 - received)
            )

    def test_two_contracts_on_one_invoice(self):
        """99.99 and 100.03 on one invoice, 150 paid at once: 74.99 and 75.01."""
        first = self.new_contract("2026-06-01", [(self.pump, 3, 33.33)])
        second = self.new_contract("2026-06-01", [(self.valve, 7, 14.29)])
        for order in (first, second):
            self.deliver(order, "2026-07-20")
        invoice = self.invoice(first | second, "2026-07-21")
        self.assertEqual(invoice.amount_total, 200.02)
        self.pay(invoice, "2026-08-05", 150)
        found = [self.of_books(order) for order in (first, second)]
        self.assertEqual([s.invoiced_amount for s in found], [99.99, 100.03])
        self.assertEqual([s.received_amount for s in found], [74.99, 75.01])
        self.assertEqual([s.balance for s in found], [25, 25.02])
        self.assertEqual([s.booked_receivable for s in found], [25, 25.02])

    def test_paid_too_much(self):
        """1,100 for 1,000: a hundred goes back, as the settlement says; not more."""
        order = self.new_contract(
            "2026-06-01", user_id=self.seller.id, team_id=self.team.id
        )
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        self.claim(self.money("2026-08-05", 1100), 1100, order_id=order.id)
        settlement = self.of_books(order, kind="completion", user_id=self.seller.id)
        self.assertEqual(self.owed(settlement), (-100, 0, -100))
        self.assertEqual(settlement.booked_receivable, -100)
        settlement = settlement.with_user(self.seller)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.write({"balance_reason": "refund", "balance_note": "By bank"})
            settlement.action_propose_actions()
            self.assertRegex(settlement.action_ids.name, "Refund.*100.00")
        self.confirm(settlement)
        back = self.money("2026-10-01", 150, payment_type="outbound")
        self.claim(back, -100, order_id=order.id)
        with freeze_time("2026-10-05 05:00:00"):
            self.env.invalidate_all()
            self.assertTrue(order._contract_is_settled())
        self.claim(back, -50, order_id=order.id)
        with freeze_time("2026-10-05 05:00:00"):
            self.env.invalidate_all()
            self.assertFalse(order._contract_is_settled())

    def test_retention_released_in_part(self):
        """880 on delivery of 900, 50 of the retention early: 20 are due now."""
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        retention = order.contract_term_ids.filtered(
            lambda t: t.payment_kind == "retention"
        )
        self.claim(self.money("2026-08-05", 880), 880, order_id=order.id)
        self.claim(
            self.money("2026-09-05", 50), 50, order_id=order.id, term_id=retention.id
        )
        settlement = self.of_books(order)
        self.assertEqual(self.owed(settlement), (70, 50, 20))
        terms = settlement.payment_ids.filtered(lambda r: r.kind == "term")
        self.assertEqual(terms.mapped("outstanding"), [20, 50])

    def test_frame_money_is_the_frames(self):
        """500 were claimed for the frame agreement: the call-off of 1,000, of which 600
        are paid, is settled on its own."""
        frame = self.new_frame()
        order = self.new_contract(
            "2026-06-01", [(self.pump, 10)], contract_frame_id=frame.id
        )
        self.claim(self.money("2026-06-05", 500), 500, frame_id=frame.id)
        self.deliver(order, "2026-07-20")
        self.pay(self.invoice(order, "2026-07-21"), "2026-08-05", 600)
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 600, 0))
        self.assertEqual(settlement.balance, 400)
        self.assertEqual(settlement.booked_receivable, 400)

    # ------------------------------------------------------------------
    # Taxes, currencies, units
    # ------------------------------------------------------------------

    def test_price_with_tax_and_discount(self):
        """Seven at 99.99 with 13 % in it, a third off: 466.64; two are delivered and
        invoiced, one of them comes back."""
        self.pump.taxes_id = self.vat(13, price_include_override="tax_included")
        with freeze_time("2026-06-01 02:00:00"):
            order = self.new_order([(self.pump, 7, 99.99)])
            order.order_line.discount = 33.33
            order.action_confirm()
        self.assertEqual(order.amount_total, 466.64)
        out = self.deliver(order, "2026-07-20", pump=2)
        invoice = self.invoice(order, "2026-07-21")
        self.assertEqual(invoice.amount_total, 133.33)
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (466.64, 133.33, 0, 133.33, 0, 0, 0))
        self.give_back(out, "2026-08-01", 1)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_refresh()
        # 466.64 ÷ 7 = 66.6629 came back, 66.6629 stay
        self.assertEqual(settlement.delivered_amount, 66.66)
        self.assertEqual(settlement.returned_amount, 66.66)
        self.assertEqual(settlement.line_ids.unit_price, 66.66)
        self.invoice(order, "2026-08-02")
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_refresh()
            self.assert_equal_books(order, settlement)

    def test_yen(self):
        """Three at 3,333 with 10 % on top: 10,999 yen, delivered in two steps."""
        prices = self.prices(self.env.ref("base.JPY"), ("2026-01-01", 150))
        self.pump.taxes_id = self.vat(10)
        order = self.new_contract(
            "2026-06-01", [(self.pump, 3, 3333)], pricelist_id=prices.id
        )
        self.assertEqual(order.amount_total, 10999)
        self.deliver(order, "2026-07-01", pump=1)
        self.invoice(order, "2026-07-02")
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (10999, 3666, 0, 3666, 0, 0, 0))
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-11")
        self.assertEqual(invoice.amount_total, 7333)
        self.pay(order.invoice_ids, "2026-08-05", 10000, group_payment=True)
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_refresh()
            self.assert_equal_books(order, settlement)
        self.assertEqual(
            self.amounts(settlement), (10999, 10999, 0, 10999, 0, 10000, 0)
        )
        self.assertEqual(settlement.balance, 999)
        self.assertEqual(settlement._form_amount(settlement.balance), "999")

    def test_dinar(self):
        """Three at 33.33 with 10 % on top: 109.989 dinar, in words as in figures."""
        prices = self.prices(self.env.ref("base.KWD"), ("2026-01-01", 0.3))
        self.pump.taxes_id = self.vat(10)
        order = self.new_contract(
            "2026-06-01", [(self.pump, 3, 33.33)], pricelist_id=prices.id
        )
        self.assertEqual(order.amount_total, 109.989)
        self.deliver(order, "2026-07-01", pump=1)
        self.invoice(order, "2026-07-02")
        settlement = self.of_books(order)
        self.assertEqual(
            self.amounts(settlement), (109.989, 36.663, 0, 36.663, 0, 0, 0)
        )
        self.deliver(order, "2026-07-10")
        self.invoice(order, "2026-07-11")
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_refresh()
            self.assert_equal_books(order, settlement)
        self.assertEqual(settlement.balance, 109.989)
        self.assertEqual(settlement._form_amount(settlement.balance), "109.989")
        env = self.env["res.users"].with_context(lang="zh_CN").env
        self.assertEqual(
            amount_in_words(env, settlement.balance, settlement.currency_id),
            "KWD壹佰零玖元玖角捌分玖厘",
        )

    def test_dozens(self):
        """Two dozen at 1,200 the dozen; twelve are delivered and invoiced as pieces."""
        dozen = self.env.ref("uom.product_uom_dozen")
        with freeze_time("2026-06-01 02:00:00"):
            order = self.new_order([(self.pump, 2)])
            order.order_line.write({"product_uom_id": dozen.id, "price_unit": 1200})
            order.action_confirm()
        self.assertEqual(order.amount_total, 2400)
        self.deliver(order, "2026-07-20", pump=12)
        with freeze_time("2026-07-21 02:00:00"):
            invoice = order._create_invoices()
            invoice.invoice_line_ids.write(
                {
                    "product_uom_id": self.pump.uom_id.id,
                    "quantity": 12,
                    "price_unit": 100,
                }
            )
            invoice.invoice_date = "2026-07-21"
            invoice.action_post()
        settlement = self.of_books(order)
        line = settlement.line_ids
        self.assertEqual(line.uom_name, dozen.name)
        self.assertEqual(
            (line.agreed_quantity, line.delivered_quantity, line.invoiced_quantity),
            (2, 1, 1),
        )
        self.assertEqual(self.amounts(settlement), (2400, 1200, 0, 1200, 0, 0, 0))

    def test_rebate(self):
        """1,000 of pumps and a rebate of 100: half of it is 450."""
        order = self.new_contract(
            "2026-06-01", [(self.pump, 10), (self.service, -1, 100)]
        )
        self.deliver(order, "2026-07-20", pump=5)
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement)[:2], (900, 450))
        self.deliver(order, "2026-07-25")
        self.pay(self.invoice(order, "2026-07-26"), "2026-08-05")
        with freeze_time(f"{DAY} 02:00:00"):
            settlement.action_refresh()
            self.assert_equal_books(order, settlement)
        self.assertEqual(self.amounts(settlement), (900, 900, 0, 900, 0, 900, 0))
        self.assertEqual(settlement.balance, 0)
        self.assertEqual(
            settlement.line_ids.mapped("agreed_amount"),
            [900, 0],
        )

    def test_expenses(self):
        """Freight of 30 was agreed, 20 came later: both are owed once invoiced, and the
        agreed total has the first only."""
        with freeze_time("2026-06-01 02:00:00"):
            order = self.new_order([(self.pump, 10), (self.service, 1, 30)])
            order.order_line[1].is_expense = True
            order.action_confirm()
        with freeze_time("2026-07-10 02:00:00"):
            order.order_line = [
                Command.create(
                    {
                        "product_id": self.service.id,
                        "product_uom_qty": 1,
                        "price_unit": 20,
                        "is_expense": True,
                    }
                )
            ]
        self.deliver(order, "2026-07-20")
        invoice = self.invoice(order, "2026-07-21")
        self.assertEqual(invoice.amount_total, 1050)
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (1030, 1000, 0, 1050, 0, 0, 0))
        self.assertEqual((settlement.fee_amount, settlement.balance), (50, 1050))
        self.assertEqual(settlement.line_ids.mapped("agreed_amount"), [1000, 30, 0])

    def test_short_within_tolerance(self):
        """96 of 100 are enough: the retention is a tenth of what was delivered."""
        self.company.contract_short_percent = 5
        order = self.kept_back(lines=[(self.pump, 100, 10)])
        self.deliver(order, "2026-07-20", pump=96)
        self.pay(self.invoice(order, "2026-07-21"), "2026-08-05", 864)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.amounts(settlement), (1000, 960, 0, 960, 0, 864, 0))
        self.assertEqual(self.owed(settlement), (96, 96, 0))
        self.assertFalse(settlement.missing_text)
        with freeze_time(f"{DAY} 02:00:00"):
            self.env.invalidate_all()
            self.assertTrue(order.contract_to_settle)

    # ------------------------------------------------------------------
    # Advances, other days
    # ------------------------------------------------------------------

    def advance(self, order, day, percent=30):
        with freeze_time(f"{day} 02:00:00"):
            self.env["sale.advance.payment.inv"].with_context(
                active_model="sale.order", active_ids=order.ids
            ).create(
                {"advance_payment_method": "percentage", "amount": percent}
            ).create_invoices()
            invoice = order.invoice_ids
            invoice.invoice_date = day
            invoice.action_post()
        return invoice

    def test_advance_and_final_invoice(self):
        """300 in advance, a final invoice of 700, of which 600 are paid."""
        order = self.kept_back()
        self.pay(self.advance(order, "2026-06-02"), "2026-06-05")
        self.deliver(order, "2026-07-20")
        final = self.invoice(order, "2026-07-21")
        self.assertEqual(final.amount_total, 700)
        self.pay(final, "2026-08-05", 600)
        settlement = self.of_books(order, kind="completion")
        self.assertEqual(self.amounts(settlement), (1000, 1000, 0, 1000, 0, 900, 0))
        self.assertEqual(self.owed(settlement), (100, 100, 0))
        self.assertEqual(settlement.booked_receivable, 100)
        names = [*settlement._proposed_actions(str)]
        self.assertEqual(names, [])

    def test_advance_that_is_not_deducted(self):
        """300 in advance, nothing was delivered: they go back, and their invoice has
        to be credited."""
        order = self.kept_back()
        self.pay(self.advance(order, "2026-06-02"), "2026-06-05")
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (1000, 0, 0, 0, 0, 300, 0))
        self.assertEqual(self.owed(settlement), (-300, 0, -300))
        names = "\n".join(settlement._proposed_actions(str))
        self.assertRegex(names, "Refund to the customer: 300")
        self.assertRegex(names, "down payment.*: 300")

    def test_invoiced_in_advance(self):
        """1,000 invoiced and paid, six of ten delivered: 400 to credit and refund."""
        self.pump.invoice_policy = "order"
        order = self.new_contract("2026-06-01")
        self.pay(self.invoice(order, "2026-06-02"), "2026-06-05")
        self.deliver(order, "2026-07-20", pump=6)
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (1000, 600, 0, 1000, -400, 1000, 0))
        self.assertEqual(self.owed(settlement), (-400, 0, -400))
        self.assertEqual(settlement.booked_receivable, 0)
        names = [*settlement._proposed_actions(str)]
        self.assertEqual(len(names), 2)
        self.assertRegex(names[0], "Credit .*400")
        self.assertRegex(names[1], "Refund .*400")

    def test_past_day(self):
        """As of the end of August neither what left in September counts, nor what was
        paid or ordered then; a payment of August that was booked in September does."""
        order = self.kept_back()
        self.deliver(order, "2026-08-31", "15:30:00", pump=4)
        self.deliver(order, "2026-08-31", "16:30:00", pump=6)
        invoice = self.invoice(order, "2026-09-02")
        with freeze_time("2026-09-20 02:00:00"):
            self.claim(self.money("2026-08-20", 300), 300, order_id=order.id)
        self.pay(invoice, "2026-09-05", 100)
        with freeze_time("2026-09-10 02:00:00"):
            order.order_line = [
                Command.create({"product_id": self.valve.id, "product_uom_qty": 2})
            ]
        settlement = self.settle(order, date="2026-08-31", kind="termination")
        with freeze_time(f"{DAY} 02:00:00"):
            self.assert_equal_books(order, settlement)
        self.assertEqual(self.amounts(settlement), (1000, 400, 0, 0, 400, 300, 0))
        self.assertEqual(self.owed(settlement), (100, 100, 0))
        self.assertEqual(
            [(ln.line_id.product_id, ln.agreed_amount) for ln in settlement.line_ids],
            [(self.pump, 1000)],
        )

    def test_added_beside_the_agreement(self):
        """Valves that nobody agreed on are delivered and invoiced: 1,080 are owed of an
        agreed total of 1,000, and no row makes up for what wasn't agreed."""
        order = self.kept_back()
        with freeze_time("2026-07-10 02:00:00"):
            order.order_line = [
                Command.create({"product_id": self.valve.id, "product_uom_qty": 2})
            ]
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        settlement = self.of_books(order)
        self.assertEqual(self.amounts(settlement), (1000, 1080, 0, 1080, 0, 0, 0))
        self.assertEqual(
            [
                (
                    ln.line_id.product_id,
                    ln.agreed_quantity,
                    ln.agreed_amount,
                    ln.delivered_amount,
                )
                for ln in settlement.line_ids
            ],
            [(self.pump, 10, 1000, 1000), (self.valve, 0, 0, 80)],
        )


@tagged("post_install", "-at_install")
class TestSettlementAccountsEnd(TerminationCase):
    """What is owed when a contract ends, from its assessment to its settlement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(
            "contract_tracking.group_contract_settlement"
        )

    def ended(self, *penalties, order=None):
        record = self.new_termination(
            order, penalty_ids=[Command.create(vals) for vals in penalties]
        )
        self.terminate(record)
        settlement = record.order_id.contract_settlement_ids
        with freeze_time("2026-10-10 06:00:00"):
            settlement.action_refresh()
        return record, settlement

    def test_deposit_kept(self):
        """300 came, nothing left; the deposit is kept: nobody owes anything."""
        self.receive(self.order, "2026-09-04", 300)
        record, settlement = self.ended(
            {"kind": "deposit", "name": "Article 587", "amount": 300}
        )
        self.assertEqual((record.deposit, record.balance), (300, 0))
        self.assertEqual(
            (settlement.balance, settlement.due_amount, settlement.deduction_amount),
            (0, 0, 300),
        )

    def test_deposit_returned_twice(self):
        """By our breach the customer gets 600 for his 300: the row doesn't say that
        anybody keeps the deposit."""
        self.receive(self.order, "2026-09-04", 300)
        record, settlement = self.ended(
            {
                "kind": "deposit",
                "debtor": "us",
                "name": "Article 587",
                "amount": 300,
            }
        )
        self.assertEqual((record.balance, settlement.due_amount), (-600, -600))
        row = settlement.deduction_ids
        labels = dict(row._fields["kind"]._description_selection(self.env))
        self.assertIn("twice", labels[row.kind])

    def test_penalties_each_way(self):
        """400 delivered − 300 received + 80 of his − 30 and 20 of ours = 130."""
        self.receive(self.order, "2026-09-04", 300)
        self.deliver(self.order, "2026-09-20", pump=4)
        self.invoice(self.order, "2026-09-21", {self.pump: 4})
        record, settlement = self.ended(
            {"kind": "penalty", "name": "§ 9", "amount": 80},
            {"kind": "damage", "debtor": "us", "name": "§ 10", "amount": 30},
            {"kind": "claim", "debtor": "us", "name": "Complaint", "amount": 20},
        )
        self.assertEqual(record.balance, 130)
        self.assertEqual((settlement.balance, settlement.due_amount), (130, 130))

    def test_open_bill(self):
        """300 came as a bill that is due in December; 500 were delivered. Until it is
        honoured 500 are unpaid, in the assessment as in the settlement."""
        with freeze_time("2026-09-04 02:00:00"):
            bill = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_id": self.partner.id,
                    "amount": 300,
                    "date": "2026-09-04",
                    "contract_instrument_id": self.env.ref(
                        "contract_tracking.instrument_bank_acceptance"
                    ).id,
                    "contract_bill_number": "B1",
                    "contract_bill_maturity": "2026-12-01",
                }
            )
            bill.action_post()
            self.env["contract.payment.claim"].create(
                {"order_id": self.order.id, "payment_id": bill.id, "amount": 300}
            )
        self.deliver(self.order, "2026-09-20", pump=5)
        self.invoice(self.order, "2026-09-21", {self.pump: 5})
        record, settlement = self.ended()
        self.assertEqual(settlement.balance, 500)
        self.assertEqual((record.delivered_unpaid, record.deposit), (500, 0))
        self.assertEqual(record.balance, 500)

    def test_retention_of_what_was_delivered(self):
        """A tenth is kept back. Nothing is delivered: nothing is. Half is delivered:
        50 of the 500, before the end as after it."""
        order = self.new_dated()
        balance = order.contract_term_ids.filtered(lambda t: t.name == "Balance")
        with freeze_time("2026-09-02 02:00:00"):
            unguarded(balance).amount = 600
            unguarded(self.env["contract.term"]).create(
                {
                    "order_id": order.id,
                    "kind": "payment",
                    "name": "Retention",
                    "payment_kind": "retention",
                    "amount": 100,
                    "due_mode": "date",
                    "date_fixed": "2027-11-01",
                    "stamped": True,
                }
            )
        empty = self.new_termination(order)
        self.assertEqual((empty.delivered_unpaid, empty.retention), (0, 0))
        empty.unlink()
        self.deliver(order, "2026-09-20", pump=5)
        self.invoice(order, "2026-09-21", {self.pump: 5})
        record, settlement = self.ended(order=order)
        self.assertEqual(
            (settlement.balance, settlement.retention_amount, settlement.due_amount),
            (500, 50, 450),
        )
        self.assertEqual(settlement.retention_until, date(2027, 11, 1))
        self.assertEqual((record.delivered_unpaid, record.retention), (500, 50))

    def test_invoiced_in_advance(self):
        """1,000 invoiced, 500 delivered, 300 received: nothing of what was delivered
        is left to be invoiced."""
        self.receive(self.order, "2026-09-04", 300)
        self.invoice(self.order, "2026-09-05")
        self.deliver(self.order, "2026-09-20", pump=5)
        record, settlement = self.ended()
        self.assertEqual(record.delivered_unpaid, 200)
        self.assertEqual(record.delivered_not_invoiced, -500)
        self.assertEqual(settlement.uninvoiced_amount, -500)
        self.assertEqual(settlement.balance, 200)


@tagged("post_install", "-at_install")
class TestReagreementAccounts(ApplyCase):
    """What an order comes to by a re-agreement."""

    def reagreed(self, order, *lines, **values):
        record = self.reagree(order, *lines, **values)
        self.agree(record)
        self.assertEqual(order.amount_total, record.amount_after)
        self.assertEqual(order.contract_agreed_amount, record.amount_after)
        return record

    def delivered(self, order):
        self.env.flush_all()
        return float(self.figures(order, "2026-09-25")["delivered"])

    def test_yen_with_tax_in_the_price(self):
        """Seven at 3,333 yen with 10 % in it, 15 % off: 19,831. Three are delivered and
        invoiced, 8,499; the four others cost 3,000 before the discount: 10,200."""
        yen = self.env.ref("base.JPY")
        yen.active = True
        prices = self.env["product.pricelist"].create(
            {"name": "Yen", "currency_id": yen.id}
        )
        self.pump.taxes_id = self.env["account.tax"].create(
            {
                "name": "In",
                "amount": 10,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
            }
        )
        with freeze_time("2026-09-01 02:00:00"):
            order = self.new_order(
                [(self.pump, 7, 3333)],
                "template_30_70_delivery",
                pricelist_id=prices.id,
                commitment_date="2026-10-01 02:00:00",
                user_id=self.seller.id,
                team_id=self.team.id,
            )
            order.order_line.discount = 15
            order.action_confirm()
        self.assertEqual(order.amount_total, 19831)
        self.deliver(order, "2026-09-10", pump=3)
        self.invoice(order, "2026-09-11", {self.pump: 3})
        self.assertEqual(self.delivered(order), 8499)
        term = self.term_of(order, self.pump)
        record = self.reagreed(
            order, self.change(term, new_price=True, price_unit=3000)
        )
        self.assertEqual((record.amount_before, record.amount_after), (19831, 18699))
        self.assertEqual(self.delivered(order), 8499)
        self.deliver(order, "2026-09-24")
        self.assertEqual(self.delivered(order), 18699)

    def test_down_payment_and_tax_a_piece(self):
        """Ten at 100 with 13 % and 2 a piece, 300 in advance: 1,150. Five more make it
        1,725."""
        taxes = self.env["account.tax"].create(
            [
                {"name": "VAT", "amount": 13, "type_tax_use": "sale"},
                {
                    "name": "A piece",
                    "amount": 2,
                    "amount_type": "fixed",
                    "type_tax_use": "sale",
                },
            ]
        )
        self.pump.taxes_id = taxes
        order = self.new_role_contract(lines=[(self.pump, 10, 100)])
        self.assertEqual(order.amount_total, 1150)
        with freeze_time("2026-09-05 02:00:00"):
            self.env["sale.advance.payment.inv"].with_context(
                active_model="sale.order", active_ids=order.ids
            ).create(
                {"advance_payment_method": "fixed", "fixed_amount": 300}
            ).create_invoices()
            order.invoice_ids.invoice_date = "2026-09-05"
            order.invoice_ids.action_post()
        self.assertEqual(order.amount_total, 1150)
        term = self.term_of(order, self.pump)
        self.reagreed(order, self.change(term, quantity=15))
        self.assertEqual(order.amount_total, 1725)
        self.assertEqual(self.term_of(order, self.pump).amount, 1725)
        self.deliver(order, "2026-09-24")
        self.assertEqual(self.delivered(order), 1725)

    def test_taxes_rounded_on_the_whole(self):
        """Three lines of 10.05 with 13 %: 34.07 as a whole. One line becomes two
        pieces: 40.20 + 5.226 = 45.43. All of it delivered is worth that."""
        self.company.tax_calculation_rounding_method = "round_globally"
        self.valve.taxes_id = self.env["account.tax"].create(
            {"name": "VAT", "amount": 13, "type_tax_use": "sale"}
        )
        order = self.new_role_contract(lines=[(self.valve, 1, 10.05)] * 3)
        self.assertEqual(order.amount_total, 34.07)
        term = self.term_of(order, self.valve)[:1]
        record = self.reagreed(order, self.change(term, quantity=2))
        self.assertEqual(record.amount_after, 45.43)
        self.deliver(order, "2026-09-24")
        self.assertEqual(self.delivered(order), 45.43)

    def test_a_cent_is_never_left(self):
        """Three lines of 10.05 with 13 %, 34.07; more of the first: what is agreed
        comes to the new total, and all of it delivered is worth that."""
        self.company.tax_calculation_rounding_method = "round_globally"
        self.valve.taxes_id = self.env["account.tax"].create(
            {"name": "VAT", "amount": 13, "type_tax_use": "sale"}
        )
        for quantity in (2, 3, 4, 7):
            with self.subTest(quantity=quantity):
                order = self.new_role_contract(lines=[(self.valve, 1, 10.05)] * 3)
                term = self.term_of(order, self.valve)[:1]
                record = self.reagreed(order, self.change(term, quantity=quantity))
                self.assertEqual(record.amount_after, order.amount_total)
                agreed = self.term_of(order, self.valve).filtered(
                    lambda t: not t.valid_to
                )
                self.assertEqual(
                    round(sum(agreed.mapped("amount")), 2), order.amount_total
                )
                self.deliver(order, "2026-09-24")
                self.assertEqual(self.delivered(order), order.amount_total)
