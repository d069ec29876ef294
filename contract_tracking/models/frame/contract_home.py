from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "contracts",
                "frames_expiring",
                self.env._("Frame agreements that end soon"),
                "contract.frame",
                "contract_frame_action",
                domain=[("is_expiring", "=", True)],
                groups=(),
            ),
        ]
