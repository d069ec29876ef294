from odoo import fields, models


class ContractDepartment(models.Model):
    """A department as contracts name it: who leads it and who belongs to it.

    Kept apart from human resources on purpose: companies track contracts without
    running personnel in the same database, and heads are users here (D1 §6, D9 §3).
    """

    _name = "contract.department"
    _inherit = ["contract.entry.mixin"]
    _description = "Contract Department"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    head_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        help="Signs for the department on the printed forms.",
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )

    _name_company_uniq = models.Constraint(
        "unique(name, company_id)",
        "This company already has a department of this name.",
    )
