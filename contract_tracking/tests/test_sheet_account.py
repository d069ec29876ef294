from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .roles import RoleCase
from .test_account import AccountCommon

AGES = (
    "due_1_30", "due_31_60", "due_61_90", "due_91_180", "due_181_365", "due_over_365",
)  # fmt: skip


class AccountSheet(AccountCommon):
    """Frame agreements in the customer's account, as an accountant adds them up."""

    @classmethod
    def frame(cls, deposit=0, day="2026-01-05", **values):
        """A frame agreement over 10,000; its deposit falls due ten days after it begins
        on 1 January: on the 11th."""
        if deposit:
            event = cls.env.ref("contract_tracking.event_type_effect")
            term = {
                "kind": "payment",
                "name": "Deposit for the year",
                "payment_kind": "deposit",
                "percent": deposit,
                "event_type_id": event.id,
                "delay": 10,
            }
            values["term_ids"] = [Command.create(term)]
        return cls.new_frame(day=day, amount_total=10000, **values)

    @classmethod
    def call_off(cls, frame, day, quantity, **values):
        """Called off, delivered and invoiced on one day, 100 each, due in 30 days."""
        order = cls.new_contract(
            day,
            [(cls.pump, quantity, 100)],
            "template_net_30",
            contract_frame_id=frame.id,
            **values,
        )
        cls.deliver(order, day)
        cls.invoice(order, day)
        return order

    @classmethod
    def for_frame(cls, frame, day, amount, **values):
        payment = cls.money(day, amount)
        return cls.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "frame_id": frame.id,
                "amount": amount,
                **values,
            }
        )

    def account(self, day, user=None):
        """The customer on a day: [receivable, due, overdue], which the ageing, live and
        as of the day, adds up to as well."""
        self.env.flush_all()
        self.env.invalidate_all()
        names = ("receivable", "due", "overdue")
        with freeze_time(f"{day} 02:00:00"):
            partner = self.partner.with_user(user or self.env.user)
            figures = [partner[f"contract_{name}_amount"] for name in names]
        partner.invalidate_recordset()
        domain = [("partner_id", "=", self.partner.id)]
        Ageing = self.env(user=user or self.env.user)["contract.ageing"]
        rows = Ageing.with_context(contract_cutoff=day).search(domain)
        self.assertEqual([round(sum(rows.mapped(name)), 2) for name in names], figures)
        self.assertAlmostEqual(
            sum(sum(rows.mapped(name)) for name in AGES), figures[2], 2
        )
        return figures

    def statement(self, start, end, **values):
        with freeze_time(f"{end} 02:00:00"):
            return self.env["contract.statement"].create(
                {
                    "partner_id": self.partner.id,
                    "date_from": start,
                    "date_to": end,
                    **values,
                }
            )


