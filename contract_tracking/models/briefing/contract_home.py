from odoo import api, models

from ..base.contract_acknowledgement_mixin import QUESTION


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("briefing"):
            return items
        uid = self.env.uid
        waiting = [("user_id", "=", uid), ("state", "=", "waiting")]
        return [
            *items,
            self._home_briefings(
                "mine",
                "briefings_read",
                self.env._("Briefings to acknowledge"),
                domain=[
                    ("state", "=", "sent"),
                    ("acknowledgement_ids", "any", waiting),
                ],
            ),
            self._home_briefings(
                "mine",
                "briefing_questions",
                self.env._("Questions on briefings"),
                domain=self._home_activity(QUESTION),
            ),
            self._home_briefings(
                "asked",
                "briefings_open",
                self.env._("Briefings not acknowledged"),
                domain=[
                    ("state", "=", "sent"),
                    ("briefing_id.user_id", "=", uid),
                    ("acknowledgement_ids.state", "=", "waiting"),
                ],
            ),
        ]

    @api.model
    def _home_briefings(self, section, key, label, domain):
        return self._home_item(
            section,
            key,
            label,
            "contract.briefing.part",
            "contract_briefing_part_action",
            domain,
            (),
        )
