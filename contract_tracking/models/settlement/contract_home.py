from odoo import api, models

from .contract_settlement import RUNNING


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("settlement"):
            return items
        return [
            *items,
            self._home_item(
                "mine",
                "settlements",
                self.env._("Settlements to submit"),
                "contract.settlement",
                "contract_settlement_action",
                domain=[("state", "=", "draft"), ("user_id", "=", self.env.uid)],
                groups=(),
            ),
            self._home_item(
                "contracts",
                "to_settle",
                self.env._("Contracts to settle"),
                "sale.order",
                "sale_order_contract_action",
                domain=[
                    ("contract_to_settle", "=", True),
                    ("contract_settlement_ids", "not any", [("state", "in", RUNNING)]),
                ],
                groups=(),
            ),
        ]
