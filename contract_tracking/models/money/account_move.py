from odoo import api, fields, models
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    contract_is_contract = fields.Boolean(
        string="Invoice of a Contract",
        compute="_compute_contract_is_contract",
        compute_sudo=True,
        groups="contract_tracking.group_contract_reader",
    )

    @api.depends("line_ids.sale_line_ids")
    def _compute_contract_is_contract(self):
        for move in self:
            # not of an order that is only named in a form
            orders = move._origin.line_ids.sale_line_ids.order_id
            move.contract_is_contract = any(orders.mapped("contract_state"))

    def button_draft(self):
        self._contract_take_back(self.env._("The entry was reset to draft."))
        return super().button_draft()

    def _contract_take_back(self, reason):
        """Withdraw the claims on payments and receivable items of these entries."""
        self.env["contract.payment.claim"].sudo().search(
            Domain("payment_id.move_id", "in", self.ids)
            | Domain("move_line_id.move_id", "in", self.ids)
        )._take_back(reason)
