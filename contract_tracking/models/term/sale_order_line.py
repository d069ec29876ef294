from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.guard import is_unguarded, unguarded
from ...tools.words import format_quantity
from ..contract.sale_order import READER

# What the price of a unit is made of.
PRICE = {"price_unit", "discount", "tax_ids", "product_uom_qty", "product_uom_id"}


class SaleOrderLine(models.Model):
    """Lines that a contract in effect promises stay; not more than is promised was
    delivered before; what is delivered beside the agreement has a price that stays."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "contract.system.mixin"]

    contract_unit_total = fields.Float(
        string="Kept Unit Price",
        digits=0,
        copy=False,
        readonly=True,
        groups=READER,
        help="For a line that the contract in effect doesn't promise, added later or "
        "by the warehouse: what a unit costs with taxes. It stays once some of it is "
        "delivered, whatever becomes of prices and taxes.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self):
            vals_list = [
                {name: vals[name] for name in vals if name != "contract_unit_total"}
                for vals in vals_list
            ]
        lines = super().create(vals_list)
        lines._contract_in_effect().order_line._contract_keep_price()
        return lines

    def write(self, vals):
        if "contract_unit_total" in vals and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "The price of what is delivered beside the agreement is kept with "
                    "the delivery; it can't be written."
                )
            )
        res = super().write(vals)
        if PRICE & vals.keys():
            self._contract_in_effect().order_line._contract_keep_price()
        return res

    def unlink(self):
        orders = self._contract_in_effect()
        res = super().unlink()
        orders.order_line._contract_keep_price()
        return res

    def _contract_in_effect(self):
        """The contracts in effect of these lines: what is below zero on one lowers the
        prices of the others."""
        return self.sudo().order_id.filtered("contract_effective_date")

    @api.model
    def _contract_system(self):
        # the other fields are core's
        return {"contract_unit_total"}

    def _contract_keep_price(self):
        """Keep the price of what a contract in effect doesn't promise: the last one
        before it is delivered, or else the first one that it is given then."""
        lines = self.sudo().filtered(
            lambda line: (
                line.order_id.contract_effective_date
                and line._contract_is_promise()
                and not (line.contract_unit_total and line.qty_delivered)
            )
        )
        if not lines:
            return
        terms = self.env["contract.term"].sudo()
        lines -= terms.search(
            [("line_id", "in", lines.ids), ("stamped", "=", True)]
        ).line_id
        for price, same in lines.grouped(lambda line: line._contract_price()).items():
            if lines := same.filtered(lambda ln, p=price: ln.contract_unit_total != p):
                unguarded(lines).write({"contract_unit_total": price})

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
