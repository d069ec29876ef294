from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("signing"):
            return items
        uid = self.env.uid
        return [
            *items,
            self._home_papers(
                "papers_hand",
                self.env._("Papers to hand over"),
                domain=[
                    ("user_id", "=", uid),
                    ("state", "in", ("waiting", "returned")),
                ],
            ),
            self._home_papers(
                "papers_take",
                self.env._("Papers to accept"),
                domain=[
                    ("state", "=", "submitted"),
                    "|",
                    ("department_id.head_id", "=", uid),
                    ("department_id.member_ids", "=", uid),
                ],
            ),
        ]

    @api.model
    def _home_papers(self, key, label, domain):
        return self._home_item(
            "mine",
            key,
            label,
            "contract.paper.handover",
            "contract_paper_handover_action",
            domain,
            (),
        )
