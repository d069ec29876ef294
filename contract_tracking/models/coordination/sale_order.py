from odoo import api, fields, models

from ..contract.sale_order import READER
from ..facts.contract_facts_mixin import fact_search


class SaleOrder(models.Model):
    """The coordination documents of a contract (D9 §6.2)."""

    _inherit = "sale.order"

    contract_coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_contract_figures",
        search=fact_search("contract_coordination_count"),
        groups=READER,
        help="Coordination documents of this contract, void ones left out.",
    )

    def _contract_fact_columns(self):
        return {
            **super()._contract_fact_columns(),
            "contract_coordination_count": "coordination_count",
        }

    @api.readonly
    def action_view_contract_coordinations(self):
        """Open the coordination documents of the contract."""
        return self._contract_parts_action("contract_coordination_action")

    def action_contract_coordinate(self):
        """Open a new coordination document of the contract."""
        return self._contract_new_part_action("contract.coordination")
