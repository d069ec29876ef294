from freezegun import freeze_time

from odoo import Command

from .common import ContractCommon


class SheetCase(ContractCommon):
    """An accountant's sheet: what happened, and the figures of the days, by hand."""

    @classmethod
    def with_terms(
        cls, *terms, lines=None, signed="2026-07-01", promised=None, **order_values
    ):
        """A contract with payment terms of its own: dicts of values."""
        order = cls.new_order(lines, contract_signing_date=signed, **order_values)
        if promised:
            order.commitment_date = f"{promised} 02:00:00"
        for number, values in enumerate(terms):
            cls.env["contract.term"].create(
                {
                    "order_id": order.id,
                    "kind": "payment",
                    "name": f"Payment {number + 1}",
                    "sequence": 200 + number,
                    **values,
                }
            )
        cls.confirm(order, signed)
        return order

    @classmethod
    def confirm(cls, order, day):
        with freeze_time(f"{day} 02:00:00"):
            order.date_order = f"{day} 02:00:00"
            order.action_confirm()

    @classmethod
    def credit(cls, invoice, day, quantity=None, reconcile=True):
        """A credit note of ``day`` on the invoice's lines, of ``quantity`` of them."""
        reversal = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": day})
        )
        note = cls.env["account.move"].browse(reversal.refund_moves()["res_id"])
        note.invoice_date = day
        if quantity is not None:
            note.invoice_line_ids.quantity = quantity
        note.action_post()
        if reconcile:
            (invoice | note).line_ids.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and not line.reconciled
                )
            ).reconcile()
        return note

    def event(self, name):
        return self.env.ref(f"contract_tracking.event_type_{name}").id

    def net(self, days=30, each=True, event="invoice", **values):
        return {
            "percent": 100,
            "due_mode": "event",
            "event_type_id": self.event(event),
            "delay": days,
            "each": each,
            **values,
        }

    def assert_days(self, order, days):
        """``{day: {figure: amount}}``"""
        for day, expected in days.items():
            figures = self.figures(order, day)
            for name, amount in expected.items():
                with self.subTest(day=day, figure=name):
                    self.assertAlmostEqual(float(figures[name]), amount, 2)


