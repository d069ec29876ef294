from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError

from .common import ContractCommon


class TestFrameMoney(ContractCommon):
    """The own payment terms of a frame agreement, and a year of call-offs settled by
    round sums."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.partner.contract_running_account = True

    def money(self, day, amount):
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner.id,
                    "amount": amount,
                    "date": day,
                    "journal_id": self.journal.id,
                }
            )
            payment.action_post()
        return payment

    def frame_with_deposit(self, **values):
        """100 pumps at 100 in 2026; 10 % deposit within 10 days of the start."""
        return self.new_frame(
            amount_total=10000,
            term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "name": "Deposit for the year",
                        "payment_kind": "deposit",
                        "percent": 10,
                        "event_type_id": self.env.ref(
                            "contract_tracking.event_type_effect"
                        ).id,
                        "delay": 10,
                    }
                )
            ],
            **values,
        )

    def term_row(self, term, day):
        self.env.flush_all()
        rows = self.env["contract.facts.frame"]._read_terms(
            term.frame_id, date.fromisoformat(day)
        )
        return rows[term.id]

    def claim(self, payment, amount, **values):
        return self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "amount": amount, **values}
        )

    def test_deposit_for_the_whole(self):
        frame = self.frame_with_deposit()
        term = frame.term_ids
        self.assertEqual(term.amount, 1000)  # 10 % of 100 × 100
        # valid from 1 January, ten days
        row = self.term_row(term, "2026-01-10")
        self.assertEqual(
            (row["status"], row["date_due"]), ("due_soon", date(2026, 1, 11))
        )
        self.assertEqual(self.term_row(term, "2026-01-12")["status"], "overdue")
        self.assertEqual(self.term_row(term, "2026-01-12")["overdue"], 1000)
        payment = self.money("2026-01-15", 1500)
        self.claim(payment, 600, frame_id=frame.id)
        self.claim(payment, 400, frame_id=frame.id, term_id=term.id)
        row = self.term_row(term, "2026-01-15")
        self.assertEqual((row["status"], row["actual_amount"]), ("met_late", 1000))
        self.assertEqual(self.term_row(term, "2026-01-14")["status"], "overdue")
        self.assertEqual(term.status, "met_late")
        self.assertEqual(frame.received_amount, 1000)
        self.assertEqual(frame.overdue_amount, 0)
        found = self.env["contract.term"].search(
            [("frame_id", "=", frame.id), ("status", "=", "met_late")]
        )
        self.assertEqual(found, term)
        # the rest of the receipt is still there, and no more than that
        receipt = self.env["contract.receipt"]._of(payment)
        self.assertEqual(receipt.unclaimed, 500)
        with self.assertRaises(ValidationError):
            self.claim(payment, 600, frame_id=frame.id)
        history = self.env["contract.history"].search(
            [("frame_id", "=", frame.id), ("kind", "=", "claim")]
        )
        self.assertEqual(len(history), 2)

    def test_claims_of_a_frame_that_is_not_in_effect(self):
        frame = self.new_frame(day=False)
        with self.assertRaises(UserError):
            self.claim(self.money("2026-01-15", 10), 10, frame_id=frame.id)
        other = self.frame_with_deposit()
        order = self.new_contract("2026-02-01")
        with self.assertRaises(ValidationError):
            self.claim(
                self.money("2026-02-15", 10),
                10,
                order_id=order.id,
                term_id=other.term_ids.id,
            )

    def test_monthly_call_offs_settled_by_round_sums(self):
        """Call-offs of January, February and March, settled 60 days after the end of
        the month of each delivery (月结60天)."""
        frame = self.frame_with_deposit(
            schedule_template_id=self.env.ref(
                "contract_tracking.template_monthly_60"
            ).id
        )
        orders = self.env["sale.order"]
        for month, quantity in ((1, 10), (2, 20), (3, 30)):
            with freeze_time(f"2026-0{month}-10 02:00:00"):
                action = frame.action_new_call_off()
                order = orders.browse(action["res_id"])
                order.order_line.product_uom_qty = quantity
                order.commitment_date = f"2026-0{month}-20 02:00:00"
                order.action_confirm()
            self.assertEqual(order.contract_frame_id, frame)
            self.assertEqual(order.amount_total, quantity * 100)
            self.deliver(order, f"2026-0{month}-20")
            self.invoice(order, f"2026-0{month}-21")
            orders |= order
        january, february, march = orders
        # due: January 31 March + … = 60 days after 31 January, 28 February, 31 March
        dues = [
            self.facts(order, "2026-04-20")["Monthly settlement 60 days"]["date_due"]
            for order in orders
        ]
        self.assertEqual(dues, [date(2026, 4, 1), date(2026, 4, 29), date(2026, 5, 30)])
        # a round sum before anything else is due: oldest first
        first = self.money("2026-04-05", 2500)
        with freeze_time("2026-05-05 02:00:00"):
            self.env["contract.receipt"].action_propose_running()
        claims = self.env["contract.payment.claim"].search(
            [("payment_id", "=", first.id)]
        )
        self.assertEqual(
            {claim.order_id: claim.amount for claim in claims},
            {january: 1000, february: 1500},
        )
        self.assertEqual(set(claims.mapped("state")), {"claimed"})
        # 2 April: January is one day late, nobody has paid
        self.assertEqual(self.figures(january, "2026-04-02")["overdue"], 1000)
        self.assertEqual(
            self.facts(january, "2026-04-10")["Monthly settlement 60 days"]["status"],
            "met_late",
        )
        # 30 April: 2,000 − 1,500 of February are a day late
        self.assertEqual(self.figures(february, "2026-04-30")["overdue"], 500)
        self.assertEqual(self.figures(march, "2026-04-30")["overdue"], 0)
        # the second sum settles February and March, of which 500 stay on account
        second = self.money("2026-05-25", 4000)
        with freeze_time("2026-06-01 02:00:00"):
            self.env["contract.receipt"].action_propose_running()
            self.assertEqual(self.env["contract.receipt"]._of(second).unclaimed, 500)
            self.assertEqual(frame.called_amount, 6000)
            self.assertEqual(frame.delivered_amount, 6000)
            self.assertEqual(frame.invoiced_amount, 6000)
            self.assertEqual(frame.received_amount, 6000)
            # the deposit of the year is still owed, and nothing else
            self.assertEqual(frame.overdue_amount, 1000)
            self.assertEqual(frame.called_progress, 0.6)
        for order in orders:
            self.assertEqual(self.figures(order, "2026-06-01")["overdue"], 0)
            self.assertEqual(self.figures(order, "2026-06-01")["receivable"], 0)
