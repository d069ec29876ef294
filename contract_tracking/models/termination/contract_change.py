from odoo import api, models


class ContractChange(models.Model):
    """A request to suspend or end a contract leads to its suspension or termination
    (D2 §8)."""

    _inherit = "contract.change"

    @api.model
    def _follow_up_model(self):
        return {
            **super()._follow_up_model(),
            "suspend": "contract.termination",
            "terminate": "contract.termination",
        }

    def _follow_up_values(self):
        values = super()._follow_up_values()
        if self.kind == "change":
            return values
        return {**values, "kind": self.kind, "reason": self._follow_up_reason()}
