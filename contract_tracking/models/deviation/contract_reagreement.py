from odoo import models

from ...tools.guard import guarded, unguarded


class ContractReagreement(models.Model):
    """What is agreed on is no departure any more."""

    _inherit = "contract.reagreement"

    def _after_apply(self):
        res = super()._after_apply()
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                [
                    ("order_id", "=", self.order_id.id),
                    ("frame_id", "=", self.frame_id.id),
                    ("kind", "=", "order_changed"),
                    ("cured_on", "=", False),
                ]
            )
        )
        unguarded(deviations).write({"cured_on": self.date_from})
        for deviation in guarded(deviations):
            deviation.message_post(
                body=self.env._("Agreed on in %(name)s.", name=self.display_name)
            )
        return res
