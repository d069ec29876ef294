from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase

from .roles import RoleCase


class TestTourGate(RoleCase, HttpCase):
    """The warehouse is stopped and asks, the salesperson applies, the leader permits
    it, the goods leave, and it is followed until the money is in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "risk_shipment",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
                    )
                ],
            }
        )
        cls.env.ref("contract_tracking.gate_rule_delivery_money").action = "hold"
        # core's stock_delivery shows no delivery to who may not read its zip codes
        cls.keeper = cls.new_user(
            "ct_keeper", "stock.group_stock_user", "base.group_partner_manager"
        )
        cls.today = cls.company._contract_today()
        cls.held = cls.new_role_contract(
            cls.today - timedelta(days=20),
            promised=cls.today,
            template="template_full_before",
            contract_owner_id=cls.seller.id,
        )
        cls.picking = cls.held.picking_ids
        cls.delivery = f"/odoo/deliveries/{cls.picking.id}"

    def pay(self):
        """The customer pays for the contract without any invoice."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 1000,
                "date": self.today,
                "journal_id": self.env["account.journal"]
                .search(
                    [("type", "=", "bank"), ("company_id", "=", self.company.id)],
                    limit=1,
                )
                .id,
            }
        )
        payment.action_post()
        self.env["contract.payment.claim"].with_user(self.seller).create(
            {"payment_id": payment.id, "order_id": self.held.id, "amount": 1000}
        )

    def test_whole_story(self):
        self.start_tour(self.delivery, "contract_gate_held", login="ct_keeper")
        self.assertNotEqual(self.picking.state, "done")
        asked = self.held.activity_ids
        self.assertEqual(asked.user_id, self.seller)

        self.start_tour(
            f"/odoo/contracts/{self.held.id}", "contract_gate_apply", login="ct_seller"
        )
        application = self.held.contract_risk_ids
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.picking_ids, self.picking)
        self.assertEqual(application.user_id, self.seller)
        self.assertEqual(application.repayment_ids.note, "By bank transfer")

        self.start_tour(
            "/odoo/action-contract_tracking.contract_approval_step_action",
            "contract_gate_decide",
            login="ct_leader",
        )
        self.assertEqual(application.state, "approved")
        self.assertEqual(application.decided_by_id, self.leader)
        self.assertEqual(application.left_amount, 1000)

        self.start_tour(self.delivery, "contract_gate_ship", login="ct_keeper")
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(application.used_amount, 1000)
        self.assertEqual(application.use_ids.move_id, self.picking.move_ids)
        self.assertEqual(application.outstanding, 1000)
        self.env["stock.picking"]._cron_contract_gate_answered()
        self.assertFalse(asked.exists().active)

        self.run_follow_up()
        self.assertEqual(application.state, "approved")
        self.pay()
        self.run_follow_up()
        self.assertEqual(application.state, "closed")
        self.assertEqual(application.closed_on, self.today)
        self.assertEqual(application.repaid_amount, 1000)
        self.assertFalse(application.activity_ids)
        self.start_tour(
            f"/odoo/contract-risk-shipments/{application.id}",
            "contract_gate_closed",
            login="ct_seller",
        )

    def run_follow_up(self):
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_follow_up_risk_shipments"
            ).method_direct_trigger()
        self.env.invalidate_all()
