from odoo import api, fields, models


class ContractPlanTemplate(models.Model):
    """What the plan of a kind of contract usually consists of: tasks with days and
    departments that fill a progress plan (D1 §6, D6 §5.1)."""

    _name = "contract.plan.template"
    _inherit = ["contract.shared.mixin"]
    _description = "Progress Plan Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: usable in every company."
    )
    applies_to = fields.Selection(
        [("order", "Contracts"), ("frame", "Frame agreements")],
        string="Only For",
        help="Empty: for both.",
    )
    note = fields.Text(translate=True, help="When to use it, in words for planners.")
    goals = fields.Text(translate=True, help="The goals that a plan begins with.")
    line_ids = fields.One2many(
        "contract.plan.template.line", "template_id", string="Tasks", copy=True
    )

    @api.model
    def _find(self, parent):
        """The template that a new plan of a contract or a frame agreement begins
        with: the first one of its company, else of all companies."""
        kind = "frame" if parent._name == "contract.frame" else "order"
        templates = self.search(
            [
                ("company_id", "in", (parent.company_id.id, False)),
                ("applies_to", "in", (kind, False)),
            ]
        )
        return templates.sorted(lambda t: (not t.company_id, t.sequence, t.id))[:1]
