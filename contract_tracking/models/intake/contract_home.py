from odoo import api, models

from ..base.contract_acknowledgement_mixin import QUESTION


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("intake"):
            return items
        uid = self.env.uid
        desk = uid in self.env.company._contract_order_desk().ids
        return [
            *items,
            self._home_intakes(
                "intakes",
                self.env._("Order checks to submit"),
                domain=[("state", "=", "draft"), ("user_id", "=", uid)],
            ),
            *(
                [
                    self._home_intakes(
                        "intakes_release",
                        self.env._("Checked orders to release"),
                        domain=[
                            ("state", "=", "done"),
                            ("release_ids", "not any", [("state", "=", "released")]),
                        ],
                    )
                ]
                if desk
                else []
            ),
            self._home_releases(
                "mine",
                "releases_read",
                self.env._("Releases to acknowledge"),
                domain=[
                    ("state", "=", "released"),
                    (
                        "acknowledgement_ids",
                        "any",
                        [("user_id", "=", uid), ("state", "=", "waiting")],
                    ),
                ],
            ),
            self._home_releases(
                "mine",
                "release_questions",
                self.env._("Questions on releases"),
                domain=self._home_activity(QUESTION),
            ),
        ]

    @api.model
    def _home_intakes(self, key, label, domain):
        return self._home_item(
            "mine", key, label, "contract.intake", "contract_intake_action", domain, ()
        )

    @api.model
    def _home_releases(self, section, key, label, domain):
        return self._home_item(
            section,
            key,
            label,
            "contract.release",
            "contract_release_action",
            domain,
            (),
        )
