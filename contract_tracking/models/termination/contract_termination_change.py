from odoo import api, models
from odoo.exceptions import ValidationError


class ContractTermination(models.Model):
    """A suspension or termination carries out the request on which both sides
    agreed."""

    _inherit = "contract.termination"

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"change_id"}

    @api.constrains("change_id", "kind")
    def _check_change(self):
        for record in self:
            change = record.change_id.sudo()
            if change and change.kind != record.kind:
                raise ValidationError(
                    self.env._(
                        "%(change)s asks for something else: this document doesn't "
                        "carry it out.",
                        change=change.display_name,
                    )
                )

    def _approval_check_submit(self):
        res = super()._approval_check_submit()
        self.env["contract.change"]._check_follow_up(self.change_id)
        return res

    def _put_in_force(self):
        res = super()._put_in_force()
        if change := self.sudo().change_id:
            change._follow_up_done()
        return res
