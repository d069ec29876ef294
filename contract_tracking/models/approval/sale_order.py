from odoo import fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The decisions on the documents of a contract."""

    _inherit = "sale.order"

    contract_step_ids = fields.One2many(
        "contract.approval.step",
        "order_id",
        string="Decisions",
        copy=False,
        groups=READER,
    )
