from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded


class ContractChecklistMixin(models.AbstractModel):
    """A document with a checklist: filled from the template that fits its purpose,
    company and kind of contract; answered by people, or by the document itself.

    Frozen when the document says so (:meth:`_checklist_is_frozen`).
    """

    _name = "contract.checklist.mixin"
    _description = "Document with a Checklist"

    # The purpose of the templates that fit.
    _checklist_purpose = None

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
        help="No question of the checklist is open.",
    )
    checklist_score = fields.Float(
        compute="_compute_checklist",
        groups="contract_tracking.group_contract_reader",
        help="0 to 100, by the weights of what is answered and applicable.",
    )

    @api.depends(
        "checklist_line_ids.answer",
        "checklist_line_ids.score",
        "checklist_line_ids.text",
        "checklist_line_ids.attachment_ids",
    )
    def _compute_checklist(self):
        self.checklist_line_ids.fetch(["res_model", "answer", "template_line_id"])
        templates = self._checklist_templates()
        asked = self.env["contract.checklist.template.line"].union(
            *(template.line_ids for template in templates.values())
        )
        answers = self._checklist_answers(asked.filtered("computed"))
        for document in self:
            lines = document.checklist_line_ids
            # questions that nobody answered yet, the document itself perhaps
            others = {
                question: answers.get((document._origin.id, question))
                for question in templates[document].line_ids - lines.template_line_id
            }
            document.checklist_complete = bool(lines or others) and all(
                (*(line._is_answered() for line in lines), *others.values())
            )
            counted = [
                (line.weight, points)
                for line in lines
                if (points := line._points()) is not None
            ] + [
                (question.weight, 100 if answer == "yes" else 0)
                for question, answer in others.items()
                if answer in ("yes", "no")
            ]
            total = sum(weight for weight, _points in counted)
            document.checklist_score = (
                total and sum(weight * points for weight, points in counted) / total
            )

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

    def _checklist_parent_vals(self):
        """The contract or the frame agreement of the answers."""
        self.ensure_one()
        return self._contract_parent_vals()

    def _checklist_check_access(self):
        """Raise unless the user may answer."""
        self.check_access("write")

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
        """The questions of the template that fits."""
        self.ensure_one()
        return self._checklist_templates()[self].line_ids

    def _checklist_templates(self):
        """``{document: the template that fits it}``: one search."""
        templates = (
            self.env["contract.checklist.template"]
            .sudo()
            .search([("purpose", "=", self._checklist_purpose)])
        )
        return {
            document: templates._fit(
                document.sudo().company_id, document.sudo()._checklist_kind()
            )
            for document in self
        }
