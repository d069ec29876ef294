from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

from ...tools.guard import unguarded
from ...tools.words import format_quantity
from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The order as a call-off under a frame agreement (要货传真件), and what of it is
    outside of what was agreed there."""

    _inherit = "sale.order"

    contract_frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups=READER,
    )
    contract_call_off_date = fields.Date(
        string="Call-Off Dated",
        copy=False,
        groups=READER,
        help="Date on the customer's call-off document; its number is the customer "
        "reference.",
    )
    contract_frame_warning = fields.Text(
        string="Outside the Frame Agreement",
        compute="_compute_contract_frame_warning",
        groups=READER,
        help="What departs from the frame agreement: prices, products, quantities, "
        "amounts, the date of the order. Other confirmed call-offs are counted.",
    )
    contract_outside_frame = fields.Boolean(
        string="Departs from Frame Agreement",
        compute="_compute_contract_frame_warning",
        search="_search_contract_outside_frame",
        groups=READER,
    )

    @api.depends_context("lang")
    @api.depends(
        "contract_frame_id", "date_order", "state", "order_line.product_id",
        "order_line.product_uom_qty", "order_line.product_uom_id",
        "order_line.price_subtotal", "order_line.price_total",
    )  # fmt: skip
    def _compute_contract_frame_warning(self):
        texts = self.filtered("contract_frame_id")._contract_frame_texts()
        for order in self:
            sentences = texts.get(order)
            order.contract_frame_warning = "\n".join(sentences or ()) or False
            order.contract_outside_frame = bool(sentences)

    def _search_contract_outside_frame(self, operator, value):
        if operator != "in":
            return NotImplemented
        # ids alone would answer those as well who may not ask
        self._check_field_access(self._fields["contract_outside_frame"], "read")
        orders = self.sudo().search(
            [("contract_frame_id", "!=", False), ("state", "!=", "cancel")]
        )
        texts = orders._contract_frame_texts()
        return [("id", "in", [order.id for order in orders if texts.get(order)])]

    @api.constrains("contract_frame_id", "partner_id", "company_id")
    def _check_contract_frame(self):
        for order in self.sudo().filtered("contract_frame_id"):
            frame = order.contract_frame_id
            if order.company_id != frame.company_id:
                raise ValidationError(
                    self.env._(
                        "%(order)s and %(frame)s belong to different companies.",
                        order=order.display_name,
                        frame=frame.display_name,
                    )
                )
            if order.partner_id.commercial_partner_id != frame.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(frame)s was agreed with %(partner)s: choose a frame "
                        "agreement of the customer of %(order)s.",
                        order=order.display_name,
                        frame=frame.display_name,
                        partner=frame.commercial_partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # a default of the context opens no agreement either
        defaults = self.default_get(["contract_frame_id"])
        vals_list = [{**defaults, **vals} for vals in vals_list]
        self._contract_check_frame_access(vals_list)
        orders = super().create(vals_list)
        for order, vals in zip(orders, vals_list, strict=True):
            if vals.get("contract_frame_id"):
                order._contract_link_frame()
        return orders

    def write(self, vals):
        linked = self.browse()
        if vals.get("contract_frame_id"):
            self._contract_check_frame_access([vals])
            linked = self.sudo().filtered(
                lambda o: o.contract_frame_id.id != vals["contract_frame_id"]
            )
        res = super().write(vals)
        for order in linked.with_env(self.env):
            order._contract_link_frame()
        return res

    @api.model
    def _contract_check_frame_access(self, vals_list):
        """Whoever chooses a frame agreement must be able to read it: checked before
        the order makes him one of those who call off."""
        frames = {vals.get("contract_frame_id") for vals in vals_list} - {False, None}
        self.env["contract.frame"].browse(frames).check_access("read")

    def _contract_facts(self):
        return super()._contract_facts() | {
            "contract_frame_id",
            "contract_call_off_date",
        }

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"contract_call_off_date"}

    def _contract_link_frame(self):
        """Join the frame agreement that was just chosen.

        :raise UserError: if nothing can be called off from it on the order's date
        """
        self.ensure_one()
        order = self.sudo()
        frame = order.contract_frame_id
        if not order.contract_state:
            raise UserError(
                self.env._(
                    "%(order)s is confirmed and not tracked: track it as a contract "
                    "first, then choose its frame agreement.",
                    order=order.display_name,
                )
            )
        frame._check_call_off(order._contract_day(order.date_order))
        values = {}
        if not order.contract_kind:
            values["contract_kind"] = "call_off"
        if (
            frame.schedule_template_id
            and not order.contract_schedule_template_id
            and not order.contract_effective_date
        ):
            values["contract_schedule_template_id"] = frame.schedule_template_id.id
        if values:
            unguarded(order).write(values)

    # ------------------------------------------------------------------
    # Outside the frame
    # ------------------------------------------------------------------

    def _contract_frame_texts(self):
        """Say what of the orders departs from their frame agreements, in the user's
        language: ``{order: [sentence, …]}``. A constant number of queries."""
        return {
            order: [sentence for sentences in parts for sentence, _excess in sentences]
            for order, parts in self._contract_frame_departures().items()
        }

    def _contract_frame_excess(self):
        """What of the orders is beyond their frame agreements, in the order's currency
        with taxes: the goods that depart, or the total where that departs by more. An
        order out of its validity is so as a whole. Orders that don't depart have none.
        """
        return {
            order: order.currency_id.round(
                min(
                    order.amount_total,
                    max(sum(excess for _text, excess in part) for part in parts),
                )
            )
            for order, parts in self._contract_frame_departures().items()
            if any(parts)
        }

    def _contract_frame_departures(self):
        """``{order: (of its validity, of its goods, of its total)}``, each a list of
        (sentence, amount beyond the frame agreement)."""
        if not self:
            return {}
        orders = self.sudo()
        frames = orders.contract_frame_id._origin
        taken = frames._read_lines()
        called = frames._read_call_offs()
        rates = frames._call_off_rates(orders)
        match = frames._line_matcher()
        result = {}
        for order, record in zip(orders, self, strict=True):
            if order.state == "cancel":
                continue
            frame = order.contract_frame_id._origin
            lines = [
                (line, match(frame, line))
                for line in order.order_line
                if line._contract_is_promise()
            ]
            rate = rates[order.id]
            others = sum(
                row["called"]
                for other, row in called.items()
                if other.contract_frame_id == frame and other.id != order._origin.id
            )
            goods = [
                *order._contract_line_texts(frame, lines, rate),
                *order._contract_left_texts(frame, lines, rate, taken),
            ]
            result[record] = (
                list(order._contract_validity_texts(frame)),
                goods,
                list(order._contract_total_texts(frame, rate, others)),
            )
        return result

    def _contract_validity_texts(self, frame):
        self.ensure_one()
        if self.state in ("draft", "sent") and frame.state != "active":
            yield (
                self.env._(
                    "The frame agreement is not in effect: %(state)s.",
                    state=frame._contract_state_label(),
                ),
                self.amount_total,
            )
        day = self.date_order and self._contract_day(self.date_order)
        if day and not (frame.date_start <= day <= frame.date_end):
            yield (
                self.env._(
                    "The order is of %(day)s, the frame agreement is valid from "
                    "%(start)s to %(end)s.",
                    day=format_date(self.env, day),
                    start=format_date(self.env, frame.date_start),
                    end=format_date(self.env, frame.date_end),
                ),
                self.amount_total,
            )

    def _contract_line_texts(self, frame, lines, rate):
        """Products that aren't agreed, prices that differ."""
        for line, agreed in lines:
            if not agreed:
                if frame.line_ids:
                    yield (
                        self.env._(
                            "%(product)s is not in the frame agreement.",
                            product=line._contract_product_name(),
                        ),
                        line.price_total,
                    )
                continue
            price = line._contract_frame_price(agreed, rate)
            if price is not None:
                yield (
                    self.env._(
                        "%(product)s: price %(price)s, agreed %(agreed)s per %(unit)s, "
                        "without tax.",
                        product=line._contract_product_name(),
                        price=agreed._format_price(price),
                        agreed=agreed._format_price(agreed.price_unit),
                        unit=agreed.uom_id.name,
                    ),
                    abs(line.price_total - line._contract_frame_total(agreed, rate)),
                )

    def _contract_left_texts(self, frame, lines, rate, taken):
        """Agreed products of which the order takes more than is left."""
        currency = frame.currency_id
        for agreed in frame.line_ids:
            own = [line for line, found in lines if found == agreed]
            if not own:
                continue
            others = [
                values
                for order_id, values in taken.get(agreed.id, {}).items()
                if order_id != self._origin.id
            ]
            quantity = sum(
                agreed._convert_quantity(line.product_uom_qty, line.product_uom_id)
                for line in own
            )
            left = max(agreed.quantity - sum(v["called_quantity"] for v in others), 0)
            beyond = 0
            if agreed.quantity and agreed.uom_id.compare(quantity, left) > 0:
                # at the agreed price: what is too dear is counted with the price
                total = sum(line._contract_frame_total(agreed, rate) for line in own)
                beyond = total * (quantity - left) / quantity
                yield (
                    self.env._(
                        "%(product)s: %(quantity)s %(unit)s ordered, %(left)s %(unit)s "
                        "left.",
                        product=agreed.display_name,
                        quantity=format_quantity(self.env, quantity),
                        left=format_quantity(self.env, left),
                        unit=agreed.uom_id.name,
                    ),
                    beyond,
                )
            amount = rate * sum(
                line._contract_unit_total() * line.product_uom_qty for line in own
            )
            left = max(agreed.amount - sum(v["called_amount"] for v in others), 0)
            if agreed.amount and currency.compare_amounts(amount, left) > 0:
                yield (
                    self.env._(
                        "%(product)s: %(amount)s ordered, %(left)s left.",
                        product=agreed.display_name,
                        amount=format_amount(self.env, amount, currency),
                        left=format_amount(self.env, left, currency),
                    ),
                    max((amount - left) / rate - beyond, 0),
                )

    def _contract_total_texts(self, frame, rate, others):
        """More than what is left of the agreed total."""
        total, currency = frame.amount_total, frame.currency_id
        amount = self.amount_total * rate
        left = max(total - others, 0)
        if total and currency.compare_amounts(amount, left) > 0:
            yield (
                self.env._(
                    "Total: %(amount)s ordered, %(left)s left of %(total)s.",
                    amount=format_amount(self.env, amount, currency),
                    left=format_amount(self.env, left, currency),
                    total=format_amount(self.env, total, currency),
                ),
                (amount - left) / rate,
            )