class TestCredits(SheetCase):
    """What comes back or is credited lowers what is due on its own day."""

    def test_credit_note_within_net_30(self):
        """1,000 invoiced on 10 July, net 30; 400 credited on 20 August: 600 are owed
        from that day on, not from 19 September."""
        order = self.with_terms(self.net())
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        self.credit(invoice, "2026-08-20", 4)
        self.assertEqual(invoice.amount_residual, 600)
        self.assert_days(
            order,
            {
                "2026-08-09": {"matured": 1000, "overdue": 0, "receivable": 1000},
                "2026-08-10": {"matured": 1000, "overdue": 1000, "receivable": 1000},
                "2026-08-19": {"overdue": 1000, "receivable": 1000},
                "2026-08-20": {"matured": 600, "receivable": 600},
                "2026-08-21": {"matured": 600, "overdue": 600, "receivable": 600},
                "2026-09-20": {"matured": 600, "overdue": 600, "receivable": 600},
            },
        )
        balances = self.balances(order, "2026-08-25")
        self.assertEqual(float(balances[order.id]["overdue"]), 600)

    def test_credit_before_it_falls_due(self):
        """Credited on 20 July what falls due on 9 August: 600 fall due then."""
        order = self.with_terms(self.net())
        self.deliver(order, "2026-07-10")
        self.credit(self.invoice(order, "2026-07-10"), "2026-07-20", 4)
        self.assert_days(
            order,
            {
                "2026-07-25": {"matured": 0, "overdue": 0, "receivable": 600},
                "2026-08-09": {"matured": 600, "overdue": 0},
                "2026-08-10": {"matured": 600, "overdue": 600, "receivable": 600},
            },
        )

    def test_reversal_of_an_invoice_of_two_with_a_deposit(self):
        """Two orders of 1,000, for one a deposit of 100 was invoiced. Together they
        are invoiced 1,000 + 1,000 − 100 = 1,900, and all of it is credited: nothing is
        left of either, and the deposit of one is no business of the other."""
        orders = self.with_terms(self.net()), self.with_terms(self.net())
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=orders[1].ids)
            .create({"advance_payment_method": "percentage", "amount": 10})
        )
        wizard.create_invoices()
        orders[1].invoice_ids.invoice_date = "2026-07-02"
        orders[1].invoice_ids.action_post()
        both = orders[0] | orders[1]
        invoice = self.invoice(both, "2026-07-10")
        self.assertEqual(invoice.amount_total, 1900)
        self.credit(invoice, "2026-07-20")
        for order in both:
            nothing = {"invoiced": 0, "received": 0, "adjusted": 0, "receivable": 0}
            self.assert_days(order, {"2026-07-25": nothing})

    def instalments(self):
        """1,000 delivered and invoiced on 10 July, without payment terms of the
        contract: the invoice is due on 9 August."""
        net = self.env.ref("account.account_payment_term_30days")
        order = self.with_terms(payment_term_id=net.id)
        self.deliver(order, "2026-07-10")
        return order, self.invoice(order, "2026-07-10")

    def test_fallen_due_without_payment_terms(self):
        """A credit note of 400 takes back what fell due as with payment terms: 600
        from its day on, whether it is reconciled with the invoice or open; before the
        due date it lowers what falls due."""
        for reconcile in (True, False):
            for day, days in (
                (
                    "2026-08-20",
                    {
                        "2026-08-08": {"matured": 0, "receivable": 1000},
                        "2026-08-19": {"matured": 1000, "overdue": 1000},
                        "2026-08-20": {"matured": 600, "overdue": 600},
                    },
                ),
                (
                    "2026-07-20",
                    {
                        "2026-07-25": {"matured": 0, "receivable": 600},
                        "2026-08-09": {"matured": 600, "overdue": 0},
                        "2026-08-10": {"matured": 600, "overdue": 600},
                    },
                ),
            ):
                with self.subTest(reconcile=reconcile, credited=day):
                    order, invoice = self.instalments()
                    self.credit(invoice, day, 4, reconcile)
                    self.assert_days(order, days)

    def test_rebate_on_an_invoice_of_two(self):
        """1,000 invoiced on 10 July; on 20 July a rebate of 50 together with 1,000 of
        another contract: of 950 the half is paid, of which −25 are the first one's.
        It owes 1,000 − 50 + 25 = 975, all of it overdue."""
        order, _invoice = self.instalments()
        other = self.with_terms(payment_term_id=order.payment_term_id.id)
        self.deliver(other, "2026-07-20")
        order.order_line = [
            Command.create({"product_id": self.service.id, "price_unit": -50})
        ]
        both = self.invoice(order | other, "2026-07-20")
        self.pay(both, "2026-07-25", 475)
        self.assert_days(
            order,
            {
                "2026-07-19": {"matured": 0, "receivable": 1000},
                "2026-08-20": {"matured": 975, "overdue": 975, "receivable": 975},
            },
        )
        balances = self.balances(order | other, "2026-08-20")
        for record, amount in ((order, 975), (other, 500)):
            for name in ("receivable", "due", "overdue", "booked_overdue"):
                self.assertEqual(float(balances[record.id][name]), amount)

    def test_fallen_due_without_payment_terms_refunded(self):
        """1,000 paid, 400 credited and paid back: 600 fell due, 600 are received."""
        order, invoice = self.instalments()
        self.pay(invoice, "2026-08-09")
        note = self.credit(invoice, "2026-08-20", 4, reconcile=False)
        self.pay(note, "2026-08-21")
        self.assert_days(
            order,
            {
                "2026-08-19": {"matured": 1000, "received": 1000},
                "2026-08-21": {"matured": 600, "received": 600, "receivable": 0},
            },
        )

    def test_fallen_due_without_payment_terms_of_its_invoice(self):
        """A second invoice is due in September: credited in full it takes nothing of
        the first one, which is overdue."""
        order, invoice = self.instalments()
        order.order_line.product_uom_qty = 15
        second = self.invoice(order, "2026-08-12")
        self.assertEqual(second.amount_total, 500)
        self.credit(second, "2026-08-15")
        self.assert_days(
            order,
            {"2026-08-20": {"matured": 1000, "overdue": 1000, "receivable": 1000}},
        )

    def returned(self, *terms, **values):
        """1,000 delivered, invoiced and paid; 4 of 10 came back, were credited and
        their money paid back."""
        order = self.with_terms(*terms, **values)
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        self.pay(invoice, "2026-07-15")
        picking = order.picking_ids.filtered(lambda p: p.state == "done")
        self.give_back(picking, "2026-08-20", 4)
        note = self.credit(invoice, "2026-08-20", 4, reconcile=False)
        self.pay(note, "2026-08-21")
        return order

    def test_returned_and_refunded(self):
        """Nothing is owed, whenever the payment fell due."""
        for terms in (
            [self.net()],
            [self.net(event="dispatch")],
            [self.net(event="dispatch", each=False)],
            [
                {
                    "percent": 30,
                    "due_mode": "event",
                    "event_type_id": self.event("effect"),
                    "payment_kind": "deposit",
                },
                self.net(event="dispatch", percent=70),
            ],
        ):
            order = self.returned(*terms)
            with self.subTest(terms=len(terms), each=terms[0].get("each")):
                self.assert_days(
                    order,
                    {
                        "2026-08-19": {"overdue": 0, "receivable": 0},
                        "2026-08-25": {"overdue": 0, "receivable": 0},
                        "2026-10-01": {"matured": 600, "overdue": 0, "receivable": 0},
                    },
                )

    def test_credited_and_invoiced_again(self):
        """A wrong invoice that is credited and written anew takes nothing back."""
        order = self.with_terms(self.net(event="dispatch", each=False))
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        self.credit(invoice, "2026-07-12")
        self.invoice(order, "2026-07-14")
        self.assert_days(
            order,
            {
                "2026-07-13": {"receivable": 0},
                "2026-08-12": {"matured": 1000, "overdue": 1000, "receivable": 1000},
            },
        )

    def test_invoiced_in_advance_and_credited(self):
        """What was invoiced before anything left takes no deposit back: 300 are due
        from 1 July on, with the invoice and without it."""
        order = self.with_terms(
            {
                "percent": 30,
                "due_mode": "event",
                "event_type_id": self.event("effect"),
                "payment_kind": "deposit",
            },
            self.net(event="dispatch", percent=70),
        )
        self.credit(self.invoice(order, "2026-07-02"), "2026-07-05")
        self.assert_days(
            order,
            {
                "2026-07-03": {"overdue": 300, "receivable": 1000},
                "2026-07-06": {"overdue": 300, "receivable": 0},
            },
        )

    def test_without_payment_terms(self):
        """By the invoice's own day: an open credit note and what was received before
        the contract was kept here lower it."""
        order = self.with_terms()
        self.assertFalse(
            order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        )
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        invoice.line_ids.filtered("date_maturity").date_maturity = "2026-07-10"
        self.credit(invoice, "2026-08-20", 4, reconcile=False)
        self.assert_days(
            order,
            {
                "2026-08-19": {"overdue": 1000, "receivable": 1000},
                "2026-08-20": {"overdue": 600, "receivable": 600},
                "2026-09-20": {"overdue": 600, "receivable": 600},
            },
        )
        order.write(
            {
                "contract_opening_date": "2026-07-01",
                "contract_opening_received": 150,
            }
        )
        self.assert_days(order, {"2026-09-20": {"overdue": 450, "receivable": 450}})


