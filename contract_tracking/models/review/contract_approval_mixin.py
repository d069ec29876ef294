from odoo import api, models


class ContractApprovalMixin(models.AbstractModel):
    """Reviews are agreed to with conditions."""

    _inherit = "contract.approval.mixin"

    @api.model
    def _outcomes(self):
        return [
            *super()._outcomes(),
            ("accept_conditions", self.env._("Agreed with conditions")),
        ]
