from odoo import fields, models


class ContractDeviationRule(models.Model):
    """How overdue repayments of risk shipments are judged."""

    _inherit = "contract.deviation.rule"

    kind = fields.Selection(
        selection_add=[
            ("risk_overdue", "Overdue repayment of a risk shipment"),
            ("other",),
        ],
        ondelete={"risk_overdue": "cascade"},
    )
