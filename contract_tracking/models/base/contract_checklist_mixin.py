from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.guard import unguarded
from .contract_checklist_template import GRADES

RANK = {grade: number for number, (grade, _name) in enumerate(GRADES)}


class ContractChecklistMixin(models.AbstractModel):
    """A document with a checklist: filled from the templates that fit its purposes,
    company, kind and amount of contract, one template a purpose; answered by people,
    or by the document itself.

    A document asks what its templates ask now, or keeps its questions
    (``_checklist_keeps``): then they are its own rows from the day on which they are
    asked, and a template that changes changes nothing in it.

    Frozen when the document says so (:meth:`_checklist_is_frozen`).
    """

    _name = "contract.checklist.mixin"
    _description = "Document with a Checklist"

    # The purpose of the templates that fit.
    _checklist_purpose = None
    # Whether the questions are kept in the document as they were asked.
    _checklist_keeps = False

    checklist_line_ids = fields.One2many(
        "contract.checklist.line",
        "res_id",
        string="Checklist",
        domain=lambda self: [("res_model", "=", self._name)],
        copy=False,
        groups="contract_tracking.group_contract_reader",
    )
    checklist_complete = fields.Boolean(
        compute="_compute_checklist",
        groups="contract_tracking.group_contract_reader",
        help="No required question of the checklist is open, and no file is missing.",
    )
    checklist_score = fields.Float(
        compute="_compute_checklist",
        groups="contract_tracking.group_contract_reader",
        help="0 to 100, by the weights of what is answered and applicable.",
    )
    checklist_grade = fields.Selection(
        GRADES,
        string="Risk",
        compute="_compute_checklist",
        groups="contract_tracking.group_contract_reader",
        help="The worst of what the score of each template says by the template's "
        "limits, and of the answers that are risks by themselves. Empty until "
        "something is answered.",
    )

    @api.depends(
        "checklist_line_ids.answer",
        "checklist_line_ids.score",
        "checklist_line_ids.number",
        "checklist_line_ids.is_given",
        "checklist_line_ids.option_points",
        "checklist_line_ids.option_risk",
        "checklist_line_ids.kept_answer",
        "checklist_line_ids.text",
        "checklist_line_ids.attachment_ids",
    )
    def _compute_checklist(self):
        self.checklist_line_ids.fetch(["res_model", "answer", "template_line_id"])
        Question = self.env["contract.checklist.template.line"].sudo()
        asked = dict.fromkeys(self, Question)
        if not self._checklist_keeps:
            templates = self._checklist_templates()
            asked = {document: templates[document].line_ids for document in self}
        answers = self._checklist_answers(
            Question.union(*asked.values()).filtered("computed")
        )
        for document in self:
            lines = document.checklist_line_ids
            # questions that nobody answered yet, the document itself perhaps
            others = {
                question: answers.get((document._origin.id, question))
                for question in asked[document] - lines.template_line_id
            }
            document.checklist_complete = bool(lines or others) and not (
                lines._open_lines()
                or any(q.required and not answer for q, answer in others.items())
            )
            counted = [
                (line.template_line_id.sudo().template_id, line.weight, points)
                for line in lines
                if (points := line._points()) is not None
            ] + [
                (
                    question.template_id,
                    question.weight,
                    100 if answer != (question.risk_when or "no") else 0,
                )
                for question, answer in others.items()
                if answer in ("yes", "no")
            ]
            document.checklist_score = self._checklist_mean(counted)
            grades = [line.risk for line in lines if line.risk] + [
                template._grade(
                    self._checklist_mean([row for row in counted if row[0] == template])
                )
                for template in dict.fromkeys(t for t, weight, _p in counted if weight)
            ]
            document.checklist_grade = max(grades, key=RANK.get, default=False)

    @api.model
    def _checklist_mean(self, counted):
        """The mean of points by their weights: 0 without any."""
        total = sum(weight for _template, weight, _points in counted)
        return total and sum(w * points for _template, w, points in counted) / total

    def unlink(self):
        lines = unguarded(
            self.env["contract.checklist.line"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        )
        lines.unlink()
        return super().unlink()

    # ------------------------------------------------------------------
    # What a document says of its checklist
    # ------------------------------------------------------------------

    def _checklist_answers(self, lines):
        """Answers that the documents compute by themselves, as a set.

        :param lines: questions (``contract.checklist.template.line``)
        :return: ``{(id of a document, question): "yes", "no" or "na"}``
        """
        return {}

    def _checklist_is_frozen(self):
        """Whether nothing is answered any more."""
        self.ensure_one()
        return False

    def _checklist_kind(self):
        """The kind of contract by which the template is chosen, or False."""
        self.ensure_one()
        return False

    def _checklist_amount(self):
        """The amount by which the template is chosen, in the company's currency."""
        self.ensure_one()
        return 0.0

    def _checklist_purposes(self):
        """The purposes of the templates that fit, in the order of their questions."""
        self.ensure_one()
        return [self._checklist_purpose]

    def _checklist_sequence(self, question):
        """Where a question stands: those of a purpose beside each other."""
        self.ensure_one()
        purposes = self.sudo()._checklist_purposes()
        purpose = question.template_id.purpose
        rank = purposes.index(purpose) if purpose in purposes else len(purposes)
        return 1000 * rank + min(question.sequence, 999)

    def _checklist_parent_vals(self):
        """The contract or the frame agreement of the answers."""
        self.ensure_one()
        return self._contract_parent_vals()

    def _checklist_check_access(self):
        """Raise unless the user may answer."""
        self.check_access("write")

    # ------------------------------------------------------------------
    # Questions that are kept
    # ------------------------------------------------------------------

    def _checklist_ask(self):
        """Ask what the templates that fit ask by now: questions that are new come in,
        those that nobody answered and nobody asks any more go. Answers stay."""
        Line = unguarded(self.env["contract.checklist.line"].sudo())
        vals_list = []
        for document, templates in self._checklist_templates().items():
            lines = document.sudo().checklist_line_ids
            questions = templates.line_ids
            asked = lines.template_line_id
            gone = lines.filtered(
                lambda ln, wanted=questions: (
                    ln.template_line_id not in wanted and not ln.user_id
                )
            )
            unguarded(gone).unlink()
            vals_list += [
                {
                    "res_model": self._name,
                    "res_id": document.id,
                    "template_line_id": question.id,
                }
                for question in questions - asked
            ]
        if vals_list:
            Line.create(vals_list)
        self.invalidate_recordset(["checklist_line_ids"])

    def _checklist_keep_answers(self):
        """Keep what the documents answer by themselves as of now."""
        lines = self.sudo().checklist_line_ids.filtered("computed")
        for answer, same in lines.grouped("result").items():
            unguarded(same).write({"kept_answer": answer})

    def _checklist_check_filled(self):
        """
        :raise UserError: naming the required questions that are open, the files that
            are missing, and whether other questions are asked by now
        """
        for document in self:
            lines = document.sudo().checklist_line_ids
            templates = document._checklist_templates()[document]
            if templates - lines.template_line_id.template_id:
                raise UserError(
                    self.env._(
                        "%(document)s: kind, amount or customer changed, other "
                        "checklists fit by now (%(templates)s). Update the questions "
                        "first.",
                        document=document.display_name,
                        templates=format_list(
                            self.env,
                            (templates - lines.template_line_id.template_id).mapped(
                                "name"
                            ),
                        ),
                    )
                )
            missing = lines.with_env(self.env(su=True))._open_lines()
            if missing:
                raise UserError(
                    self.env._(
                        "The checklist of %(document)s is not complete:\n%(questions)s",
                        document=document.display_name,
                        questions="\n".join(
                            f"- {line._missing_text()}" for line in missing
                        ),
                    )
                )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _checklist_check_answer(self):
        """Raise unless the user may answer now.

        :raise UserError: if the document is frozen
        """
        for document in self:
            document._checklist_check_access()
            if document.sudo()._checklist_is_frozen():
                raise UserError(
                    self.env._(
                        "The checklist of %(document)s is closed.",
                        document=document.sudo().display_name,
                    )
                )

    def _checklist_questions(self):
        """The questions of the templates that fit."""
        self.ensure_one()
        return self._checklist_templates()[self].line_ids

    def _checklist_templates(self):
        """``{document: the templates that fit it, one a purpose}``: one search."""
        purposes = {
            document: document.sudo()._checklist_purposes() for document in self
        }
        wanted = {name for names in purposes.values() for name in names}
        templates = (
            self.env["contract.checklist.template"]
            .sudo()
            .search([("purpose", "in", list(wanted))])
            .grouped("purpose")
        )
        none = self.env["contract.checklist.template"].sudo()
        return {
            document: none.concat(
                *(
                    templates.get(name, none)._fit(
                        document.sudo().company_id,
                        document.sudo()._checklist_kind(),
                        document.sudo()._checklist_amount(),
                    )
                    for name in purposes[document]
                )
            )
            for document in self
        }
