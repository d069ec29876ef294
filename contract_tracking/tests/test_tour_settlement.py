from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase

from .roles import RoleCase


class TestTourSettlement(RoleCase, HttpCase):
    """A contract is paid but for its retention: the salesperson settles it, finance
    confirms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(
            "contract_tracking.group_contract_settlement"
        )
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "settlement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
                    )
                ],
            }
        )
        cls.today = cls.company._contract_today()

        def term(name, kind, percent, days):
            return Command.create(
                {
                    "kind": "payment",
                    "payment_kind": kind,
                    "name": name,
                    "percent": percent,
                    "due_mode": "date",
                    "date_fixed": cls.today + timedelta(days=days),
                }
            )

        begun = cls.today - timedelta(days=20)
        cls.settled = cls.new_role_contract(
            begun,
            promised=cls.today,
            template=None,
            contract_owner_id=cls.seller.id,
            contract_term_ids=[
                term("On delivery", "settlement", 90, -5),
                term("Retention", "retention", 10, 300),
            ],
        )
        cls.deliver(cls.settled, cls.today - timedelta(days=10))
        invoice = cls.invoice(cls.settled, cls.today - timedelta(days=9))
        cls.pay(invoice, cls.today - timedelta(days=6), 900)

    def test_whole_story(self):
        self.start_tour(
            f"/odoo/contracts/{self.settled.id}",
            "contract_settlement",
            login="ct_seller",
        )
        settlement = self.settled.contract_settlement_ids
        self.assertEqual(settlement.state, "submitted")
        self.assertEqual(settlement.balance, 90)
        self.start_tour(
            f"/odoo/contract-settlements/{settlement.id}",
            "contract_settlement_decide",
            login="ct_leader",
        )
        self.assertEqual(settlement.state, "confirmed")
