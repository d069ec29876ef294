from datetime import date

from odoo import Command, api, models

from ..deviation.contract_deviation import OPEN_STATES

# As long as it counts, a contract has no need of another one.
CURRENT = ("draft", "submitted", "active")
# The promises that stages are made of.
STAGES = ("milestone", "delivery", "payment")


class ContractPlan(models.Model):
    """What a plan is filled with: stages from the promises of its contract, tasks from
    its template, risks from the deviations."""

    _inherit = "contract.plan"

    @api.model
    def _open_draft(self, parent):
        """Open the plan of a contract or a frame agreement: the active one or the one
        to be agreed, else a new one, filled."""
        parent.ensure_one()
        parent.check_access("read")
        plan = self.search(
            [
                (parent._contract_parent_field, "=", parent.id),
                ("state", "in", CURRENT),
            ],
            order="version desc, id desc",
            limit=1,
        )
        return (plan or self._begin(parent))._open_form()

    @api.model
    def _begin(self, parent):
        """Create a filled draft of a plan, in the language of who answers for the
        contract."""
        owner = parent._contract_responsible() or self.env.user
        author = owner if self.env.su else self.env.user
        template = self.env["contract.plan.template"]._find(parent)
        plan = self.with_context(lang=author.lang or self.env.lang).create(
            {
                **parent._contract_part_vals(),
                "user_id": author.id,
                "template_id": template.id,
            }
        )
        plan.write(
            {
                "line_ids": [Command.create(vals) for vals in plan._fill_vals()],
                "goals": template.with_context(lang=plan.env.lang).goals,
            }
        )
        plan._spread()
        return plan

    def _fill_vals(self):
        """Values of what the plan has not yet of its contract and template, by day."""
        values = self._stage_vals() + self._task_vals()
        values.sort(key=lambda vals: vals["date_planned"] or date.max)
        last = max(self.line_ids.mapped("sequence"), default=0)
        return [
            {**vals, "sequence": last + 10 * number}
            for number, vals in enumerate(values, 1)
        ]

    def _stage_vals(self):
        """Values of a stage for each promise that the plan has none of yet."""
        parent = self._contract_parent().sudo()
        terms = self.order_id.sudo().contract_term_ids | self.frame_id.sudo().term_ids
        terms = terms.filtered(
            lambda t: t.kind in STAGES and not t.valid_to and not t.waived_on
        )
        last = self._last_delivery()
        values = []
        for term in terms - self.line_ids.term_id.sudo():
            owner = term.user_id or parent._contract_responsible()
            department = term.department_id or owner._contract_department(
                self.company_id
            )
            values.append(
                {
                    "kind": "stage",
                    "term_id": term.id,
                    "name": term.display_name,
                    "user_id": owner.id,
                    "department_id": department.id,
                    "date_planned": term.date_due
                    or (last and last + term._plan_delay()),
                    "weight": term.weight if term.kind == "milestone" else 1.0,
                }
            )
        return values

    def _task_vals(self):
        """Values of the template's tasks that the plan doesn't have yet."""
        tasks = self.template_id.sudo().line_ids
        if not tasks:
            return []
        parent = self._contract_parent().sudo()
        days = {
            "effect": parent._contract_effect_day(),
            "delivery": self._last_delivery(),
        }
        events = self.env["contract.event"].sudo()
        for event in events.search(
            [
                ("type_id", "in", tasks.event_type_id.ids),
                *((n, "=", v) for n, v in parent._contract_part_vals().items()),
            ],
            order="date",
        ):
            days["event", event.type_id] = event.date
        known = set(self.line_ids.mapped("name"))
        return [
            vals
            for vals in (task._prepare_line_vals(self, days) for task in tasks)
            if vals["name"] not in known
        ]

    def _last_delivery(self):
        """The day of the last delivery that is agreed, or False."""
        terms = self.order_id.sudo().contract_term_ids.filtered(
            lambda t: t.kind == "delivery" and not t.valid_to and t.date_due
        )
        return max(terms.mapped("date_due"), default=False)

    def _spread(self):
        """Bring the weights to 100, in proportion; the last one takes what rounding
        leaves."""
        for plan in self:
            lines = plan.line_ids
            total = sum(lines.mapped("weight"))
            left = 100.0
            for line in lines[:-1]:
                share = line.weight / total if total else 1 / len(lines)
                line.weight = round(share * 100, 1)
                left -= line.weight
            if lines:
                lines[-1].weight = round(max(left, 0), 1)

    def _proposed_risks(self):
        """Values of the risks that the contract's deviations speak of; rooms above add
        theirs."""
        parent = self._contract_parent().sudo()
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                [
                    *((n, "=", v) for n, v in parent._contract_part_vals().items()),
                    ("state", "in", OPEN_STATES),
                ],
                order="id",
            )
        )
        return [
            {
                "name": f"{deviation.name} {deviation.summary or ''}".strip()[:120],
                "measure": deviation.recommendation,
                "user_id": parent._contract_responsible().id,
            }
            for deviation in deviations
        ]
