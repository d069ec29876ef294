from odoo import fields, models


class ContractPlanRisk(models.Model):
    """A main risk point of a plan: what is done about it, and by whom (D6 §5.1)."""

    _name = "contract.plan.risk"
    _inherit = ["contract.approval.row.mixin", "contract.system.mixin"]
    _description = "Risk of a Progress Plan"
    _approval_document = "plan_id"
    _order = "sequence, id"

    plan_id = fields.Many2one(
        "contract.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Risk", required=True)
    measure = fields.Text(help="What is done so that it doesn't happen, or if it does.")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
    )
