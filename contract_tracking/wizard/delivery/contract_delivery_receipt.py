from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.delivery.stock_picking import BY_BL


class ContractDeliveryReceipt(models.TransientModel):
    """Record what customers signed for: of one delivery, or of several at once.

    Dates are days in the company's time zone, quantities in the unit of the delivery.
    Who may, and which values are right, is checked by the deliveries. Serves D7 §1.2
    and D9 §6.4 (evidence of what was received).
    """

    _name = "contract.delivery.receipt"
    _inherit = ["contract.dialog.mixin"]
    _description = "Record the Receipt of Deliveries"

    picking_ids = fields.Many2many(
        "stock.picking", string="Deliveries", required=True, readonly=True
    )
    is_single = fields.Boolean(compute="_compute_is_single")
    date = fields.Date(
        string="Received On",
        compute="_compute_date",
        store=True,
        compute_sudo=False,
        readonly=False,
        help="Day on which the customer signed for the goods. Of several deliveries it "
        "goes into each; correct those that differ below.",
    )
    bl_date = fields.Date(
        string="B/L Date",
        compute="_compute_bl_date",
        store=True,
        compute_sudo=False,
        readonly=False,
        help="Day of the bill of lading, if the goods went by sea.",
    )
    bl_number = fields.Char(
        string="B/L Number",
        compute="_compute_bl_number",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Signed Receipts",
        help="Scan or photo of the signed delivery note. It is filed on each of these "
        "deliveries.",
    )
    filed = fields.Boolean(
        string="Signed Receipt Filed",
        compute="_compute_filed",
        store=True,
        compute_sudo=False,
        readonly=False,
        help="The signed delivery note came back, as a scan or on paper.",
    )
    line_ids = fields.One2many(
        "contract.delivery.receipt.line",
        "receipt_id",
        string="Dates of Each Delivery",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    move_ids = fields.One2many(
        "contract.delivery.receipt.move",
        "receipt_id",
        string="What Was Accepted",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("picking_ids")
    def _compute_is_single(self):
        for receipt in self:
            receipt.is_single = len(receipt.picking_ids) == 1

    # a method each: those that are given keep the others from being computed

    @api.depends("picking_ids")
    def _compute_date(self):
        for receipt in self:
            pickings = receipt.picking_ids._origin.sudo()
            # goods at sea are on board long before somebody signs for them
            by_sea = pickings.filtered_domain(BY_BL)
            receipt.date = receipt._recorded().contract_receipt_date or (
                not by_sea and pickings.sale_id[:1]._contract_today()
            )

    @api.depends("picking_ids")
    def _compute_bl_date(self):
        for receipt in self:
            receipt.bl_date = receipt._recorded().contract_bl_date

    @api.depends("picking_ids")
    def _compute_bl_number(self):
        for receipt in self:
            receipt.bl_number = receipt._recorded().contract_bl_number

    def _recorded(self):
        """The delivery whose values fill the head: the only one, else none."""
        self.ensure_one()
        pickings = self.picking_ids._origin
        return pickings if len(pickings) == 1 else pickings[:0]

    @api.depends("picking_ids", "attachment_ids")
    def _compute_filed(self):
        for receipt in self:
            receipt.filed = bool(receipt.attachment_ids) or all(
                receipt.picking_ids.mapped("contract_receipt_filed")
            )

    @api.depends("picking_ids")
    def _compute_line_ids(self):
        for receipt in self:
            pickings = receipt.picking_ids._origin
            receipt.line_ids = [Command.clear()] + [
                Command.create(
                    {"picking_id": picking.id, **receipt._line_values(picking)}
                )
                for picking in pickings
            ]
            receipt.move_ids = [Command.clear()] + [
                Command.create(
                    {
                        "move_id": move.id,
                        "rejected": move.contract_rejected_quantity,
                        "reason": move.contract_rejection_reason,
                    }
                )
                for move in pickings.move_ids
                if move.state == "done"
            ]

    def _line_values(self, picking):
        """What is recorded already stays, unless this is the only delivery."""
        self.ensure_one()
        recorded = picking.browse() if self.is_single else picking
        return {
            "date": recorded.contract_receipt_date or self.date,
            "bl_date": recorded.contract_bl_date or self.bl_date,
            "bl_number": recorded.contract_bl_number or self.bl_number,
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_apply(self):
        """Record the receipts, all or none.

        :raise UserError: if nothing was entered, or a delivery refuses its values
        """
        self._check_dialog()
        pickings = self.line_ids.picking_id
        if not pickings or pickings != self.picking_ids:
            raise UserError(self.env._("Choose the deliveries that were received."))
        values = {line.picking_id: line._receipt_values() for line in self.line_ids}
        if not self.filed and not any(any(vals.values()) for vals in values.values()):
            raise UserError(
                self.env._(
                    "Enter the day of the receipt or of the bill of lading, or file "
                    "the signed receipt."
                )
            )
        # they become evidence: not what others need to change
        self.attachment_ids.check_access("write")
        # uploaded to this wizard, which doesn't last: they belong to nothing yet
        self.attachment_ids.sudo().filtered(lambda a: a.res_model == self._name).write(
            {"res_id": False}
        )
        if self.filed or self.is_single:
            for vals in values.values():
                vals["contract_receipt_filed"] = self.filed
        if any(line.move_id.picking_id not in pickings for line in self.move_ids):
            raise UserError(
                self.env._("Only goods of these deliveries can be rejected.")
            )
        rejections = {
            line.move_id: (line.rejected, line.reason)
            for line in self.move_ids
            if line._is_changed()
        }
        pickings._contract_record_receipt(values, rejections)
        pickings._contract_file_receipt(self.attachment_ids)
        return {"type": "ir.actions.act_window_close"}
