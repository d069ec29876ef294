from odoo import api, models
from odoo.fields import Domain

from .stock_picking import ASK, WAITING


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
                self.env._("Ready deliveries held"),
                "stock.picking",
                "contract_delivery_held_action",
                domain=[("id", "in", self._home_held())],
            ),
        ]

    @api.model
    def _home_held(self):
        """Ids of held deliveries that stand ready. The gate is asked about each: of
        those that nobody can send yet it would cost too much on a first page."""
        ready = (
            Domain("state", "=", "assigned")
            & Domain("company_id", "in", self.env.companies.ids)
            & self.env["contract.gate"].sudo()._holdable()
        )
        states = self.env["stock.picking"]._contract_gate_states(WAITING & ready)
        return [picking_id for picking_id, state in states.items() if state == "hold"]
