from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_intake import IntakeCase
from .test_review import ReviewCommon
from .test_signing import SigningCase


@tagged("post_install", "-at_install")
class TestTrustReview(ReviewCommon):
    """Nobody gets past the review by another door than its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_review_before = "confirm"

    def as_seller(self, **values):
        return self.new_quotation(**values).with_user(self.seller)

    def test_rate(self):
        """The rate that core keeps on the order makes nothing small."""
        self.company.contract_review_amount = 500
        order = self.as_seller()
        order.write({"currency_rate": 1000})
        self.assert_refused("was not reviewed yet", order.action_confirm)

    def test_predecessor(self):
        """A quotation is no predecessor whose review would do."""
        first = self.as_seller()
        order = self.as_seller(
            contract_type="renewal", contract_predecessor_id=first.id
        )
        self.assert_refused("was not reviewed yet", order.action_confirm)

    def test_state(self):
        """Core lets clients write the state."""
        order = self.as_seller()
        self.assert_refused("was not reviewed yet", order.write, {"state": "sale"})
        draft = self.as_seller(contract_type="new")
        self.assert_refused("was not reviewed yet", draft.write, {"state": "sale"})
        values = {
            "partner_id": self.partner.id,
            "state": "sale",
            "order_line": [Command.create({"product_id": self.pump.id})],
        }
        orders = self.env["sale.order"].with_user(self.seller)
        self.assert_refused("was not reviewed yet", orders.create, values)

    def test_cancelled(self):
        """What was cancelled doesn't come back past its review."""
        order = self.as_seller(contract_type="new")
        order.action_cancel()
        self.assert_refused("was not reviewed yet", order.write, {"state": "sale"})

    def test_track(self):
        """Who sells confirms first and makes no contract of it afterwards."""
        self.company.contract_track_mode = "manual"
        order = self.as_seller()
        order.action_confirm()
        self.assert_refused("was not reviewed yet", order.action_contract_track)
        # what ran before is joined by the business office
        order.with_user(self.business).action_contract_track()
        self.assertTrue(order.sudo().contract_state)

    def test_free_goods(self):
        """Goods that are called a down payment are content of the contract."""
        order = self.as_seller()
        review = self.new_review(order)
        review.action_submit()
        self.agree(review)
        order.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.pump.id,
                            "product_uom_qty": 5,
                            "price_unit": 0,
                            "is_downpayment": True,
                        }
                    )
                ]
            }
        )
        self.assert_refused("was changed after its review", order.action_confirm)


class TestTrustSigning(SigningCase):
    def test_another_name(self):
        """An authority covers the signature of whom it names, nobody else's."""
        self.company.contract_signatory_check = "refuse"
        order = self.new()
        with self.assertRaisesRegex(UserError, "Whoever is not among the signatories"):
            self.sign(
                order,
                contract_signatory="Whoever",
                contract_signatory_id=self.large.id,
            )


class TestTrustRelease(IntakeCase):
    def test_description(self):
        """Which goods they are may stand in the description alone."""
        self.company.contract_release_required = "all"
        release = self.released()
        order = release.order_id
        self.assertFalse(order._contract_unreleased())
        order.order_line.name = "Pump, blue"
        self.assertTrue(order._contract_unreleased())
        # as the next call of a client sees it
        self.env.invalidate_all()
        intake = self.check(order.with_user(self.seller))
        self.assertIn("Pump, blue", "".join(intake.line_ids.mapped("order_text")))
