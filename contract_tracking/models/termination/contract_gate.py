from odoo import api, models


class ContractGate(models.Model):
    """What is delivered although its contract ended may leave, with its backorders."""

    _inherit = "contract.gate"

    @api.model
    def _is_stopped(self, step):
        return super()._is_stopped(step) and not self._is_kept(step)

    @api.model
    def _is_kept(self, step):
        """Whether the deliveries of a step are made all the same."""
        pickings = step.pickings or (step.moves and step.moves.picking_id)
        if step.order.contract_state != "terminated" or not pickings:
            return False
        ended = step.order.sudo().contract_termination_ids.filtered(
            lambda t: t.kind == "terminate" and t.state == "done"
        )
        kept = ended.delivery_ids.filtered(lambda d: d.choice == "keep").picking_id
        return all(picking._contract_origins() & kept for picking in pickings.sudo())
