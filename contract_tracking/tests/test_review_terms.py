from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_review import ReviewCommon

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
CLAUSES = ("quality", "acceptance", "after_sales", "liability", "dispute")


@tagged("post_install", "-at_install")
class TestReviewTerms(ReviewCommon):
    """What every contract must say, where it says it; standard clauses."""

    def status(self, review):
        review.review_term_ids.invalidate_recordset()
        return {term.kind: term.status for term in review.review_term_ids}

    def choose(self, record, user=None, **values):
        window = record.with_user(user or self.seller).action_contract_clauses()
        dialog = (
            self.env[window["res_model"]]
            .with_user(user or self.seller)
            .with_context(**window["context"])
            .create(values)
        )
        dialog.action_apply()
        return dialog

    def complete(self, order):
        order.commitment_date = "2026-12-01 02:00:00"
        self.pump.default_code = "P-100"
        order.contract_schedule_template_id = self.env.ref(
            "contract_tracking.template_30_70_delivery"
        )
        self.choose(order)

    def test_found_and_missing(self):
        order = self.new_quotation()
        order.order_line.customer_lead = 0
        order.payment_term_id = False
        review = self.new_review(order)
        status = self.status(review)
        self.assertEqual(
            {kind for kind in status if status[kind] == "found"},
            {"product", "quantity", "price"},
        )
        self.assertEqual(len(status), 11)
        self.complete(order)
        self.assertEqual(set(self.status(review).values()), {"found"})
        where = {term.kind: term.where for term in review.review_term_ids}
        self.assertEqual(where["product"], "1 of 1 lines")
        self.assertEqual(where["delivery"], "Order: Delivery Date")
        self.assertIn("Term: ", where["payment"])
        self.assertEqual(where["quality"], "Term: Quality standard")

    def test_some_lines_say_nothing(self):
        order = self.new_order(
            [(self.pump, 1), (self.valve, 1, 0)],
            user_id=self.seller.id,
            team_id=self.team.id,
        )
        review = self.new_review(order)
        price = review.review_term_ids.filtered(lambda t: t.kind == "price")
        self.assertEqual(price.status, "missing")
        self.assertEqual(price.where, "1 of 2 lines")
        specified = review.review_term_ids.filtered(lambda t: t.kind == "specification")
        self.assertEqual(specified.status, "missing")
        order.order_line[0].name = "Pump\nDN 50, 2900 rpm"
        order.order_line[1].name = "Valve PN 16"
        self.assertEqual(self.status(review)["specification"], "found")

    def test_submission_needs_them(self):
        self.company.contract_review_terms = True
        order = self.new_quotation()
        review = self.new_review(order)
        with self.assertRaisesRegex(UserError, "- Breach liability"):
            review.action_submit()
        with (
            self.assertRaisesRegex(ValidationError, "Say why"),
            self.env.cr.savepoint(),
        ):
            review.review_term_ids[-1].not_applicable = True
        self.complete(order)
        order.contract_term_ids.filtered(lambda t: t.clause_type == "dispute").unlink()
        with self.assertRaisesRegex(UserError, "- Dispute resolution"):
            review.action_submit()
        dispute = review.review_term_ids.filtered(lambda t: t.kind == "dispute")
        dispute.write({"not_applicable": True, "reason": "In the frame agreement"})
        review.action_submit()
        self.assertEqual(dispute.status, "na")

    def test_kept_as_submitted(self):
        order = self.new_quotation()
        self.complete(order)
        review = self.new_review(order)
        review.action_submit()
        order.contract_term_ids.filtered(lambda t: t.kind == "clause").unlink()
        self.assertEqual(set(self.status(review).values()), {"found"})
        with self.assertRaisesRegex(UserError, "was submitted"):
            review.review_term_ids[0].write({"not_applicable": True, "reason": "x"})
        for change in (
            lambda t: t.write({"kind": "price"}),
            lambda t: t.sudo().write({"places": []}),
        ):
            with self.assertRaises(UserError):
                change(review.review_term_ids[0])

    def test_rows_are_the_review_s(self):
        review = self.new_review(self.new_quotation())
        term = review.review_term_ids[0]
        with self.assertRaises(UserError), mute_logger(*RULES):
            term.copy()
        with self.assertRaises(UserError), mute_logger(*RULES):
            term.unlink()
        stranger = self.new_user("terms_x", "contract_tracking.group_contract_user")
        with self.assertRaises(AccessError), mute_logger(*RULES):
            term.with_user(stranger).read(["kind"])
        review.action_submit()
        self.assertTrue(term.with_user(self.money).kind)

    def test_attested_by_a_reviewer(self):
        self.company.contract_review_attest = True
        order = self.new_quotation()
        review = self.new_review(order)
        with self.assertRaisesRegex(UserError, "while the review is decided"):
            review.action_attest_terms()
        review.action_submit()
        for user in (self.seller, self.head):
            with self.assertRaisesRegex(UserError, "nobody who prepared it"):
                review.with_user(user).action_attest_terms()
        with self.assertRaisesRegex(UserError, "Nobody attested"):
            with self.env.cr.savepoint():
                self.agree(review)
        self.env.invalidate_all()
        self.assertTrue(review.with_user(self.money).can_attest_terms)
        review.with_user(self.money).action_attest_terms()
        self.assertEqual(review.terms_attested_name, self.money.name)
        with self.assertRaisesRegex(UserError, "attested the terms already"):
            review.with_user(self.business).action_attest_terms()
        self.agree(review)
        self.assertEqual(review.state, "approved")

    def test_attested_anew_when_revised(self):
        review = self.new_review(self.new_quotation())
        review.action_submit()
        review.with_user(self.money).action_attest_terms()
        review.with_user(self.business).action_return("Anew")
        review.with_user(self.seller).action_submit()
        self.assertFalse(review.terms_attested_on)

    def test_changed_clause(self):
        """What was reviewed is what is signed, clauses too."""
        order = self.new_quotation()
        self.complete(order)
        review = self.reviewed(order)
        self.assertFalse(review.is_outdated)
        clause = order.contract_term_ids.filtered(lambda t: t.clause_type == "dispute")
        clause.clause_text = "In Shanghai."
        review.invalidate_recordset()
        self.assertTrue(review.is_outdated)

    # ------------------------------------------------------------------
    # Standard clauses
    # ------------------------------------------------------------------

    def test_library(self):
        order = self.new_quotation()
        review = self.new_review(order)
        dialog = self.choose(order)
        self.assertEqual(set(dialog.clause_ids.mapped("clause_type")), set(CLAUSES))
        terms = order.contract_term_ids.filtered(lambda t: t.kind == "clause")
        self.assertEqual(set(terms.mapped("clause_type")), set(CLAUSES))
        quality = terms.filtered(lambda t: t.clause_type == "quality")
        library = self.env.ref("contract_tracking.clause_quality")
        self.assertEqual(quality.clause_text, library.text)
        self.assertIn("615", quality.legal_reference)
        library.text = "Something else"
        self.assertNotEqual(quality.clause_text, "Something else")
        # nothing twice
        again = self.env["contract.clause.choice"].with_user(self.seller)
        again.create(
            {"order_id": order.id, "clause_ids": [Command.set(library.ids)]}
        ).action_apply()
        self.assertEqual(
            terms, order.contract_term_ids.filtered(lambda t: t.kind == "clause")
        )
        self.assertEqual(self.status(review)["quality"], "found")

    def test_standing_clause(self):
        """It is kept from the contract's taking effect on, and stops nobody from
        completing it."""
        with freeze_time("2026-09-01 02:00:00"):
            order = self.new_quotation(commitment_date="2026-09-10 02:00:00")
            self.choose(order)
            clauses = order.contract_term_ids.filtered(lambda t: t.kind == "clause")
            self.assertEqual(set(clauses.mapped("status")), {"waiting"})
            order.action_confirm()
        with freeze_time("2026-11-01 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(set(clauses.mapped("status")), {"met"})
            self.assertEqual(order.contract_late_others, 0)
            with self.assertRaisesRegex(UserError, "is in effect"):
                self.choose(order)
            with self.assertRaisesRegex(UserError, "can't be changed"):
                clauses[0].with_user(self.seller).clause_text = "Else"

    def test_frame_agreement(self):
        frame = self.new_frame(self.seller, day=False, team_id=self.team.id)
        self.choose(frame)
        terms = frame.term_ids
        self.assertEqual(set(terms.mapped("clause_type")), set(CLAUSES))
        review = self.env["contract.review"].with_user(self.seller)
        review = review.create({"frame_id": frame.id})
        status = self.status(review)
        for kind in ("product", "quantity", "price", "delivery", *CLAUSES):
            self.assertEqual(status[kind], "found", kind)
        with freeze_time("2026-09-01 02:00:00"):
            frame.action_activate()
        order = self.new_quotation(contract_frame_id=frame.id)
        called = self.new_review(order)
        where = {term.kind: term.where for term in called.review_term_ids}
        self.assertEqual(
            where["quality"], "Term of the frame agreement: Quality standard"
        )

    def test_schedule_template(self):
        library = self.env.ref("contract_tracking.clause_title")
        Clause = self.env["contract.clause"]
        template = self.env["contract.schedule.template"].create(
            {
                "name": "With a clause",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Ours until paid",
                            "kind": "clause",
                            "clause_id": library.id,
                            **Clause._standing_vals(),
                        }
                    )
                ],
            }
        )
        order = self.new_quotation()
        order.contract_schedule_template_id = template
        term = order.contract_term_ids
        self.assertEqual(term.name, "Ours until paid")
        self.assertEqual(term.clause_text, library.text)
        self.assertEqual(term.clause_type, "title")
        self.assertTrue(term.is_standing)
        with self.assertRaisesRegex(ValidationError, "is no clause"):
            template.line_ids.write({"kind": "document"})

    def test_clause_of_a_company(self):
        """The company's own clause is proposed before that of all."""
        own = self.env["contract.clause"].create(
            {
                "name": "Ours",
                "clause_type": "quality",
                "text": "As we say.",
                "company_id": self.company.id,
                "sequence": 900,
            }
        )
        dialog = self.choose(self.new_quotation())
        self.assertIn(own, dialog.clause_ids)
        with self.assertRaises(AccessError), mute_logger(*RULES):
            own.with_user(self.seller).text = "As they say."

    def test_only_clauses_have_a_type(self):
        order = self.new_quotation()
        self.complete(order)
        payment = order.contract_term_ids.filtered(lambda t: t.kind == "payment")[:1]
        with self.assertRaisesRegex(ValidationError, "is no clause"):
            payment.clause_type = "quality"

    def test_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        library = self.env.ref("contract_tracking.clause_quality")
        library.with_context(lang="zh_CN").text = "按图纸。"
        order = self.new_quotation()
        self.choose(order)
        term = order.contract_term_ids.filtered(lambda t: t.clause_type == "quality")
        self.assertEqual(term.with_context(lang="zh_CN").clause_text, "按图纸。")
        self.assertEqual(term.clause_text, library.text)
