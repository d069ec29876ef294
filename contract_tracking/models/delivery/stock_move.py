from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, formatLang

from ...tools.guard import guarded, is_linking, is_unguarded, linking
from .stock_picking import DELIVERY

REJECTION = ("contract_rejected_quantity", "contract_rejection_reason")


class StockMove(models.Model):
    """What the customer accepted of the goods and what not, in the move's unit."""

    _inherit = "stock.move"

    contract_rejected_quantity = fields.Float(
        string="Rejected",
        digits="Product Unit",
        copy=False,
        groups=DELIVERY,
        help="What the customer did not accept, in the unit of the move: it stays "
        "outstanding until it is replaced or accepted.",
    )
    contract_rejection_reason = fields.Char(
        string="Reason of Rejection", copy=False, groups=DELIVERY
    )
    contract_accepted_quantity = fields.Float(
        string="Accepted",
        digits="Product Unit",
        compute="_compute_contract_accepted_quantity",
        groups=DELIVERY,
        help="Delivered and not rejected, in the unit of the move.",
    )

    @api.depends("quantity", "state", "contract_rejected_quantity")
    def _compute_contract_accepted_quantity(self):
        for move in self:
            done = move.quantity if move.state == "done" else 0.0
            move.contract_accepted_quantity = max(
                done - move.contract_rejected_quantity, 0.0
            )

    @api.constrains(*REJECTION)
    def _check_contract_rejection(self):
        for move in self.sudo().filtered("contract_rejected_quantity"):
            rejected = move.contract_rejected_quantity
            if move.picking_id:
                move.picking_id._contract_check_delivered()
            if move.state != "done" or not move.picking_id:
                raise ValidationError(
                    self.env._(
                        "“%(product)s” is not delivered yet: nothing of it can be "
                        "rejected.",
                        product=move.product_id.display_name,
                    )
                )
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            if (
                rejected < 0
                or float_compare(rejected, move.quantity, precision_digits=digits) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "The rejected quantity of “%(product)s” is between 0 and "
                        "%(quantity)s, what was delivered.",
                        product=move.product_id.display_name,
                        quantity=formatLang(self.env, move.quantity, dp="Product Unit"),
                    )
                )
            if not (move.contract_rejection_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why the customer rejected “%(product)s”.",
                        product=move.product_id.display_name,
                    )
                )

    def write(self, vals):
        if "sale_line_id" in vals:
            self._contract_check_line(vals["sale_line_id"])
        if not any(fname in vals for fname in REJECTION):
            return super().write(vals)
        if not is_unguarded(self):
            self.check_access("read")
            self.picking_id._contract_check_recorder()
        moves = self.sudo()
        old = {move: [move[fname] for fname in REJECTION] for move in moves}
        res = super(StockMove, guarded(self)).write(vals)
        label = self._fields["contract_rejected_quantity"]._description_string(self.env)
        rows = [
            {
                **move.picking_id._contract_history_vals(
                    f"{label}: {move.product_id.display_name}",
                    f"{before[0]:.12g}",
                    f"{move.contract_rejected_quantity:.12g}",
                ),
                "reason": move.contract_rejection_reason,
            }
            for move, before in old.items()
            if before != [move[fname] for fname in REJECTION]
        ]
        self.env["contract.history"].sudo()._log(rows)
        return res

    def _action_synch_order(self):
        # core links what the warehouse added to the order of its delivery
        return super(StockMove, linking(self))._action_synch_order()

    def _contract_check_line(self, line_id):
        """What was delivered for a contract stays its own, whoever may write moves:
        goods on their way back, or to another contract, are a delivery of their own.

        :raise UserError: for a done move that goes to, or away from, a contract
        """
        if self.env.su or is_linking(self):
            return
        self.check_access("write")
        line = self.env["sale.order.line"].sudo().browse(line_id or ())
        for move in self.sudo().filtered(lambda m: m.state == "done"):
            orders = move.sale_line_id.order_id, line.order_id
            if orders[0] != orders[1] and any(o.contract_state for o in orders):
                raise UserError(
                    self.env._(
                        "%(product)s is delivered: what was delivered for a contract "
                        "stays with it. Take it back with a return and deliver it "
                        "anew.",
                        product=move.product_id.display_name,
                    )
                )
