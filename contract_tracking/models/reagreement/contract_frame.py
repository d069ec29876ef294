from odoo import api, models


class ContractFrame(models.Model):
    """The re-agreements of a frame agreement."""

    _inherit = "contract.frame"

    @api.readonly
    def action_reagreements(self):
        """Open the re-agreements of the frame agreement."""
        return self._contract_parts_action("contract_reagreement_action")

    def action_reagree(self):
        """Open a new re-agreement of the frame agreement."""
        return self._contract_new_part_action("contract.reagreement")
