from odoo.tests import HttpCase

from .test_termination import TerminationCase


class TestTourTermination(TerminationCase, HttpCase):
    """The salesperson writes down why a contract ends and submits it."""

    def test_submit(self):
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_termination"
        )
        self.start_tour(
            f"/odoo/contracts/{self.order.id}",
            "contract_termination",
            login="ct_seller",
        )
        record = self.order.contract_termination_ids
        self.assertEqual((record.state, record.basis), ("submitted", "agreed"))
