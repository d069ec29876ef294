from freezegun import freeze_time

from odoo import Command

from ..tools.guard import unguarded
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

    def test_takes_up_a_draft(self):
        settlement = self.env["contract.settlement"].create({"order_id": self.order.id})
        self.terminate(self.new_termination())
        self.assertEqual(self.order.contract_settlement_ids, settlement)
        self.assertEqual(settlement.kind, "termination")

    def penalty(self):
        return {
            "penalty_ids": [
                Command.create({"name": "Clause 9", "kind": "penalty", "amount": 70})
            ]
        }

    def submitted(self):
        """A settlement that is being decided when the contract ends."""
        self.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "settlement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(self.leader.id)]}
                    )
                ],
            }
        )
        self.deliver(self.order, "2026-09-10")
        with freeze_time("2026-10-09 02:00:00"):
            settlement = (
                self.env["contract.settlement"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "balance_reason": "waived",
                        "balance_note": "As agreed",
                    }
                )
            )
            settlement.action_submit()
        self.assertEqual(settlement.state, "submitted")
        return settlement

    def test_penalties_of_one_that_is_decided(self):
        """It goes back to who prepared it, and says why: nothing is lost."""
        settlement = self.submitted()
        self.terminate(self.new_termination(**self.penalty()))
        self.assertEqual(self.order.contract_settlement_ids, settlement.sudo())
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(settlement.kind, "termination")
        self.assertEqual(settlement.deduction_ids.mapped("amount"), [70])
        self.assertFalse(
            settlement.sudo().step_ids.filtered(lambda s: s.state == "pending")
        )
        self.assertIn(
            "ended the contract", "".join(settlement.message_ids.mapped("body"))
        )

    def test_penalties_after_a_confirmed_one(self):
        """It stays to be seen, void; a linked copy takes the penalties up."""
        settlement = self.submitted()
        unguarded(settlement.sudo()).state = "confirmed"
        self.terminate(self.new_termination(**self.penalty()))
        self.assertEqual(settlement.state, "void")
        copy = self.order.contract_settlement_ids - settlement.sudo()
        self.assertEqual(copy.replaces_id, settlement)
        self.assertEqual((copy.state, copy.kind), ("draft", "termination"))
        self.assertEqual(copy.deduction_ids.mapped("amount"), [70])
