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
