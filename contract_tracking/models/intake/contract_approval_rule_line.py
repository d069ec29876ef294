from odoo import fields, models


class ContractApprovalRuleLine(models.Model):
    """The order desk of the company may decide a step."""

    _inherit = "contract.approval.rule.line"

    approver = fields.Selection(
        selection_add=[("order_desk", "Order desk")],
        ondelete={"order_desk": "cascade"},
    )

    def _members(self, document):
        if self.approver == "order_desk":
            return document.company_id._contract_order_desk()
        return super()._members(document)
