from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractArchiveCategory(models.Model):
    """档案类别 A category of archived files: the part of the index number that stands
    for it, and for how long they are kept (D4 §7.3)."""

    _name = "contract.archive.category"
    _inherit = ["contract.shared.mixin"]
    _description = "Archive Category"
    _order = "sequence, code, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stands in the index numbers.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company."
    )
    contract_kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
            ("frame", "Frame agreement"),
        ],
        string="Binding Document",
        help="Proposed for files of this kind. Empty: for kinds without one of their "
        "own.",
    )
    years = fields.Integer(
        string="Kept for (Years)",
        help="Years after the end of the contract. 0: permanently.",
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a category of this code already."
    )
    _years = models.Constraint(
        "CHECK (years BETWEEN 0 AND 100)",
        "Files are kept for at most 100 years, or permanently: 0.",
    )

    @api.constrains("code")
    def _check_code(self):
        for category in self:
            if not category.code.replace("-", "").isalnum():
                raise ValidationError(
                    self.env._(
                        "A code is made of letters, digits and dashes: “%(code)s” "
                        "isn't.",
                        code=category.code,
                    )
                )

    @api.model
    def _fit(self, company, kind):
        """The category that is proposed for a kind of contract in a company."""
        found = self.sudo().search(
            [
                ("company_id", "in", [company.id, False]),
                ("contract_kind", "in", [kind, False]),
            ]
        )
        return found.sorted(
            lambda c: (not c.contract_kind, c.sequence, not c.company_id, c.id)
        )[:1]
