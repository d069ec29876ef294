from odoo import api, models
from odoo.tools import SQL


class SaleOrderLine(models.Model):
    """Which order lines promise goods or services of a contract: not sections, notes,
    down payments, delivery fees, discounts, rewards, re-invoiced expenses, nor what is
    below zero. What is below zero lowers the price of the goods.

    The rules stand here in Python and in SQL, side by side.
    """

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "contract.facts.source"]

    def _contract_is_promise(self):
        """Whether the line promises something; :meth:`_contract_promise_sql`."""
        self.ensure_one()
        return bool(
            self.product_id
            and not self.display_type
            and not self.is_downpayment
            and not self.is_expense
            and self.product_id.type != "combo"
            and self.product_id != self.company_id.sale_discount_product_id
            and not self._contract_is_below_zero()
            and not ("is_delivery" in self._fields and self.is_delivery)
            and not ("reward_id" in self._fields and self.reward_id)
        )

    @api.model
    def _contract_promise_domain(self):
        """The same to choose from: the domain of a field, of the lines of its order."""
        discount = self.env.company.sale_discount_product_id
        names = ["display_type", "is_downpayment", "is_expense"]
        names += [name for name in ("is_delivery", "reward_id") if name in self._fields]
        domain = [
            ("product_id", "not in", [False, discount.id]),
            ("product_id.type", "!=", "combo"),
            ("price_total", ">=", 0),
            ("product_uom_qty", ">=", 0),
            *((name, "=", False) for name in names),
        ]
        return f"[('order_id', '=', order_id)] + {domain}"

    def _contract_is_below_zero(self):
        """Whether the line lowers the price of the goods: a rebate, a whole-order
        discount, something taken in payment."""
        self.ensure_one()
        return (
            (self.price_total < 0 or self.product_uom_qty < 0)
            and not self.display_type
            and not self.is_downpayment
            and not self.is_expense
        )

    @api.model
    def _contract_own_date(self):
        """The name of the field that keeps a line's own delivery date, or None: core
        has the order's only, other apps add one (OCA's ``sale_order_line_date``).
        """
        field = self._fields.get("commitment_date")
        return field and field.store and field.type == "datetime" and field.name or None

    @api.model
    def _contract_below_zero_sql(self, line):
        """The same as a condition over ``line``, an alias of sale_order_line."""
        return SQL(
            """((%(line)s.price_total < 0 OR %(line)s.product_uom_qty < 0)
                AND %(line)s.display_type IS NULL
                AND NOT COALESCE(%(line)s.is_downpayment, FALSE)
                AND NOT COALESCE(%(line)s.is_expense, FALSE))""",
            line=SQL.identifier(line),
        )

    @api.model
    def _contract_promise_sql(self):
        """The same as a condition over ``l`` (sale_order_line), ``t``
        (product_template, of the line's product) and ``s`` (the contract's ``scope``).
        """
        conditions = [
            SQL("l.display_type IS NULL"),
            SQL("NOT COALESCE(l.is_downpayment, FALSE)"),
            SQL("NOT COALESCE(l.is_expense, FALSE)"),
            SQL("t.type <> 'combo'"),
            SQL("NOT COALESCE(%s, FALSE)", self._contract_below_zero_sql("l")),
            SQL("l.product_id IS DISTINCT FROM s.discount_product_id"),
        ]
        if "is_delivery" in self._fields:
            conditions.append(SQL("NOT COALESCE(l.is_delivery, FALSE)"))
        if "reward_id" in self._fields:
            conditions.append(SQL("l.reward_id IS NULL"))
        return SQL(" AND ").join(conditions)
