from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare


class ContractScheduleTemplate(models.Model):
    """Reusable payment conditions and milestones that fill a contract's terms
    (D1 §6, D2 §5)."""

    _name = "contract.schedule.template"
    _inherit = ["contract.shared.mixin"]
    _description = "Contract Schedule Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: usable in every company."
    )
    note = fields.Text(
        translate=True, help="When to use it, in words for the salespeople."
    )
    line_ids = fields.One2many(
        "contract.schedule.template.line", "template_id", string="Terms", copy=True
    )

    @api.constrains("line_ids")
    def _check_percentages(self):
        for template in self:
            payments = template.line_ids.filtered(lambda line: line.kind == "payment")
            total = sum(payments.mapped("percent"))
            if total and float_compare(total, 100, precision_digits=4):
                raise ValidationError(
                    self.env._(
                        "The payment terms of “%(template)s” add up to %(total)g %%. "
                        "Their percentages must add up to 100 %%.",
                        template=template.name,
                        total=total,
                    )
                )
