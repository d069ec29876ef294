from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_repr, formatLang, get_lang

from ...tools.guard import is_unguarded, unguarded
from ...tools.words import choice, choices
from .contract_checklist_template import GRAVE

# What people answer; everything else is copied from the template.
ANSWER = {
    "answer", "score", "text", "attachment_ids", "note", "option_id", "number",
    "number_text",
}  # fmt: skip
# What a new line names.
SUBJECT = {"res_model", "res_id", "template_line_id"}
# What the line keeps of its question, and of the answer that was chosen.
ASKED = (
    "sequence", "weight", "answer_kind", "computed", "required", "number_min",
    "number_max", "risk_when", "risk_limit", "risk_grade", "evidence",
)  # fmt: skip
# Its words, in every language.
WORDS = {"name": "name", "unit": "unit"}


def _of_question(fname):
    """The choices of a selection of the question."""

    def selection(records):
        return choices(records.env["contract.checklist.template.line"], fname)

    return selection


class ContractChecklistLine(models.Model):
    """An answer of a document to a question of its checklist, with files as evidence.

    It belongs to the document named by ``res_model`` and ``res_id``: who reads or
    answers it, and until when, is said there (:class:`contract.checklist.mixin`). It
    keeps the question as it was asked, and what was chosen as it was offered then.
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
    purpose = fields.Selection(
        selection=lambda self: choices(
            self.env["contract.checklist.template"], "purpose"
        ),
        string="Topic",
        readonly=True,
    )
    name = fields.Char(string="Question", readonly=True, translate=True)
    weight = fields.Float(readonly=True)
    answer_kind = fields.Selection(
        selection=_of_question("answer_kind"), string="Kind of Answer", readonly=True
    )
    computed = fields.Selection(
        selection=_of_question("computed"), string="Computed Answer", readonly=True
    )
    required = fields.Boolean(readonly=True, default=True)
    unit = fields.Char(readonly=True, translate=True)
    number_min = fields.Float(string="Smallest Number", readonly=True)
    number_max = fields.Float(string="Largest Number", readonly=True)
    risk_when = fields.Selection(
        selection=_of_question("risk_when"), string="A Risk If", readonly=True
    )
    risk_limit = fields.Float(string="Limit", readonly=True)
    risk_grade = fields.Selection(GRAVE, string="Raises To", readonly=True)
    evidence = fields.Selection(
        selection=_of_question("evidence"), string="Files Needed", readonly=True
    )
    answer = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
    )
    option_id = fields.Many2one(
        "contract.checklist.option",
        string="Choice",
        domain="[('question_id', '=', template_line_id)]",
        index="btree_not_null",
        ondelete="set null",
    )
    option_name = fields.Char(string="Chosen", readonly=True, translate=True)
    option_points = fields.Float(string="Points of the Choice", readonly=True)
    option_risk = fields.Selection(GRAVE, string="Risk of the Choice", readonly=True)
    number = fields.Float()
    score = fields.Float(help="0 to 100.")
    is_given = fields.Boolean(
        readonly=True, help="A number or a score was entered, be it 0."
    )
    number_text = fields.Char(
        string="Number or Score",
        compute="_compute_number_text",
        inverse="_inverse_number_text",
        help="The number as it is entered: empty if there is none, and 0 is one.",
    )
    text = fields.Text(string="Text of the Answer")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    note = fields.Char()
    user_id = fields.Many2one("res.users", string="Answered By", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    kept_answer = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
        string="Computed Then",
        readonly=True,
        help="What the system answered when the document was submitted.",
    )
    result = fields.Selection(
        [("yes", "Yes"), ("no", "No"), ("na", "Not applicable")],
        compute="_compute_result",
        help="The computed answer, or what somebody answered.",
    )
    answer_text = fields.Char(
        string="Answer in Words",
        compute="_compute_result",
        help="What was answered, in words.",
    )
    risk = fields.Selection(
        GRAVE,
        compute="_compute_result",
        help="How grave a risk the answer is; empty if it is none.",
    )
    is_file_missing = fields.Boolean(
        string="File Missing",
        compute="_compute_result",
        help="The answer must be proved by a file that isn't there.",
    )

    _document_question_uniq = models.Constraint(
        "unique(res_model, res_id, template_line_id)",
        "This question of the document is answered already.",
    )
    _score_range = models.Constraint(
        "CHECK (score BETWEEN 0 AND 100)", "A score is between 0 and 100."
    )

    @api.depends(
        "answer",
        "computed",
        "kept_answer",
        "option_name",
        "option_risk",
        "number",
        "score",
        "is_given",
        "text",
        "attachment_ids",
    )
    @api.depends_context("lang")
    def _compute_result(self):
        for model, lines in self.grouped("res_model").items():
            documents, answers = self.env.get(model or ""), {}
            asked = lines.filtered(lambda ln: ln.computed and not ln.kept_answer)
            if asked and hasattr(documents, "_checklist_answers"):
                documents = documents.browse(set(asked.mapped("res_id")))
                answers = documents._checklist_answers(asked.template_line_id)
            for line in lines:
                line.result = (
                    line.answer
                    if line.answer == "na" or not line.computed
                    else line.kept_answer
                    or answers.get((line.res_id, line.template_line_id._origin))
                )
                line.risk = line._risk()
                line.answer_text = line._words()
                line.is_file_missing = line._is_file_missing()

    @api.depends("number", "score", "is_given", "answer_kind")
    @api.depends_context("lang")
    def _compute_number_text(self):
        for line in self:
            line.number_text = line.is_given and line._format_number(
                line.score if line.answer_kind == "score" else line.number
            )

    def _inverse_number_text(self):
        for line in self:
            fname = "score" if line.answer_kind == "score" else "number"
            line.write({fname: line._parse_number(line.number_text)})

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

    @api.constrains("answer", "option_id", "number", "is_given")
    def _check_kind(self):
        for line in self:
            if line.computed:
                continue
            kind = line.answer_kind
            if (
                (line.answer not in (False, "na") and kind != "yes_no")
                or (line.option_id and kind != "choice")
                or (line.is_given and kind not in ("number", "score"))
            ):
                raise ValidationError(
                    self.env._(
                        "“%(question)s” is answered otherwise: %(kind)s.",
                        question=line.name,
                        kind=choice(line, "answer_kind"),
                    )
                )
            if line.option_id and line.option_id.question_id != line.template_line_id:
                raise ValidationError(
                    self.env._(
                        "“%(answer)s” is no answer to “%(question)s”: choose one of "
                        "those that it offers.",
                        answer=line.option_id.name,
                        question=line.name,
                    )
                )
            bounded = line.number_min or line.number_max
            if (
                kind == "number"
                and line.is_given
                and bounded
                and not line.number_min <= line.number <= line.number_max
            ):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: enter a number from %(min)s to %(max)s.",
                        question=line.name,
                        min=line._format_number(line.number_min),
                        max=line._format_number(line.number_max),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        # a default answers and signs for nobody
        defaults = {
            **dict.fromkeys(ANSWER - {"attachment_ids", "number_text"}, False),
            **self.default_get(list(SUBJECT)),
        }
        rows = []
        for vals in vals_list:
            system = self._signature(vals) | self._option_vals(vals)
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
            question = question.sudo()
            rows.append(
                {
                    **vals,
                    **document._checklist_parent_vals(),
                    **{fname: question[fname] for fname in (*ASKED, *WORDS)},
                    "purpose": question.template_id.purpose,
                    "sequence": document._checklist_sequence(question),
                    **system,
                }
            )
        lines = super().create(rows)
        lines._keep_words("template_line_id", WORDS)
        lines._keep_words("option_id", {"name": "option_name"})
        return lines

    def write(self, vals):
        self._contract_check_values(vals)
        if not is_unguarded(self):
            if vals.keys() - ANSWER:
                raise UserError(self._written_message())
            self._check_documents()
        res = super().write(
            {**vals, **self._signature(vals), **self._option_vals(vals)}
        )
        if vals.get("option_id"):
            self._keep_words("option_id", {"name": "option_name"})
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_as_document_allows(self):
        if is_unguarded(self):
            return
        self._check_documents()
        # elsewhere a question without its row is asked again
        if any(self._document_of(ln.res_model, 1)._checklist_keeps for ln in self):
            raise UserError(self._written_message())

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _recorded_domain(self):
        """Not what was asked and nobody answered."""
        return Domain("user_id", "!=", False)

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
        """Who answered when, if these values answer; whether a number is there."""
        if not ANSWER & vals.keys():
            return {}
        given = {"number", "score"} & vals.keys()
        return {
            "user_id": self.env.uid,
            "answered_on": fields.Datetime.now(),
            # 0 is a number, False none
            **(
                {"is_given": any(type(vals[n]) is not bool for n in given)}
                if given
                else {}
            ),
        }

    @api.model
    def _option_vals(self, vals):
        """What is kept of the answer that these values choose."""
        if "option_id" not in vals:
            return {}
        option = self.env["contract.checklist.option"].sudo()
        option = option.browse(vals["option_id"] or ()).exists()
        return {
            "option_name": option.name,
            "option_points": option.points,
            "option_risk": option.risk_grade,
        }

    def _keep_words(self, source, names):
        """Words in every language, as they are in the template."""
        current = self.env.lang or "en_US"
        lines = unguarded(self.filtered(source))
        for code, _name in self.env["res.lang"].get_installed() if lines else ():
            if code == current:
                continue
            for line in lines.with_context(lang=code):
                words = line[source].sudo()
                line.write({ours: words[theirs] for theirs, ours in names.items()})

    @api.model
    def _written_message(self):
        return self.env._(
            "Questions come from the template: only answers can be written."
        )

    @api.model
    def _format_number(self, number):
        """A number without needless zeros, as the language writes it."""
        digits = len(float_repr(number, 4).rstrip("0").partition(".")[2])
        return formatLang(self.env, number, digits=digits)

    def _parse_number(self, text):
        """The number that somebody entered as text; False for none.

        :raise ValidationError: if it is none
        """
        self.ensure_one()
        lang = get_lang(self.env)
        plain = (text or "").strip().replace(lang.thousands_sep or ",", "")
        try:
            return float(plain.replace(lang.decimal_point, ".")) if plain else False
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "“%(question)s”: “%(text)s” is no number. Enter it in figures, "
                    "without a unit.",
                    question=self.name,
                    text=text,
                )
            ) from error

    def _is_answered(self):
        """Whether nothing of this question is left open."""
        self.ensure_one()
        if self.result == "na":
            return True
        if self.computed or self.answer_kind == "yes_no":
            return bool(self.result)
        return bool(
            {
                "choice": self.option_name,
                "number": self.is_given,
                "score": self.is_given,
                "text": (self.text or "").strip(),
                "paper": self.attachment_ids,
            }.get(self.answer_kind)
        )

    def _open_lines(self):
        """Those that keep their document from being complete."""
        return self.filtered(
            lambda ln: (ln.required and not ln._is_answered()) or ln.is_file_missing
        )

    def _missing_text(self):
        """The question, with its subject, and what is missing."""
        self.ensure_one()
        words = {"subject": choice(self, "purpose"), "question": self.name}
        if self.is_file_missing:
            return self.env._("%(subject)s: %(question)s (attach the file)", **words)
        return self.env._("%(subject)s: %(question)s", **words)

    def _points(self):
        """What this answer scores, 0–100; None if it doesn't count."""
        self.ensure_one()
        if self.result == "na" or not self._is_answered():
            return None
        if self.computed or self.answer_kind == "yes_no":
            return 100 if self.result != (self.risk_when or "no") else 0
        if self.answer_kind == "number" and self.risk_when:
            return 0 if self.risk else 100
        return {"score": self.score, "choice": self.option_points}.get(self.answer_kind)

    def _risk(self):
        """How grave a risk this answer is."""
        self.ensure_one()
        if self.result == "na" or not self._is_answered():
            return False
        if self.answer_kind == "choice":
            return self.option_risk
        number = self.score if self.answer_kind == "score" else self.number
        is_risk = {
            "above": self.is_given and number > self.risk_limit,
            "below": self.is_given and number < self.risk_limit,
        }.get(self.risk_when, bool(self.risk_when) and self.result == self.risk_when)
        return is_risk and (self.risk_grade or "medium")

    def _is_file_missing(self):
        self.ensure_one()
        if self.attachment_ids or self.result == "na" or not self._is_answered():
            return False
        return self.evidence == "always" or self.evidence == (
            "risk" if self.risk else "fine"
        )

    def _words(self):
        """The answer in words, in the user's language; empty if there is none."""
        self.ensure_one()
        if self.result == "na" or self.computed or self.answer_kind == "yes_no":
            return choice(self, "result")
        if not self._is_answered():
            return False
        if self.answer_kind in ("number", "score"):
            return " ".join(filter(None, (self.number_text, self.unit)))
        return {
            "choice": self.option_name,
            "text": self.text,
            "paper": self.env._("Filed"),
        }.get(self.answer_kind)
