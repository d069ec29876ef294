from odoo import fields, models


class ContractDeviationCause(models.Model):
    """A coded cause of deviations (原因), to be counted (D1 §9, D7 §2.1, §2.2)."""

    _name = "contract.deviation.cause"
    _inherit = ["contract.shared.mixin"]
    _description = "Deviation Cause"
    _order = "sequence, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    responsible_party = fields.Selection(
        lambda self: self.env["contract.deviation"]._responsible_parties(),
        help="Who usually answers for it: proposed on the deviation.",
    )

    _code_uniq = models.Constraint(
        "unique(code)", "Another cause of deviations has this code."
    )
