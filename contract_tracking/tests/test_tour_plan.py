from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase

from .roles import RoleCase


class TestTourPlan(RoleCase, HttpCase):
    """Asked for by the company, a plan is written from the contract, agreed, and its
    task reported by a worker who sees nothing else of contracts; then it is planned
    anew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids = [
            Command.link(cls.env.ref("contract_tracking.group_contract_plan").id)
        ]
        cls.today = cls.company._contract_today()
        cls.company.write(
            {
                "contract_plan_required": True,
                "contract_plan_from": cls.today - timedelta(days=30),
            }
        )
        cls.env["contract.department"].create(
            {"name": "East", "member_ids": [Command.link(cls.seller.id)]}
        )
        cls.worker = cls.new_user(
            "ct_worker", "contract_tracking.group_contract_reader"
        )
        cls.fresh = cls.new_role_contract(
            cls.today - timedelta(days=1),
            promised=cls.today + timedelta(days=60),
            contract_owner_id=cls.seller.id,
        )
        cls.env["contract.tracking.record"].search([]).unlink()

    def test_whole_story(self):
        self.start_tour(
            f"/odoo/contracts/{self.fresh.id}",
            "contract_plan_write",
            login="ct_seller",
        )
        plan = self.fresh.contract_plan_ids
        self.assertEqual(plan.state, "submitted")
        self.assertEqual(plan.approver_ids, self.supervisor)
        plan.with_user(self.supervisor).action_approve()
        self.assertEqual(plan.state, "active")
        task = plan.line_ids.filtered(lambda line: line.kind == "staffing")
        task.with_user(self.seller)._hand_on("He knows the people", self.worker)

        self.start_tour(
            "/odoo/action-contract_tracking.contract_plan_line_action_mine",
            "contract_plan_report",
            login="ct_worker",
        )
        self.env.invalidate_all()
        self.assertEqual(task.progress, 100)
        self.assertEqual(task.reported_by_id, self.worker)
        self.assertEqual(task.note, "Everybody is named")

        self.start_tour(
            f"/odoo/contract-plans/{plan.id}", "contract_plan_anew", login="ct_seller"
        )
        anew = self.fresh.contract_plan_ids - plan
        self.assertEqual((anew.state, anew.version), ("draft", 2))
        self.assertEqual(anew.replan_reason, "The furnace failed")
