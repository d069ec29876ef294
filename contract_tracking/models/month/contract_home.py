from odoo import api, models

BUSINESS = "contract_tracking.group_contract_business"


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        mine = [("user_id", "=", self.env.uid)]
        if self.env.user.has_group(BUSINESS):
            # it writes those of offices that nobody heads
            mine = ["|", ("user_id", "=", False), *mine]
        return [
            *super()._home_items(),
            self._home_item(
                "mine",
                "months",
                self.env._("Monthly records to submit"),
                "contract.monthly.record",
                "contract_monthly_record_action",
                domain=[("state", "=", "draft"), *mine],
                groups=(),
            ),
        ]
