from odoo import api, models

from .contract_coordination import OPEN_STATES


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        sent = [("user_id", "=", self.env.uid)]
        return [
            *super()._home_items(),
            self._home_coordination(
                "mine",
                "reply",
                self.env._("Coordinations to reply to"),
                domain=[("waits_for_me", "=", True), ("state", "in", OPEN_STATES)],
            ),
            self._home_coordination(
                "mine",
                "emails",
                self.env._("E-mails that may be replies"),
                domain=[
                    ("has_proposal", "=", True),
                    ("state", "in", OPEN_STATES),
                    *sent,
                ],
                groups=(),
            ),
            self._home_coordination(
                "mine",
                "outcome",
                self.env._("Coordinations without outcome"),
                domain=[("state", "=", "replied"), *sent],
                groups=(),
            ),
            self._home_coordination(
                "asked",
                "replies_late",
                self.env._("Overdue replies"),
                domain=[("is_overdue", "=", True), ("state", "in", OPEN_STATES), *sent],
                late=True,
            ),
        ]

    @api.model
    def _home_coordination(self, section, key, label, domain, groups=None, late=False):
        return self._home_item(
            section,
            key,
            label,
            "contract.coordination",
            "contract_coordination_action",
            domain,
            groups,
            late,
        )
