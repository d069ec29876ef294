from odoo import api, models

LEADER = "contract_tracking.group_contract_leader"


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        mine = ["|", ("user_id", "=", self.env.uid), ("absent_id", "=", self.env.uid)]
        return [
            self._home_item(
                "mine",
                "decide",
                self.env._("To decide"),
                "contract.approval.step",
                "contract_approval_step_action",
                domain=[("state", "=", "pending"), *mine],
                groups=(LEADER,),
            ),
            self._home_item(
                "mine",
                "oral",
                self.env._("Oral decisions to confirm"),
                "contract.approval.step",
                "contract_approval_step_action",
                domain=[("oral_state", "=", "provisional"), *mine],
                groups=(),
            ),
            *super()._home_items(),
            self._home_item(
                "asked",
                "asked_decisions",
                self.env._("Decisions that I asked for"),
                "contract.approval.step",
                "contract_approval_step_action",
                domain=[("state", "=", "pending"), ("create_uid", "=", self.env.uid)],
            ),
        ]
