from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "mine",
                "reagreements",
                self.env._("Re-agreements to submit"),
                "contract.reagreement",
                "contract_reagreement_action",
                domain=[("state", "=", "draft"), ("user_id", "=", self.env.uid)],
                groups=(),
            ),
        ]
