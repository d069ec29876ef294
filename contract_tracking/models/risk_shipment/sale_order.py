from odoo import api, fields, models

from ...tools.windows import window
from ..contract.sale_order import READER
from ..facts.contract_facts_mixin import fact_search


class SaleOrder(models.Model):
    """The risk-shipment applications of a contract."""

    _inherit = "sale.order"

    contract_risk_ids = fields.One2many(
        "contract.risk.shipment", "order_id", copy=False, groups=READER
    )
    contract_risk_count = fields.Integer(
        string="Risk Shipments",
        compute="_compute_contract_figures",
        search=fact_search("contract_risk_count"),
        groups=READER,
        help="Risk-shipment applications of this contract.",
    )
    contract_risk_amount = fields.Monetary(
        string="Open on Risk",
        compute="_compute_contract_risk_amount",
        groups=READER,
        help="What left although a condition was unmet and is not covered by money "
        "yet.",
    )

    @api.depends("contract_risk_ids.state", "contract_risk_ids.used_amount")
    def _compute_contract_risk_amount(self):
        asked = self.filtered("contract_risk_count")
        for order in self:
            order.contract_risk_amount = sum(
                (order & asked).contract_risk_ids.mapped("outstanding")
            )

    def _contract_fact_columns(self):
        return {
            **super()._contract_fact_columns(),
            "contract_risk_count": "risk_count",
        }

    @api.readonly
    def action_contract_risks(self):
        """Open the risk-shipment applications of the contract."""
        return self._contract_risks_action()

    def _contract_risks_action(self):
        return window(
            self.env,
            "contract_risk_shipment_action",
            domain=[("order_id", "in", self.ids)],
            context={"default_order_id": self.id},
        )

    def action_contract_apply_risk(self):
        """Write the risk-shipment application for what is held of the contract: its
        supply, else its deliveries, else the documents of what is under way.

        :raise UserError: if nothing is held
        """
        self.ensure_one()
        self.check_access("read")
        steps = self.sudo()._contract_risk_steps()
        return self.env["contract.risk.shipment"]._apply(steps)

    def _contract_risk_steps(self):
        """What of the contract is held next, as steps."""
        self.ensure_one()
        if self.contract_supply_held:
            return self._contract_gate_steps("supply")
        return self.picking_ids._contract_risk_steps()
