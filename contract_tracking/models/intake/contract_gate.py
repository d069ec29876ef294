from odoo import models


class ContractGate(models.Model):
    """What must be checked, confirmed and released before it goes on (D8 §3.2)."""

    _inherit = "contract.gate"

    def _reason_unreleased(self, rules):
        """The order must be released, and isn't, or not as it stands now."""
        orders = self.env["sale.order"].union(*(step.order for step in rules))
        texts = orders._origin._contract_unreleased()
        return {
            step: (texts[step.order._origin], 0.0)
            for step in rules
            if step.order._origin in texts
        }
