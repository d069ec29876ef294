from odoo import fields, models


class ContractRiskLimitLine(models.TransientModel):
    """How much of a line is approved."""

    _name = "contract.risk.limit.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Limit of a Line"

    limit_id = fields.Many2one("contract.risk.limit", required=True, ondelete="cascade")
    row_id = fields.Many2one(
        "contract.risk.shipment.line", required=True, ondelete="cascade"
    )
    product_id = fields.Many2one(related="row_id.product_id", related_sudo=False)
    product_uom_id = fields.Many2one(
        related="row_id.product_uom_id", related_sudo=False
    )
    asked_quantity = fields.Float(
        string="Asked", related="row_id.quantity", related_sudo=False
    )
    quantity = fields.Float(string="Approve At Most", digits="Product Unit")
