from odoo import api, fields, models


class ContractDeliveryReceiptLine(models.TransientModel):
    """Receipt and bill of lading of one delivery among several."""

    _name = "contract.delivery.receipt.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Received Delivery"

    receipt_id = fields.Many2one(
        "contract.delivery.receipt", required=True, ondelete="cascade"
    )
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        related="picking_id.partner_id", related_sudo=False, string="Customer"
    )
    date_done = fields.Datetime(
        related="picking_id.date_done", related_sudo=False, string="Dispatched On"
    )
    date = fields.Date(
        string="Received On",
        compute="_compute_date",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    bl_date = fields.Date(
        string="B/L Date",
        compute="_compute_bl_date",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    bl_number = fields.Char(
        string="B/L Number",
        compute="_compute_bl_number",
        store=True,
        compute_sudo=False,
        readonly=False,
    )

    @api.depends("receipt_id.date")
    def _compute_date(self):
        for line in self:
            line.date = line.receipt_id.date

    @api.depends("receipt_id.bl_date")
    def _compute_bl_date(self):
        for line in self:
            if line.receipt_id.is_single or line.receipt_id.bl_date:
                line.bl_date = line.receipt_id.bl_date

    @api.depends("receipt_id.bl_number")
    def _compute_bl_number(self):
        for line in self:
            if line.receipt_id.is_single or line.receipt_id.bl_number:
                line.bl_number = line.receipt_id.bl_number

    def _receipt_values(self):
        """What the delivery is to keep."""
        self.ensure_one()
        return {
            "contract_receipt_date": self.date,
            "contract_bl_date": self.bl_date,
            "contract_bl_number": self.bl_number,
        }


class ContractDeliveryReceiptMove(models.TransientModel):
    """What the customer accepted of one product, in the unit of the delivery."""

    _name = "contract.delivery.receipt.move"
    _inherit = ["contract.dialog.mixin"]
    _description = "Received Product"

    receipt_id = fields.Many2one(
        "contract.delivery.receipt", required=True, ondelete="cascade"
    )
    move_id = fields.Many2one(
        "stock.move", string="Goods", required=True, ondelete="cascade"
    )
    picking_id = fields.Many2one(
        related="move_id.picking_id", related_sudo=False, string="Delivery"
    )
    product_id = fields.Many2one(related="move_id.product_id", related_sudo=False)
    uom_id = fields.Many2one(
        related="move_id.product_uom", related_sudo=False, string="Unit"
    )
    quantity = fields.Float(
        related="move_id.quantity", related_sudo=False, string="Delivered"
    )
    rejected = fields.Float(
        digits="Product Unit",
        help="What the customer sent away or did not sign for.",
    )
    accepted = fields.Float(digits="Product Unit", compute="_compute_accepted")
    reason = fields.Char(string="Reason of Rejection")

    @api.depends("quantity", "rejected")
    def _compute_accepted(self):
        for line in self:
            line.accepted = line.quantity - line.rejected

    def _is_changed(self):
        self.ensure_one()
        move = self.move_id
        return (self.rejected, self.reason or False) != (
            move.contract_rejected_quantity,
            move.contract_rejection_reason or False,
        )
