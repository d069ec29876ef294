from odoo import models

from ...tools.pages import Column, Paper
from ...tools.words import choice

# A4 across: eleven columns
ACROSS = Paper("contract_tracking.paperformat_form_plan", 281, 192, 10.5)
# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractPlan(models.Model):
    """What the printed 进度计划 shows: goals, stages and tasks with the days that were
    agreed, planned first, planned now and kept, main risks, and who agreed."""

    _inherit = "contract.plan"

    def _form_title(self):
        return self.env._("Contract Progress and Performance-Tracking Plan")

    def _form_paper(self):
        return ACROSS

    def _form_blocks(self):
        self.ensure_one()
        risks = self._form_risks()
        texts = [(self.env._("Goals"), self.goals)]
        if self.replaces_id:
            texts.append((self.env._("Why it was planned anew"), self.replan_reason))
        return [
            self._form_head(),
            *(self._form_text(title, text or ROOM) for title, text in texts),
            self._form_lines(),
            *([risks] if risks["rows"] else []),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        tracking = (
            env._("every %(days)s days", days=self.tracking_days)
            if self.tracking_days
            else env._("as the company")
        )
        return self._form_cells(
            [
                (env._("Customer"), self.partner_name),
                (env._("Contract No."), self.contract_no),
                (env._("Planned On"), self._form_date(self.date)),
                (
                    env._("Version"),
                    f"{self.version} ({self.replaces_id.name})"
                    if self.replaces_id
                    else str(self.version),
                ),
                (env._("Owner"), self.owner_id.name),
                (env._("Supervisor"), self.supervisor_id.name),
                (env._("Tracking Records"), tracking),
                (
                    env._("Done"),
                    f"{round(self.completion)} %" if self.state != "draft" else "",
                ),
            ]
        )

    def _form_lines(self):
        env = self.env
        return self._form_table(
            "lines",
            env._("Stages and tasks"),
            [
                Column(env._("Item"), 4, lambda row: str(row[0])),
                Column(env._("Kind"), 8, lambda row: choice(row[1], "kind")),
                Column(env._("Stage or Task"), 16, lambda row: row[1].name),
                Column(env._("Department, Owner"), 13, self._form_people),
                Column(
                    env._("Weight (%)"),
                    6.5,
                    lambda row: self._form_quantity(row[1].weight),
                    "right",
                ),
                Column(env._("KPI, Incentive"), 13, self._form_kpi),
                *(
                    Column(
                        title,
                        8,
                        lambda row, fname=fname: self._form_date(row[1][fname]),
                        group=env._("Days"),
                    )
                    for title, fname in (
                        (env._("Agreed"), "date_agreed"),
                        (env._("Baseline"), "date_baseline"),
                        (env._("Planned"), "date_planned"),
                        (env._("Actual"), "date_actual"),
                    )
                ),
                Column(env._("Done (%), Slippage"), 7.5, self._form_done, "right"),
            ],
            [*enumerate(self.sudo().line_ids, 1)],
        )

    def _form_people(self, row):
        line = row[1]
        names = [line.department_id.name, line.user_id.name]
        return "\n".join(filter(None, names))

    def _form_kpi(self, row):
        return "\n".join(filter(None, (row[1].kpi, row[1].incentive)))

    def _form_done(self, row):
        line = row[1]
        words = [str(line.progress)]
        if line.slippage:
            words.append(self.env._("%(days)s days", days=f"{line.slippage:+d}"))
        return "\n".join(words)

    def _form_risks(self):
        env = self.env
        return self._form_table(
            "risks",
            env._("Main risks"),
            [
                Column(env._("Risk"), 40, "name"),
                Column(env._("Measure"), 45, "measure"),
                Column(env._("Owner"), 15, lambda risk: risk.user_id.name),
            ],
            self.sudo().risk_ids,
        )

    def _form_signatures(self):
        """Who prepared it, then who agreed; the places that nobody filled yet are
        signed by hand."""
        rows = self._approval_signed(
            self.env._("Departments"), self.env._("Owner"), self.env._("Supervisor")
        )
        return self._approval_signatures(self.env._("Prepared By"), rows)
