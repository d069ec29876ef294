from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "asked",
                "statements",
                self.env._("Statements not confirmed yet"),
                "contract.statement",
                "contract_statement_action",
                domain=[("state", "=", "sent"), ("user_id", "=", self.env.uid)],
                groups=(),
            ),
        ]
