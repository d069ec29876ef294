from odoo import api, fields, models


class ContractBriefingTemplate(models.Model):
    """Which departments are briefed on a kind of contract, and on what. The first one
    of the company that names the kind decides, then the first one for all kinds."""

    _name = "contract.briefing.template"
    _inherit = ["contract.entry.mixin"]
    _description = "Briefing Template"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    contract_kind = fields.Selection(
        [
            ("contract", "Contracts"),
            ("order", "Product orders"),
            ("call_off", "Call-off orders"),
            ("frame", "Frame agreements"),
        ],
        string="For",
        help="Empty: every kind of binding document.",
    )
    line_ids = fields.One2many(
        "contract.briefing.template.line",
        "template_id",
        string="Departments",
        copy=True,
    )

    @api.model
    def _fitting(self, company, kind):
        """The template for a kind of binding document of a company."""
        templates = self.search(
            [("company_id", "=", company.id), ("contract_kind", "in", [kind, False])]
        )
        return templates.sorted(lambda t: (not t.contract_kind, t.sequence, t.id))[:1]