class TestCents(SheetCase):
    """The lines of a document add up to it, to the cent."""

    def test_taxes_rounded_on_the_whole(self):
        """40 lines of 0.58 with 13 %: 23.20 + 3.02 = 26.22, not 40 × 0.66 = 26.40."""
        self.company.tax_calculation_rounding_method = "round_globally"
        tax = self.env["account.tax"].create(
            {
                "name": "13 %",
                "amount": 13,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
            }
        )
        order = self.new_order([(self.service, 1, 0.58)] * 40)
        order.order_line.tax_ids = tax
        self.confirm(order, "2026-07-01")
        invoice = self.invoice(order, "2026-07-10")
        self.assertEqual(invoice.amount_total, 26.22)
        self.assert_days(order, {"2026-07-10": {"invoiced": 26.22}})
        self.pay(invoice, "2026-07-12", amount=20)
        self.assert_days(
            order,
            {
                "2026-07-12": {"received": 20, "receivable": 6.22},
            },
        )
        self.pay(invoice, "2026-07-13")
        self.assert_days(order, {"2026-07-13": {"received": 26.22, "receivable": 0}})

    def test_receipt_of_three_contracts(self):
        """100 of an invoice of three contracts, 40 each: 33.33 + 33.34 + 33.33."""
        orders = self.env["sale.order"].union(
            *(self.with_terms(lines=[(self.service, 1, 40)]) for _n in range(3))
        )
        with freeze_time("2026-07-10 02:00:00"):
            invoice = orders._create_invoices()
            invoice.invoice_date = "2026-07-10"
            invoice.action_post()
        self.assertEqual(invoice.amount_total, 120)
        self.pay(invoice, "2026-07-11", amount=100)
        rows = self.env["contract.facts"]._read_orders(orders, "2026-07-11")
        received = sorted(float(row["received"]) for row in rows.values())
        self.assertEqual(received, [33.33, 33.33, 33.34])
        self.assertEqual(
            sorted(round(float(row["receivable"]), 2) for row in rows.values()),
            [6.66, 6.67, 6.67],
        )
        # what is paid later makes each whole, to the cent
        self.pay(invoice, "2026-07-12", amount=10)
        self.pay(invoice, "2026-07-13")
        rows = self.env["contract.facts"]._read_orders(orders, "2026-07-13")
        self.assertEqual({float(row["receivable"]) for row in rows.values()}, {0.0})


