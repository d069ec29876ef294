from odoo import api, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded


class ContractCounterpart(models.Model):
    """Originals that were handed over to the archive leave it on loan only, and what
    is said of them stays."""

    _inherit = "contract.counterpart"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        if not is_unguarded(rows):
            rows._check_archived()
        return rows

    def _check_frozen(self, content):
        self._check_closed()
        return super()._check_frozen(content)

    def _check_archived(self):
        """
        :raise UserError: if they come from inside the company, of an archived contract
        """
        rows = self.filtered(lambda r: r.from_id and not r.from_id.holder_id)
        rows._check_closed()

    def _check_closed(self):
        """
        :raise UserError: if they are of an archived contract
        """
        for text in self.env["contract.archive"]._closed_texts(self).values():
            raise UserError(text)
