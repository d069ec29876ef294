from odoo import api, models

from .stock_picking import ASK


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "mine",
                "gate_asked",
                self.env._("Asked by the warehouse"),
                "sale.order",
                "sale_order_contract_action",
                domain=self._home_activity(ASK),
                groups=(),
            ),
            self._home_item(
                "goods",
                "held",
                self.env._("Deliveries held"),
                "stock.picking",
                "contract_delivery_held_action",
                domain=[("contract_gate_state", "=", "hold")],
            ),
        ]