class TestMoreOrLess(SheetCase):
    """Within the tolerance the final amount is what was delivered."""

    def contract(self):
        order = self.with_terms(
            {
                "percent": 30,
                "due_mode": "event",
                "event_type_id": self.event("effect"),
                "payment_kind": "deposit",
            },
            {
                "percent": 70,
                "due_mode": "event",
                "event_type_id": self.event("dispatch"),
                "delay": 10,
            },
            lines=[(self.pump, 100)],
            promised="2026-07-10",
        )
        delivery = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        self.env.cr.execute(
            """UPDATE contract_term SET over_percent = 5, short_percent = 5
                WHERE id = %s""",
            [delivery.id],
        )
        delivery.invalidate_recordset()
        return order

    def test_five_percent_less(self):
        """95 of 100 at 100: 9,500 is the final amount, 2,850 and 6,650 the shares."""
        order = self.contract()
        self.deliver(order, "2026-07-10", pump=95)
        order.picking_ids.filtered(lambda p: p.state != "done").action_cancel()
        invoice = self.invoice(order, "2026-07-10", {self.pump: 95})
        self.assertEqual(invoice.amount_total, 9500)
        self.assert_days(
            order,
            {
                "2026-07-09": {"matured": 3000, "overdue": 3000},
                "2026-07-10": {"matured": 2850, "receivable": 9500},
                "2026-07-21": {"matured": 9500, "overdue": 9500, "receivable": 9500},
            },
        )
        self.pay(invoice, "2026-07-22")
        self.assert_days(
            order,
            {"2026-07-22": {"overdue": 0, "receivable": 0, "late_payments": 0}},
        )
        terms = self.facts(order, "2026-08-30")
        self.assertEqual(float(terms["Payment 1"]["agreed_amount"]), 2850)
        self.assertEqual(float(terms["Payment 2"]["agreed_amount"]), 6650)

    def test_more_than_tolerated_is_missing(self):
        """94 of 100 is short: 10,000 stay agreed."""
        order = self.contract()
        self.deliver(order, "2026-07-10", pump=94)
        self.assert_days(order, {"2026-07-21": {"matured": 3000, "overdue": 3000}})

    def test_five_percent_more(self):
        """105 of 100: the 500 beyond fall due with the rest."""
        order = self.contract()
        self.deliver(order, "2026-07-10", pump=105)
        invoice = self.invoice(order, "2026-07-10", {self.pump: 105})
        self.assertEqual(invoice.amount_total, 10500)
        self.assert_days(
            order,
            {
                "2026-07-20": {"matured": 10500, "receivable": 10500},
                "2026-07-21": {"matured": 10500, "overdue": 10500},
            },
        )
        self.pay(invoice, "2026-07-25", amount=10000)
        self.assert_days(order, {"2026-07-30": {"overdue": 500, "receivable": 500}})

    def test_each_delivery_in_proportion(self):
        """Per delivery, ±5 %: 60 and 35 of 100, in all 9,500."""
        order = self.with_terms(
            {
                "percent": 100,
                "due_mode": "event",
                "event_type_id": self.event("dispatch"),
                "each": True,
            },
            lines=[(self.pump, 100)],
            promised="2026-07-20",
        )
        delivery = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        self.env.cr.execute(
            "UPDATE contract_term SET short_percent = 5 WHERE id = %s", [delivery.id]
        )
        delivery.invalidate_recordset()
        self.deliver(order, "2026-07-10", pump=60)
        self.deliver(order, "2026-07-20", pump=35)
        self.assert_days(
            order,
            {
                "2026-07-11": {"matured": 6000, "overdue": 6000},
                "2026-07-21": {"matured": 9500, "overdue": 9500},
            },
        )


