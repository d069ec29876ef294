from odoo import fields, models

# What a department is told, and whether it sees prices.
SHOWN = ("show_goods", "show_dates", "show_payment", "show_clauses", "with_prices")


class ContractBriefingTemplateLine(models.Model):
    """A department that is briefed: on what, and by when it acknowledges."""

    _name = "contract.briefing.template.line"
    _inherit = ["contract.entry.mixin"]
    _description = "Briefing Template Line"
    _order = "sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "contract.briefing.template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    department_id = fields.Many2one(
        "contract.department", required=True, ondelete="restrict", check_company=True
    )
    days = fields.Integer(
        default=3, help="Days within which its head and members acknowledge."
    )
    show_goods = fields.Boolean(string="Goods", default=True)
    show_dates = fields.Boolean(string="Dates", default=True)
    show_payment = fields.Boolean(string="Payment")
    show_clauses = fields.Boolean(string="Clauses")
    with_prices = fields.Boolean(
        string="Prices",
        help="Prices and amounts stand in its part. Only who has a role of contracts "
        "sees them there.",
    )
    note = fields.Char(string="To Note", help="What this department is to see to.")

    _days = models.Constraint("CHECK (days >= 0)", "Days can't be negative.")

    def _part_vals(self, day):
        """Values of the part of a briefing for this department."""
        self.ensure_one()
        return {
            "department_id": self.department_id.id,
            "date_deadline": fields.Date.add(day, days=self.days),
            "note": self.note,
            **{name: self[name] for name in SHOWN},
        }
