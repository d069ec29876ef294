from odoo import models


class ContractHandover(models.TransientModel):
    _inherit = "contract.handover"

    def _find_activities(self, parents):
        """Decisions aren't handed over: they are transferred or delegated."""
        activities = super()._find_activities(parents)
        return activities.filtered(lambda activity: not activity.contract_decision)
