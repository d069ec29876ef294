from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._contract_take_back(self.env._("The entry was reset to draft."))
        return super().button_draft()

    def _contract_take_back(self, reason):
        """Withdraw the claims on payments and receivable items of these entries."""
        self.env["contract.payment.claim"].sudo().search(
            [
                "&",
                ("state", "!=", "withdrawn"),
                "|",
                ("payment_id.move_id", "in", self.ids),
                ("move_line_id.move_id", "in", self.ids),
            ]
        )._take_back(reason)
