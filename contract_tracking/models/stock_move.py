from odoo import fields, models

from .stock_picking import DELIVERY


class StockMove(models.Model):
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
