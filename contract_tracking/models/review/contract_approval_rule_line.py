from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .contract_department import FUNCTIONS


class ContractApprovalRuleLine(models.Model):
    """Steps of the departments of a function, whatever they are called in a company."""

    _inherit = "contract.approval.rule.line"

    approver = fields.Selection(
        selection_add=[("function_head", "Heads of the departments of a function")],
        ondelete={"function_head": "cascade"},
    )
    review_function = fields.Selection(FUNCTIONS, string="Function")

    @api.constrains("approver", "review_function")
    def _check_review_function(self):
        for line in self:
            if line.approver == "function_head" and not line.review_function:
                raise ValidationError(
                    self.env._(
                        "Step “%(step)s” doesn't say who decides.", step=line.name
                    )
                )

    def _members(self, document):
        """The heads of the departments of the function; where there is none, the
        members of the group, if the step names one."""
        if self.approver != "function_head":
            return super()._members(document)
        departments = self.env["contract.department"].sudo()
        heads = departments.search(
            [
                ("company_id", "=", document.company_id.id),
                ("review_function", "=", self.review_function),
            ]
        ).head_id
        return heads or self.group_id.all_user_ids
