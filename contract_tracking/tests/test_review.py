from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ContractCommon


class ReviewCommon(ContractCommon):
    """A company with departments that review: finance gives an opinion beside the
    business office, then the head of the office, legal affairs last."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.new_user("review_seller", "sales_team.group_sale_salesman")
        cls.business = cls.new_user(
            "review_business",
            "sales_team.group_sale_salesman_all_leads",
            "contract_tracking.group_contract_business",
        )
        cls.money = cls.new_user(
            "review_money", "contract_tracking.group_contract_finance"
        )
        cls.head = cls.new_user(
            "review_head",
            "sales_team.group_sale_salesman",
            "contract_tracking.group_contract_office",
        )
        cls.lawyer = cls.new_user(
            "review_lawyer", "contract_tracking.group_contract_leader"
        )
        cls.team.user_id = cls.head
        cls.env["contract.department"].create(
            [
                {
                    "name": name,
                    "review_function": function,
                    "head_id": user.id,
                    "company_id": cls.company.id,
                }
                for name, function, user in (
                    ("Money", "finance", cls.money),
                    ("Law", "legal", cls.lawyer),
                )
            ]
        )
        rule = cls.env.ref("contract_tracking.approval_rule_review")
        # one person of the business office, whoever else has the role here
        line = rule.line_ids.filtered(lambda ln: ln.name == "Business office")
        line.write({"approver": "users", "user_ids": [Command.set(cls.business.ids)]})

    def assert_refused(self, text, step, *args, **kwargs):
        """A step is refused with a text, and nothing of it stays."""
        with self.assertRaises(UserError) as caught:
            step(*args, **kwargs)
        self.assertRegex(str(caught.exception), text)

    @classmethod
    def new_quotation(cls, **values):
        return cls.new_order(user_id=cls.seller.id, team_id=cls.team.id, **values)

    def new_review(self, order, **values):
        return (
            self.env["contract.review"]
            .with_user(self.seller)
            .create({"order_id": order.id, **values})
        )

    def opine(
        self, review, user, conclusion="agree", conditions=(), comment="ok", **said
    ):
        """Give an opinion in the window, as a user does."""
        window = review.with_user(user).action_open_opinion()
        values = {
            "review_compliance": "ok",
            "review_schedule": "ok",
            "review_resources": "ok",
            "conclusion": conclusion,
            "comment": comment,
            "condition_ids": [
                Command.create(
                    {
                        "name": name,
                        "user_id": self.seller.id,
                        "date_deadline": "2026-12-31",
                    }
                )
                for name in conditions
            ],
            **said,
        }
        self.env["contract.review.opinion"].with_user(user).with_context(
            **window["context"]
        ).create(values).action_apply()

    def reviewed(self, order, conditions=()):
        """A review of an order to which everybody agreed."""
        review = self.new_review(order)
        review.action_submit()
        self.agree(review, conditions)
        return review

    def agree(self, review, conditions=()):
        conclusion = "conditions" if conditions else "agree"
        self.opine(review, self.business, conclusion, conditions)
        for user in (self.money, self.head, self.lawyer):
            self.opine(review, user)
        review.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestReview(ReviewCommon):
    def test_life(self):
        """Departments side by side, the head of the office after them, legal affairs
        last; each says something on each criterion."""
        order = self.new_quotation()
        self.assertFalse(order.contract_state)
        review = self.new_review(order)
        self.assertEqual(order.contract_state, "draft")
        self.assertRegex(review.name, "^PS")
        review.action_submit()
        self.assertEqual(review.state, "submitted")
        self.assertEqual(review.approver_ids, self.business | self.money)
        self.opine(review, self.business)
        self.assertEqual(review.approver_ids, self.money)
        self.opine(review, self.money)
        self.assertEqual(review.approver_ids, self.head)
        self.opine(review, self.head)
        self.assertEqual(review.approver_ids, self.lawyer)
        self.opine(review, self.lawyer)
        self.assertEqual((review.state, review.conclusion), ("approved", "agree"))
        steps = review.step_ids
        self.assertEqual(set(steps.mapped("review_compliance")), {"ok"})
        self.assertFalse(review.is_outdated)

    def test_opinion(self):
        """A plain yes asks for the opinion; who objects doesn't simply agree."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        mine = review.with_user(self.business)
        asked = mine.action_approve()
        self.assertEqual(asked["res_model"], "contract.review.opinion")
        step = review.step_ids.filtered(lambda s: s.user_id == self.business)
        asked = step.with_user(self.business).action_approve()
        self.assertEqual(asked["res_model"], "contract.review.opinion")
        self.assert_refused("by itself", mine.action_approve, "fine")
        self.assert_refused("by itself", mine.action_refuse, "no")
        self.assert_refused(
            "object", self.opine, review, self.business, review_schedule="objection"
        )
        self.assert_refused(
            "says which", self.opine, review, self.business, "conditions"
        )
        self.assert_refused(
            "comment", self.opine, review, self.business, "disagree", comment=False
        )
        self.assertEqual(step.state, "pending")
        self.opine(
            review,
            self.business,
            "disagree",
            comment="Too late",
            review_schedule="objection",
        )
        self.assertEqual(review.state, "refused")
        self.assertEqual(review.conclusion, "disagree")
        self.assertEqual(step.review_schedule, "objection")
        with self.assertRaises(UserError):
            review.with_user(self.seller).note = "changed"

    def test_foreign_opinion(self):
        """Nobody gives an opinion in another's place, nor the requester on his own."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        for user in (self.seller, self.lawyer):
            with self.assertRaises(UserError):
                review.with_user(user).action_open_opinion()
            with self.assertRaises(UserError):
                review.with_user(user)._give_opinion(
                    "agree",
                    dict.fromkeys(
                        ("review_compliance", "review_schedule", "review_resources"),
                        "ok",
                    ),
                    "ok",
                    [],
                )

    def test_bad_input(self):
        """Nothing to review, two at once, what was cancelled."""
        empty = self.new_quotation()
        empty.order_line.unlink()
        review = self.new_review(empty)
        self.assert_refused("is empty", review.action_submit)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.new_review(empty).flush_recordset()
        gone = self.new_quotation()
        gone._action_cancel()
        self.assert_refused("cancelled", self.new_review, gone)

    def test_conditions(self):
        """They are done before the order is confirmed; their owner reports them."""
        self.company.contract_review_before = "confirm"
        order = self.new_quotation()
        review = self.reviewed(order, ["Get the guarantee"])
        self.assertEqual(review.conclusion, "conditions")
        action = review.action_ids
        self.assertEqual(action.user_id, self.seller)
        self.assert_refused("Get the guarantee", order.action_confirm)
        with self.assertRaises(UserError):
            action.with_user(self.seller)._drop("not needed")
        with self.assertRaises(UserError):
            action.with_user(self.seller).write({"date_deadline": "2027-12-31"})
        action.with_user(self.seller)._report_done("Here it is")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_withdrawn(self):
        """Conditions of a round go with it."""
        review = self.new_review(self.new_quotation())
        review.action_submit()
        self.opine(review, self.business, "conditions", ["Get the guarantee"])
        self.assertTrue(review.action_ids)
        review.with_user(self.seller).action_withdraw()
        self.assertEqual(review.state, "draft")
        self.assertFalse(review.action_ids)
        review.action_submit()
        self.assertEqual(review.approval_round, 2)

    def test_void(self):
        """Voided with a reason, a draft takes its place; what is in effect by it is
        the business office's."""
        order = self.new_quotation()
        review = self.reviewed(order, ["Get the guarantee"])
        review.with_user(self.seller)._void("wrong customer")
        self.assertEqual(review.state, "void")
        self.assertEqual(review.action_ids.state, "dropped")
        draft = self.env["contract.review"].search([("replaces_id", "=", review.id)])
        self.assertEqual(draft.state, "draft")
        draft.with_user(self.seller).action_submit()
        self.agree(draft)
        order.action_confirm()
        self.assertEqual(order.contract_state, "active")
        self.assert_refused(
            "business office", draft.with_user(self.seller)._void, "wrong again"
        )


