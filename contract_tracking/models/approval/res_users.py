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

    def _contract_pass_on(self, documents):
        """Decisions of those who left are made by others."""
        self.env["contract.approval.step"].sudo().search(
            Domain("res_model", "=", documents._name)
            & Domain("res_id", "in", documents.ids)
            & Domain("state", "=", "pending")
            & Domain("user_id", "in", self.ids)
        )._delegate()
        return super()._contract_pass_on(documents)
