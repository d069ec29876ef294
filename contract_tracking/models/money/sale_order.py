from odoo import api, models

from ...tools.windows import window
from .contract_facts_rows import FIGURES


class SaleOrder(models.Model):
    """The money of a contract."""

    _inherit = "sale.order"

    @api.readonly
    def action_view_contract_receipts(self):
        """Open the money of the contract: claimed for it or reconciled with it."""
        self.ensure_one()
        self.check_access("read")
        receipts = self.env["contract.receipt"]._of_orders(self)
        domain = [("id", "in", receipts.ids)]
        return window(self.env, "contract_receipt_action", domain=domain, context={})

    def action_contract_figure(self):
        """Open the rows of the figure that the context names."""
        return self.env["contract.figure.row"]._open(self)

    def _contract_figure_labels(self):
        """``{figure: label}`` of the figures of which the rows can be read."""
        return {
            field.fact: field._description_string(self.env)
            for field in self._fields.values()
            if getattr(field, "fact", None) in FIGURES
        }

    def _contract_figure_rows(self, figure, cutoff):
        """Rows of a figure, for :meth:`contract.figure.row._open`."""
        return self.env["contract.facts"]._read_rows(self, figure, cutoff)
