from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError

from ..models.money.contract_facts_rows import FIGURES
from .test_sheet_claims import ClaimCase


class TestSheetRows(ClaimCase):
    """A figure opens the rows that it is made of, and they add up to it."""

    def opened(self, record, figure, day=None, user=None):
        """The rows that somebody sees who opens a figure, and what the window says."""
        action = (
            record.with_user(user or self.env.user)
            .with_context(contract_figure=figure, contract_cutoff=day)
            .action_contract_figure()
        )
        rows = self.env["contract.figure.row"].with_user(user or self.env.user)
        return rows.search(action["domain"]), action

    def assert_rows(self, record, figure, expected, day=None):
        """``[(kind, day, document, share in %, amount), …]``"""
        rows, _action = self.opened(record, figure, day)
        self.assertEqual(
            [
                (
                    row.kind,
                    str(row.day),
                    row.document or row.description,
                    round(row.share * 100),
                    row.amount,
                )
                for row in rows
            ],
            expected,
        )
        return rows

    def assert_adds_up(self, *orders, days=()):
        """Every figure of contracts is the sum of its rows, on days and live."""
        for order in orders:
            for day in (*days, None):
                figures = self.figures(order, day)
                for figure in FIGURES:
                    rows, _action = self.opened(order, figure, day)
                    with self.subTest(order=order.name, day=day, figure=figure):
                        self.assertAlmostEqual(
                            sum(rows.mapped("amount")), figures[figure], 2
                        )

    def test_delivered_invoiced_paid(self):
        """10 × 100, 6 and 4 delivered, 1 back; 1,000 invoiced, 100 credited; 500
        in money, which closed the 900 that were open: 400 of them are none."""
        order = self.new_contract("2026-03-01", template="template_30_70_delivery")
        first = self.deliver(order, "2026-03-10", pump=6)
        second = self.deliver(order, "2026-03-20")
        back = self.give_back(second, "2026-04-02", 1)
        invoice = self.invoice(order, "2026-03-21")
        note = self.credit(invoice, "2026-04-03", 1)
        self.reconcile(invoice, note)
        payment = self.pay(
            invoice,
            "2026-04-10",
            500,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.expense.id,
        )
        self.assert_rows(
            order,
            "receivable",
            [
                ("invoice", "2026-03-21", invoice.display_name, 100, 1000),
                ("invoice", "2026-04-03", note.display_name, 100, -100),
                ("adjustment", "2026-04-10", payment.display_name, 0, -400),
                ("receipt", "2026-04-10", payment.display_name, 100, -500),
            ],
        )
        rows = self.assert_rows(
            order,
            "delivered_not_invoiced",
            [
                ("delivery", "2026-03-10", first.display_name, 0, 600),
                ("delivery", "2026-03-20", second.display_name, 0, 400),
                ("invoice", "2026-03-21", invoice.display_name, 100, -1000),
                ("delivery", "2026-04-02", back.display_name, 0, -100),
            ],
            "2026-04-02",
        )
        self.assertEqual(rows.mapped("quantity"), [6, 4, 0, -1])
        self.assertEqual(rows[0].uom_id, self.pump.uom_id)
        self.assertEqual(rows[0].description, order.order_line.name)
        self.assert_adds_up(
            order, days=("2026-03-15", "2026-03-31", "2026-04-02", "2026-04-09")
        )

    def test_what_fell_due(self):
        """30 % on 1 March, 70 % with each delivery: 300, 70 × 6 and 70 × 4 days after
        them; 500 paid: the second delivery is unpaid, and 220 of the first."""
        order = self.new_contract("2026-03-01", template="template_30_70_delivery")
        self.deliver(order, "2026-03-10", pump=6)
        self.deliver(order, "2026-03-20")
        self.claim(self.money("2026-04-01", 500), order, 500)
        first, second = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        rows, _action = self.opened(order, "matured")
        self.assertEqual(rows.mapped("amount"), [300, 420, 280])
        self.assertEqual(
            [row.action_open_document()["res_id"] for row in rows],
            [first.id, second.id, second.id],
        )
        rows, _action = self.opened(order, "overdue")
        self.assertEqual(rows.mapped("amount"), [220, 280])
        for term, amount in ((first, 300), (second, 200)):
            rows, action = self.opened(term, "paid")
            self.assertEqual(rows.mapped("amount"), [amount])
            self.assertEqual(term.actual_amount, amount)
            self.assertIn(f"{amount}.00", action["name"])
        self.assert_adds_up(order, days=("2026-03-10", "2026-03-31"))

    def test_what_was_paid_for_a_term(self):
        """300 and 700; 400 come in, 150 claimed for the second term, 100 go back: the
        free 250, less 100, are the first's."""
        order = self.new_contract("2026-03-01", template="template_30_70_delivery")
        first, second = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        money = self.money("2026-04-01", 400)
        self.claim(money, order, 150, term_id=second.id)
        self.claim(money, order, 250)
        refund = self.money("2026-04-05", 100, payment_type="outbound")
        self.claim(refund, order, -100)
        for term, amounts in ((first, [250, -100]), (second, [150])):
            rows, _action = self.opened(term, "paid")
            self.assertEqual(rows.mapped("amount"), amounts)
            self.assertEqual(sum(amounts), term.actual_amount)
        rows, action = self.opened(first, "paid", "2026-04-04")
        self.assertEqual(rows.mapped("amount"), [250])
        delivery = order.contract_term_ids - first - second
        with self.assertRaises(UserError):
            self.opened(delivery, "paid")

    def test_deposit_is_deducted(self):
        """300 on a down payment invoice and 1,000 less 300: what is invoiced is 1,000,
        of a document of 700 that is the contract's alone."""
        order = self.new_contract("2026-03-01")
        with freeze_time("2026-03-02 02:00:00"):
            deposit = (
                self.env["sale.advance.payment.inv"]
                .with_context(active_ids=order.ids)
                .create({"advance_payment_method": "percentage", "amount": 30})
                ._create_invoices(order)
            )
            deposit.invoice_date = "2026-03-02"
            deposit.action_post()
        payment = self.pay(deposit, "2026-03-05")
        self.deliver(order, "2026-03-10")
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.amount_total, 700)
        self.assert_rows(
            order,
            "receivable",
            [
                ("receipt", "2026-03-05", payment.display_name, 100, -300),
                ("invoice", "2026-03-11", invoice.display_name, 100, 1000),
            ],
        )
        self.assert_adds_up(order, days=("2026-03-04", "2026-03-10"))

    def test_one_document_of_two_contracts(self):
        """An invoice of 1,000 and 1,000; a receipt of 800, 600 of it for the one and
        200 for the other."""
        one, other = self.contracts(2)
        invoice = self.invoice(one + other, "2026-04-01")
        money = self.money("2026-04-10", 800)
        self.claim(money, one, 600)
        self.claim(money, other, 200)
        for order, share, amount in ((one, 75, 600), (other, 25, 200)):
            self.assert_rows(
                order,
                "receivable",
                [
                    ("invoice", "2026-04-01", invoice.display_name, 50, 1000),
                    ("receipt", "2026-04-10", money.display_name, share, -amount),
                ],
            )
        self.assert_adds_up(one, other, days=("2026-04-09",))

    def test_bank_line(self):
        """A bank line of 400 for a contract of 1,000, its entry is the document."""
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        line = self.bank("2026-04-10", 400, paid=invoice)
        rows = self.assert_rows(
            order,
            "received",
            [("receipt", "2026-04-10", line.move_id.display_name, 100, 400)],
        )
        self.assertEqual(rows.action_open_document()["res_id"], line.move_id.id)

    def test_opening_figures(self):
        """500 invoiced, 200 received and 3 pieces delivered before."""
        with freeze_time("2026-03-01 02:00:00"):
            order = self.new_order(
                contract_opening_date="2026-02-28",
                contract_opening_invoiced=500,
                contract_opening_received=200,
            )
            order.order_line.contract_opening_quantity = 3
            order.action_confirm()
        rows, _action = self.opened(order, "exposure")
        self.assertEqual(
            [(row.kind, row.amount) for row in rows],
            [("opening", 300), ("opening", -200)],
        )
        # without a document the contract opens
        self.assertEqual(rows[0].action_open_document()["res_id"], order.id)
        self.assert_adds_up(order, days=("2026-02-27",))

    def test_two_currencies(self):
        """A contract in another currency (7 for 1 of ours), paid in ours: shares of
        documents in another currency are not said."""
        ours, other = self.currencies()
        pricelist = self.env["product.pricelist"].create(
            {"name": "Export", "currency_id": other.id}
        )
        order = self.new_contract("2026-03-01", pricelist_id=pricelist.id)
        self.deliver(order, "2026-03-10")
        invoice = self.invoice(order, "2026-03-11")
        self.assertEqual(invoice.currency_id, other)
        money = self.money("2026-03-20", 30, currency_id=ours.id)
        self.claim(money, order, 30)
        self.paid(invoice, 50, "2026-03-25", currency_id=ours.id)
        rows, action = self.opened(order, "receivable")
        self.assertEqual(rows.currency_id, other)
        self.assertEqual(
            [(row.kind, round(row.share, 2)) for row in rows],
            [("invoice", 1), ("receipt", 0), ("receipt", 0)],
        )
        self.assert_adds_up(order, days=("2026-03-15", "2026-03-21"))

    def test_bills(self):
        """A bank acceptance counts at once, and stays in what could be lost; a
        commercial one when it is honoured."""
        [order] = self.contracts(1)
        self.deliver(order, "2026-04-01")
        self.invoice(order, "2026-04-01")
        for name, amount in (("bank", 300), ("commercial", 200)):
            instrument = f"contract_tracking.instrument_{name}_acceptance"
            bill = self.money(
                "2026-04-05",
                amount,
                contract_instrument_id=self.env.ref(instrument).id,
                contract_bill_number=f"B-{name}",
                contract_bill_maturity="2027-10-05",
            )
            self.claim(bill, order, amount)
        rows, _action = self.opened(order, "bills")
        self.assertEqual(
            [(row.description, row.amount) for row in rows],
            [("B-bank", 300), ("B-commercial", 200)],
        )
        rows, _action = self.opened(order, "exposure")
        self.assertEqual(
            [(row.kind, row.amount) for row in rows],
            [("delivery", 1000), ("bill", 300), ("receipt", -300)],
        )
        self.assert_adds_up(order, days=("2026-04-04",))

    def test_discount_fee_and_cents(self):
        """3 × 33.33 less 10 %, and a fee of 50: a fee counts when it is invoiced."""
        order = self.new_contract("2026-03-01", [(self.pump, 3, 33.33)])
        discount = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.1,
            }
        )
        discount.action_apply_discount()
        fee = self.env["product.product"].create(
            {"name": "Fee", "type": "service", "taxes_id": False}
        )
        order.order_line = [
            Command.create({"product_id": fee.id, "is_expense": True, "price_unit": 50})
        ]
        for day in ("2026-03-10", "2026-03-11", "2026-03-12"):
            self.deliver(order, day, pump=1)
        order.order_line.filtered("is_expense").qty_delivered = 1
        invoice = self.invoice(order, "2026-03-15")
        self.paid(invoice, 77.77, "2026-03-20")
        rows, _action = self.opened(order, "delivered")
        self.assertEqual(len(rows), 3)
        self.assert_adds_up(order, days=("2026-03-10", "2026-03-11", "2026-03-15"))

    def test_more_than_agreed_and_ended(self):
        """105 of 100 delivered and invoiced, 60 paid, terminated: it opens still."""
        order = self.new_contract(
            "2026-03-01", [(self.pump, 100)], "template_30_70_delivery"
        )
        order.order_line.product_uom_qty = 105
        self.deliver(order, "2026-03-10")
        invoice = self.invoice(order, "2026-03-11")
        self.paid(invoice, 60)
        order._take_reason_step("terminate", "The customer is bankrupt")
        self.assertEqual(order.contract_state, "terminated")
        self.assert_adds_up(order, days=("2026-03-10", "2026-05-01"))

    def test_without_payment_terms(self):
        """What is due stands on the invoices: their instalments are the rows."""
        [order] = self.contracts(1)
        invoice = self.invoice(order, "2026-04-01")
        self.paid(invoice, 250)
        self.assert_rows(
            order,
            "overdue",
            [("unpaid", "2026-04-01", invoice.display_name, 0, 750)],
        )
        self.assert_adds_up(order, days=("2026-04-01", "2026-04-02", "2026-04-10"))
        self.credit(invoice, "2026-04-15", 4)
        self.assert_adds_up(order, days=("2026-04-15",))

    def test_ageing(self):
        [order] = self.contracts(1)
        self.invoice(order, "2026-04-01")
        line = self.env["contract.ageing"].search([("order_id", "=", order.id)])
        rows, action = self.opened(line, "overdue", "2026-04-05")
        self.assertEqual(rows.mapped("amount"), [1000])
        self.assertIn("04/05/2026", action["name"])
        # a frame agreement's row opens what is its own
        frame = self.new_frame()
        payment = self.money("2026-04-02", 300)
        self.env["contract.payment.claim"].create(
            {"receipt_id": payment.id * 2, "frame_id": frame.id, "amount": 300}
        )
        line = self.env["contract.ageing"].search([("frame_id", "=", frame.id)])
        rows, _action = self.opened(line, "receivable")
        self.assertEqual(rows.mapped("amount"), [-300])

    def test_frame(self):
        """A call-off of 1,000, invoiced, and one of 400 that is another's; 500 claimed
        for the agreement as a whole."""
        seller = self.new_user("rows_seller", "sales_team.group_sale_salesman")
        other = self.new_user("rows_other", "sales_team.group_sale_salesman")
        frame = self.new_frame(owner=seller)
        values = {"contract_frame_id": frame.id, "promised": "2026-06-01"}
        mine = self.new_contract("2026-03-01", user_id=seller.id, **values)
        his = self.new_contract(
            "2026-03-02", [(self.pump, 4)], user_id=other.id, **values
        )
        invoices = [self.invoice(order, "2026-04-01") for order in (mine, his)]
        money = self.money("2026-04-10", 500)
        self.env["contract.payment.claim"].create(
            {"receipt_id": money.id * 2, "frame_id": frame.id, "amount": 500}
        )
        self.paid(invoices[0], 100)
        for figure, amount in {
            "called": 1400,
            "delivered": 0,
            "invoiced": 1400,
            "received": 600,
            "overdue": frame.overdue_amount,
        }.items():
            self.assertEqual(frame[f"{figure}_amount"], amount)
            for user in (seller, self.env.user):
                rows, _action = self.opened(frame, figure, user=user)
                self.assertAlmostEqual(sum(rows.mapped("amount")), amount, 2)
        rows, _action = self.opened(frame, "invoiced", user=seller)
        others = "A contract that others follow"
        self.assertEqual(
            [(row.order_id, row.document, row.description, row.amount) for row in rows],
            [
                (mine, invoices[0].display_name, "", 1000),
                (his.browse(), False, others, 400),
            ],
        )
        with self.assertRaises(UserError):
            rows[1].action_open_document()
        rows, _action = self.opened(frame, "called", user=seller)
        self.assertEqual(rows.mapped("document"), [mine.display_name, False])
        rows, _action = self.opened(frame, "called")
        self.assertEqual(rows.order_id, mine + his)
        rows, _action = self.opened(frame, "invoiced", "2026-03-31")
        self.assertFalse(rows)

    def test_documents_of_a_salesperson(self):
        """He sees a delivery and a payment as people who follow contracts do."""
        seller = self.new_user("rows_seller", "sales_team.group_sale_salesman")
        order = self.new_contract("2026-03-01", user_id=seller.id)
        picking = self.deliver(order, "2026-03-10")
        money = self.money("2026-04-10", 100)
        self.claim(money, order, 100)
        self.env.user.group_ids |= self.env.ref("stock.group_stock_user")
        view = self.env.ref("contract_tracking.contract_delivery_view_form").id
        receipt = self.receipt(money)
        for figure, user, expected in (
            ("delivered", seller, (picking._name, picking.id, view)),
            ("received", seller, (receipt._name, receipt.id, False)),
            ("delivered", self.env.user, (picking._name, picking.id, False)),
            ("received", self.env.user, (money._name, money.id, False)),
        ):
            action = self.opened(order, figure, user=user)[0].action_open_document()
            [(view_id, _kind)] = action["views"]
            self.assertEqual((action["res_model"], action["res_id"], view_id), expected)

    def test_who_may(self):
        """Of one's own contracts only, and one's own rows only."""
        seller, rival = (
            self.new_user(f"rows_{name}", "sales_team.group_sale_salesman")
            for name in ("own", "rival")
        )
        portal = self.new_user("rows_portal", "base.group_portal")
        portal.partner_id.parent_id = self.partner
        order = self.new_contract("2026-03-01", user_id=seller.id)
        self.invoice(order, "2026-04-01")
        rows, _action = self.opened(order, "invoiced", user=seller)
        self.assertEqual(rows.amount, 1000)
        for user in (rival, portal):
            with self.assertRaises(AccessError):
                self.opened(order, "invoiced", user=user)
            with self.assertRaises(AccessError):
                rows.with_user(user).read(["amount"])
        self.assertFalse(rows.with_user(rival).search([("id", "in", rows.ids)]))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(rows.has_access(operation))
        for figure in (None, "partner_id", "called"):
            with self.assertRaises(UserError):
                self.opened(order, figure)
        with self.assertRaises(UserError):
            self.opened(order, "invoiced", "soon")
