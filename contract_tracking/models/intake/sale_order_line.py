from odoo import models
from odoo.tools import format_amount

from ...tools.words import format_quantity


class SaleOrderLine(models.Model):
    """A line of an order in words."""

    _inherit = "sale.order.line"

    def _contract_goods_text(self):
        """What is promised, without its price."""
        self.ensure_one()
        return self.env._(
            "%(product)s: %(quantity)s %(unit)s",
            product=self.product_id.display_name or self.name,
            quantity=format_quantity(self.env, self.product_uom_qty),
            unit=self.product_uom_id.name or "",
        ).strip()

    def _contract_entry_text(self):
        """What stands in the order: description, quantity, price, discount, taxes."""
        self.ensure_one()
        product = self.product_id.display_name
        parts = [
            self.env._(
                "%(quantity)s %(unit)s at %(price)s",
                quantity=format_quantity(self.env, self.product_uom_qty),
                unit=self.product_uom_id.name or "",
                price=format_amount(self.env, self.price_unit, self.currency_id),
            ),
            self.discount and f"-{format_quantity(self.env, self.discount)} %",
            *self.tax_ids.mapped("name"),
        ]
        text = " · ".join(filter(None, parts))
        # which one it is may stand there alone
        said = self.name if product and self.name != product else False
        return "\n".join(filter(None, (said, text)))
