from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_review import ReviewCommon

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestReviewRisk(ReviewCommon):
    """Due diligence: what is asked, what an answer is worth, what is kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Template = cls.env["contract.checklist.template"]
        Template.search([("purpose", "!=", "papers")]).active = False
        cls.company.country_id = cls.env.ref("base.cn")
        cls.partner.country_id = cls.env.ref("base.cn")
        cls.template = Template.create(
            {
                "name": "Customer",
                "purpose": "customer",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Licence valid?",
                            "weight": 2,
                            "risk_when": "no",
                            "risk_grade": "high",
                            "evidence": "fine",
                        }
                    ),
                    Command.create(
                        {
                            "name": "Owner?",
                            "answer_kind": "choice",
                            "option_ids": [
                                Command.create({"name": "State", "points": 100}),
                                Command.create({"name": "Private", "points": 60}),
                                Command.create(
                                    {"name": "Nobody", "points": 0}
                                    | {"risk_grade": "medium"}
                                ),
                            ],
                        }
                    ),
                    Command.create(
                        {
                            "name": "Paid before?",
                            "answer_kind": "number",
                            "unit": "%",
                            "number_max": 100,
                            "risk_when": "below",
                            "risk_limit": 30,
                        }
                    ),
                    Command.create(
                        {"name": "Known", "answer_kind": "text", "required": False}
                    ),
                ],
            }
        )
        cls.licence, cls.owner, cls.advance, cls.known = cls.template.line_ids
        cls.state, cls.private, cls.nobody = cls.owner.option_ids
        cls.company.contract_review_checklist = True
        cls.order = cls.new_quotation()

    def setUp(self):
        super().setUp()
        self.review = self.new_review(self.order)

    def line(self, question, review=None):
        lines = (review or self.review).checklist_line_ids
        return lines.filtered(lambda ln: ln.template_line_id == question)

    def fill(self, review=None):
        file = {"name": "licence.txt", "raw": b"x"}
        self.line(self.licence, review).write(
            {"answer": "yes", "attachment_ids": [Command.create(file)]}
        )
        self.line(self.owner, review).option_id = self.private
        self.line(self.advance, review).number_text = "40"

    def assert_refused(self, *words):
        with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
            self.review.action_submit()
        for word in words:
            self.assertIn(word, str(refused.exception))
        return str(refused.exception)

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def test_score_and_grade(self):
        self.assertFalse(self.review.checklist_grade)
        self.fill()
        # (2 × 100 + 60 + 100) ÷ 4
        self.assertEqual(self.review.checklist_score, 90)
        self.assertEqual(self.review.checklist_grade, "low")
        self.assertTrue(self.review.checklist_complete)
        self.assertEqual(self.line(self.advance).answer_text, "40 %")
        self.assertEqual(self.line(self.owner).answer_text, "Private")
        self.line(self.advance).number_text = "29.5"
        self.assertEqual(self.line(self.advance).risk, "medium")
        # (200 + 60 + 0) ÷ 4
        self.assertEqual(self.review.checklist_score, 65)
        self.assertEqual(self.review.checklist_grade, "medium")
        self.line(self.licence).answer = "no"
        self.assertEqual(self.review.checklist_grade, "high")
        # (0 + 60 + 0) ÷ 4
        self.assertEqual(self.review.checklist_score, 15)

    def test_a_grave_answer_raises_a_good_score(self):
        self.fill()
        self.line(self.advance).number_text = "100"
        self.template.score_low = 50
        self.line(self.owner).option_id = self.nobody
        self.assertEqual(self.review.checklist_score, 75)
        self.assertEqual(self.review.checklist_grade, "medium")

    def test_limits_of_the_template(self):
        self.fill()
        self.template.score_low = 95
        self.review.invalidate_recordset()
        self.assertEqual(self.review.checklist_grade, "medium")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.template.score_medium = 96
            self.template.flush_recordset()

    def test_zero_is_a_number(self):
        line = self.line(self.advance)
        self.assertFalse(line.number_text)
        self.assertFalse(line.is_given)
        line.number_text = "0"
        self.assertTrue(line.is_given)
        self.assertEqual(line.number_text, "0")
        self.assertEqual(line.risk, "medium")
        line.number_text = ""
        self.assertFalse(line.is_given)
        self.assertFalse(line.risk)

    def test_bad_answers(self):
        other = self.owner.copy({"template_id": self.template.id}).option_ids[0]
        for question, values, words in (
            (self.advance, {"number_text": "thirty"}, "is no number"),
            (self.advance, {"number": 101}, "from 0 to 100"),
            (self.advance, {"answer": "yes"}, "answered otherwise"),
            (self.owner, {"option_id": other.id}, "is no answer to"),
            (self.licence, {"number": 3}, "answered otherwise"),
            (self.licence, {"answer": "na"}, "Say in the note"),
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.line(question).write(values)
        with self.assertRaisesRegex(UserError, "come from the template"):
            self.line(self.licence).weight = 9

    def test_bad_questions(self):
        for values, words in (
            ({"answer_kind": "choice"}, "two answers or more"),
            ({"risk_when": "above"}, "yes or no can be a risk"),
            ({"answer_kind": "number", "risk_when": "yes"}, "yes or no can be a risk"),
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, words),
                self.env.cr.savepoint(),
            ):
                self.licence.copy({"risk_when": False, **values})
        with self.assertRaisesRegex(ValidationError, "doesn't go by the amount"):
            self.env.ref("contract_tracking.checklist_papers_contract").amount_to = 9

    # ------------------------------------------------------------------
    # Submitting
    # ------------------------------------------------------------------

    def test_refused_until_filled(self):
        text = self.assert_refused("Licence valid?", "Owner?", "Paid before?")
        self.assertNotIn("Known", text, "it isn't required")
        self.fill()
        self.line(self.licence).attachment_ids = False
        text = self.assert_refused("Licence valid? (attach the file)")
        self.assertNotIn("Owner?", text)
        self.line(self.licence).write({"answer": "na", "note": "A ministry"})
        self.review.action_submit()
        self.assertEqual(self.review.state, "submitted")
        self.assertEqual(self.review.risk_grade, "low")
        # (60 + 100) ÷ 2
        self.assertEqual(self.review.risk_score, 80)

    def test_not_refused_by_default(self):
        self.company.contract_review_checklist = False
        self.review.action_submit()
        self.assertFalse(self.review.risk_grade)

    def test_frozen_when_submitted(self):
        self.fill()
        self.review.action_submit()
        with self.assertRaisesRegex(UserError, "closed"):
            self.line(self.advance).number = 10
        self.template.score_low = 99
        self.review.invalidate_recordset()
        self.assertEqual(self.review.risk_grade, "low")
        self.review.with_user(self.business).action_return("More")
        self.assertFalse(self.review.risk_grade)
        self.line(self.advance).number = 35

    def test_who_decides_reads_the_answers(self):
        self.fill()
        line = self.line(self.licence)
        stranger = self.new_user("risk_x", "contract_tracking.group_contract_user")
        with mute_logger(*RULES), self.assertRaises(AccessError):
            line.with_user(stranger).read(["answer"])
        self.review.action_submit()
        self.assertEqual(line.with_user(self.money).answer, "yes")
        for user in (stranger, self.money):
            with mute_logger(*RULES), self.assertRaises(UserError):
                line.with_user(user).answer = "no"

    # ------------------------------------------------------------------
    # Which checklists
    # ------------------------------------------------------------------

    def test_by_amount(self):
        """1,000 of the order: from inclusive, to exclusive; the closest wins."""
        large = self.template.copy({"amount_from": 1000, "name": "Large"})
        self.assertEqual(self.review._checklist_templates()[self.review], large)
        large.write({"amount_from": 0, "amount_to": 1000})
        self.assertEqual(self.review._checklist_templates()[self.review], self.template)
        large.amount_to = 1000.01
        self.assertEqual(self.review._checklist_templates()[self.review], large)

    def test_another_template_fits_by_now(self):
        """The amount changed: the questions of the other template are asked before it
        is submitted; answers to the same ones stay with their questions."""
        self.fill()
        large = self.template.copy({"amount_from": 2000, "name": "Large"})
        self.order.order_line.product_uom_qty = 30
        self.assert_refused("Large", "Update the questions")
        self.review.action_checklist_update()
        questions = self.review.checklist_line_ids.template_line_id
        self.assertLessEqual(large.line_ids, questions)
        self.assertIn(self.licence, questions, "an answer is never lost")
        self.assertNotIn(self.known, questions, "nobody answered it")

    def test_subjects(self):
        for purpose in ("payment", "export"):
            self.template.copy({"purpose": purpose})
        asked = self.new_review(self.new_quotation()).checklist_line_ids
        self.assertEqual(set(asked.mapped("purpose")), {"customer", "payment"})
        self.partner.country_id = self.env.ref("base.de")
        asked = self.new_review(self.new_quotation()).checklist_line_ids
        self.assertEqual(
            set(asked.mapped("purpose")), {"customer", "payment", "export"}
        )

    def test_shipped_templates(self):
        """They fit a contract abroad, one of each subject, and large ones by their
        own."""
        Template = self.env["contract.checklist.template"]
        self.template.active = False
        for key in ("customer", "delivery", "technical", "payment", "export"):
            self.env.ref(f"contract_tracking.checklist_review_{key}").active = True
        large = self.env.ref("contract_tracking.checklist_review_payment_large")
        large.active = True
        self.partner.country_id = self.env.ref("base.de")
        review = self.new_review(self.new_quotation())
        templates = review._checklist_templates()[review]
        self.assertEqual(len(templates), 5)
        self.assertNotIn(large, templates)
        fit = Template.search([("purpose", "=", "payment")])._fit
        self.assertEqual(fit(self.company, "contract", 2e6), large)
        # answers of the system, in a company without credit limits
        computed = {
            line.computed: line.result
            for line in review.checklist_line_ids
            if line.computed
        }
        self.assertEqual(
            computed, {"not_overdue": "yes", "kept_on_time": "na", "within_limit": "na"}
        )

    # ------------------------------------------------------------------
    # Checklists that change while they are answered
    # ------------------------------------------------------------------

    def test_template_changes(self):
        self.fill()
        self.licence.write({"name": "Something else?", "weight": 50, "active": False})
        self.owner.option_ids[1].write({"name": "Public", "points": 1})
        self.advance.write({"answer_kind": "text", "risk_when": False})
        added = self.known.copy({"name": "New?", "required": True})
        self.env.invalidate_all()
        self.assertEqual(self.line(self.licence).name, "Licence valid?")
        self.assertEqual(self.line(self.advance).answer_text, "40 %")
        self.assertEqual(self.line(self.owner).answer_text, "Private")
        self.assertEqual(self.review.checklist_score, 90)
        self.assertFalse(self.line(added))
        self.review.action_checklist_update()
        self.assertTrue(self.line(added))
        self.assertEqual(self.review.checklist_score, 90)
        self.assertEqual(self.line(self.licence).answer, "yes")
        self.assert_refused("New?")

    def test_questions_that_were_asked_stay(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.licence.unlink()
        self.fill()
        self.private.unlink()
        self.assertEqual(self.line(self.owner).answer_text, "Private")
        self.review.action_submit()

    def test_archived_question_isnt_asked(self):
        self.known.active = False
        review = self.new_review(self.new_quotation())
        self.assertFalse(self.line(self.known, review))
        self.review.action_checklist_update()
        self.assertFalse(self.line(self.known))

    def test_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        chinese = {"lang": "zh_CN"}
        self.licence.with_context(**chinese).name = "执照有效？"
        self.private.with_context(**chinese).name = "民营"
        review = self.new_review(self.new_quotation())
        line = self.line(self.licence, review)
        self.assertEqual(line.with_context(**chinese).name, "执照有效？")
        self.assertEqual(line.name, "Licence valid?")
        line = self.line(self.owner, review).with_context(**chinese)
        line.option_id = self.state
        line.option_id = self.private
        self.assertEqual(line.option_name, "民营")
        self.assertEqual(line.with_context(lang="en_US").option_name, "Private")

    def test_a_following_review_takes_the_answers(self):
        self.company.contract_review_checklist = False
        self.fill()
        self.line(self.known).text = "Visited in May"
        self.review.action_submit()
        self.agree(self.review)
        self.order.order_line.price_unit = 120
        window = self.review.with_user(self.seller).action_follow()
        following = self.env["contract.review"].browse(window["res_id"])
        line = self.line(self.known, following)
        self.assertEqual(line.text, "Visited in May")
        self.assertEqual(line.user_id, self.seller)
        self.assertEqual(self.line(self.owner, following).answer_text, "Private")
        self.assertEqual(following.checklist_score, 90)

    def test_queries(self):
        """Of many reviews as many as of few."""
        reviews = self.env["contract.review"].union(
            *(self.new_review(self.new_quotation()) for _n in range(12))
        )
        costs = []
        for some in (reviews[:2], reviews):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("checklist_score")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[0], costs[1])
