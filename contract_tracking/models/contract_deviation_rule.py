from odoo import fields, models

from .contract_deviation import DEVIATION_KINDS


class ContractDeviationRule(models.Model):
    """What counts as a deviation of one kind, and how severe it is (D9 §7)."""

    _name = "contract.deviation.rule"
    _description = "Deviation Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(DEVIATION_KINDS, required=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company without its own."
    )
