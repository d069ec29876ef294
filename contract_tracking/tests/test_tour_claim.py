from freezegun import freeze_time

from odoo.tests import HttpCase

from .roles import RoleCase


class TestTourClaim(RoleCase, HttpCase):
    """A salesperson says whose money it is, finance confirms it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.new_role_contract(contract_number="TOUR-1")
        cls.deposit = cls.order.contract_term_ids.filtered(
            lambda term: term.payment_kind == "deposit"
        )
        with freeze_time("2026-09-05 02:00:00"):
            cls.payment = cls.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": cls.partner.id,
                    "amount": 350,
                    "date": "2026-09-05",
                    "journal_id": cls.env["account.journal"]
                    .search(
                        [("type", "=", "bank"), ("company_id", "=", cls.company.id)],
                        limit=1,
                    )
                    .id,
                }
            )
            cls.payment.action_post()

    def claim(self):
        self.start_tour("/odoo/contracts", "contract_claim", login="ct_seller")
        claim = self.env["contract.payment.claim"].search(
            [("order_id", "=", self.order.id)]
        )
        self.assertEqual(
            (claim.amount, claim.term_id, claim.payment_id, claim.user_id),
            (300, self.deposit, self.payment, self.seller),
        )
        return claim

    def see_received(self):
        self.assertEqual(self.figures(self.order)["received"], 300)
        self.start_tour(
            f"/odoo/contracts/{self.order.id}",
            "contract_claim_received",
            login="ct_seller",
        )

    def test_salesperson(self):
        self.assertEqual(self.claim().state, "claimed")
        self.see_received()

    def test_finance_confirms(self):
        self.company.contract_claim_confirm = True
        claim = self.claim()
        self.assertEqual(claim.state, "to_confirm")
        self.assertEqual(self.figures(self.order)["received"], 0)
        self.start_tour("/odoo/contracts", "contract_claim_confirm", login="ct_finance")
        self.assertEqual(claim.state, "claimed")
        self.assertEqual(claim.confirmed_by_id, self.finance)
        self.see_received()
