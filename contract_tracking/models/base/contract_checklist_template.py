from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

# How grave a risk is: the grade that an answer raises the document to.
GRAVE = [("medium", "Medium"), ("high", "High")]
GRADES = [("low", "Low"), *GRAVE]
# By what an answer of a kind can be a risk.
RISKS = {
    "yes_no": {"yes", "no"},
    "number": {"above", "below"},
    "score": {"above", "below"},
}


class ContractChecklistTemplate(models.Model):
    """The questions that documents of a purpose have to answer, by company, kind and
    amount of the contract: of each purpose what fits most closely is taken. Serves
    D2 §5, D3 §4.1, D4 §4, D5 §4.1 and D9 §6."""

    _name = "contract.checklist.template"
    _inherit = ["contract.shared.mixin"]
    _description = "Checklist Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose = fields.Selection([], required=True, index=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for companies without one of their own."
    )
    contract_kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
            ("frame", "Frame agreement"),
        ],
        string="Binding Document",
        help="Empty: for kinds without a template of their own.",
    )
    amount_from = fields.Float(
        digits=(16, 2),
        help="For contracts of this total or more, taxes included, in the company's "
        "currency.",
    )
    amount_to = fields.Float(
        digits=(16, 2),
        help="For contracts of less than this total, taxes included, in the company's "
        "currency. 0: no limit.",
    )
    score_low = fields.Float(
        string="Low Risk From",
        default=80,
        help="From this score on the risk is low, unless an answer is a risk itself.",
    )
    score_medium = fields.Float(
        string="Medium Risk From",
        default=60,
        help="From this score on the risk is medium; below it is high.",
    )
    line_ids = fields.One2many(
        "contract.checklist.template.line", "template_id", copy=True
    )

    _amount_range = models.Constraint(
        "CHECK (amount_from >= 0 AND (amount_to = 0 OR amount_to > amount_from))",
        "A template is for amounts from zero on, up to a larger one.",
    )
    _score_range = models.Constraint(
        "CHECK (score_medium BETWEEN 0 AND score_low AND score_low <= 100)",
        "The scores from which a risk is medium and low are between 0 and 100, and "
        "the one of low isn't less than that of medium.",
    )

    def _fit(self, company, kind, amount=0.0):
        """The one of these templates that fits a company, a kind and an amount in the
        company's currency most closely."""
        fitting = self.filtered(
            lambda t: (
                t.company_id in (company, company.browse())
                and t.contract_kind in (kind, False)
                and t.amount_from <= max(amount, 0)
                and (not t.amount_to or amount < t.amount_to)
            )
        )
        return fitting.sorted(
            lambda t: (
                not t.company_id,
                not t.contract_kind,
                -t.amount_from,
                t.amount_to or float("inf"),
                t.sequence,
                t.id,
            )
        )[:1]

    def _grade(self, score):
        """The grade of a score by the limits of the template."""
        self.ensure_one()
        if float_compare(score, self.score_low, precision_digits=2) >= 0:
            return "low"
        medium = float_compare(score, self.score_medium, precision_digits=2) >= 0
        return "medium" if medium else "high"


class ContractChecklistTemplateLine(models.Model):
    """A question of a checklist: its weight in the score (any unit), how it is
    answered or which answer the document computes by itself, which answer is a risk,
    and when files must prove it.

    Documents that keep their questions have them as they were when they were asked; a
    question that nobody shall be asked any more is archived.
    """

    _name = "contract.checklist.template.line"
    _inherit = ["contract.shared.mixin"]
    _description = "Checklist Question"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "contract.checklist.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="Question", required=True, translate=True)
    weight = fields.Float(default=1)
    answer_kind = fields.Selection(
        [
            ("yes_no", "Yes, no, not applicable"),
            ("choice", "Choice"),
            ("number", "Number"),
            ("score", "Score"),
            ("text", "Text"),
            ("paper", "A file"),
        ],
        required=True,
        default="yes_no",
    )
    computed = fields.Selection(
        [],
        string="Computed Answer",
        help="The document answers by itself; people may only say that the question "
        "doesn't apply.",
    )
    required = fields.Boolean(
        default=True, help="The document isn't complete before it is answered."
    )
    option_ids = fields.One2many(
        "contract.checklist.option", "question_id", string="Answers", copy=True
    )
    unit = fields.Char(translate=True, help="What the number counts: %, days, years, …")
    number_min = fields.Float(string="Smallest Number")
    number_max = fields.Float(
        string="Largest Number", help="0 with a smallest number of 0: any number."
    )
    risk_when = fields.Selection(
        [
            ("no", "No"),
            ("yes", "Yes"),
            ("above", "More than the limit"),
            ("below", "Less than the limit"),
        ],
        string="A Risk If",
        help="Which answer is a risk. It scores nothing, any other one 100. Of a "
        "choice each answer says it.",
    )
    risk_limit = fields.Float(string="Limit")
    risk_grade = fields.Selection(
        GRAVE,
        string="Raises To",
        default="medium",
        help="The grade that the document has at least if the answer is a risk.",
    )
    evidence = fields.Selection(
        [
            ("always", "Always"),
            ("fine", "If the answer is no risk"),
            ("risk", "If the answer is a risk"),
        ],
        string="Files Needed",
        help="When the answer must be proved by a file. Empty: never.",
    )

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "A weight can't be negative."
    )
    _number_range = models.Constraint(
        "CHECK (number_max >= number_min)",
        "The largest number isn't less than the smallest one.",
    )

    @api.constrains("answer_kind", "computed", "risk_when", "option_ids", "active")
    def _check_kind(self):
        for line in self.filtered("active"):
            if line.answer_kind == "choice" and (
                line.computed
                # data files name the answers after the question
                or (len(line.option_ids) < 2 and not self._is_installing())
            ):
                raise ValidationError(
                    self.env._(
                        "“%(question)s” is a choice: enter two answers or more that "
                        "people choose from.",
                        question=line.name,
                    )
                )
            kind = "yes_no" if line.computed else line.answer_kind
            if line.risk_when and line.risk_when not in RISKS.get(kind, ()):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: yes or no can be a risk of a question with "
                        "these answers, a limit one of a number or a score; each "
                        "answer of a choice says whether it is one.",
                        question=line.name,
                    )
                )

    @api.model
    def _is_installing(self):
        return not self.env.registry.ready


class ContractChecklistOption(models.Model):
    """An answer that a question offers: what it scores, whether it is a risk. Who
    chose it keeps words, points and risk as they were."""

    _name = "contract.checklist.option"
    _inherit = ["contract.shared.mixin"]
    _description = "Checklist Choice"
    _order = "question_id, sequence, id"

    question_id = fields.Many2one(
        "contract.checklist.template.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="question_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Answer", required=True, translate=True)
    points = fields.Float(default=100, help="0 to 100.")
    risk_grade = fields.Selection(
        GRAVE,
        string="Raises To",
        help="The grade that the document has at least with this answer. Empty: it is "
        "no risk.",
    )

    _points_range = models.Constraint(
        "CHECK (points BETWEEN 0 AND 100)", "The points of an answer are 0 to 100."
    )
