from odoo import fields, models


class ResCurrency(models.Model):
    _name = "res.currency"
    _inherit = ["res.currency", "contract.facts.source"]

    contract_tolerance = fields.Float(
        string="Contract Payment Tolerance",
        digits=0,
        groups="contract_tracking.group_contract_reader",
        help="In this currency: a payment term is met although the money received "
        "falls short by this amount, for example by bank fees. It holds for all "
        "contracts and past days; documents that are done keep their figures.",
    )
