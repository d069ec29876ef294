from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, models
from odoo.tools import float_round

from ...tools.guard import is_linking, is_unguarded

# What both sides agreed on of a line, and what makes a line one that they agreed on.
AGREED = (
    "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount",
    "tax_ids", "customer_lead", "display_type", "is_downpayment", "is_expense",
    "is_delivery", "reward_id",
)  # fmt: skip


class SaleOrderLine(models.Model):
    """What a re-agreement does to an order line; and where the company says so, nothing
    else changes what was agreed on of a contract in effect (D2 §9)."""

    _inherit = "sale.order.line"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if held := lines._contract_only_reagreed():
            agreed = held.filtered(lambda line: line._contract_is_agreed())
            agreed._contract_refuse_edit(
                agreed.filtered(lambda line: line._contract_is_rebate())
            )
        return lines

    def write(self, vals):
        names = [name for name in self._contract_agreed_fields() if name in vals]
        held = self._contract_only_reagreed() if names else self.browse()
        before = {
            line: (line._contract_is_agreed(), [line[name] for name in names])
            for line in held
        }
        rebates = held.filtered(lambda line: line._contract_is_rebate())
        res = super().write(vals)
        changed = held.filtered(
            lambda line: (
                before[line][1] != [line[name] for name in names]
                and (before[line][0] or line._contract_is_agreed())
            )
        )
        changed._contract_refuse_edit(
            (changed & rebates).filtered(lambda line: line._contract_is_rebate())
        )
        return res

    # ------------------------------------------------------------------
    # By re-agreement only
    # ------------------------------------------------------------------

    @api.model
    def _contract_agreed_fields(self):
        """Names of the fields that hold what was agreed on of a line."""
        names = [name for name in AGREED if name in self._fields]
        own = self._contract_own_date()
        return [*names, own] if own else names

    def _contract_is_agreed(self):
        """Whether it is goods, services or a rebate: not what core adds of its own, as
        down payments, delivery fees, expenses or rewards."""
        self.ensure_one()
        return self._contract_is_promise() or (
            self._contract_is_below_zero()
            and not ("reward_id" in self._fields and self.reward_id)
        )

    def _contract_is_rebate(self):
        """Whether it lowers the price, or did before it was dropped."""
        self.ensure_one()
        return self._contract_is_below_zero() or not self.product_uom_qty

    def _contract_only_reagreed(self):
        """Those that people change by a re-agreement only. What core writes down of
        what happened, as superuser or in validating a delivery, passes."""
        if self.env.su or is_unguarded(self) or is_linking(self):
            return self.browse()
        return self.sudo().filtered(
            lambda line: line.order_id._contract_is_reagreed_only()
        )

    def _contract_refuse_edit(self, rebates):
        """Refuse what is edited. No delivery promises a rebate: it is edited in the
        order while a re-agreement that takes up its new total is written.

        :param rebates: those of these that are rebates and stay some
        """
        (self - rebates).order_id._contract_refuse_edit()
        if rebates:
            written = self.env["contract.reagreement"].sudo()
            written = written.search(
                [
                    ("order_id", "in", rebates.order_id.ids),
                    ("change_order", "=", False),
                    ("state", "=", "draft"),
                ]
            )
            (rebates.order_id - written.order_id)._contract_refuse_rebate()

    # ------------------------------------------------------------------
    # Called off before
    # ------------------------------------------------------------------

    def _contract_frame_price(self, agreed, rate):
        """What was called off before a re-agreement of the frame agreement holds is
        asked for the price of its day."""
        price = super()._contract_frame_price(agreed, rate)
        order = self.order_id
        if price is None or not order.date_order or not agreed._origin:
            return price
        day = order._contract_day(order.date_order)
        # read with those of the other products
        later = (
            agreed.sudo()
            ._origin.reagreement_line_ids.filtered(
                lambda change: (
                    change.reagreement_id.state == "done"
                    and change.reagreement_id.date_from > day
                )
            )
            .sorted(lambda change: (change.reagreement_id.date_from, change.id))[:1]
        )
        if not later:
            return price
        before = agreed.new({"price_unit": later.price_before}, origin=agreed)
        return super()._contract_frame_price(before, rate)

    # ------------------------------------------------------------------
    # What a re-agreement changes
    # ------------------------------------------------------------------

    def _price_values(self):
        """Its price, as values that are written."""
        self.ensure_one()
        return {
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [Command.set(sorted(self.tax_ids.ids))],
        }

    def _contract_started(self):
        """How much of each line has left its place or is picked, what came back taken
        off: ``{line: quantity in its unit}``. Of a kit as much as the component of
        which most did."""
        parts = defaultdict(float)
        for move in self.sudo().move_ids:
            units = move.contract_line_units or move._contract_units()
            key = move.sale_line_id, move.product_id
            parts[key] += self._contract_start_sign(move) * move.quantity * units
        started = defaultdict(float)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for (line, _product), quantity in parts.items():
            quantity = float_round(quantity, precision_digits=digits)
            started[line] = max(started[line], quantity)
        return started

    @api.model
    def _contract_start_sign(self, move):
        """How a move counts in what was started: -1 for what came back."""
        if move.state == "cancel":
            return 0
        if move.location_id._is_outgoing():
            return -1 if move.state == "done" and move.to_refund else 0
        origin = move.origin_returned_move_id
        if origin and origin.sale_line_id == move.sale_line_id:
            # a step that was undone, or goods that came back leave again
            return -self._contract_start_sign(origin) if move.state == "done" else 0
        # the first step stands for those that follow
        if move.move_orig_ids.filtered(lambda m: m.sale_line_id == move.sale_line_id):
            return 0
        return 1 if move.state == "done" or move.picked else 0

    def _contract_moment(self, day=None):
        """The moment at which the line is promised, or would be on another day."""
        self.ensure_one()
        moment = self._contract_promised_moment() or self._expected_date()
        return moment + (day - self.order_id._contract_day(moment)) if day else moment

    def _contract_open_moves(self):
        """What is still to leave of it."""
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not move.location_id._is_outgoing()
            )
        )

    def _contract_replan(self):
        """Plan what is still to leave of the line for when it is promised, as core does
        for a new line: what is dropped later it takes off moves of this very moment."""
        self.ensure_one()
        if moves := self._contract_open_moves():
            moment = self._contract_moment()
            lead = timedelta(days=self.order_id.company_id.security_lead)
            moves.write({"date_deadline": moment, "date": moment - lead})
