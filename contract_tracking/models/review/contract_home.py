from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("review"):
            return items
        uid = self.env.uid
        return [
            *items,
            self._home_reviews(
                "mine",
                "reviews",
                self.env._("Reviews to submit"),
                domain=[("state", "=", "draft"), ("user_id", "=", uid)],
                groups=(),
            ),
            self._home_reviews(
                "mine",
                "review_conditions",
                self.env._("Conditions of reviews to carry out"),
                domain=[
                    (
                        "action_ids",
                        "any",
                        [("user_id", "=", uid), ("state", "=", "open")],
                    ),
                    ("state", "in", ("approved", "replaced")),
                ],
                groups=(),
            ),
            self._home_reviews(
                "contracts",
                "reviews_running",
                self.env._("Contracts being reviewed"),
                domain=[("state", "=", "submitted")],
            ),
            self._home_reviews(
                "contracts",
                "reviews_outdated",
                self.env._("Reviews that no longer hold"),
                domain=[("is_outdated", "=", True)],
                late=True,
            ),
        ]

    @api.model
    def _home_reviews(self, section, key, label, domain, **values):
        return self._home_item(
            section,
            key,
            label,
            "contract.review",
            "contract_review_action",
            domain,
            **values,
        )
