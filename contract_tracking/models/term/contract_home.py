from datetime import timedelta

from odoo import api, models

# Of a completed contract the retention is still to be paid.
STANDING = [
    ("valid_to", "=", False),
    "|",
    "|",
    ("order_id.contract_state", "in", ("active", "suspended")),
    ("frame_id.state", "=", "active"),
    "&",
    ("order_id.contract_state", "=", "completed"),
    ("payment_kind", "=", "retention"),
]


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        today = self.env.company._contract_today()
        return [
            *super()._home_items(),
            self._home_item(
                "contracts",
                "terms_late",
                self.env._("Terms overdue"),
                "contract.term",
                "contract_term_action",
                domain=[*STANDING, ("is_late", "=", True)],
                late=True,
            ),
            self._home_item(
                "contracts",
                "terms_week",
                self.env._("Terms due within a week"),
                "contract.term",
                "contract_term_action",
                domain=[
                    *STANDING,
                    ("status", "not in", ("met", "met_late", "waived")),
                    ("date_due", ">=", today),
                    ("date_due", "<", today + timedelta(days=7)),
                ],
            ),
        ]
