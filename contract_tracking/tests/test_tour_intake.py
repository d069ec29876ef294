from odoo import Command
from odoo.tests import HttpCase

from .test_intake import IntakeCase


class TestTourIntake(IntakeCase, HttpCase):
    """The salesperson submits an order, the order desk finds what is wrong and returns
    it."""

    def test_story(self):
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_intake"
        )
        self.company.contract_release_required = "order"
        order = self.new()
        order.sudo().action_confirm()
        file = self.env["ir.attachment"].create({"name": "po.txt", "raw": b"order"})
        self.env["contract.document"].create(
            {
                "name": "Order of the customer",
                "order_id": order.id,
                "type_id": self.env.ref("contract_tracking.document_type_letter").id,
                "date": "2026-09-02",
                "attachment_ids": [Command.link(file.id)],
            }
        )
        self.start_tour(
            f"/odoo/contracts/{order.id}", "contract_intake_submit", login="ct_seller"
        )
        intake = order.sudo().contract_intake_ids
        self.assertEqual(intake.state, "submitted")
        self.assertEqual(intake.confirmed_by, "Mr. Wang")
        self.start_tour(
            f"/odoo/contract-order-checks/{intake.id}",
            "contract_intake_check",
            login="ct_stranger",
        )
        self.assertEqual(intake.state, "draft")
        self.assertIn("12 pumps", intake.step_ids.comment)
