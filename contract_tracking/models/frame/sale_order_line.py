from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _contract_product_name(self):
        self.ensure_one()
        return self.product_id.with_context(display_default_code=False).display_name

    def _contract_frame_price(self, agreed, rate):
        """The price of one agreed unit if it differs from the agreed price, else None.

        Before taxes, after discounts, in the frame's currency. What rounding to the
        decimals of prices and amounts makes of it is no difference.

        :param agreed: the ``contract.frame.line``
        :param rate: one unit of the order's currency in the frame's
        """
        self.ensure_one()
        quantity = agreed._convert_quantity(self.product_uom_qty, self.product_uom_id)
        if not agreed.price_unit or quantity <= 0:
            return None
        price = self.price_subtotal * rate / quantity
        digits = self.env["decimal.precision"].precision_get("Product Price")
        # of a price, for one unit of the order; of an amount, for the whole line
        per_unit = 0.5 * 10**-digits * self.product_uom_qty / quantity
        tolerance = per_unit + self.currency_id.rounding / quantity
        if abs(price - agreed.price_unit) <= tolerance * rate + 1e-9:
            return None
        return price

    def _contract_frame_total(self, agreed, rate):
        """What the line would cost, with taxes and in the order's currency, if it cost
        the price that was agreed; what it costs where no price was."""
        price = self._contract_frame_price(agreed, rate)
        return self.price_total * (agreed.price_unit / price if price else 1)

    def _contract_net_price(self):
        """Raise prices that include taxes, so that they are the agreed ones before."""
        for line in self.filtered(lambda ln: any(ln.tax_ids.mapped("price_include"))):
            net = line.price_unit * line.product_uom_qty
            if line.price_subtotal and net:
                line.price_unit *= net / line.price_subtotal
