from odoo import models


class ContractActivityMixin(models.AbstractModel):
    _inherit = "contract.activity.mixin"

    def _activity_stand_ins(self, user):
        """Whom somebody who left named to decide instead of him comes first."""
        day = self.company_id._contract_today()
        deputies = self.env["contract.delegation"]._delegations(user, day).values()
        return (
            user.browse()
            .union(*(delegation.delegate_id for delegation in deputies))
            ._contract_eligible(
                self.company_id, "contract_tracking.group_contract_reader"
            )
        ) | super()._activity_stand_ins(user)
