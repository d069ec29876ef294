from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.guard import is_unguarded

# What people answer; everything else is copied from the template.
ANSWER = {"answer", "score", "text", "attachment_ids", "note"}
# What a new line names.
SUBJECT = {"res_model", "res_id", "template_line_id"}


class ContractChecklistLine(models.Model):
    """An answer of a document to a question of its checklist, with files as evidence.

    It belongs to the document named by ``res_model`` and ``res_id``: who reads or
    answers it, and until when, is said there (:class:`contract.checklist.mixin`).
    Scores are 0–100.
    """

    _name = "contract.checklist.line"
    _inherit = ["contract.part.mixin", "contract.reference.mixin"]
    _description = "Checklist Answer"
    _order = "sequence, id"

    template_line_id = fields.Many2one(
        "contract.checklist.template.line",
        string="Template Question",
        required=True,
        index=True,
        ondelete="restrict",
    )
    sequence = fields.Integer(readonly=True)
    name = fields.Char(string="Question", readonly=True)
    weight = fields.Float(readonly=True)
    answer_kind = fields.Selection(
        related="template_line_id.answer_kind", related_sudo=True
    )
    computed = fields.Selection(related="template_line_id.computed", related_sudo=True)
    answer = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
    )
    score = fields.Float(help="0 to 100.")
    text = fields.Text(string="Text of the Answer")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    note = fields.Char()
    user_id = fields.Many2one("res.users", string="Answered By", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    result = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
        compute="_compute_result",
        help="The computed answer, or what somebody answered.",
    )

    _document_question_uniq = models.Constraint(
        "unique(res_model, res_id, template_line_id)",
        "This question of the document is answered already.",
    )
    _score_range = models.Constraint(
        "CHECK (score BETWEEN 0 AND 100)", "A score is between 0 and 100."
    )

    @api.depends("answer", "template_line_id.computed")
    def _compute_result(self):
        for model, lines in self.grouped("res_model").items():
            documents, answers = self.env.get(model or ""), {}
            if hasattr(documents, "_checklist_answers"):
                documents = documents.browse(set(lines.mapped("res_id")))
                asked = lines.template_line_id.filtered("computed")
                answers = documents._checklist_answers(asked)
            for line in lines:
                line.result = (
                    line.answer
                    if line.answer == "na" or not line.computed
                    else answers.get((line.res_id, line.template_line_id))
                )

    @api.constrains("answer", "note", "template_line_id")
    def _check_answer(self):
        for line in self:
            if line.answer == "na" and not (line.note or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say in the note why “%(question)s” is not applicable.",
                        question=line.name,
                    )
                )
            if line.computed and line.answer not in (False, "na"):
                raise ValidationError(
                    self.env._(
                        "“%(question)s” is answered by the system: you can only say "
                        "that it is not applicable.",
                        question=line.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # a default answers and signs for nobody
        defaults = {
            **dict.fromkeys(ANSWER - {"attachment_ids"}, False),
            **self.default_get(list(SUBJECT)),
        }
        rows = []
        for vals in vals_list:
            signature = self._signature(vals)
            vals = {**defaults, **vals}
            if not is_unguarded(self) and self._contract_system() & vals.keys():
                raise UserError(self._written_message())
            document = self._document_of(vals.get("res_model"), vals.get("res_id"))
            question = self.env["contract.checklist.template.line"].browse(
                vals.get("template_line_id")
            )
            if not is_unguarded(self):
                document._checklist_check_answer()
                if question.sudo() not in document._checklist_questions():
                    raise UserError(
                        self.env._(
                            "The checklist of %(document)s doesn't ask “%(question)s”.",
                            document=document.display_name,
                            question=question.sudo().name,
                        )
                    )
            rows.append(
                {
                    **vals,
                    **document._checklist_parent_vals(),
                    "name": question.sudo().name,
                    "sequence": question.sudo().sequence,
                    "weight": question.sudo().weight,
                    **signature,
                }
            )
        return super().create(rows)

    def write(self, vals):
        if not is_unguarded(self):
            if vals.keys() - ANSWER:
                raise UserError(self._written_message())
            self._check_documents()
        return super().write({**vals, **self._signature(vals)})

    @api.ondelete(at_uninstall=False)
    def _unlink_as_document_allows(self):
        if not is_unguarded(self):
            self._check_documents()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self.filtered(
            lambda ln: ln._document_of(ln.res_model, ln.res_id)._checklist_is_frozen()
        )

    @api.model
    def _contract_system(self):
        return self._fields.keys() - ANSWER - SUBJECT - {"order_id", "frame_id"}

    def _check_documents(self):
        for line in self:
            line._document_of(line.res_model, line.res_id)._checklist_check_answer()

    @api.model
    def _document_of(self, model, res_id):
        """The document of a line.

        :raise UserError: if it has no checklist
        """
        known = isinstance(model, str) and self.env.get(model)
        if not res_id or not hasattr(known, "_checklist_answers"):
            raise UserError(self.env._("Only documents with a checklist are answered."))
        return self.env[model].browse(res_id)

    @api.model
    def _signature(self, vals):
        """Who answered when, if these values answer."""
        if not ANSWER & vals.keys():
            return {}
        return {"user_id": self.env.uid, "answered_on": fields.Datetime.now()}

    @api.model
    def _written_message(self):
        return self.env._(
            "Questions come from the template: only answers can be written."
        )

    def _is_answered(self):
        """Whether nothing of this question is left open."""
        self.ensure_one()
        if self.result == "na":
            return True
        if self.computed or self.answer_kind == "yes_no":
            return bool(self.result)
        return bool(
            {
                "score": self.user_id,
                "text": (self.text or "").strip(),
                "paper": self.attachment_ids,
            }.get(self.answer_kind)
        )

    def _points(self):
        """What this answer scores, 0–100; None if it doesn't count."""
        self.ensure_one()
        if self.result == "na" or not self._is_answered():
            return None
        if self.computed or self.answer_kind == "yes_no":
            return 100 if self.result == "yes" else 0
        return self.score if self.answer_kind == "score" else None
