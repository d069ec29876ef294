from odoo import fields, models


class ContractApprovalRuleLine(models.Model):
    """Who agrees on a plan: the departments that are to do something, and who answers
    for the contract (D1 §7, D6 §5.1)."""

    _inherit = "contract.approval.rule.line"

    approver = fields.Selection(
        selection_add=[
            ("plan_departments", "Heads of the plan's departments"),
            ("contract_owner", "Owner of the contract"),
            ("contract_supervisor", "Supervisor of the contract"),
        ],
        ondelete={
            "plan_departments": "cascade",
            "contract_owner": "cascade",
            "contract_supervisor": "cascade",
        },
    )

    def _members(self, document):
        match self.approver:
            case "plan_departments":
                is_plan = document._name == "contract.plan"
                lines = document.line_ids if is_plan else self.env["contract.plan.line"]
                return lines.department_id.head_id
            case "contract_owner":
                return document._approval_owner()
            case "contract_supervisor":
                parent = document._approval_parent()
                return (
                    parent._contract_supervisor() if parent else self.env.user.browse()
                )
        return super()._members(document)
