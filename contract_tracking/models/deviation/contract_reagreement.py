from odoo import models
from odoo.fields import Domain

from ...tools.guard import unguarded


class ContractReagreement(models.Model):
    """What is agreed on is no departure any more."""

    _inherit = "contract.reagreement"

    def _after_apply(self):
        res = super()._after_apply()
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                Domain("kind", "=", "order_changed")
                & Domain("cured_on", "=", False)
                & (
                    Domain("order_id", "in", self.order_id.ids)
                    | Domain("frame_id", "in", self.frame_id.ids)
                )
            )
        )
        # what the order still says otherwise departs on
        still = deviations._departing(deviations.order_id, "order_changed")
        deviations = deviations.filtered(lambda d: d.order_id.id not in still)
        bodies = {}
        for record in self.sudo():
            group = deviations.filtered(
                lambda d, record=record: (
                    d._contract_parent() == record._contract_parent()
                )
            )
            unguarded(group).write({"cured_on": record.date_from})
            text = self.env._("Agreed on in %(name)s.", name=record.display_name)
            bodies.update(dict.fromkeys(group.ids, text))
            group._close_agreed(text, record._approval_leading()[-1:])
        deviations._note(bodies)
        return res
