from odoo import api, fields, models


class ContractSettlementLine(models.Model):
    """An order line on a settlement: agreed, delivered, returned, invoiced, as of its
    day. Quantities are in the line's unit, amounts with taxes in the contract's
    currency."""

    _name = "contract.settlement.line"
    _inherit = ["contract.settlement.fact.mixin"]
    _description = "Settlement Line"
    _settled_amount = "delivered_amount"

    line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    uom_name = fields.Char(string="Unit", readonly=True)
    agreed_quantity = fields.Float(
        string="Agreed",
        digits="Product Unit",
        readonly=True,
        help="What both sides agreed on, as of the day.",
    )
    delivered_quantity = fields.Float(
        string="Delivered",
        digits="Product Unit",
        readonly=True,
        help="What left minus what came back to be credited.",
    )
    returned_quantity = fields.Float(
        string="Returned",
        digits="Product Unit",
        readonly=True,
        help="What came back to be credited.",
    )
    invoiced_quantity = fields.Float(
        string="Invoiced",
        digits="Product Unit",
        readonly=True,
        help="On posted invoices minus credit notes.",
    )
    agreed_amount = fields.Monetary(readonly=True, help="Agreed, taxes included.")
    delivered_amount = fields.Monetary(
        readonly=True, help="What was delivered at the agreed prices, taxes included."
    )
    returned_amount = fields.Monetary(
        readonly=True, help="What came back to be credited, taxes included."
    )
    invoiced_amount = fields.Monetary(
        readonly=True, help="Invoiced minus credited, taxes included."
    )
    unit_price = fields.Monetary(
        compute="_compute_unit_price",
        help="Agreed, taxes included.",
    )
    customer_quantity = fields.Float(
        string="Customer's Quantity",
        digits="Product Unit",
        help="Delivered by the customer's books, if it differs.",
    )

    @api.depends("agreed_quantity", "agreed_amount")
    def _compute_unit_price(self):
        for line in self:
            quantity = line.agreed_quantity
            line.unit_price = line.agreed_amount / quantity if quantity else 0.0

    @api.depends("delivered_amount")
    def _compute_difference(self):
        return super()._compute_difference()
