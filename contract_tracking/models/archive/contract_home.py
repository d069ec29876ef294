from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("archive"):
            return items
        uid = self.env.uid
        keeps = [
            "|",
            ("department_id.head_id", "=", uid),
            ("department_id.member_ids", "=", uid),
        ]
        hand = [("user_id", "=", uid), ("state", "in", ("draft", "returned"))]
        return [
            *items,
            self._home_archives("archives_hand", self.env._("Files to archive"), hand),
            self._home_archives(
                "archives_take",
                self.env._("Files to accept"),
                domain=[("state", "=", "submitted"), *keeps],
            ),
            self._home_archives(
                "archives_past",
                self.env._("Files past retention"),
                domain=[("is_past", "=", True), *keeps],
            ),
            self._home_loans(
                "loans_decide",
                self.env._("Loans to decide or hand out"),
                domain=[("state", "in", ("requested", "approved")), *keeps],
            ),
            self._home_loans(
                "loans_late",
                self.env._("Lent files that are overdue"),
                domain=[("is_late", "=", True), "|", ("user_id", "=", uid), *keeps],
                late=True,
            ),
        ]

    @api.model
    def _home_archives(self, key, label, domain):
        return self._home_item(
            "mine",
            key,
            label,
            "contract.archive",
            "contract_archive_action",
            domain,
            (),
        )

    @api.model
    def _home_loans(self, key, label, domain, late=False):
        return self._home_item(
            "mine",
            key,
            label,
            "contract.archive.loan",
            "contract_archive_loan_action",
            domain,
            (),
            late,
        )
