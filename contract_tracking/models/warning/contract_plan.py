from odoo import models


class ContractPlan(models.Model):
    """What is warned of is a risk that a plan has measures for."""

    _inherit = "contract.plan"

    def _proposed_risks(self):
        order, frame = self.order_id.sudo(), self.frame_id.sudo()
        warnings = order.contract_warning_ids | frame.warning_ids
        owner = self._contract_parent().sudo()._contract_responsible()
        return [
            *super()._proposed_risks(),
            *(
                {"name": warning.text, "user_id": owner.id}
                for warning in warnings.filtered(lambda w: w.state == "open")
            ),
        ]
