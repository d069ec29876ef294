from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContractLogisticsPartMixin(models.AbstractModel):
    """A form that a logistics exception led to."""

    _name = "contract.logistics.part.mixin"
    _description = "Comes of a Logistics Exception"

    logistics_exception_id = fields.Many2one(
        "contract.logistics.exception",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id)]",
        help="What happened to the goods on their way.",
    )

    @api.constrains("logistics_exception_id", "order_id")
    def _check_logistics_exception(self):
        for record in self.sudo():
            exception = record.logistics_exception_id
            if exception and exception.order_id != record.order_id:
                raise ValidationError(
                    self.env._(
                        "%(exception)s happened to another contract.",
                        exception=exception.display_name,
                    )
                )
