from odoo import models


class ResUsers(models.Model):
    """Who is asked reads what he is asked about."""

    _inherit = "res.users"

    def _contract_asked_domain(self, path):
        """For read-only rules: what a coordination document that was sent asks this
        user about, himself or his department; what was void asks nobody.

        :param path: the field, or the path, that leads to coordination documents
        """
        self.ensure_one()
        return [
            (
                f"{path}.reply_ids",
                "any",
                [
                    ("state", "!=", False),
                    ("coordination_id.state", "!=", "void"),
                    "|",
                    "|",
                    ("user_id", "=", self.id),
                    ("department_id.head_id", "=", self.id),
                    ("department_id.member_ids", "=", self.id),
                ],
            )
        ]
