from odoo import api, models

from .contract_change import GOES_ON


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("change"):
            return items
        mine = [("user_id", "=", self.env.uid), *GOES_ON]
        return [
            *items,
            self._home_changes(
                "mine",
                "changes",
                self.env._("Change requests to submit"),
                domain=[("state", "=", "draft"), *mine],
                groups=(),
            ),
            self._home_changes(
                "mine",
                "changes_negotiate",
                self.env._("Changes to negotiate"),
                domain=[("state", "=", "agreed"), *mine],
                groups=(),
            ),
            self._home_changes(
                "mine",
                "changes_carry_out",
                self.env._("Agreed changes to carry out"),
                domain=[("state", "=", "negotiated"), *mine],
                groups=(),
            ),
            self._home_changes(
                "contracts",
                "changes_running",
                self.env._("Change requests being decided"),
                domain=[("state", "=", "submitted"), *GOES_ON],
            ),
            self._home_changes(
                "contracts",
                "changes_late",
                self.env._("Change requests with an answer overdue"),
                domain=[("is_answer_late", "=", True)],
                late=True,
            ),
        ]

    @api.model
    def _home_changes(self, section, key, label, domain, **values):
        return self._home_item(
            section,
            key,
            label,
            "contract.change",
            "contract_change_action",
            domain,
            **values,
        )
