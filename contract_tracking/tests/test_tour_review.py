from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_review import ReviewCommon


@tagged("post_install", "-at_install")
class TestTourReview(ReviewCommon, HttpCase):
    """A salesperson lets a quotation be reviewed, a department gives its opinion with a
    condition."""

    def test_salesperson_and_reviewer(self):
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_review").id)
        ]
        order = self.new_quotation()
        self.start_tour(
            f"/odoo/sales/{order.id}", "contract_review_submit", login="review_seller"
        )
        review = order.contract_review_ids
        self.assertEqual(review.state, "submitted")
        self.start_tour(
            f"/odoo/contract-reviews/{review.id}",
            "contract_review_opinion",
            login="review_business",
        )
        step = review.step_ids.filtered(lambda s: s.user_id == self.business)
        self.assertEqual(step.outcome, "accept_conditions")
        self.assertEqual(step.review_schedule, "objection")
        self.assertEqual(review.action_ids.name, "Ask the foundry")
