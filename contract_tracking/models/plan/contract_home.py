from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("plan"):
            return items
        uid = self.env.uid
        mine = [("plan_state", "=", "active"), ("user_id", "=", uid)]
        return [
            *items,
            self._home_item(
                "mine",
                "plans",
                self.env._("Progress plans to submit"),
                "contract.plan",
                "contract_plan_action",
                domain=[("state", "=", "draft"), ("user_id", "=", uid)],
                groups=(),
            ),
            self._home_item(
                "mine",
                "plan_tasks",
                self.env._("My tasks of plans"),
                "contract.plan.line",
                "contract_plan_line_action",
                domain=[*mine, ("status", "in", ["open", "late"])],
                groups=(),
            ),
            self._home_item(
                "mine",
                "plan_tasks_late",
                self.env._("Tasks of plans that are late"),
                "contract.plan.line",
                "contract_plan_line_action",
                domain=[*mine, ("is_late", "=", True)],
                groups=(),
                late=True,
            ),
            self._home_item(
                "contracts",
                "plans_late",
                self.env._("Plans with something late"),
                "contract.plan",
                "contract_plan_action",
                domain=[
                    ("state", "=", "active"),
                    ("line_ids", "any", [("is_late", "=", True)]),
                ],
                groups=(),
                late=True,
            ),
        ]
