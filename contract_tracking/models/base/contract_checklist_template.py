from odoo import fields, models


class ContractChecklistTemplate(models.Model):
    """The questions that documents of a purpose have to answer, by company and kind
    of contract: what fits most closely is taken. Serves D2 §5, D4 §4 and D9 §6."""

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
    line_ids = fields.One2many(
        "contract.checklist.template.line", "template_id", copy=True
    )

    def _fit(self, company, kind):
        """The one of these templates that fits a company and a kind most closely."""
        fitting = self.filtered(
            lambda t: (
                t.company_id in (company, company.browse())
                and t.contract_kind in (kind, False)
            )
        )
        return fitting.sorted(
            lambda t: (not t.company_id, not t.contract_kind, t.sequence, t.id)
        )[:1]


class ContractChecklistTemplateLine(models.Model):
    """A question of a checklist: its weight in the score (any unit), how it is
    answered, or which answer the document computes by itself."""

    _name = "contract.checklist.template.line"
    _inherit = ["contract.shared.mixin"]
    _description = "Checklist Question"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "contract.checklist.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Question", required=True, translate=True)
    weight = fields.Float(default=1)
    answer_kind = fields.Selection(
        [
            ("yes_no", "Yes, no, not applicable"),
            ("score", "Score"),
            ("text", "Text"),
            ("paper", "Paper filed"),
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

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "A weight can't be negative."
    )