@tagged("post_install", "-at_install")
class TestSheetFrames(AccountSheet):
    """Money claimed for a frame agreement, and the agreement's own terms."""

    def test_claimed_for_the_frame(self):
        """Called off 2,000 on 1 March, due on 31 March. 2,000 claimed on 20 April.

        15 March: owes 2,000, not due. 10 April: 2,000, ten days late.
        20 April: 2,000 − 2,000 = 0, nothing late.
        """
        frame = self.frame()
        order = self.call_off(frame, "2026-03-01", 20)
        claim = self.for_frame(frame, "2026-04-20", 2000)
        self.assertEqual(self.account("2026-02-15"), [0, 0, 0])
        self.assertEqual(self.account("2026-03-15"), [2000, 0, 0])
        self.assertEqual(self.account("2026-03-31"), [2000, 2000, 0])
        self.assertEqual(self.account("2026-04-10"), [2000, 2000, 2000])
        self.assertEqual(self.account("2026-04-20"), [0, 0, 0])
        self.assertEqual(self.account("2026-06-01"), [0, 0, 0])
        Ageing = self.env["contract.ageing"].with_context(contract_cutoff="2026-04-25")
        rows = Ageing.search([("partner_id", "=", self.partner.id)])
        self.assertEqual(
            {
                row.contract_number: (
                    row.receivable, row.relieved, row.not_due, row.overdue,
                    row.days_overdue,
                )
                for row in rows
            },
            {
                order.contract_number: (2000, 2000, 0, 0, 0),
                frame.name: (-2000, 0, 0, 0, 0),
            },
        )  # fmt: skip
        row = rows.filtered("frame_id")
        self.assertEqual(row.action_open_order()["res_model"], "contract.frame")
        self.assertEqual(row.action_open_order()["res_id"], frame.id)
        self.assertFalse(row.search([("overdue", ">", 0), ("id", "in", rows.ids)]))
        with freeze_time("2026-06-01 02:00:00"):
            self.assertEqual(frame.overdue_amount, 0)
            receipt = self.env["contract.receipt"]._of(claim.payment_id)
            self.assertEqual((receipt.claimed, receipt.unclaimed), (2000, 0))

    def test_statement(self):
        """March: brought forward 0 + 2,000 = 2,000. April: 2,000 − 1,500 = 500, late
        500. May: 500 − 500 = 0; a line of each day, with the agreement's number."""
        frame = self.frame()
        order = self.call_off(frame, "2026-03-01", 20)
        first = self.for_frame(frame, "2026-04-20", 1500)
        self.for_frame(frame, "2026-05-20", 500)
        march = self.statement("2026-03-01", "2026-03-31")
        self.assertEqual((march.opening_balance, march.closing_balance), (0, 2000))
        april = self.statement("2026-04-01", "2026-04-30")
        self.assertEqual(
            [
                (line.kind, line.contract_number, line.amount, line.balance)
                for line in april.line_ids
            ],
            [
                ("opening", order.contract_number, 2000, 2000),
                ("receipt", frame.name, 1500, 500),
            ],
        )
        line = april.line_ids[1]
        self.assertEqual(
            (line.frame_id, line.order_id.id, line.date, line.name),
            (frame, False, date(2026, 4, 20), first.payment_id.name),
        )
        self.assertEqual((april.received, april.overdue), (1500, 500))
        self.assertEqual(april.unclaimed, 0)
        self.assertEqual(
            {row["number"]: row["closing"] for row in april._form_contracts()},
            {order.contract_number: 2000, frame.name: -1500},
        )
        self.assertIn(frame.name, str(april._xlsx_table(april._xlsx_columns())))
        may = self.statement("2026-05-01", "2026-05-31")
        self.assertEqual(
            (may.opening_balance, may.received, may.closing_balance, may.overdue),
            (500, 500, 0, 0),
        )
        self.assertEqual(
            sorted(may.line_ids.mapped("kind")), ["opening", "opening", "receipt"]
        )

    def test_own_deposit(self):
        """Deposit 1,000, due on 11 January: late from the 12th, before anything was
        called off. On 1 February 400 come for the agreement: late 600, paid in advance
        400. On 1 March 1,500 more: 600 to the deposit, 900 left for call-offs."""
        frame = self.frame(deposit=10)
        self.assertEqual(self.account("2026-01-11"), [0, 1000, 0])
        self.assertEqual(self.account("2026-01-20"), [0, 1000, 1000])
        row = self.env["contract.ageing"].with_context(contract_cutoff="2026-01-20")
        row = row.search([("frame_id", "=", frame.id)])
        self.assertEqual((row.due_1_30, row.date_oldest), (1000, date(2026, 1, 11)))
        self.assertEqual((row.user_id, row.company_id), (frame.owner_id, self.company))
        self.for_frame(frame, "2026-02-01", 400)
        self.assertEqual(self.account("2026-02-10"), [-400, 600, 600])
        with freeze_time("2026-02-10 02:00:00"):
            self.assertEqual(frame.overdue_amount, 600)
        self.for_frame(frame, "2026-03-01", 1500)
        self.assertEqual(self.account("2026-03-10"), [-1900, 0, 0])
        # called off 2,000 on 1 February, late since 4 March: 2,000 − 900 = 1,100
        self.call_off(frame, "2026-02-01", 20)
        self.assertEqual(self.account("2026-03-10"), [100, 1100, 1100])
        with freeze_time("2026-03-10 02:00:00"):
            self.assertEqual(frame.overdue_amount, 1100)
        statement = self.statement("2026-01-01", "2026-03-10")
        self.assertEqual(statement.closing_balance, 100)
        self.assertEqual(statement.overdue, 1100)

    def test_oldest_first(self):
        """Two call-offs: 1,000 due on 31 March, 2,000 due on 30 April, and 500 due on
        30 May. 1,400 for the agreement on 2 May: 1,000 + 400, left late 1,600, of
        1–30 days. 2,000 more on 20 May: late 0; of what is not due 100 are left."""
        frame = self.frame()
        for day, quantity in (("2026-03-01", 10), ("2026-03-31", 20)):
            self.call_off(frame, day, quantity)
        self.call_off(frame, "2026-04-30", 5)
        self.for_frame(frame, "2026-05-02", 1400)
        self.for_frame(frame, "2026-05-20", 2000)
        self.assertEqual(self.account("2026-05-01"), [3500, 3000, 3000])
        self.assertEqual(self.account("2026-05-10"), [2100, 1600, 1600])
        Ageing = self.env["contract.ageing"].with_context(contract_cutoff="2026-05-10")
        rows = Ageing.search([("partner_id", "=", self.partner.id)])
        self.assertEqual(sum(rows.mapped("due_31_60")), 0)
        self.assertEqual(sum(rows.mapped("due_1_30")), 1600)
        self.assertEqual(sum(rows.mapped("not_due")), 500)
        self.assertEqual(self.account("2026-05-25"), [100, 0, 0])
        rows.invalidate_recordset()
        rows = Ageing.with_context(contract_cutoff="2026-05-25").search(
            [("partner_id", "=", self.partner.id)]
        )
        self.assertEqual(sum(rows.mapped("not_due")), 100)
        # 500 due on 30 May, 400 of it paid
        self.assertEqual(self.account("2026-05-30"), [100, 100, 0])
        self.assertEqual(self.account("2026-06-10"), [100, 100, 100])

    def test_reconciled_with_the_call_off(self):
        """2,000 claimed for the agreement pay the invoice of its call-off in the books:
        once, 2,000 − 2,000 = 0, after the call-off was completed too."""
        frame = self.frame()
        order = self.call_off(frame, "2026-03-01", 20)
        payment = self.for_frame(frame, "2026-04-20", 2000).payment_id
        items = payment.move_id.line_ids + order.invoice_ids.line_ids
        items.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(order.invoice_ids.amount_residual, 0)
        self.assertEqual(self.account("2026-04-10"), [2000, 2000, 2000])
        self.assertEqual(self.account("2026-05-01"), [0, 0, 0])
        self.env.cr.execute(
            "UPDATE sale_order SET contract_state = 'completed' WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.account("2026-05-01"), [0, 0, 0])
        rows = self.env["contract.ageing"].search(
            [("partner_id", "=", self.partner.id)]
        )
        self.assertEqual(sorted(rows.mapped("receivable")), [-2000, 2000])

    def test_another_customer_company_and_end(self):
        """Money of an ended agreement still counts; none of it is another's."""
        frame = self.frame()
        self.call_off(frame, "2026-03-01", 20)
        self.for_frame(frame, "2026-04-20", 500)
        other = self.call_off(
            self.frame(partner_id=self.env["res.partner"].create({"name": "Other"}).id),
            "2026-03-01",
            7,
            partner_id=self.env["res.partner"].search([("name", "=", "Other")]).id,
        )
        with freeze_time("2026-06-01 02:00:00"):
            frame._take_reason_step("close", "The year is over")
        frame.partner_id.active = False
        self.assertEqual(self.account("2026-06-02"), [1500, 1500, 1500])
        with freeze_time("2026-06-02 02:00:00"):
            self.assertEqual(other.partner_id.contract_overdue_amount, 700)
        subsidiary = self.env["res.company"].create({"name": "Subsidiary"})
        partner = self.partner.with_company(subsidiary)
        self.assertEqual(partner.contract_receivable_amount, 0)

    def test_call_off_in_another_currency(self):
        """One company unit buys half a euro. Frame in company units, call-off of 1,000
        euro on 1 March = 2,000. 1,500 for the frame: 2,000 − 1,500 = 500, late 500."""
        pricelist = self.euro_pricelist()
        frame = self.frame()
        self.call_off(frame, "2026-03-01", 10, pricelist_id=pricelist.id)
        self.for_frame(frame, "2026-04-20", 1500)
        self.assertEqual(self.account("2026-04-10"), [2000, 2000, 2000])
        self.assertEqual(self.account("2026-05-10"), [500, 500, 500])

    def test_frame_in_another_currency(self):
        """Frame in euro, deposit 10 % of 10,000 = 1,000 euro = 2,000 company units at
        the rate of its first day; paid 1,000 units on 1 February = 500 euro."""
        self.euro_pricelist()
        frame = self.frame(deposit=10, currency_id=self.env.ref("base.EUR").id)
        self.for_frame(frame, "2026-02-01", 1000)
        self.assertEqual(self.account("2026-01-20"), [0, 2000, 2000])
        self.assertEqual(self.account("2026-02-10"), [-1000, 1000, 1000])
        with freeze_time("2026-02-10 02:00:00"):
            statements = self.env["contract.statement"]._propose(self.partner)
        self.assertEqual(statements.currency_id, frame.currency_id)
        self.assertEqual(statements.closing_balance, -500)
        self.assertEqual(statements.overdue, 500)


@tagged("post_install", "-at_install")
class TestSheetFrameRoles(RoleCase):
    """Who sees a contract sees it relieved; who reads the frame agreement, its row."""

    def test_rights(self):
        frame = self.new_frame(owner=self.seller, partner_id=self.partner.id)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 300,
                "date": self.company._contract_today(),
            }
        )
        payment.action_post()
        self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "frame_id": frame.id, "amount": 300}
        )
        for name, seen in (
            ("seller", 300), ("business", 300), ("finance", 300), ("leader", 300),
            ("auditor", 300), ("rival", 0),
        ):  # fmt: skip
            with self.subTest(user=name):
                user = getattr(self, name)
                self.env.flush_all()
                self.env.invalidate_all()
                rows = self.env(user=user)["contract.ageing"].search(
                    [("frame_id", "=", frame.id)]
                )
                self.assertEqual(-sum(rows.mapped("receivable")), seen)
                rows = self.env(user=user)["contract.ageing"].search(
                    [("partner_id", "=", self.partner.id)]
                )
                self.assertEqual(
                    sum(rows.mapped("receivable")),
                    self.partner.with_user(user).contract_receivable_amount,
                )


