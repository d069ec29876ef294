from odoo import models


class ContractCoordination(models.Model):
    """What was talked over leads to a change request."""

    _inherit = "contract.coordination"

    def action_request_change(self):
        """Open a new change request: what was talked over is asked for.

        :raise UserError: if the user isn't the sender, or it isn't sent
        """
        self.ensure_one()
        self._action_check_plan()
        return self._contract_parent()._contract_new_part_action(
            "contract.change",
            coordination_id=self.id,
            wish=self.outcome or self.subject,
        )
