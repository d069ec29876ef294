from odoo import api, fields, models

from ...tools.windows import window
from .contract_facts_rows import FIGURES


class SaleOrder(models.Model):
    """The money of a contract."""

    _inherit = "sale.order"

    contract_next_step = fields.Selection(selection_add=[("claim", "Claim Receipt")])

    @api.readonly
    def action_view_contract_receipts(self):
        """Open the money of the contract: claimed for it or reconciled with it."""
        self.ensure_one()
        self.check_access("read")
        receipts = self.env["contract.receipt"]._of_orders(self)
        domain = [("id", "in", receipts.ids)]
        return window(self.env, "contract_receipt_action", domain=domain, context={})

    def action_contract_claim(self):
        """Open the screen on which the customer's receipts are claimed."""
        self.ensure_one()
        self.check_access("read")
        return self._contract_claimable().action_claim()

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

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows or self.env["contract.payment.claim"]._is_finance():
            if self.contract_overdue_amount > 0 and self._contract_claimable():
                yield 20, "claim"

    def _contract_claimable(self):
        """Receipts of the customer of which something is left to claim."""
        self.ensure_one()
        return self.env["contract.receipt"].search(
            [
                ("company_id", "=", self.company_id.id),
                (
                    "commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                ),
                ("is_unclaimed", "=", True),
                ("amount", ">", 0),
            ]
        )
