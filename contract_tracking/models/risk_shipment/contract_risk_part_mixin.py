from odoo import fields, models


class ContractRiskPartMixin(models.AbstractModel):
    """Rows of a risk-shipment application, with what they read of it."""

    _name = "contract.risk.part.mixin"
    _inherit = ["contract.approval.row.mixin", "contract.frozen.mixin"]
    _description = "Part of a Risk-Shipment Application"
    _approval_document = "application_id"

    application_id = fields.Many2one(
        "contract.risk.shipment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="application_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="application_id.order_id")
    currency_id = fields.Many2one(related="application_id.currency_id")
