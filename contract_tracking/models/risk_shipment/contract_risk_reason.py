from odoo import fields, models


class ContractRiskReason(models.Model):
    """Why goods are to leave although a condition is unmet: how long a permission for
    it may be valid, and how heavy it weighs in the approval rules."""

    _name = "contract.risk.reason"
    _inherit = ["contract.shared.mixin"]
    _description = "Reason of a Risk Shipment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")],
        required=True,
        default="major",
        help="Approval rules choose by it who decides: a light tier for what is minor.",
    )
    needs_slip = fields.Boolean(
        string="Needs a Bank Slip",
        help="The application needs the customer's bank slip as a file.",
    )
    valid_days = fields.Integer(
        string="Valid At Most",
        help="Days for which a permission may be asked, today included. "
        "0: without a limit.",
    )
    repayment_days = fields.Integer(
        string="Money Expected After",
        default=30,
        help="Days after which the repayment plan proposes the money.",
    )

    _days = models.Constraint(
        "CHECK (valid_days >= 0 AND repayment_days >= 0)",
        "Days of a reason can't be negative.",
    )
