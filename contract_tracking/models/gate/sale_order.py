from odoo import api, fields, models

from ...tools.gate import Step
from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """What a contract has to fulfil before it goes on: said on the quotation, refused
    when it is confirmed where a rule says so."""

    _inherit = "sale.order"

    contract_gate_state = fields.Selection(
        [("warn", "Warned"), ("hold", "Held")],
        string="Gate",
        compute="_compute_contract_gate",
        groups=READER,
    )
    contract_gate_text = fields.Text(
        string="What Is Missing",
        compute="_compute_contract_gate",
        groups=READER,
        help="What speaks against the next step of the contract: its confirmation, or "
        "the deliveries that wait.",
    )

    @api.depends_context("lang")
    @api.depends("contract_state", "state", "order_line.move_ids.state")
    def _compute_contract_gate(self):
        contracts = self._origin.sudo().filtered("contract_state")
        quotations = contracts.filtered(lambda o: o.state in ("draft", "sent"))
        Gate = self.env["contract.gate"].sudo()
        found = Gate._reasons(quotations._contract_gate_steps("order"))
        moves = (contracts - quotations).order_line.move_ids
        found |= moves._contract_gate_found()
        reasons = {}
        for step, of_step in found.items():
            reasons.setdefault(step.order, []).extend(of_step)
        for order in self:
            own = reasons.get(order._origin.sudo(), ())
            holds = any(reason.action == "hold" for reason in own)
            order.contract_gate_state = own and ("hold" if holds else "warn")
            texts = dict.fromkeys(reason.text for reason in own)
            order.contract_gate_text = "\n".join(texts) or False

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_gate_steps(self, checkpoint):
        """The step of each of these contracts as a whole."""
        return [Step(order, checkpoint) for order in self]

    def _action_confirm(self):
        contracts = self.sudo().filtered(
            lambda o: o.contract_state or o._contract_is_to_track()
        )
        self.env["contract.gate"].sudo()._hold(contracts._contract_gate_steps("order"))
        return super()._action_confirm()
