from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractTerminationDelivery(models.Model):
    """What becomes of an open delivery when its contract ends: cancelled, or delivered
    all the same. One that isn't listed is cancelled, unless it is left of one that is
    delivered all the same, or the next step of it."""

    _name = "contract.termination.delivery"
    _inherit = ["contract.approval.row.mixin", "contract.frozen.mixin"]
    _description = "Open Delivery of a Termination"
    _order = "termination_id, id"
    _approval_document = "termination_id"

    termination_id = fields.Many2one(
        "contract.termination", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="termination_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="termination_id.order_id")
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('sale_id', '=', order_id), ('state', 'not in', ('done', 'cancel'))]",
    )
    choice = fields.Selection(
        [("cancel", "Cancel"), ("keep", "Deliver all the same")],
        string="What Becomes of It",
        required=True,
        default="cancel",
    )
    note = fields.Char()

    _picking_uniq = models.UniqueIndex(
        "(termination_id, picking_id)", "This delivery is listed already."
    )

    @api.constrains("picking_id", "termination_id")
    def _check_picking(self):
        for row in self:
            picking = row.picking_id.sudo()
            if picking.sale_id != row.termination_id.order_id.sudo():
                raise ValidationError(
                    self.env._(
                        "%(delivery)s belongs to another contract.",
                        delivery=picking.display_name,
                    )
                )
