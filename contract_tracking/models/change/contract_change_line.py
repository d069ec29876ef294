from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.words import format_quantity


class ContractChangeLine(models.Model):
    """What a request asks for of one term: another quantity, another day, or that it is
    dropped. What was promised stands beside it."""

    _name = "contract.change.line"
    _inherit = ["contract.approval.row.mixin", "contract.system.mixin"]
    _description = "Term Asked to Change"
    _approval_document = "change_id"
    _order = "id"

    change_id = fields.Many2one(
        "contract.change", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="change_id.state", string="Request's State")
    company_id = fields.Many2one(
        related="change_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="change_id.order_id")
    frame_id = fields.Many2one(related="change_id.frame_id")
    term_id = fields.Many2one(
        "contract.term",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('valid_to', '=', False), ('waived_on', '=', False)]",
    )
    is_delivery = fields.Boolean(compute="_compute_term", compute_sudo=True)
    was_text = fields.Char(string="Agreed", compute="_compute_term", compute_sudo=True)
    is_dropped = fields.Boolean(string="Drop")
    quantity = fields.Float(
        string="New Quantity",
        digits="Product Unit",
        help="In the order line's unit; 0: as agreed.",
    )
    date_new = fields.Date(string="New Day")
    note = fields.Char(string="Otherwise", help="What else is to be different.")

    _term_uniq = models.UniqueIndex(
        "(change_id, term_id)", "This request names that term already."
    )
    _quantity = models.Constraint(
        "CHECK (quantity >= 0)", "Quantities can't be negative."
    )

    @api.depends_context("lang")
    @api.depends("term_id")
    def _compute_term(self):
        for line in self:
            term = line.term_id
            line.is_delivery = term.kind == "delivery"
            line.was_text = " · ".join(filter(None, line._agreed(term))) or False

    @api.constrains("term_id", "change_id", "quantity")
    def _check_term(self):
        for line in self:
            term = line.term_id.sudo()
            if term._contract_parent() != line.change_id._contract_parent():
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is a term of another contract.",
                        term=term.display_name,
                    )
                )
            if line.quantity and term.kind != "delivery":
                raise ValidationError(
                    self.env._("Only deliveries have a quantity: write it in words.")
                )

    @api.model
    def _agreed(self, term):
        """What a term promises: how much, and when."""
        if not term:
            return []
        if term.kind == "delivery":
            unit = term.line_id.product_uom_id.name or ""
            much = f"{format_quantity(self.env, term.quantity)} {unit}".strip()
        elif term.percent:
            much = f"{term.percent:g} %"
        else:
            much = term.amount and term.currency_id.format(term.amount)
        dated = term.due_mode == "date" and term.date_fixed
        when = dated and format_date(self.env, dated)
        return [much, when or term._due_description()]

    def _asked(self):
        """What is asked for instead, in words."""
        self.ensure_one()
        if self.is_dropped:
            asked = [self.env._("No longer agreed")]
        else:
            unit = self.term_id.line_id.product_uom_id.name or ""
            asked = [
                self.quantity
                and f"{format_quantity(self.env, self.quantity)} {unit}".strip(),
                self.date_new and format_date(self.env, self.date_new),
            ]
        return " · ".join(filter(None, [*asked, self.note]))

    def _says_nothing(self):
        """Whether this asks for nothing of its term."""
        self.ensure_one()
        return not (self.is_dropped or self.quantity or self.date_new or self.note)

    def _reagreement_vals(self):
        """Values of the line of a re-agreement that gives what is asked for."""
        self.ensure_one()
        vals = {"term_id": self.term_id.id, "action": "change"}
        if self.is_dropped:
            return {**vals, "action": "end"}
        if self.quantity:
            vals["quantity"] = self.quantity
        if self.date_new:
            vals |= {"due_mode": "date", "date_fixed": self.date_new}
        return vals
