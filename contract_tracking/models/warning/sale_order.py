from odoo import api, fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The early warnings of a contract."""

    _inherit = "sale.order"

    contract_warning_ids = fields.One2many(
        "contract.warning",
        "order_id",
        string="Early Warnings",
        copy=False,
        groups=READER,
    )
    contract_warning_count = fields.Integer(
        string="Open Warnings",
        compute="_compute_contract_warnings",
        groups=READER,
        help="Early warnings that are open and that you may read.",
    )
    contract_warning_text = fields.Text(
        string="What Threatens",
        compute="_compute_contract_warnings",
        groups=READER,
        help="The open warnings of the contract that you may read.",
    )

    @api.depends_context("lang", "uid")
    @api.depends("contract_warning_ids.state")
    def _compute_contract_warnings(self):
        found = self.env["contract.warning"]._open_of(self)
        for order in self:
            warnings = found.get(order._origin, ())
            order.contract_warning_count = len(warnings)
            order.contract_warning_text = "\n".join(w.text for w in warnings) or False

    @api.readonly
    def action_view_contract_warnings(self):
        """Open the early warnings of the contract."""
        return self._contract_parts_action("contract_warning_action")
