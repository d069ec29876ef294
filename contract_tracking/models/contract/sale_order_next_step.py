from odoo import api, fields, models

from ...tools.windows import form_window
from .sale_order import READER


class SaleOrder(models.Model):
    """The next thing to do on a contract for who looks at it: a button a step, of which
    the form shows the most urgent one."""

    _inherit = "sale.order"

    contract_next_step = fields.Selection(
        [("sign", "Enter Signing")],
        string="Next Step",
        compute="_compute_contract_next_step",
        groups=READER,
        help="What the user can do next to keep the contract going.",
    )

    @api.depends_context("uid")
    @api.depends("contract_state")
    def _compute_contract_next_step(self):
        followed = self._origin._contract_followed()
        for order in self:
            steps = order._origin and order._origin._contract_next_steps(
                order._origin in followed
            )
            order.contract_next_step = min(steps, default=(0, False))[1]

    @api.readonly
    def action_contract_sign(self):
        """Open the window in which the signing is entered."""
        self.ensure_one()
        view = self.env.ref("contract_tracking.sale_order_view_form_signing")
        window = form_window("sale.order", self.env._("Enter Signing"), view=view.id)
        return {**window, "res_id": self.id}

    def _contract_next_steps(self, follows):
        """What waits to be done on the contract: pairs of urgency (0 first) and step.
        Each room adds what its buttons do, for who may press them.

        :param follows: whether the user follows the contract
        """
        if follows and self.contract_state in ("draft", "confirmed"):
            if self._contract_missing():
                yield 0, "sign"
