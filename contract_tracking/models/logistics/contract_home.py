from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("logistics"):
            return items
        return [
            *items,
            self._home_item(
                "mine",
                "logistics_mine",
                self.env._("Logistics exceptions to see to"),
                "contract.logistics.exception",
                "contract_logistics_exception_action",
                domain=[("user_id", "=", self.env.uid), ("state", "=", "open")],
            ),
            self._home_item(
                "contracts",
                "execution_late",
                self.env._("Deliveries expected late"),
                "contract.execution.plan",
                "contract_execution_plan_action",
                domain=[("late_days", ">", 0)],
            ),
        ]
