from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "contracts",
                "warnings",
                self.env._("Early warnings"),
                "contract.warning",
                "contract_warning_action",
                domain=[("state", "=", "open")],
            ),
        ]
