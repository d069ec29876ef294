from odoo import api, models
from odoo.tools import format_list

from ...tools.batches import in_batches
from .contract_plan import NAMED

WRITE = "contract_tracking.mail_activity_plan_write"
TASK = "contract_tracking.mail_activity_plan_task"
LATE = "contract_tracking.mail_activity_plan_late"


class ContractPlan(models.Model):
    """Who is reminded of a plan and its tasks, and the daily run."""

    _inherit = "contract.plan"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {WRITE, TASK, LATE}

    def _activities_wanted(self):
        """Who is to write a plan that the company asks for; the owner of each task that
        isn't done, by its day; who prepared the plan, of what is late."""
        wanted = super()._activities_wanted()
        parent = self._contract_parent()
        if not parent._contract_is_open():
            return wanted
        first = self.state == "draft" and not self.replaces_id
        if first and parent._contract_plan_is_due():
            day = parent._contract_plan_day()
            wanted.append({"xmlid": WRITE, "user": self.user_id, "day": day})
        if self.state != "active":
            return wanted
        open_lines = self.line_ids.filtered(
            lambda line: line.status not in ("done", "dropped")
        )
        wanted += [
            {
                "xmlid": TASK,
                "user": line.user_id,
                "day": line.date_planned,
                "what": line.name,
            }
            for line in open_lines
            if line._is_reported()
        ]
        late = open_lines.filtered("is_late")
        if late:
            wanted.append(
                {
                    "xmlid": LATE,
                    "user": self.user_id,
                    "day": min(late.mapped("date_planned")),
                    "note": format_list(self.env, late[:NAMED].mapped("name")),
                }
            )
        return wanted

    @api.model
    def _cron_follow_up(self, batch=200):
        """Begin the plans that companies ask for, remind of tasks, close what belongs
        to contracts that are over. Restartable: twice is once."""
        for parents in self._parent_models():
            for group in in_batches(parents.sudo()._contract_plan_missing(), batch):
                for parent in group:
                    self.sudo()._begin(parent)
        active = self.sudo().search([("state", "in", ("draft", "active"))], order="id")
        for plans in in_batches(active, batch):
            over = plans.filtered(
                lambda p: (
                    p.state == "active" and not p._contract_parent()._contract_is_open()
                )
            )
            over._close()
            (plans - over)._sync_activities()
