from odoo import api, fields, models

from ..contract.sale_order import READER
from ..facts.contract_facts_mixin import fact_search
from .contract_coordination import OPEN_STATES


class SaleOrder(models.Model):
    """The coordination documents of a contract (D9 §6.2)."""

    _inherit = "sale.order"

    contract_coordination_ids = fields.One2many(
        "contract.coordination",
        "order_id",
        string="Coordination Documents",
        copy=False,
        groups=READER,
    )
    contract_coordination_count = fields.Integer(
        string="Number of Coordination Documents",
        compute="_compute_contract_figures",
        search=fact_search("contract_coordination_count"),
        groups=READER,
        help="Coordination documents of this contract, void ones left out.",
    )

    contract_next_step = fields.Selection(
        selection_add=[("remind", "Remind Customer"), ("plan", "Plan Delivery")]
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

    def action_contract_remind(self):
        """Open the payment reminder letter that comes next for the contract: filled in,
        with what is overdue.

        :raise UserError: if nothing is overdue
        """
        return self.env["contract.coordination"]._remind_of(self)

    def action_contract_plan(self):
        """Open a coordination document on what is late: the draft of one, or a new
        one."""
        self.ensure_one()
        self.check_access("read")
        drafts = self._contract_coordinations().filtered(
            lambda document: (
                document.state == "draft" and document.kind == "coordination"
            )
        )
        if drafts:
            return drafts[0]._open_form()
        return self._contract_new_part_action(
            "contract.coordination", kind="coordination"
        )

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if not follows or not self._contract_is_open():
            return
        late = self.contract_late_deliveries
        overdue = self.contract_overdue_amount > 0
        if late or overdue:
            asked = self._contract_coordinations().filtered(
                lambda document: document.state != "draft"
            )
            if overdue and "reminder" not in asked.mapped("kind"):
                yield 30, "remind"
            if late and "coordination" not in asked.mapped("kind"):
                yield 40, "plan"

    def _contract_coordinations(self):
        """Its coordination documents that are written or wait for an outcome."""
        return self.env["contract.coordination"].search(
            [("order_id", "=", self.id), ("state", "in", ("draft", *OPEN_STATES))]
        )
