from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractChecklistTemplate(models.Model):
    _inherit = "contract.checklist.template"

    purpose = fields.Selection(
        selection_add=[("papers", "Papers needed")],
        default="papers",
        ondelete={"papers": "cascade"},
    )

    @api.constrains("purpose", "amount_from", "amount_to")
    def _check_amounts(self):
        for template in self:
            if template.purpose == "papers" and (
                template.amount_from or template.amount_to
            ):
                raise ValidationError(
                    self.env._(
                        "Which papers are needed doesn't go by the amount: leave the "
                        "amounts of “%(template)s” empty.",
                        template=template.name,
                    )
                )


class ContractChecklistTemplateLine(models.Model):
    """A paper that a kind of contract needs (D9 §6.4)."""

    _inherit = "contract.checklist.template.line"

    computed = fields.Selection(
        selection_add=[("paper", "Whether the paper is filed")],
        ondelete={"paper": "set null"},
    )
    type_ids = fields.Many2many(
        "contract.document.type",
        string="Kinds of Papers",
        help="A paper of any of these kinds answers the question.",
    )

    @api.constrains("computed", "type_ids", "template_id")
    def _check_types(self):
        for line in self:
            if not line.type_ids and (
                line.computed == "paper" or line.template_id.purpose == "papers"
            ):
                raise ValidationError(
                    self.env._(
                        "Choose the kinds of papers that answer “%(question)s”.",
                        question=line.name,
                    )
                )
