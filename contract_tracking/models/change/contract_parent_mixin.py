from odoo import models
from odoo.fields import Domain

from .contract_change import OPEN


class ContractParentMixin(models.AbstractModel):
    """Nobody is reminded of a change request whose contract ended; of one that goes on
    again he is."""

    _inherit = "contract.parent.mixin"

    def _contract_set_state(self, state, reason=False, log=True, **values):
        rows = super()._contract_set_state(state, reason, log, **values)
        # nobody asks for a change before a contract is in effect
        before = (False, "draft", "confirmed")
        if any(row["old_value"] not in before for row in rows):
            of_these = Domain(self._contract_parent_field, "in", self.ids)
            changes = self.env["contract.change"].sudo()
            changes.search(of_these & Domain("state", "in", OPEN))._sync_activities()
        return rows
