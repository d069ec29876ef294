from odoo.tests import HttpCase

from .deviations import DeviationCase


class TestTourDeviation(DeviationCase, HttpCase):
    """A salesperson reports, analyses and submits a deviation; the leader decides it in
    its activity; it is executed, reported, and verified by somebody else."""

    def test_salesperson_and_leader(self):
        self.leader.name = "Zhou Guohua"
        self.start_tour(
            f"/odoo/contracts/{self.order.id}",
            "contract_deviation_submit",
            login="ct_seller",
        )
        deviation = self.env["contract.deviation"].search(
            [("order_id", "=", self.order.id)]
        )
        self.assertEqual(deviation.state, "submitted")
        self.assertEqual(deviation.user_id, self.seller)
        self.assertEqual(deviation.cause_id, self.cause)
        self.start_tour(
            f"/odoo/contract-deviations/{deviation.id}",
            "contract_deviation_decide",
            login="ct_leader",
        )
        self.assertEqual(
            (deviation.state, deviation.decision, deviation.decision_text),
            ("executing", "accept_changed", "By air freight."),
        )
        self.start_tour(
            f"/odoo/contract-deviations/{deviation.id}",
            "contract_deviation_result",
            login="ct_seller",
        )
        self.assertEqual(deviation.result, "All is delivered.")
        self.start_tour(
            f"/odoo/contract-deviations/{deviation.id}",
            "contract_deviation_verify",
            login="ct_supervisor",
        )
        self.assertEqual(deviation.state, "closed")
        self.assertEqual(deviation.verified_by_id, self.supervisor)