class TestEnded(SheetCase):
    """An ended contract stays where figures are searched, grouped and summed."""

    def test_terminated_contract_that_owes(self):
        """1,000 delivered and invoiced, 650 paid, then terminated: 350 are overdue."""
        order = self.with_terms(
            {
                "percent": 100,
                "due_mode": "event",
                "event_type_id": self.event("dispatch"),
            }
        )
        self.deliver(order, "2026-07-10")
        self.pay(self.invoice(order, "2026-07-10"), "2026-07-12", amount=650)
        with freeze_time("2026-08-01 02:00:00"):
            order._take_reason_step("terminate", "The customer gave up.")
        self.assertEqual(order.contract_state, "terminated")
        Order = self.env["sale.order"]
        mine = [("id", "=", order.id)]
        self.assertEqual(order.contract_overdue_amount, 350)
        self.assertEqual(
            Order.search([*mine, ("contract_overdue_amount", ">", 0)]), order
        )
        self.assertEqual(
            Order._read_group(
                mine,
                ["contract_state"],
                ["contract_overdue_amount:sum", "contract_delivered_amount:sum"],
            ),
            [("terminated", 350, 1000)],
        )
        term = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        self.assertEqual(
            self.env["contract.term"].search(
                [("id", "=", term.id), ("status", "=", term.status)]
            ),
            term,
        )


