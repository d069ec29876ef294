from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_review import ReviewCommon


@tagged("post_install", "-at_install")
class TestReviewPrint(ReviewCommon):
    """What is read of a review: the printed form, lists, the first page, durations."""

    def printed(self, review):
        """The texts of all cells of the form, and the names of its blocks."""
        blocks = review._form_blocks()
        texts = [
            cell["text"]
            for block in blocks
            for row in block.get("rows") or ()
            if isinstance(row, dict)
            for cell in row.get("cells", ())
        ]
        return texts, [block["name"] for block in blocks]

    def test_form(self):
        """What was reviewed, the opinions with the criteria, conditions, signatures."""
        order = self.new_quotation()
        review = self.reviewed(order, ["Get the guarantee"])
        order.order_line.price_unit = 90
        texts, names = self.printed(review)
        for text in ("Pump", "100.00", "In order", "Agreed with conditions"):
            self.assertIn(text, texts)
        self.assertIn("Get the guarantee", texts)
        self.assertNotIn("90.00", texts)
        self.assertEqual(names[-1], "sign")
        signed = [row["name"] for row in review._form_signatures()]
        self.assertIn(self.lawyer.name, signed)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "contract_tracking.report_review", review.ids
        )[0]
        self.assertIn(b"Contract Review Form", html)

    def test_form_of_differences(self):
        """A follow-up prints what changed, and nothing else of the contract."""
        order = self.new_quotation()
        review = self.reviewed(order)
        order.order_line.price_unit = 90
        review.invalidate_recordset()
        action = review.with_user(self.seller).action_follow()
        follow = self.env["contract.review"].browse(action["res_id"])
        follow.with_user(self.seller).action_submit()
        texts, names = self.printed(follow)
        self.assertIn("differences", names)
        self.assertNotIn("lines", names)
        self.assertIn("90.00", texts)

    def test_content_in_order(self):
        """Its fields are shown in their order, whatever the database makes of it."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        review.invalidate_recordset()
        table = review.content_table
        places = [table.index(text) for text in ("Customer", "Currency", "Total")]
        self.assertEqual(places, sorted(places))
        self.assertIn("Yangtze Pumps", table)

    def test_home(self):
        """What waits for whom stands on the first page, where reviews are used."""
        feature = self.env.ref("contract_tracking.group_contract_review")
        home = self.env["contract.home"].with_user(self.seller)

        def counts():
            return {
                item["key"]: self.env[item["model"]]
                .with_user(self.seller)
                .search_count(item["domain"])
                for item in home._home_items()
            }

        self.assertNotIn("reviews", counts())
        self.env.ref("base.group_user").implied_ids = [Command.link(feature.id)]
        draft = self.new_review(self.new_quotation())
        order = self.new_quotation()
        self.reviewed(order, ["Get the guarantee"])
        before = counts()
        self.assertEqual((before["reviews"], before["review_conditions"]), (1, 1))
        self.assertEqual(before["reviews_running"], 0)
        order.order_line.price_unit = 90
        draft.action_submit()
        after = counts()
        self.assertEqual((after["reviews"], after["reviews_running"]), (0, 1))
        self.assertEqual(after["reviews_outdated"], before["reviews_outdated"] + 1)

    def test_duration(self):
        """How long a department takes, from being asked to its opinion."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        later = fields.Datetime.now() + timedelta(days=3)
        with freeze_time(later):
            self.opine(review, self.business)
        step = review.step_ids.filtered(lambda s: s.user_id == self.business)
        self.assertAlmostEqual(step.days_taken, 3, 1)
        [(_name, days)] = self.env["contract.approval.step"]._read_group(
            [("id", "=", step.id)], ["name"], ["days_taken:avg"]
        )
        self.assertAlmostEqual(days, 3, 1)

    def test_roles(self):
        """Who reviews reads the review, what others say and their conditions; who has
        nothing to do with the contract reads none of it."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        self.opine(review, self.business, "conditions", ["Get the guarantee"])
        self.env.invalidate_all()
        mine = review.with_user(self.money)
        self.assertIn(self.business, mine.step_ids.user_id)
        self.assertEqual(mine.action_ids.name, "Get the guarantee")
        rival = self.new_user("review_rival", "sales_team.group_sale_salesman")
        for record in (review, review.action_ids, review.step_ids):
            with self.assertRaises(AccessError):
                record.with_user(rival).check_access("read")
        with self.assertRaises(AccessError):
            mine.note = "Changed by who decides"
        with self.assertRaises(AccessError):
            self.env["contract.review"].with_user(rival).create(
                {"order_id": review.order_id.id}
            )
