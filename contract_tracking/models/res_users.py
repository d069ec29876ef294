from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _contract_department(self, company):
        """The department of ``company`` that this user heads or belongs to.

        :return: a ``contract.department``, empty if there is none
        """
        self.ensure_one()
        return self.env["contract.department"].search(
            [
                ("company_id", "=", company.id),
                "|",
                ("head_id", "=", self.id),
                ("member_ids", "=", self.id),
            ],
            limit=1,
        )
