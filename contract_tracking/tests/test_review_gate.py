from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_review import ReviewCommon


@tagged("post_install", "-at_install")
class TestReviewGate(ReviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_review_before = "confirm"

    def test_confirm(self):
        """Each state of a review says what is missing; a batch is confirmed or not."""
        order = self.new_quotation()
        other = self.new_quotation()
        self.assert_refused("was not reviewed yet", order.action_confirm)
        review = self.new_review(order)
        self.assert_refused("not submitted yet", order.action_confirm)
        review.action_submit()
        self.assert_refused("still being reviewed", order.action_confirm)
        self.agree(review)
        with self.assertRaises(UserError) as caught:
            (order | other).action_confirm()
        self.assertIn(other.display_name, str(caught.exception))
        self.assertNotIn(order.display_name, str(caught.exception))
        self.assertEqual(other.state, "draft")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_refused(self):
        order = self.new_quotation()
        review = self.new_review(order)
        review.action_submit()
        self.opine(review, self.money, "disagree", comment="No credit")
        self.assert_refused("did not agree", order.action_confirm)

    def test_untracked(self):
        """What isn't tracked as a contract isn't asked for a review."""
        self.company.contract_track_mode = "manual"
        order = self.new_quotation()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_amount(self):
        self.company.contract_review_amount = 1000.01
        small = self.new_quotation()
        small.action_confirm()
        self.assertEqual(small.state, "sale")
        self.company.contract_review_amount = 1000
        with self.assertRaises(UserError):
            self.new_quotation().action_confirm()

    def test_call_off(self):
        """Under a frame agreement that was reviewed, as long as it keeps to it."""
        self.company.contract_review_before = "nothing"
        frame = self.new_frame(owner=self.seller, team_id=self.team.id)
        self.company.contract_review_before = "confirm"

        def call_off(**values):
            return self.new_quotation(contract_frame_id=frame.id, **values)

        self.assert_refused("was not reviewed yet", call_off().action_confirm)
        review = self.env["contract.review"].with_user(self.seller)
        review = review.create({"frame_id": frame.id})
        review.action_submit()
        self.agree(review)
        dear = call_off(lines=[(self.pump, 10, 80)])
        self.assert_refused("was not reviewed yet", dear.action_confirm)
        order = call_off()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.company.contract_review_call_off = False
        self.assert_refused("was not reviewed yet", call_off().action_confirm)

    def test_renewal(self):
        """A renewal without changes needs no review, one with changes does."""
        order = self.new_quotation()
        self.reviewed(order)
        order.action_confirm()
        renewal, dear = (
            self.env["sale.order"].browse(
                order.with_user(self.business).action_contract_renew()["res_id"]
            )
            for _i in range(2)
        )
        renewal.commitment_date = "2027-03-01 02:00:00"
        dear.order_line.price_unit = 101
        self.assert_refused("was not reviewed yet", dear.action_confirm)
        renewal.action_confirm()
        self.assertEqual(renewal.state, "sale")

    def test_frame(self):
        """A frame agreement is put into effect after its review."""
        frame = self.new_frame(owner=self.seller, day=False, team_id=self.team.id)
        self.assert_refused(
            "was not reviewed yet", frame.with_user(self.seller).action_activate
        )
        action = frame.with_user(self.seller).action_review()
        self.assertEqual(action["res_model"], "contract.review")
        review = self.env["contract.review"].with_user(self.seller)
        review = review.create({"frame_id": frame.id})
        review.action_submit()
        self.agree(review)
        frame.line_ids.quantity = 90
        self.assert_refused(
            "was changed after", frame.with_user(self.seller).action_activate
        )
        frame.line_ids.quantity = 100
        frame.with_user(self.seller).action_activate()
        self.assertEqual(frame.state, "active")

    def test_effect_by_itself(self):
        """Nobody is stopped where it takes effect by its confirmation: it stays
        confirmed until it is reviewed."""
        self.company.contract_review_before = "effect"
        order = self.new_quotation()
        order.action_confirm()
        self.assertEqual(order.contract_state, "confirmed")
        self.assertIn("not reviewed", order.contract_review_missing)
        order.with_user(self.seller).contract_end_date = "2027-12-31"
        self.assertEqual(order.contract_state, "confirmed")
        review = self.reviewed(order, ["Get the guarantee"])
        self.assertEqual(order.contract_state, "confirmed")
        review.action_ids.with_user(self.seller)._report_done("Here it is")
        self.assertEqual(order.contract_state, "active")

    def test_effect_by_hand(self):
        """Who writes down the signature of what wasn't reviewed is told so."""
        self.company.write(
            {"contract_review_before": "effect", "contract_effective_rule": "signature"}
        )
        order = self.new_quotation()
        order.action_confirm()
        signed = {"contract_signing_date": "2026-02-01", "contract_signatory": "Li"}
        self.assert_refused(
            "was not reviewed yet", order.with_user(self.seller).write, signed
        )
        self.assertEqual(order.with_user(self.seller).contract_next_step, "review")
        self.reviewed(order)
        self.assertEqual(order.contract_state, "confirmed")
        order.with_user(self.seller).write(signed)
        self.assertEqual(order.contract_state, "active")

    def test_off(self):
        """Switched off, nothing is asked and nothing costs anything."""
        orders = self.new_quotation() | self.new_quotation()
        self.company.contract_review_before = "nothing"
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(orders.sudo()._contract_review_asked())
            self.assertFalse(orders.sudo()._contract_ready())
            self.assertFalse(orders.sudo()._contract_review_waits())
        orders.action_confirm()
        self.assertEqual(set(orders.mapped("contract_state")), {"active"})

    def test_switch(self):
        """Who switches reviews off isn't stopped by one that is missing."""
        settings = self.env["res.config.settings"].create(
            {"group_contract_review": False}
        )
        settings.execute()
        self.assertEqual(self.company.contract_review_before, "nothing")

    def test_batch(self):
        """As many queries for five as for one."""
        counts = []
        for number in (1, 5):
            orders = self.env["sale.order"].union(
                *(self.new_quotation() for _i in range(number))
            )
            for order in orders:
                self.reviewed(order)
            self.env.flush_all()
            self.env.invalidate_all()
            Review = self.env["contract.review"].sudo()
            before = self.env.cr.sql_log_count
            self.assertFalse(Review._review_missing(orders.sudo()))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
