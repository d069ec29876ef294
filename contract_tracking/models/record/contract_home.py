from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "mine",
                "records",
                self.env._("Tracking records to confirm"),
                "contract.tracking.record",
                "contract_tracking_record_action",
                domain=[("state", "=", "draft"), ("user_id", "=", self.env.uid)],
            ),
        ]
