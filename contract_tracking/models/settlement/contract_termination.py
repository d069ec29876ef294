from odoo import models

from .contract_settlement import RUNNING


class ContractTermination(models.Model):
    """A contract that ended is settled (D2 §10)."""

    _inherit = "contract.termination"

    def _ended(self):
        res = super()._ended()
        Settlement = self.env["contract.settlement"].sudo()
        for order in self.sudo().order_id:
            settlement = order.contract_settlement_ids.filtered(
                lambda record: record.state in RUNNING
            )
            if not settlement:
                owner = order._contract_responsible() or self.env.user
                Settlement.create(
                    {"order_id": order.id, "kind": "termination", "user_id": owner.id}
                )
            elif settlement.state == "draft":
                settlement.kind = "termination"
        return res
