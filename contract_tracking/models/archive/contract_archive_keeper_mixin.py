from odoo import fields, models


class ContractArchiveKeeperMixin(models.AbstractModel):
    """What the people of the department do that keeps the files."""

    _name = "contract.archive.keeper.mixin"
    _description = "Kept by a Department"

    department_id = fields.Many2one(
        "contract.department", string="Kept By", ondelete="restrict"
    )

    def _keepers(self):
        """Who is of the department that keeps the files."""
        department = self.sudo().department_id
        return department.head_id | department.member_ids

    def _refuse_keeper(self):
        """Why the user can't do what the department does, or False."""
        self.ensure_one()
        if self.env.user in self._keepers():
            return False
        return self.env._(
            "Only %(department)s does this: it keeps the files.",
            department=self.sudo().department_id.name or "–",
        )
