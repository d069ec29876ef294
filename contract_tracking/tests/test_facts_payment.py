from datetime import date

from freezegun import freeze_time

from odoo import Command

from .common import ContractCommon


class TestFactsPayment(ContractCommon):
    """What counts as invoiced, received, adjusted, overdue, and whose the money is."""

    def event(self, order, xmlid, day):
        with freeze_time(f"{day} 02:00:00"):
            return self.env["contract.event"].create(
                {
                    "order_id": order.id,
                    "type_id": self.env.ref(f"contract_tracking.{xmlid}").id,
                    "date": day,
                }
            )

    def down_payment(self, order, day, amount):
        with freeze_time(f"{day} 02:00:00"):
            wizard = (
                self.env["sale.advance.payment.inv"]
                .with_context(active_model="sale.order", active_ids=order.ids)
                .create({"advance_payment_method": "fixed", "fixed_amount": amount})
            )
            invoice = wizard._create_invoices(order)
            invoice.invoice_date = day
            invoice.action_post()
        return invoice

    # ------------------------------------------------------------------
    # A machine: 30 % deposit, 60 % before shipment, 10 % retention
    # ------------------------------------------------------------------

    def machine(self):
        order = self.new_contract(
            "2026-03-01", template="template_30_60_10", promised="2026-06-01"
        )
        deposit = self.down_payment(order, "2026-03-02", 300)
        self.pay(deposit, "2026-03-20")
        self.event(order, "event_type_goods_ready", "2026-05-10")
        self.deliver(order, "2026-05-20")
        final = self.invoice(order, "2026-05-21")
        self.assertEqual(final.amount_total, 700)
        self.pay(final, "2026-05-25", 600)
        self.event(order, "event_type_acceptance", "2026-07-15")
        return order

    def assert_facts(self, order, day, **expected):
        """``{word of a term's name: {key: value}}``"""
        facts = self.facts(order, day)
        for word, values in expected.items():
            [name] = [name for name in facts if word in name.lower()]
            for key, value in values.items():
                with self.subTest(day=day, term=name, key=key):
                    self.assertEqual(facts[name][key], value)

    def assert_figures(self, order, day, **expected):
        figures = self.figures(order, day)
        for key, value in expected.items():
            with self.subTest(day=day, key=key):
                self.assertEqual(figures[key], value)

    def test_machine_before_the_deposit(self):
        order = self.machine()
        self.assert_facts(
            order,
            "2026-03-07",
            deposit={"status": "due_soon"},
            shipment={"status": "waiting"},
            retention={"status": "waiting"},
        )
        self.assert_facts(
            order,
            "2026-03-10",
            deposit={
                "date_due": date(2026, 3, 8),
                "status": "overdue",
                "overdue": 300,
            },
        )
        self.assert_figures(order, "2026-03-10", overdue=300)

    def test_machine_after_the_deposit(self):
        # before the final invoice deducts it, the deposit is paid in advance
        self.assert_figures(
            self.machine(), "2026-03-25", invoiced=0, received=300, receivable=-300
        )

    def test_machine_after_the_final_invoice(self):
        order = self.machine()
        self.assert_facts(
            order,
            "2026-05-22",
            deposit={"status": "met_late", "variance_days": 12},
            shipment={"overdue": 600},
            # without acceptance: 18 months after the delivery
            retention={"date_due": date(2027, 11, 20)},
        )
        # a deposit is money, not an invoiced delivery
        self.assert_figures(
            order,
            "2026-05-22",
            invoiced=1000,
            received=300,
            receivable=700,
            delivered_not_invoiced=0,
        )

    def test_machine_after_the_acceptance(self):
        order = self.machine()
        self.assert_facts(
            order,
            "2026-08-01",
            shipment={"status": "met_late"},
            retention={"date_due": date(2027, 7, 15), "status": "not_due"},
        )
        self.assert_figures(
            order, "2026-08-01", received=900, receivable=100, matured=900, overdue=0
        )
        self.assert_figures(order, "2027-07-16", overdue=100)

    def test_write_off_is_not_money(self):
        order = self.new_contract("2026-03-01")
        invoice = self.invoice(order, "2026-03-02")
        account = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        self.pay(
            invoice,
            "2026-03-10",
            900,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        figures = self.figures(order)
        self.assertEqual(figures["received"], 900)
        self.assertEqual(figures["adjusted"], 100)
        self.assertEqual(figures["receivable"], 0)

    def test_credit_note_on_the_lines(self):
        order = self.new_contract("2026-03-01")
        invoice = self.invoice(order, "2026-03-02")
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": "2026-03-05", "journal_id": invoice.journal_id.id})
        )
        with freeze_time("2026-03-05 02:00:00"):
            reversal.refund_moves()
            credit = reversal.new_move_ids
            credit.invoice_line_ids.quantity = 2
            credit.invoice_date = "2026-03-05"
            credit.action_post()
            (credit + invoice).line_ids.filtered(
                lambda ln: ln.account_type == "asset_receivable"
            ).reconcile()
        figures = self.figures(order)
        self.assertEqual(figures["invoiced"], 800)
        self.assertEqual(figures["adjusted"], 0)
        self.assertEqual(figures["receivable"], 800)
        self.assertEqual(figures["receivable"], invoice.amount_residual)
        # the refund of what was paid too much subtracts
        self.pay(invoice, "2026-03-10", 800)
        self.assertEqual(self.figures(order)["received"], 800)

    def test_refund_paid_to_the_customer(self):
        order = self.new_contract("2026-03-01")
        invoice = self.invoice(order, "2026-03-02")
        self.pay(invoice, "2026-03-03")
        reversal = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": "2026-03-05", "journal_id": invoice.journal_id.id})
        )
        reversal.refund_moves()
        credit = reversal.new_move_ids
        credit.invoice_line_ids.quantity = 3
        credit.invoice_date = "2026-03-05"
        credit.action_post()
        self.pay(credit, "2026-03-08")
        figures = self.figures(order)
        self.assertEqual(figures["invoiced"], 700)
        self.assertEqual(figures["received"], 700)
        self.assertEqual(self.figures(order, "2026-03-07")["received"], 1000)
        self.assertEqual(self.figures(order, "2026-03-07")["receivable"], -300)

    def test_free_credit_note_is_adjusted(self):
        order = self.new_contract("2026-03-01")
        invoice = self.invoice(order, "2026-03-02")
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner.id,
                "invoice_date": "2026-03-05",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goodwill", "price_unit": 150, "tax_ids": False}
                    )
                ],
            }
        )
        credit.action_post()
        (credit + invoice).line_ids.filtered(
            lambda ln: ln.account_type == "asset_receivable"
        ).reconcile()
        figures = self.figures(order)
        self.assertEqual(figures["invoiced"], 1000)
        self.assertEqual(figures["received"], 0)
        self.assertEqual(figures["adjusted"], 150)
        self.assertEqual(figures["receivable"], 850)

    def test_one_invoice_of_two_contracts(self):
        first = self.new_contract("2026-03-01", [(self.pump, 3)])
        second = self.new_contract("2026-03-01", [(self.pump, 7)])
        invoice = self.invoice(first + second, "2026-03-02")
        self.assertEqual(len(invoice), 1)
        self.pay(invoice, "2026-03-10", 500)
        self.assertAlmostEqual(self.figures(first)["received"], 150)
        self.assertAlmostEqual(self.figures(second)["received"], 350)
        self.assertEqual(self.figures(first)["invoiced"], 300)

    def test_foreign_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.assertNotEqual(euro, self.company.currency_id)
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        for day, rate in (("2026-01-01", 0.5), ("2026-04-01", 0.4)):
            self.env["res.currency.rate"].create(
                {"currency_id": euro.id, "name": day, "rate": rate}
            )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self.new_contract(
            "2026-03-01", [(self.pump, 10, 80)], pricelist_id=pricelist.id
        )
        self.assertEqual(order.currency_id, euro)
        invoice = self.invoice(order, "2026-03-02")
        self.pay(invoice, "2026-04-10", 300)
        figures = self.figures(order)
        self.assertEqual(figures["invoiced"], 800)
        # the exchange difference is neither money nor an adjustment of euros
        self.assertAlmostEqual(figures["received"], 300)
        self.assertAlmostEqual(figures["adjusted"], 0)
        self.pay(invoice, "2026-04-11")
        self.assertAlmostEqual(self.figures(order)["received"], 800)
        self.assertAlmostEqual(self.figures(order)["receivable"], 0)

    def test_each_invoice_matures_by_itself(self):
        order = self.new_contract("2026-03-01", template="template_net_30")
        name = "Payment 30 days after invoice"
        self.assertEqual(self.facts(order, "2026-03-02")[name]["status"], "waiting")
        first = self.invoice(order, "2026-03-05", {self.pump: 4})
        self.invoice(order, "2026-04-10")
        fact = self.facts(order, "2026-04-04")[name]
        self.assertEqual(fact["date_due"], date(2026, 4, 4))
        self.assertEqual(fact["matured"], 400)
        self.assertEqual(fact["overdue"], 0)
        self.assertEqual(self.facts(order, "2026-04-05")[name]["overdue"], 400)
        self.pay(first, "2026-04-06")
        fact = self.facts(order, "2026-04-20")[name]
        self.assertEqual(fact["overdue"], 0)
        self.assertEqual(fact["date_due"], date(2026, 5, 10))
        self.assertEqual(self.figures(order, "2026-05-11")["overdue"], 600)
        self.assertEqual(self.figures(order, "2026-05-11")["matured"], 1000)

    def test_monthly_settlement(self):
        order = self.new_contract("2026-03-01", template="template_monthly_60")
        self.deliver(order, "2026-03-12", pump=4)
        name = "Monthly settlement 60 days"
        fact = self.facts(order, "2026-04-01")[name]
        self.assertEqual(fact["date_due"], date(2026, 5, 30))
        self.deliver(order, "2026-04-30", pump=6)
        self.assertEqual(self.facts(order, "2026-06-01")[name]["overdue"], 400)
        self.assertEqual(self.facts(order, "2026-06-30")[name]["matured"], 1000)

    def test_retention_does_not_swallow_the_money(self):
        order = self.new_order()
        order.write(
            {
                "contract_term_ids": [
                    Command.create(
                        {
                            "kind": "payment",
                            "name": "Before shipment",
                            "sequence": 1,
                            "percent": 90,
                            "event_type_id": self.env.ref(
                                "contract_tracking.event_type_goods_ready"
                            ).id,
                        }
                    ),
                    Command.create(
                        {
                            "kind": "payment",
                            "name": "Retention",
                            "sequence": 2,
                            "percent": 10,
                            "due_mode": "date",
                            "date_fixed": "2026-12-31",
                        }
                    ),
                ]
            }
        )
        with freeze_time("2026-03-01 02:00:00"):
            order.action_confirm()
        self.pay(self.invoice(order, "2026-03-02"), "2026-03-03", 500)
        facts = self.facts(order, "2026-04-01")
        self.assertEqual(facts["Before shipment"]["actual_amount"], 500)
        self.assertEqual(facts["Retention"]["actual_amount"], 0)
        # once the retention is due, it comes before what nobody can ask for yet
        facts = self.facts(order, "2027-01-01")
        self.assertEqual(facts["Retention"]["actual_amount"], 100)
        self.assertEqual(facts["Before shipment"]["actual_amount"], 400)

    def test_without_payment_terms_the_instalments_count(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 10}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 40}
                    ),
                ],
            }
        )
        order = self.new_contract("2026-03-01", payment_term_id=term.id)
        invoice = self.invoice(order, "2026-03-01")
        self.pay(invoice, "2026-03-09", 200)
        figures = self.figures(order, "2026-03-12")
        self.assertEqual(figures["matured"], 500)
        self.assertEqual(figures["overdue"], 300)
        self.assertEqual(figures["late_payments"], 1)
        self.assertEqual(self.figures(order, "2026-03-11")["overdue"], 0)
        self.assertEqual(self.figures(order, "2026-04-30")["overdue"], 800)

    def test_tolerance(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        self.pay(self.down_payment(order, "2026-03-02", 299), "2026-03-03")
        self.assertEqual(self.facts(order, "2026-03-20")["Deposit"]["status"], "short")
        order.currency_id.contract_tolerance = 2
        self.assertEqual(self.facts(order, "2026-03-20")["Deposit"]["status"], "met")
        order.currency_id.contract_tolerance = 0
        self.company.contract_tolerance_percent = 0.5
        self.assertEqual(self.facts(order, "2026-03-20")["Deposit"]["status"], "met")

    def test_exactly_the_tolerance_is_missing(self):
        for paid, status, overdue in ((298, "met", 0), (297.99, "short", 2.01)):
            with self.subTest(paid=paid):
                order = self.new_contract("2026-03-01", template="template_30_60_10")
                order.currency_id.contract_tolerance = 2
                self.pay(self.down_payment(order, "2026-03-02", paid), "2026-03-03")
                deposit = self.facts(order, "2026-03-20")["Deposit"]
                self.assertEqual(deposit["status"], status)
                self.assertAlmostEqual(float(deposit["overdue"]), overdue)

    def test_paid_on_the_last_day(self):
        for day, status in (("2026-03-08", "met"), ("2026-03-09", "met_late")):
            with self.subTest(day=day):
                order = self.new_contract("2026-03-01", template="template_30_60_10")
                self.pay(self.down_payment(order, "2026-03-02", 300), day)
                deposit = self.facts(order, "2026-03-20")["Deposit"]
                self.assertEqual(deposit["status"], status)

    def test_deposit_within_its_tolerance_counts(self):
        """What waits for the deposit is due once all but the tolerance is there."""
        for paid, due in ((297.99, False), (298, date(2026, 3, 13))):
            with self.subTest(paid=paid), freeze_time("2026-03-01 02:00:00"):
                order = self.new_order(
                    contract_term_ids=[
                        Command.create(
                            {
                                "name": name,
                                "kind": "payment",
                                "sequence": 200 + percent,
                                "payment_kind": kind,
                                "percent": percent,
                                "delay": delay,
                                "event_type_id": self.env.ref(
                                    f"contract_tracking.event_type_{event}"
                                ).id,
                            }
                        )
                        for name, kind, percent, event, delay in (
                            ("Deposit", "deposit", 30, "effect", 0),
                            ("Balance", "balance", 70, "deposit", 10),
                        )
                    ]
                )
                order.action_confirm()
            order.currency_id.contract_tolerance = 2
            self.pay(self.down_payment(order, "2026-03-02", paid), "2026-03-03")
            facts = self.facts(order, "2026-03-20")
            self.assertEqual(facts["Balance"]["date_due"] or False, due)

    def test_shares_lose_nothing(self):
        template = self.env["contract.schedule.template"].create(
            {
                "name": "Thirds",
                "line_ids": [
                    Command.create(
                        {
                            "name": f"Part {number}",
                            "percent": percent,
                            "sequence": number,
                            "event_type_id": self.env.ref(
                                "contract_tracking.event_type_effect"
                            ).id,
                        }
                    )
                    for number, percent in enumerate((33.3333, 33.3333, 33.3334))
                ],
            }
        )
        order = self.new_order([(self.pump, 1, 100.01)])
        order.contract_schedule_template_id = template
        before = [
            row["agreed_amount"]
            for row in self.facts(order).values()
            if row["kind"] == "payment"
        ]
        order.action_confirm()
        payments = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        self.assertAlmostEqual(sum(payments.mapped("amount")), 100.01)
        # one rule in two places: what was shown before is what was stamped
        self.assertEqual(
            sorted(round(amount, 2) for amount in before),
            sorted(round(amount, 2) for amount in payments.mapped("amount")),
        )

    def test_opening_figures(self):
        order = self.new_order(template="template_30_60_10")
        order.write(
            {
                "contract_opening_date": "2026-02-28",
                "contract_opening_invoiced": 400,
                "contract_opening_received": 300,
            }
        )
        with freeze_time("2026-03-01 02:00:00"):
            order.action_confirm()
        figures = self.figures(order, "2026-03-05")
        self.assertEqual(figures["received"], 300)
        self.assertEqual(figures["invoiced"], 400)
        self.assertEqual(figures["receivable"], 100)
        self.assertEqual(self.facts(order, "2026-03-20")["Deposit"]["status"], "met")
        self.assertEqual(self.figures(order, "2026-02-27")["received"], 0)

    def test_working_days_skip_weekends_and_holidays(self):
        order = self.new_order()
        order.write(
            {
                "contract_term_ids": [
                    Command.create(
                        {
                            "kind": "payment",
                            "name": "All",
                            "percent": 100,
                            "event_type_id": self.env.ref(
                                "contract_tracking.event_type_effect"
                            ).id,
                            "delay": 5,
                            "delay_unit": "workday",
                        }
                    )
                ]
            }
        )
        with freeze_time("2026-09-25 02:00:00"):  # a Friday
            order.action_confirm()
        self.assertEqual(self.facts(order)["All"]["date_due"], date(2026, 10, 2))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "National Day",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-10-01 00:00:00",
                "date_to": "2026-10-07 16:00:00",
            }
        )
        self.assertEqual(self.facts(order)["All"]["date_due"], date(2026, 10, 9))

    def test_waived_terms_take_no_money(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        deposit = order.contract_term_ids.filtered(
            lambda t: t.payment_kind == "deposit"
        )
        with freeze_time("2026-03-05 02:00:00"):
            deposit._waive("Old customer")
        facts = self.facts(order, "2026-03-20")
        self.assertEqual(facts["Deposit"]["status"], "waived")
        self.assertEqual(self.figures(order, "2026-03-20")["overdue"], 0)
        self.assertEqual(
            self.facts(order, "2026-03-04")["Deposit"]["status"], "due_soon"
        )
