from odoo import models


class ContractStatement(models.Model):
    """Finance sees on a statement of account what the customer owes for long."""

    _name = "contract.statement"
    _inherit = ["contract.statement", "contract.report.mixin"]

    def _contract_report_values(self):
        """Of the contract by which most is owed."""
        owed = {}
        for line in self.line_ids.filtered(lambda line: line.order_id or line.frame_id):
            parent = line.order_id or line.frame_id
            sign = {"opening": 1, "invoice": 1, "receipt": -1, "adjustment": -1}
            amount = line.amount * sign.get(line.kind, 0)
            owed[parent] = owed.get(parent, 0.0) + amount
        parent = max(owed, key=owed.get, default=self.line_ids.order_id)
        name = "frame_id" if parent._name == "contract.frame" else "order_id"
        return {name: parent.id, "kind": "late_payment"}
