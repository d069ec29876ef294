from odoo import models


class ContractDeviation(models.Model):
    """A departure that can't be made good leads to a change request."""

    _inherit = "contract.deviation"

    def action_request_change(self):
        """Open a new change request for what departs."""
        self.ensure_one()
        self.check_access("read")
        return self._contract_parent()._contract_new_part_action(
            "contract.change",
            deviation_id=self.id,
            party="company",
            reason=self.summary,
        )
