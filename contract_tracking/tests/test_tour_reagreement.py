from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_reagreement import ReagreementCase


@tagged("post_install", "-at_install")
class TestTourReagreement(ReagreementCase, HttpCase):
    """The seller submits what was signed, the leader approves it: the order follows."""

    def test_submit_and_approve(self):
        today = self.company._contract_today()
        record = self.new_reagreement(
            self.change(
                self.delivery, quantity=12, date_fixed=today + timedelta(days=30)
            ),
            day=str(today),
        )
        for tour, login in (
            ("contract_reagreement_submit", "ct_seller"),
            ("contract_reagreement_approve", "ct_leader"),
        ):
            self.start_tour(
                f"/odoo/contract-reagreements/{record.id}", tour, login=login
            )
        self.assertEqual(record.state, "done")
        self.assertEqual(self.order.order_line.product_uom_qty, 12)