@tagged("post_install", "-at_install")
class TestReviewContent(ReviewCommon):
    def changed(self, review):
        review.invalidate_recordset()
        return review.is_outdated

    def test_changes(self):
        """What changes after the review is seen; undone, the review holds again."""
        order = self.new_quotation()
        review = self.reviewed(order)
        line = order.order_line
        for values, before in (
            ({"price_unit": 90}, {"price_unit": 100}),
            ({"product_uom_qty": 12}, {"product_uom_qty": 10}),
            ({"name": "Another pump"}, {"name": line.name}),
        ):
            line.write(values)
            self.assertTrue(self.changed(review), values)
            self.assertTrue(review.differences)
            found = self.env["contract.review"].search([("is_outdated", "=", True)])
            self.assertIn(review, found)
            line.write(before)
            self.assertFalse(self.changed(review), values)
        order.commitment_date = "2026-11-30 04:00:00"
        self.assertTrue(self.changed(review))
        order.commitment_date = False
        term = self.env["contract.term"].create(
            {
                "order_id": order.id,
                "kind": "clause",
                "name": "Arbitration in Beijing",
                "due_mode": "date",
                "date_fixed": "2027-12-31",
            }
        )
        self.assertTrue(self.changed(review))
        self.assertIn("Arbitration in Beijing", review.differences)
        term.unlink()
        # written anew as it was
        line.copy({"order_id": order.id})
        line.unlink()
        self.assertFalse(self.changed(review))

    def test_confirmed(self):
        """Confirming adds what follows from the lines, and changes nothing."""
        self.company.contract_effective_rule = "signature"
        order = self.new_quotation()
        review = self.reviewed(order)
        order.action_confirm()
        self.assertEqual(order.contract_state, "confirmed")
        self.assertFalse(self.changed(review))

    def test_language(self):
        """Who looks in another language sees no difference."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.pump.with_context(lang="zh_CN").name = "水泵"
        order = self.new_quotation()
        review = self.reviewed(order)
        review.invalidate_recordset()
        self.assertFalse(review.with_context(lang="zh_CN").is_outdated)

    def test_follow_up(self):
        """Only the differences are reviewed again, and then the new one holds."""
        self.company.contract_review_before = "confirm"
        order = self.new_quotation()
        review = self.reviewed(order)
        order.order_line.price_unit = 90
        self.assert_refused("was changed after", order.action_confirm)
        review.invalidate_recordset()
        action = review.with_user(self.seller).action_follow()
        follow = self.env["contract.review"].browse(action["res_id"])
        self.assertEqual(follow.previous_id, review)
        self.assertIn("90", follow.differences)
        self.assertNotIn("Yangtze", follow.differences)
        again = order.with_user(self.seller).action_contract_review()
        self.assertEqual(again["res_id"], follow.id)
        follow.with_user(self.seller).action_submit()
        self.assert_refused("still being reviewed", order.action_confirm)
        self.agree(follow)
        self.assertEqual(review.state, "replaced")
        order.action_confirm()
        self.assertEqual(order.contract_state, "active")

    def test_follow_up_of_nothing(self):
        """The change was undone: there is nothing to review again."""
        order = self.new_quotation()
        review = self.reviewed(order)
        order.order_line.price_unit = 90
        review.invalidate_recordset()
        action = review.with_user(self.seller).action_follow()
        follow = self.env["contract.review"].browse(action["res_id"])
        order.order_line.price_unit = 100
        self.assert_refused(
            "Nothing is different", follow.with_user(self.seller).action_submit
        )

    def test_in_effect(self):
        """What took effect changes by re-agreements, not by another review."""
        order = self.new_quotation()
        review = self.reviewed(order)
        order.action_confirm()
        order.order_line.product_uom_qty = 12
        self.assertFalse(self.changed(review))
