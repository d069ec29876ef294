from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_round

from ...tools.gate import Step
from ...tools.guard import is_linking, linking

# What says whether a move is counted as a delivery.
COUNTED = {"origin_returned_move_id", "to_refund"}


class StockMove(models.Model):
    """Goods leave for the customer of a contract only when the gate lets them."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        # what it writes is asked about at its end, as a set
        moves = super(StockMove, linking(self))._action_done(
            cancel_backorder=cancel_backorder
        )
        moves = moves.with_env(self.env)
        moves._contract_gate_hold()
        return moves

    def write(self, vals):
        if "sale_line_id" in vals:
            self._contract_check_detached(vals["sale_line_id"])
        if "product_id" in vals:
            # core takes it from its order line then
            self.filtered(
                lambda m: m.product_id.id != vals["product_id"]
            )._contract_check_detached(False)
        if COUNTED & vals.keys():
            self._contract_check_counted(vals)
        waiting = self.browse()
        if {"state", "location_dest_id"} & vals.keys() and not is_linking(self):
            waiting = self.filtered(lambda m: not m._contract_has_left())
        res = super().write(vals)
        if waiting:
            waiting.filtered("sale_line_id")._contract_gate_hold()
        if vals.get("to_refund"):
            self._contract_count_replaced()
        return res

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_check_detached(self, line_id):
        """Goods that are held aren't taken from their contract to leave without it.

        :raise UserError: for a waiting move that the gate holds
        """
        if self.env.su or is_linking(self):
            return
        leaving = self.sudo().filtered(
            lambda m: (
                m.state not in ("done", "cancel")
                and m.sale_line_id.order_id.contract_state
                and m.sale_line_id.id != (line_id or False)
            )
        )
        # what was taken out is counted no more: it may go where all of it may leave
        Gate = self.env["contract.gate"].sudo()
        for order in leaving.sale_line_id.order_id:
            waiting = order.order_line.move_ids._contract_leaving()
            step = waiting._contract_gate_step(order, False, False)
            reasons = Gate._reasons([step], ("hold",)).get(step, ())
            if reasons and (held := Gate._permit(step, reasons, consume=False)):
                raise UserError(Gate._message({step: held}))

    def _contract_check_counted(self, vals):
        """What left for a contract doesn't become a replacement afterwards.

        :raise UserError: for a done move to a contract's customer
        """
        if self.env.su or is_linking(self):
            return
        for move in self.sudo().filtered(lambda m: m._contract_has_left()):
            if move.sale_line_id.order_id.contract_state and any(
                (move[name] or False) != move[name].browse(vals[name] or ())
                if name == "origin_returned_move_id"
                else bool(move[name]) != bool(vals[name])
                for name in COUNTED & vals.keys()
            ):
                raise UserError(
                    self.env._(
                        "%(product)s is delivered: whether it was ordered or replaces "
                        "what came back doesn't change afterwards.",
                        product=move.product_id.display_name,
                    )
                )

    def _contract_count_replaced(self):
        """What came back and is credited after all was not replaced: what left in its
        stead was delivered."""
        replaced = self.sudo().returned_move_ids.filtered(
            lambda m: m._contract_has_left() and not m.to_refund and m.sale_line_id
        )
        if replaced:
            linking(replaced).write({"to_refund": True})

    def _contract_replaces(self):
        """Whether it replaces what came back and isn't credited, and no more."""
        self.ensure_one()
        back = self.origin_returned_move_id
        if not back or self.to_refund:
            return False
        if (
            back.state != "done"
            or back.to_refund
            or back.sale_line_id != self.sale_line_id
            or not back.location_id._contract_is_outgoing()
        ):
            return False
        quantity = sum(
            move.product_uom._compute_quantity(
                move._contract_gate_quantity(), back.product_uom, round=False
            )
            for move in back.returned_move_ids
            if move == self or (move.state == "done" and not move.to_refund)
        )
        return back.product_uom.compare(quantity, back.quantity) <= 0

    def _contract_gate_quantity(self):
        """What it takes, in its own unit."""
        self.ensure_one()
        taken = self.picked or self.state == "done"
        return self.quantity if taken else self.product_uom_qty

    def _contract_link_added(self):
        """What is added to a delivery that left belongs to its contract, as core has it
        for what is added before."""
        for move in self:
            if not move._contract_has_left() or move.sale_line_id:
                continue
            order = move.picking_id.sale_id
            lines = order.order_line.filtered(
                lambda line, m=move: line.product_id == m.product_id
            )
            if order.contract_state and lines:
                linking(move).sale_line_id = lines[0]

    def _contract_check_ways(self):
        """Goods go where their move says: what it says is counted.

        :raise UserError: if a line brings goods of a contract to its customer with a
            move that goes elsewhere
        """
        for move in self:
            if (
                move.state == "done"
                and move.sale_line_id.order_id.contract_state
                and not move.location_dest_id._contract_is_outgoing()
                and any(
                    line.location_dest_id._contract_is_outgoing()
                    for line in move.move_line_ids
                )
            ):
                raise UserError(
                    self.env._(
                        "%(product)s would go to the customer with a move to "
                        "%(location)s: change where the delivery goes instead.",
                        product=move.product_id.display_name,
                        location=move.location_dest_id.display_name,
                    )
                )

    def _contract_gate_hold(self):
        """Refuse what the gate holds of these moves, which were just done.

        :raise UserError: with every reason and the way on
        """
        moves = self.sudo()
        moves._contract_check_ways()
        if more := moves.filtered(
            lambda m: (
                m.origin_returned_move_id
                and not m.to_refund
                and m.sale_line_id.order_id.contract_state
                and m._contract_has_left()
                and not m._contract_replaces()
            )
        ):
            # more than came back is a delivery as any other
            linking(more).write({"to_refund": True})
        steps = moves._contract_gate_steps(done=True)
        if steps:
            self.env["contract.gate"].sudo()._hold(steps)

    def _contract_gate_steps(self, done=False):
        """The steps that these moves take for contracts: one a contract of what was
        just done, one a contract and delivery of what waits.

        Outgoing moves count; in warehouses with several steps the earlier ones are
        warned of, and held where the company's setting says so.
        """
        grouped = {}
        for move in self:
            order = move.sale_line_id.order_id
            if not order.contract_state or (move.state == "done") != done:
                continue
            if done and move.location_dest_id._contract_is_outgoing():
                key = order, True
            elif (
                not done or order.company_id.contract_gate_early
            ) and move._contract_is_bound_out():
                key = order, False, move.picking_id
            else:
                continue
            grouped.setdefault(key, []).append(move.id)
        return [
            self.browse(ids)
            .with_prefetch(self._prefetch_ids)
            ._contract_gate_step(order, leaves and done, not leaves and done)
            for (order, leaves, *_picking), ids in grouped.items()
        ]

    def _contract_gate_found(self):
        """What speaks against what waits of these moves: ``{step: [Reason, …]}``,
        without what was permitted."""
        waiting = self.filtered(lambda m: m.state not in ("done", "cancel"))
        return self.env["contract.gate"]._found(waiting._contract_gate_steps())

    def _contract_gate_step(self, order, done, ready):
        """The step that these moves of a contract take.

        :param done: whether the facts count them already
        :param ready: whether they stand ready now, of a delivery of several steps
        """
        moves = None
        if ready:
            moves = order.order_line.move_ids.filtered(
                lambda m: (
                    m.state == "done" and m.picking_type_id in self.picking_type_id
                )
            )
        return Step(
            order=order,
            checkpoint="delivery",
            pickings=self.picking_id,
            moves=self,
            done=done,
            ready=moves,
        )

    def _contract_has_left(self):
        self.ensure_one()
        return self.state == "done" and self.location_dest_id._contract_is_outgoing()

    def _contract_is_bound_out(self):
        """Whether it goes to the customer, by itself or by the steps that follow."""
        self.ensure_one()
        final = self.location_final_id or self.location_dest_id
        return final._contract_is_outgoing()

    def _contract_leaving(self):
        """Those that wait to leave for the customer; of several steps that are there
        the last one."""
        waiting = self.filtered(
            lambda m: m.state not in ("done", "cancel") and m._contract_is_bound_out()
        )
        return waiting.filtered(lambda m: not m.move_dest_ids & waiting)

    def _contract_gate_lines(self):
        """How much of each order line these moves take, in its unit: of a kit as much
        as the component of which most leaves. What replaces returned goods takes
        nothing more."""
        parts = {}
        for move in self:
            if move._contract_replaces():
                continue
            if not (units := move.contract_line_units or move._contract_units()):
                continue
            quantity = move._contract_gate_quantity()
            part = move.product_id.id if move.contract_kit else 0
            of_line = parts.setdefault(move.sale_line_id, {})
            of_line[part] = of_line.get(part, 0.0) + quantity * units
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return {
            line: float_round(max(of_line.values()), precision_digits=digits)
            for line, of_line in parts.items()
        }

    def _contract_gate_value(self):
        """What these moves are worth with taxes, in the order's currency."""
        return sum(
            quantity * line._contract_gate_price()
            for line, quantity in self._contract_gate_lines().items()
        )
