from odoo import api, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded
from .contract_system_mixin import is_mail


class ContractFrozenMixin(models.AbstractModel):
    """What the addon alone fills in: read-only fields of a form are facts, numbers and
    evidence. Nobody writes them from outside, the superuser included."""

    _name = "contract.frozen.mixin"
    _inherit = ["contract.system.mixin"]
    _description = "Frozen Facts"

    # Whether the addon alone makes these: rows that a document writes by itself.
    _frozen_create = False

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self):
            frozen = self._contract_system()
            if self._frozen_create or any(frozen & vals.keys() for vals in vals_list):
                raise UserError(self._frozen_message())
        return super().create(vals_list)

    def write(self, vals):
        if not is_unguarded(self):
            # the answer names the document
            self.check_access("write")
            content = self._frozen_content(vals)
            if content & self._contract_system():
                raise UserError(self._frozen_message())
            if content:
                self._check_frozen(content)
        return super().write(vals)

    @api.model
    def _frozen_content(self, vals):
        """Names of what is written, without what belongs to chatter and activities."""
        return {name for name in vals if not is_mail(name)}

    @api.model
    def _frozen_message(self):
        """What somebody is told who writes them."""
        return self.env._(
            "What is read from the system can't be written: use the steps of the "
            "document."
        )

    def _check_frozen(self, content):
        """Raise if the fields named in ``content`` can't be written any more."""
