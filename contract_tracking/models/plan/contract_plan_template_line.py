from datetime import timedelta

from odoo import fields, models

# What a plan consists of beside the promises of the contract.
TASK_KINDS = [
    ("task", "Task"),
    ("staffing", "Staffing"),
    ("training", "Training"),
    ("quality", "Quality control"),
    ("handover", "Handover to logistics"),
    ("after_sales", "After-sales"),
]


class ContractPlanTemplateLine(models.Model):
    """A task of a plan template: what, by which department, how many days after or
    before which day of the contract."""

    _name = "contract.plan.template.line"
    _inherit = ["contract.shared.mixin"]
    _description = "Progress Plan Template Task"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "contract.plan.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Task", required=True, translate=True)
    kind = fields.Selection(TASK_KINDS, required=True, default="task")
    department_id = fields.Many2one(
        "contract.department",
        ondelete="restrict",
        domain="[('company_id', '=', company_id or False)]",
        help="Answers for the task; its head is proposed as owner. Empty: the "
        "contract's owner and his department.",
    )
    basis = fields.Selection(
        [
            ("effect", "Taking effect"),
            ("delivery", "Last agreed delivery"),
            ("event", "Event"),
        ],
        string="Counts From",
        required=True,
        default="effect",
    )
    event_type_id = fields.Many2one(
        "contract.event.type",
        string="Event",
        ondelete="restrict",
        help="Until it has happened the day stays empty.",
    )
    days = fields.Integer(
        help="Days from that day to the planned day; negative: before it."
    )
    weight = fields.Float(
        default=1.0, help="Weight beside the other tasks and stages of the plan."
    )
    kpi = fields.Char(string="KPI", translate=True)

    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "The weight of a task can't be negative."
    )

    def _prepare_line_vals(self, plan, days):
        """Values of the line that this task adds to a plan.

        :param days: the days that tasks count from: ``{basis: day or False}``, of
            events ``{(“event”, type): day}``
        """
        self.ensure_one()
        line = self.with_context(lang=plan.env.lang)
        parent = plan._contract_parent().sudo()
        owner = self.department_id.head_id or parent._contract_responsible()
        department = self.department_id or owner._contract_department(plan.company_id)
        key = ("event", self.event_type_id) if self.basis == "event" else self.basis
        day = days.get(key)
        return {
            "kind": self.kind,
            "name": line.name,
            "user_id": owner.id,
            "department_id": department.id,
            "date_planned": day and day + timedelta(days=self.days),
            "weight": self.weight,
            "kpi": line.kpi,
        }
