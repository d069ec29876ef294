from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ...tools.words import format_quantity


class SaleOrderLine(models.Model):
    """Lines that a contract in effect promises stay; not more than is promised was
    delivered before."""

    _inherit = "sale.order.line"

    @api.constrains("contract_opening_quantity")
    def _check_contract_opening(self):
        for line in self.sudo().filtered("contract_opening_quantity"):
            order = line.order_id
            if not order.contract_opening_date:
                raise ValidationError(order._contract_opening_message())
            promised = line._contract_most()
            opening = line.contract_opening_quantity
            if opening < 0 or line.product_uom_id.compare(opening, promised) > 0:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the opening quantity of “%(line)s” is between 0 "
                        "and %(promised)s, which is promised.",
                        order=order.display_name,
                        line=line.product_id.display_name,
                        promised=format_quantity(self.env, promised),
                    )
                )

    def _contract_most(self):
        """How much of the line may be delivered, what is allowed beyond included."""
        self.ensure_one()
        terms = self.order_id.contract_term_ids.filtered(
            lambda t: t.line_id == self and not t.valid_to
        )
        if terms:
            return sum(t.quantity * (1 + t.over_percent / 100) for t in terms)
        over = self.order_id.company_id.contract_over_percent
        return max(self.product_uom_qty, 0.0) * (1 + over / 100)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_contract_in_effect(self):
        terms = self.env["contract.term"].sudo()
        if terms := terms.search(
            [("line_id", "in", self.ids), ("stamped", "=", True)], limit=1
        ):
            raise UserError(
                self.env._(
                    "“%(line)s” is promised by a contract in effect: set its quantity "
                    "to what is still agreed instead of deleting it.",
                    line=terms.line_id.display_name,
                )
            )
