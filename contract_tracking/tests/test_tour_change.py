from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_change import ChangeCase


@tagged("post_install", "-at_install")
class TestTourChange(ChangeCase, HttpCase):
    """A salesperson asks for a change, and carries out what was negotiated."""

    def test_ask_and_negotiate(self):
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_change").id)
        ]
        self.start_tour(
            f"/odoo/contracts/{self.order.id}", "contract_change_ask", login="ct_seller"
        )
        change = self.order.contract_change_ids
        self.assertEqual(change.state, "submitted")
        change.with_user(self.lawyer).action_return("Which delivery?")
        today = self.company._contract_today()
        change.with_user(self.seller).line_ids = [
            Command.create(
                {
                    "term_id": self.delivery.id,
                    "date_new": today + timedelta(days=30),
                }
            )
        ]
        change.with_user(self.seller).action_submit()
        for user in (self.lawyer, self.business, self.head, self.leader):
            change.with_user(user).action_approve("ok")
        change.with_user(self.seller).write(
            {
                "negotiated_on": today,
                "result": "agreed",
                "consent_id": self.supplement.id,
            }
        )
        self.start_tour(
            f"/odoo/contract-changes/{change.id}",
            "contract_change_negotiate",
            login="ct_seller",
        )
        self.assertEqual(change.state, "negotiated")
        self.assertEqual(change.reagreement_ids.line_ids.term_id, self.delivery)
