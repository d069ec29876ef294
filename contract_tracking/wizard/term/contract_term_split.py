from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...tools.words import format_quantity


class ContractTermSplit(models.TransientModel):
    """Split one promised delivery into several dated ones, before the contract takes
    effect. Quantities in the order line's unit."""

    _name = "contract.term.split"
    _inherit = ["contract.dialog.mixin"]
    _description = "Split a Delivery Term"

    term_id = fields.Many2one("contract.term", required=True, readonly=True)
    uom_id = fields.Many2one(related="term_id.uom_id", related_sudo=False)
    quantity = fields.Float(related="term_id.agreed_quantity", related_sudo=False)
    line_ids = fields.One2many("contract.term.split.line", "split_id")
    left = fields.Float(
        string="Left to Split", digits="Product Unit", compute="_compute_left"
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        term = self.env["contract.term"].browse(values.get("term_id"))
        if term and "line_ids" in fields_list:
            values["line_ids"] = [
                Command.create(
                    {"date": term.date_due, "quantity": term.agreed_quantity}
                )
            ]
        return values

    @api.depends("line_ids.quantity", "quantity")
    def _compute_left(self):
        for split in self:
            split.left = split.quantity - sum(split.line_ids.mapped("quantity"))

    def action_apply(self):
        """Replace the delivery by the dated ones.

        :raise UserError: if they don't add up, or the contract is in effect
        """
        self._check_dialog()
        term = self.term_id
        lines = self.line_ids.sorted("date")
        if not lines or self.uom_id.compare(
            sum(lines.mapped("quantity")), self.quantity
        ):
            raise UserError(
                self.env._(
                    "The deliveries must add up to %(quantity)s.",
                    quantity=format_quantity(self.env, self.quantity),
                )
            )
        first, others = lines[0], lines[1:]
        term.write(
            {"due_mode": "date", "date_fixed": first.date, "quantity": first.quantity}
        )
        self.env["contract.term"].create(
            [
                {
                    "order_id": term.order_id.id,
                    "kind": "delivery",
                    "line_id": term.line_id.id,
                    "sequence": term.sequence,
                    "name": term.name,
                    "due_mode": "date",
                    "date_fixed": line.date,
                    "quantity": line.quantity,
                    "over_percent": term.over_percent,
                    "short_percent": term.short_percent,
                }
                for line in others
            ]
        )
        return {"type": "ir.actions.act_window_close"}


class ContractTermSplitLine(models.TransientModel):
    """One dated delivery of a split."""

    _name = "contract.term.split.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Dated Delivery"
    _order = "date, id"

    split_id = fields.Many2one("contract.term.split", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    quantity = fields.Float(digits="Product Unit", required=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "Each delivery needs a quantity above zero."
    )
