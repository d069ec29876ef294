from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain

DEVIATION = "contract.deviation"


class IrAttachment(models.Model):
    """Files that hang on a deviation aren't for who only reported it, but for his
    own."""

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        if not self.env[DEVIATION]._contract_only_reports():
            return refused
        others = self.sudo().filtered(
            lambda file: (
                file.res_model == DEVIATION
                and file.res_id
                and file.create_uid != self.env.user
            )
        )
        others = others.sudo(False)
        if not others:
            return refused
        if refused:
            return others | refused[0], refused[1]
        return others, self._contract_not_his

    def _contract_not_his(self):
        return AccessError(
            self.env._("This file is for those who work on the deviation.")
        )

    def _search(self, domain, *args, bypass_access=False, **options):
        domain = Domain(domain)
        if not bypass_access and self.env[DEVIATION]._contract_only_reports():
            domain &= Domain("res_model", "!=", DEVIATION) | Domain(
                "create_uid", "=", self.env.uid
            )
        return super()._search(domain, *args, bypass_access=bypass_access, **options)
