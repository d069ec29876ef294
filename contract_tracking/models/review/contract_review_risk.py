from odoo import api, fields, models

from ...tools.guard import unguarded
from ...tools.pages import Column
from ...tools.words import choice
from ..base.contract_checklist_line import ANSWER
from .contract_checklist import PURPOSES

# What a following review takes of an answer that was given before.
GIVEN = (
    *(ANSWER - {"attachment_ids", "number_text"}), "is_given", "user_id", "answered_on",
)  # fmt: skip
NUMBERS = ("number", "score", "is_given")


class ContractReview(models.Model):
    """Due diligence and risk (D3 §4.1, D4 §4.1, D5 §4.1): the checklists that fit the
    contract, one of each subject, asked when the review is written and kept as they
    were asked; the score and the grade of the day of its submission."""

    _inherit = "contract.review"
    _checklist_keeps = True

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        reviews._checklist_ask()
        for review in reviews.filtered("previous_id"):
            review._checklist_take_over(review.previous_id)
        return reviews

    # ------------------------------------------------------------------
    # The checklists
    # ------------------------------------------------------------------

    def action_checklist_update(self):
        """Ask what the templates that fit ask by now: questions that are new come in,
        those that nobody answered and nobody asks any more go. Answers stay."""
        self._checklist_check_answer()
        self._checklist_ask()

    def _checklist_purposes(self):
        company, customer = self.company_id, self._contract_parent().partner_id
        home = company.country_id
        is_abroad = customer.country_id and home and customer.country_id != home
        return [name for name, _label in PURPOSES if name != "export" or is_abroad]

    def _checklist_amount(self):
        parent = self._contract_parent().sudo()
        return parent.currency_id._convert(
            parent.amount_total,
            self.company_id.currency_id,
            self.company_id,
            self.company_id._contract_today(),
        )

    def _checklist_parent_vals(self):
        return {**super()._checklist_parent_vals(), "review_id": self.id}

    def _checklist_answers(self, lines):
        answers = super()._checklist_answers(lines)
        asked = lines.filtered("computed")
        standings = self._standing_of() if asked else {}
        return answers | {
            (review.id, question): review._standing_answer(question.computed, standing)
            for review, standing in standings.items()
            for question in asked
        }

    def _standing_answer(self, computed, standing):
        """What the customer's standing answers to a question."""
        self.ensure_one()
        currency = self.company_id.currency_id
        after = standing["exposure"] + self._checklist_amount()
        known, kept = {
            "not_overdue": (True, not standing["overdue"]),
            "within_limit": (
                standing["limit"],
                currency.compare_amounts(after, standing["limit"]) <= 0,
            ),
            "kept_on_time": (
                standing["due_contracts"],
                standing["kept_contracts"] == standing["due_contracts"],
            ),
            "no_deviation": (True, not standing["deviations"]),
        }[computed]
        return ("yes" if kept else "no") if known else "na"

    def _checklist_take_over(self, source):
        """Answers that were given before, to questions that are asked again."""
        given = {
            line.template_line_id: line
            for line in source.sudo().checklist_line_ids
            if line.user_id
        }
        for line in unguarded(self.sudo()).checklist_line_ids:
            if before := given.get(line.template_line_id):
                names = [n for n in GIVEN if before.is_given or n not in NUMBERS]
                values = before._convert_to_write({n: before[n] for n in names})
                unguarded(line).write(
                    {
                        **values,
                        "attachment_ids": [
                            fields.Command.link(file.copy({"res_id": line.id}).id)
                            for file in before.attachment_ids
                        ],
                    }
                )
                unguarded(line).write(
                    {"user_id": before.user_id.id, "answered_on": before.answered_on}
                )

    # ------------------------------------------------------------------
    # Steps of the review
    # ------------------------------------------------------------------

    def _review_check_ready(self):
        if self.company_id.sudo().contract_review_checklist:
            self._checklist_check_filled()
        return super()._review_check_ready()

    def _review_freeze(self):
        res = super()._review_freeze()
        self._checklist_keep_answers()
        for review in self.sudo():
            unguarded(review).write(
                {
                    "risk_grade": review.checklist_grade,
                    "risk_score": review.checklist_score,
                }
            )
        return res

    def _approval_returned(self):
        res = super()._approval_returned()
        self._risk_reopen()
        return res

    def _approval_withdrawn(self):
        res = super()._approval_withdrawn()
        self._risk_reopen()
        return res

    def _risk_reopen(self):
        """It is revised: what the system answers is read anew."""
        lines = unguarded(self.sudo()).checklist_line_ids
        unguarded(lines.filtered("kept_answer")).write({"kept_answer": False})
        unguarded(self).write({"risk_grade": False, "risk_score": 0, "standing": False})

    # ------------------------------------------------------------------
    # The printed form
    # ------------------------------------------------------------------

    def _review_print_blocks(self):
        return [*super()._review_print_blocks(), *self._risk_print_blocks()]

    def _risk_print_blocks(self):
        lines = self.sudo().with_env(self.env(su=True)).checklist_line_ids
        answered = lines.filtered(lambda ln: ln._is_answered())
        if not answered:
            return []
        env = self.env
        is_draft = self.state == "draft"
        grade = "checklist_grade" if is_draft else "risk_grade"
        score = self.checklist_score if is_draft else self.risk_score
        return [
            self._form_cells(
                [
                    (env._("Risk"), choice(self, grade)),
                    (env._("Score"), f"{score:.1f}"),
                ],
                title=env._("Due Diligence and Risk"),
            ),
            self._form_table(
                "risk",
                "",
                [
                    Column(env._("Subject"), 14, lambda ln: choice(ln, "purpose")),
                    Column(env._("Question"), 38, "name"),
                    Column(
                        env._("Answer"),
                        20,
                        lambda ln: (ln.answer_text, "strong" if ln.risk else ""),
                    ),
                    Column(env._("Risk"), 10, lambda ln: choice(ln, "risk")),
                    Column(env._("Note"), 18, "note"),
                ],
                answered,
            ),
        ]
