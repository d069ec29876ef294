from odoo import api, models

from .contract_deviation import OPEN_STATES
from .contract_deviation_reminder import VERIFY


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        mine = [("user_id", "=", self.env.uid)]
        leads = [("lead_id", "=", False)]
        return [
            *super()._home_items(),
            self._home_deviations(
                "analyse",
                self.env._("Deviations to analyse"),
                domain=[("state", "=", "detected"), *leads, *mine],
            ),
            self._home_deviations(
                "submit",
                self.env._("Deviations to submit for decision"),
                domain=[("state", "=", "analysed"), *leads, *mine],
                groups=(),
            ),
            self._home_item(
                "mine",
                "actions",
                self.env._("Actions to carry out"),
                "contract.action",
                "contract_deviation_action_action",
                domain=[
                    ("state", "=", "open"),
                    # those of other documents are done whatever these wait for
                    "|",
                    ("deviation_id", "=", False),
                    ("deviation_id.state", "=", "executing"),
                    *mine,
                ],
            ),
            self._home_deviations(
                "report",
                self.env._("Results to report"),
                domain=[
                    ("state", "=", "executing"),
                    *leads,
                    *mine,
                    ("action_ids", "not any", [("state", "=", "open")]),
                ],
                groups=(),
            ),
            self._home_deviations(
                "verify",
                self.env._("Results to verify"),
                domain=[
                    ("state", "=", "reported"),
                    *leads,
                    *self._home_activity(VERIFY),
                ],
                groups=(),
            ),
            self._home_item(
                "contracts",
                "deviations",
                self.env._("Open deviations"),
                "contract.deviation",
                "contract_deviation_action",
                domain=[("state", "in", OPEN_STATES)],
            ),
        ]

    @api.model
    def _home_deviations(self, key, label, domain, groups=None):
        return self._home_item(
            "mine",
            key,
            label,
            "contract.deviation",
            "contract_deviation_action",
            domain,
            groups,
        )
