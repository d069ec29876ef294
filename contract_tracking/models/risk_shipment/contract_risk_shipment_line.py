from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from ...tools.words import format_quantity


class ContractRiskShipmentLine(models.Model):
    """What is to leave of one order line: quantity in the line's unit, value with taxes
    in the contract's currency; how much of it was approved and has left."""

    _name = "contract.risk.shipment.line"
    _inherit = ["contract.risk.part.mixin"]
    _description = "Risk Shipment Line"
    _order = "application_id, sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id), ('product_id', '!=', False)]",
    )
    product_id = fields.Many2one(related="line_id.product_id", compute_sudo=True)
    product_uom_id = fields.Many2one(
        related="line_id.product_uom_id", string="Unit", compute_sudo=True
    )
    name = fields.Char(string="Description of the Day", readonly=True, copy=False)
    quantity = fields.Float(digits="Product Unit", required=True)
    open_quantity = fields.Float(
        string="Open",
        digits="Product Unit",
        compute="_compute_open_quantity",
        compute_sudo=True,
        help="What this step can still be taken for: ordered and not delivered, or "
        "delivered where documents are to be released.",
    )
    amount = fields.Monetary(
        string="Value",
        compute="_compute_amount",
        store=True,
        precompute=True,
        aggregator="sum",
        help="At the agreed price, taxes included.",
    )
    approved_quantity = fields.Float(
        string="Approved",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What may leave at most, in the order line's unit.",
    )
    used_quantity = fields.Float(
        string="Used",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="What has left on this permission, less what came back.",
    )

    _line_uniq = models.Constraint(
        "unique(application_id, line_id)",
        "This order line stands in the application already: change its quantity.",
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "A quantity to ship can't be negative."
    )

    @api.depends("line_id", "quantity", "application_id.state")
    def _compute_amount(self):
        for line in self:
            # from the submission on at the price that is decided on
            if line.application_id.state in (False, "draft") or not line.amount:
                sold = line.line_id.sudo()
                price = sold._contract_gate_price() if sold else 0.0
                currency = sold.currency_id
                amount = line.quantity * price
                line.amount = currency.round(amount) if currency else amount

    @api.depends("line_id.qty_delivered", "line_id.product_uom_qty")
    def _compute_open_quantity(self):
        for line in self:
            sold = line.line_id
            line.open_quantity = (
                sold.qty_delivered
                if line.application_id.kind == "documents"
                else max(0, sold.product_uom_qty - sold.qty_delivered)
            )

    @api.depends("name", "line_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name or line.line_id.sudo().name

    @api.constrains("line_id", "application_id")
    def _check_line(self):
        for line in self.sudo():
            if line.line_id.order_id != line.application_id.order_id:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is a line of another contract.",
                        line=line.line_id.display_name,
                    )
                )

    def _check_ready(self):
        """
        :raise UserError: if one asks for more than the order still has to ship
        """
        for line in self.sudo():
            asked = self._format(line, line.quantity)
            if line._compare(line.quantity, 0) <= 0:
                raise UserError(
                    self.env._(
                        "Enter how much of “%(line)s” is to leave, or take it out.",
                        line=line.line_id.name,
                    )
                )
            if line._compare(line.quantity, line.open_quantity) > 0:
                words = {
                    "asked": asked,
                    "line": line.line_id.name,
                    "open": self._format(line, line.open_quantity),
                }
                raise UserError(
                    self.env._(
                        "You ask for %(asked)s of “%(line)s”, but only %(open)s are "
                        "delivered: documents are released for no more.",
                        **words,
                    )
                    if line.application_id.kind == "documents"
                    else self.env._(
                        "You ask for %(asked)s of “%(line)s”, but only %(open)s are "
                        "still to be shipped: lower the quantity.",
                        **words,
                    )
                )

    def _freeze(self):
        """The order may change while others decide; what they decide on doesn't."""
        for line in self:
            line.write(
                {
                    "name": line.line_id.sudo().name,
                    "approved_quantity": line.quantity,
                    "used_quantity": 0,
                }
            )

    def _left(self):
        self.ensure_one()
        return max(0, self.approved_quantity - self.used_quantity)

    def _compare(self, one, other):
        return float_compare(
            one,
            other,
            precision_rounding=self.line_id.sudo().product_uom_id.rounding or 0.01,
        )

    @api.model
    def _format(self, line, quantity):
        unit = line.line_id.sudo().product_uom_id.name or ""
        return f"{format_quantity(self.env, quantity)} {unit}".strip()
