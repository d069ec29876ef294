from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active"):
            self.env["contract.approval.step"].sudo().search(
                Domain("state", "=", "pending")
                & (
                    Domain("absent_id", "in", self.ids)
                    | Domain("user_id", "in", self.ids)
                )
            )._give_back()
        return res

    def _contract_hand_on(self, work):
        """Decisions of those who left are made by others."""
        left = self.sudo().filtered(lambda user: not user.active)
        if left:
            self.env["contract.approval.step"].sudo().search(
                [("state", "=", "pending"), ("user_id", "in", left.ids)]
            )._delegate()
        return super()._contract_hand_on(work)
