from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded


class ContractRiskUse(models.Model):
    """What left on a permission: the evidence of its consumption, a row an order line
    and move. Written by the gate alone."""

    _name = "contract.risk.use"
    _inherit = ["contract.risk.part.mixin"]
    _description = "Use of a Risk Shipment"
    _order = "id"
    _frozen_create = True

    application_id = fields.Many2one(ondelete="restrict", readonly=True)
    row_id = fields.Many2one(
        "contract.risk.shipment.line",
        string="Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    line_id = fields.Many2one(
        related="row_id.line_id", string="Order Line", compute_sudo=True
    )
    move_id = fields.Many2one(
        "stock.move", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    picking_id = fields.Many2one(
        related="move_id.picking_id", string="Delivery", compute_sudo=True
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What left on the permission, in the order line's unit.",
    )
    amount = fields.Monetary(readonly=True, help="Value with taxes.")
    moved_quantity = fields.Float(
        readonly=True,
        help="Quantity of the move when it used the permission, in its own unit.",
    )
    returned_quantity = fields.Float(
        string="Given Back",
        digits="Product Unit",
        readonly=True,
        help="What came back or was lowered afterwards.",
    )
    returned_amount = fields.Monetary(
        string="Value Given Back",
        readonly=True,
        help="Value with taxes of what came back or was lowered afterwards.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("What left on a permission is evidence: nobody can delete it.")
        )

    @api.model
    def _give_back(self, moves):
        """What came back of done moves, or was lowered in them, can be shipped again
        on the same permission: the last use first.

        :param moves: moves of which something came back
        """
        uses = unguarded(self.sudo()).search([("move_id", "in", moves.ids)])
        for move, group in uses.grouped("move_id").items():
            group = group.sorted("id")
            units, first = move.contract_line_units or 1, group[0]
            # what of the move needed no permission when it left
            before = first.moved_quantity * units - sum(
                use.quantity
                for use in group
                if use.create_date == first.create_date
                and use.moved_quantity == first.moved_quantity
            )
            kept = max(0.0, move._contract_risk_kept() * units - max(0.0, before))
            for use in group:
                mine = min(use.quantity, kept)
                kept -= mine
                use._set_returned(use.quantity - mine)

    def _set_returned(self, quantity):
        self.ensure_one()
        share = quantity / self.quantity if self.quantity else 0
        amount = self.currency_id.round(self.amount * share)
        row, application = self.row_id, self.application_id
        difference = quantity - self.returned_quantity
        if row.product_uom_id.is_zero(difference):
            return
        row.used_quantity -= difference
        application.used_amount -= amount - self.returned_amount
        self.write({"returned_quantity": quantity, "returned_amount": amount})
