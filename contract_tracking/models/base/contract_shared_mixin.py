from odoo import api, models
from odoo.exceptions import AccessError


class ContractSharedMixin(models.AbstractModel):
    """Configuration that holds for every company: rows without a company, and those of
    models that have none. Only who administrates contracts in all of them writes it;
    the administrator of one company makes rows of its own."""

    _name = "contract.shared.mixin"
    _inherit = ["contract.entry.mixin"]
    _description = "Configuration of All Companies"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._contract_check_shared()
        return rows

    def write(self, vals):
        self._contract_check_shared()
        res = super().write(vals)
        self._contract_check_shared()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self._contract_check_shared()

    def _contract_check_shared(self):
        """
        :raise AccessError: if one of these holds in a company that is not the user's
        """
        if self.env.su or not self:
            return
        shared = self
        if "company_id" in self._fields:
            shared = self.sudo().filtered(lambda row: not row.company_id)
        companies = self.env["res.company"].sudo().search([])
        if shared and companies - self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "“%(row)s” holds for all companies: somebody who administrates "
                    "contracts in every one of them changes it.",
                    row=shared[0].display_name,
                )
            )
