from datetime import date

from freezegun import freeze_time

from odoo import Command

from .test_termination import TerminationCase


class TestSettlementTermination(TerminationCase):
    """A contract that ended is settled."""

    def test_opens_a_draft(self):
        self.receive(self.order, "2026-09-04", 300)
        record = self.new_termination()
        self.terminate(record)
        settlement = self.order.contract_settlement_ids
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(settlement.kind, "termination")
        self.assertEqual(settlement.user_id, self.order._contract_responsible())
        self.assertEqual(settlement.balance, -300)

    def goods(self, order):
        rows = order.contract_settlement_ids.line_ids
        return [
            (row.line_id.product_id, row.agreed_quantity, row.agreed_amount)
            for row in rows
        ]

    def test_agreed_before_the_end(self):
        """10 pumps at 60 and 5 valves at 80 were agreed, 1,000; four pumps left. The
        end leaves a promise of 240, and takes nothing back of what was agreed. Neither
        does what is delivered all the same."""
        for choice in ("cancel", "keep"):
            order = self.new_dated([(self.pump, 10, 60), (self.valve, 5, 80)])
            self.deliver(order, "2026-09-20", pump=4)
            record = self.new_termination(order)
            record.delivery_ids.choice = choice
            self.terminate(record)
            settlement = order.contract_settlement_ids
            with freeze_time("2026-10-10 06:00:00"):
                settlement.action_refresh()
            self.assertEqual(settlement.agreed_amount, 1000)
            self.assertEqual(
                self.goods(order), [(self.pump, 10, 600), (self.valve, 5, 400)]
            )
            # as of the day before it is what held then
            settlement.date = "2026-10-09"
            self.assertEqual(
                self.goods(order), [(self.pump, 10, 600), (self.valve, 5, 400)]
            )

    def test_agreed_of_what_is_whole(self):
        """All pumps left: they were agreed as they are. Three of five valves left."""
        order = self.new_dated([(self.pump, 10, 60), (self.valve, 5, 80)])
        self.deliver(order, "2026-09-20", pump=10, valve=3)
        self.terminate(self.new_termination(order))
        self.assertEqual(
            self.goods(order), [(self.pump, 10, 600), (self.valve, 5, 400)]
        )

    def test_takes_up_a_draft(self):
        settlement = self.env["contract.settlement"].create({"order_id": self.order.id})
        self.terminate(self.new_termination())
        self.assertEqual(self.order.contract_settlement_ids, settlement)
        self.assertEqual(settlement.kind, "termination")

    def submitted(self):
        """A settlement of what was delivered, being decided; the rest was waived."""
        self.env["contract.approval.rule"].create(
            {
                "name": "Settlement",
                "kind": "settlement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(self.leader.id)]}
                    )
                ],
            }
        )
        self.deliver(self.order, "2026-09-20", pump=4)
        delivery = self.order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        with freeze_time("2026-10-01 01:00:00"):
            delivery.with_user(self.business)._waive("The customer has enough.")
            settlement = (
                self.env["contract.settlement"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "balance_reason": "other",
                        "balance_note": "It follows",
                    }
                )
            )
            settlement.action_submit()
        return settlement.with_env(self.env)

    def end(self):
        rows = [
            Command.create(
                {"kind": "penalty", "debtor": "us", "amount": 80, "name": "§ 12"}
            )
        ]
        self.terminate(self.new_termination(penalty_ids=rows))

    def test_penalties_reach_one_that_is_decided(self):
        settlement = self.submitted()
        self.end()
        self.assertEqual(self.order.contract_settlement_ids, settlement)
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(settlement.approval_state, "returned")
        self.assertEqual(settlement.kind, "termination")
        self.assertEqual(settlement.date, date(2026, 10, 10))
        self.assertEqual(settlement.deduction_ids.mapped("amount"), [80])
        self.assertEqual(settlement.deduction_amount, -80)
        self.assertIn("was added", "".join(settlement.message_ids.mapped("body")))
        self.assertFalse(settlement.approver_ids)

    def test_penalties_reach_one_that_was_confirmed(self):
        settlement = self.submitted()
        with freeze_time("2026-10-01 04:00:00"):
            settlement.with_user(self.leader).action_approve()
        self.assertEqual(settlement.state, "confirmed")
        self.end()
        self.assertEqual(settlement.state, "void")
        copy = self.order.contract_settlement_ids - settlement
        self.assertEqual(copy.replaces_id, settlement)
        self.assertEqual((copy.state, copy.kind), ("draft", "termination"))
        self.assertEqual(copy.deduction_ids.mapped("amount"), [80])
        self.assertFalse(settlement.deduction_ids)