class TestAgreement(SheetCase):
    """Nothing that is computed for a day reads the live order or a later agreement."""

    def contract(self, lines=None):
        order = self.with_terms(
            {
                "percent": 30,
                "due_mode": "event",
                "event_type_id": self.event("effect"),
                "payment_kind": "deposit",
            },
            {
                "percent": 70,
                "due_mode": "event",
                "event_type_id": self.event("dispatch"),
                "each": True,
            },
            lines=lines,
            promised="2026-07-10",
        )
        self.deliver(order, "2026-07-10", pump=5)
        return order

    def test_quantity_of_the_live_order(self):
        """5 of 10 at 100: 300 + 70 % of 500 = 650, whatever the line says later."""
        order = self.contract()
        before = {"overdue": 650, "delivered": 500, "delivery_progress": 0.5}
        self.assert_days(order, {"2026-08-10": before})
        order.order_line.product_uom_qty = 20
        self.assert_days(order, {"2026-08-10": before, False: before})
        order.order_line.product_uom_qty = 5
        self.assert_days(order, {"2026-08-10": before})

    def test_another_line_is_given_up(self):
        """5 of 10 pumps at 100 and 25 valves at 40: 600 + 350 = 950; nothing more for
        valves that were never delivered and are taken off the order."""
        order = self.contract([(self.pump, 10), (self.valve, 25)])
        self.assert_days(order, {"2026-08-10": {"overdue": 950}})
        valves = order.order_line.filtered(lambda ln: ln.product_id == self.valve)
        valves.product_uom_qty = 0
        self.assert_days(order, {"2026-08-10": {"overdue": 950, "delivered": 500}})

    def test_price_of_the_live_order(self):
        """5 pieces delivered at 100 stay 500, on every day."""
        order = self.contract()
        order.order_line.price_unit = 150
        for day in ("2026-07-31", "2026-08-10", False):
            self.assert_days(order, {day: {"delivered": 500, "overdue": 650}})
        ledger = self.env["contract.facts"]._read_ledger(order, date_to="2026-08-10")
        [delivery] = [row for row in ledger if row["kind"] == "delivery"]
        self.assertEqual(float(delivery["amount"]), 500)

    def test_goods_beside_the_agreement(self):
        """A valve that the warehouse added is delivered, and matures no share."""
        order = self.contract()
        order.order_line = [
            Command.create({"product_id": self.valve.id, "product_uom_qty": 10})
        ]
        self.deliver(order, "2026-07-12", valve=10)
        self.assert_days(order, {"2026-08-10": {"overdue": 650, "delivered": 900}})

    def test_an_allowance_takes_back_what_each_dispatch_made_due(self):
        """1,000 by dispatch plus 30 days, delivered and invoiced on 07-10. Credited 100
        (a price) or 400 (without a return): 900 (600) are due, paid on 09-01."""
        for credited, rest in ((1, 900), (4, 600)):
            for day in ("2026-07-20", "2026-08-20"):
                with self.subTest(credited=credited, day=day):
                    order = self.with_terms(self.net(event="dispatch"))
                    self.deliver(order, "2026-07-10")
                    invoice = self.invoice(order, "2026-07-10")
                    self.credit(invoice, day, credited)
                    self.assert_days(
                        order, {"2026-08-25": {"matured": rest, "overdue": rest}}
                    )
                    self.pay(invoice, "2026-09-01")
                    self.assert_days(
                        order, {"2026-09-02": {"receivable": 0, "overdue": 0}}
                    )

    def signing_and_invoices(self):
        """30 % five days after signing, 70 % each invoice plus 30 days."""
        signing = self.net(5, each=False, event="signing")
        return {**signing, "percent": 30}, {**self.net(), "percent": 70}

    def test_credited_before_it_fell_due(self):
        """30 % on signing, 70 % each invoice plus 30 days: 1,000 of 07-10, 400 credited
        on 07-20: 300 + 700 − 400 = 600 are due, not 180 less."""
        order = self.with_terms(*self.signing_and_invoices())
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        self.credit(invoice, "2026-07-20", 4)
        self.assert_days(
            order,
            {
                "2026-08-20": {"matured": 600, "overdue": 600, "receivable": 600},
                "2026-12-31": {"matured": 600, "overdue": 600},
            },
        )

    def test_credited_and_invoiced_anew(self):
        """1,000 credited in full two days later and invoiced at 900: 900 are due."""
        order = self.with_terms(*self.signing_and_invoices())
        self.deliver(order, "2026-07-10")
        invoice = self.invoice(order, "2026-07-10")
        self.credit(invoice, "2026-07-12")
        anew = order._create_invoices()
        anew.invoice_date = "2026-07-14"
        anew.invoice_line_ids.price_unit = 90
        anew.action_post()
        self.assert_days(order, {"2026-12-31": {"matured": 900, "receivable": 900}})