@tagged("post_install", "-at_install")
class TestSheetLedger(AccountSheet):
    """The customer's account and core's receivable account, with the bridge named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro_rates()
        # 1,000: 400 invoiced on 1 March, 600 on 10 April, 150 paid on 20 April
        cls.home = cls.net_contract()
        # 500 euro are as much: 200, 300 invoiced, 150 paid, which is 300 company units
        cls.euro = cls.net_contract(pricelist_id=cls.pricelist.id)
        # down payment of 300, paid; 1,000 invoiced on 21 May, 300 of it deducted
        cls.deposit = cls.new_contract("2026-03-01", template="template_30_60_10")
        cls.pay(cls.settle(cls.deposit, "2026-03-02", 300), "2026-03-05")
        cls.deliver(cls.deposit, "2026-05-20")
        cls.invoice(cls.deposit, "2026-05-21")
        # a frame agreement with 2,000 called off; 1,500 claimed for it
        cls.agreement = cls.frame(deposit=10)
        cls.called = cls.call_off(cls.agreement, "2026-03-01", 20)
        cls.for_frame(cls.agreement, "2026-04-20", 1500)
        # 1,000, 900 paid and 100 written off
        cls.written = cls.new_contract("2026-02-20")
        account = cls.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        cls.pay(
            cls.invoice(cls.written, "2026-03-01"),
            "2026-03-10",
            900,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        # 250 of no contract, 50 of it paid
        with freeze_time("2026-03-15 02:00:00"):
            line = {"name": "Repair", "quantity": 1, "price_unit": 250, "tax_ids": []}
            cls.other = cls.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.partner.id,
                    "invoice_date": "2026-03-15",
                    "invoice_line_ids": [Command.create(line)],
                }
            )
            cls.other.action_post()
        cls.pay(cls.other, "2026-04-01", 50)
        # 77 that nobody claimed
        cls.money("2026-04-02", 77)

    @classmethod
    def euro_rates(cls):
        """One company unit buys half a euro, all the year: no exchange difference."""
        cls.pricelist = cls.euro_pricelist()
        cls.env["res.currency.rate"].search(
            [
                ("currency_id", "=", cls.pricelist.currency_id.id),
                ("name", ">", "2026-01-01"),
            ]
        ).unlink()

    def core(self, day):
        """Core's receivable account of the customer at the end of a day."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT COALESCE(SUM(l.balance), 0)
                 FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND l.partner_id = %s
                  AND l.parent_state = 'posted' AND l.date <= %s""",
            [self.partner.id, day],
        )
        return float(self.env.cr.fetchone()[0])

    def bridge(self, day):
        """Our account of the customer, and what core's has beside: ``{name: amount}``
        in company units."""
        orders = self.home + self.euro + self.deposit + self.called + self.written
        advances = sum(
            float(row["amount"]) * (2 if row["order_id"] == self.euro.id else 1)
            for row in self.env["contract.facts"]._read_ledger(orders, date_to=day)
            if row["kind"] == "advance"
        )
        self.env.cr.execute(
            """SELECT COALESCE(SUM(l.balance), 0) - COALESCE((
                      SELECT SUM(p.amount) FROM account_partial_reconcile p
                        JOIN account_move_line d ON d.id = p.debit_move_id
                       WHERE d.move_id = %s AND p.max_date <= %s), 0)
                 FROM account_move_line l
                WHERE l.move_id = %s AND l.display_type = 'payment_term'
                  AND l.date <= %s""",
            [self.other.id, day, self.other.id, day],
        )
        others = float(self.env.cr.fetchone()[0])
        unclaimed = self.env["contract.receipt"]._read_uncounted(
            self.company, self.partner, day
        )
        return {
            "contracts": self.account(day)[0],
            "down payments": advances,
            "other invoices": others,
            "unclaimed receipts": -sum(float(row["amount"]) for row in unclaimed),
        }

    def test_bridge(self):
        """31 March: 400 + 400 − 300 + 2,000 + 0 = 2,500, and 300 + 250 = 3,050.
        25 April: 850 + 700 − 300 + 2,000 − 1,500 = 1,750, and 300 + 200 − 77 = 2,173.
        1 June: 850 + 700 + 700 + 500 = 2,750, and 0 + 200 − 77 = 2,873."""
        for day, contracts, advances, others, unclaimed, total in (
            ("2026-03-31", 2500, 300, 250, 0, 3050),
            ("2026-04-25", 1750, 300, 200, -77, 2173),
            ("2026-06-01", 2750, 0, 200, -77, 2873),
        ):
            with self.subTest(day=day):
                bridge = self.bridge(day)
                self.assertEqual(
                    bridge,
                    {
                        "contracts": contracts,
                        "down payments": advances,
                        "other invoices": others,
                        "unclaimed receipts": unclaimed,
                    },
                )
                self.assertEqual(self.core(day), total)
                self.assertAlmostEqual(sum(bridge.values()), total, 2)

    def test_statements(self):
        """A statement a currency: 25 April 850 − 300 + 500 + 0 = 1,050, and 350 euro;
        1,050 + 2 × 350 = 1,750 as in the account."""
        balances = {}
        for currency in (self.company.currency_id, self.pricelist.currency_id):
            statement = self.statement(
                "2026-04-01", "2026-04-25", currency_id=currency.id
            )
            balances[currency] = statement.closing_balance, statement.overdue
        home, euro = balances.values()
        self.assertEqual((home[0], euro[0]), (1050, 350))
        figures = self.account("2026-04-25")
        self.assertEqual(home[0] + 2 * euro[0], figures[0])
        self.assertEqual(home[1] + 2 * euro[1], figures[2])
