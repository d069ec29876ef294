from odoo import fields, models


class ContractDeviationRecommendation(models.Model):
    """What can be recommended to the leader who decides on a deviation: expedite
    production, press for payment, reschedule, … (D9 §6.3)."""

    _name = "contract.deviation.recommendation"
    _inherit = ["contract.shared.mixin"]
    _description = "Deviation Recommendation"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
