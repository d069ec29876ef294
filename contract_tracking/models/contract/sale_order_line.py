from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.batches import in_batches
from ...tools.words import format_quantity


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    contract_line_no = fields.Integer(
        string="Line No.",
        copy=False,
        groups="contract_tracking.group_contract_reader",
        help="By it an import finds the line again, so that a file may come twice.",
    )
    contract_opening_quantity = fields.Float(
        string="Opening Delivered",
        digits="Product Unit",
        copy=False,
        groups="contract_tracking.group_contract_reader",
        help="For a contract that ran before it was kept here: quantity delivered up "
        "to the opening date, in the line's unit.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        opened = lines.filtered(
            lambda ln: not ln.env.su and ln.sudo().contract_opening_quantity
        )
        opened.order_id._contract_check_followed()
        lines.filtered(
            lambda ln: ln.qty_delivered_method != "stock_move" and ln.qty_delivered
        )._contract_log_delivered()
        return lines

    def write(self, vals):
        if "contract_opening_quantity" in vals:
            self._contract_check_opening(vals["contract_opening_quantity"])
        if "order_id" in vals:
            self._contract_check_moved(vals["order_id"])
        res = super().write(vals)
        if "qty_delivered" in vals:
            self._contract_log_delivered()
        return res

    def _contract_check_moved(self, order_id):
        """A line of a contract in effect stays with it, nor does one come to it from
        another order: what was delivered and invoiced of it would go along."""
        if self.env.su:
            return
        self.check_access("write")
        target = self.env["sale.order"].browse(order_id)
        target.check_access("read")
        for line in self.sudo():
            orders = line.order_id | target.sudo()
            if len(orders) > 1 and any(orders.mapped("contract_effective_date")):
                raise UserError(
                    self.env._(
                        "“%(line)s” stays with its order: a contract is in effect. "
                        "Add a line of its own to the other order.",
                        line=line.product_id.display_name or line.name,
                    )
                )

    def _contract_check_opening(self, quantity):
        """Opening figures of a contract in effect may be filled in, not changed."""
        self.check_access("write")
        self._check_field_access(self._fields["contract_opening_quantity"], "write")
        self.order_id._contract_check_followed()
        fixed = self.sudo().filtered(
            lambda line: (
                line.order_id.contract_effective_date
                and line.contract_opening_quantity
                and line.contract_opening_quantity != quantity
            )
        )
        if fixed:
            raise UserError(
                self.env._(
                    "%(order)s is in effect: the opening quantity of “%(line)s” can't "
                    "be changed any more.",
                    order=fixed[0].order_id.display_name,
                    line=fixed[0].product_id.display_name,
                )
            )

    def _contract_promised_moment(self):
        """When the line is promised: its own delivery date where another app keeps
        one, the order's, or False."""
        self.ensure_one()
        own = self._contract_own_date()
        return (own and self[own]) or self.order_id.commitment_date

    def _contract_agreed_date(self):
        """The day promised for the line, else the expected date from the lead time."""
        self.ensure_one()
        moment = self._contract_promised_moment() or self._expected_date()
        return self.order_id._contract_day(moment)

    def _contract_unit_total(self):
        """What one unit costs with taxes, in the order's currency, lowered in
        proportion by what is below zero on the order: all units come to its total, of
        which the lines are a part."""
        self.ensure_one()
        if not self.product_uom_qty or not self.price_total:
            return 0.0
        order = self.order_id.sudo()
        total = self.price_total * order.contract_goods_share
        return (total + order.contract_goods_cents) / self.product_uom_qty

    def _contract_price(self):
        """What one unit costs with taxes, not rounded: also of a line that the
        warehouse added, whose quantity and total are 0."""
        if self.product_uom_qty:
            return self._contract_unit_total()
        return self.tax_ids.with_context(round_base=False).compute_all(
            self.price_unit * (1 - (self.discount or 0) / 100),
            currency=self.currency_id,
            product=self.product_id,
            partner=self.order_id.partner_shipping_id,
            rounding_method="round_globally",
        )["total_included"]

    def _contract_log_delivered(self):
        """Date what was delivered without a stock move, or invoiced without a customer
        invoice: core keeps the figure, not the day. It is of today."""
        orders = self.sudo().order_id.filtered("contract_state")
        undated = self.env["contract.facts"]._read_undated(orders)
        lines = self.sudo().grouped("id")
        rows = []
        for (line_id, kind), (known, delta) in undated.items():
            line = lines.get(line_id)
            if not line or line.product_uom_id.is_zero(delta):
                continue
            rows.append(
                {
                    "order_id": line.order_id.id,
                    "kind": kind,
                    "name": line.product_id.display_name or line.name,
                    "old_value": format_quantity(self.env, known),
                    "new_value": format_quantity(self.env, known + delta),
                    "line_id": line.id,
                    "quantity": delta,
                }
            )
        self.env["contract.history"].sudo()._log(rows)

    @api.model
    def _cron_contract_log_delivered(self):
        """Date what core counted without anybody writing it (time sheets, milestones
        of projects, the Point of Sale): the difference to the history is of today."""
        orders = (
            self.env["sale.order"]
            .sudo()
            # hours are posted after a contract ended too
            .search([("contract_state", "not in", (False, "draft"))])
        )
        undated = self.env["contract.facts"]._read_undated(orders)
        lines = self.browse(sorted({line_id for line_id, _kind in undated}))
        for chunk in in_batches(lines):
            chunk._contract_log_delivered()
