from odoo import models


class ContractTerm(models.Model):
    """The rows behind what was paid for a term."""

    _inherit = "contract.term"

    def action_contract_figure(self):
        """Open the receipts and adjustments that fulfil the payment term."""
        return self.env["contract.figure.row"]._open(self)

    def _contract_figure_labels(self):
        if self.kind != "payment":
            return {}
        return {"paid": self._fields["actual_amount"]._description_string(self.env)}

    def _contract_figure_rows(self, figure, cutoff):
        facts = self.env[self._contract_parent()._contract_facts_model]
        return facts._read_paid_rows(self, cutoff)
