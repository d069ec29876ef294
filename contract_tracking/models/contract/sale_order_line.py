from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.batches import in_batches
from ...tools.words import format_quantity


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

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
        lines.filtered(
            lambda ln: ln.qty_delivered_method != "stock_move" and ln.qty_delivered
        )._contract_log_delivered()
        return lines

    def write(self, vals):
        if "contract_opening_quantity" in vals:
            self._contract_check_opening(vals["contract_opening_quantity"])
        res = super().write(vals)
        if "qty_delivered" in vals:
            self._contract_log_delivered()
        return res

    def _contract_check_opening(self, quantity):
        """Opening figures of a contract in effect may be filled in, not changed."""
        self.check_access("write")
        self._check_field_access(self._fields["contract_opening_quantity"], "write")
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

    def _contract_agreed_date(self):
        """The day promised for the line: the order's delivery date, else the expected
        date from the lead time."""
        self.ensure_one()
        moment = self.order_id.commitment_date or self._expected_date()
        return self.order_id._contract_day(moment)

    def _contract_unit_total(self):
        """What one unit costs with taxes, in the order's currency, lowered in
        proportion by what is below zero on the order."""
        self.ensure_one()
        if not self.product_uom_qty:
            return 0.0
        share = self.order_id.sudo().contract_goods_share
        return self.price_total * share / self.product_uom_qty

    def _contract_log_delivered(self):
        """Date what was delivered by hand: core keeps the figure, not the day."""
        lines = self.sudo().filtered(
            lambda line: (
                line.qty_delivered_method != "stock_move"
                and not line.display_type
                and line.order_id.contract_state
            )
        )
        if not lines:
            return
        History = self.env["contract.history"].sudo()
        known = dict(
            History._read_group(
                [("line_id", "in", lines.ids), ("kind", "=", "delivered")],
                ["line_id"],
                ["quantity:sum"],
            )
        )
        rows = []
        for line in lines:
            before = known.get(line, 0.0)
            delta = line.qty_delivered - before
            if line.product_uom_id.is_zero(delta):
                continue
            rows.append(
                {
                    "order_id": line.order_id.id,
                    "kind": "delivered",
                    "name": line.product_id.display_name or line.name,
                    "old_value": format_quantity(self.env, before),
                    "new_value": format_quantity(self.env, line.qty_delivered),
                    "line_id": line.id,
                    "quantity": delta,
                }
            )
        History._log(rows)

    @api.model
    def _cron_contract_log_delivered(self):
        """Date what core counted without anybody writing it (time sheets, milestones
        of projects): the difference to the history is of today."""
        rows = self.env.execute_query(
            SQL(
                """SELECT l.id FROM sale_order_line l
                     JOIN sale_order so ON so.id = l.order_id
                     LEFT JOIN contract_history h
                            ON h.line_id = l.id AND h.kind = 'delivered'
                    WHERE so.contract_state IN ('active', 'suspended')
                      AND l.qty_delivered_method <> 'stock_move'
                    GROUP BY l.id
                   HAVING l.qty_delivered <> COALESCE(SUM(h.quantity), 0)
                    ORDER BY l.id""",
                to_flush=self.env["contract.facts"]._reads(
                    ("sale.order", "contract_state"),
                    ("sale.order.line", "qty_delivered qty_delivered_method"),
                    ("contract.history", "line_id quantity kind"),
                ),
            )
        )
        lines = self.browse([line_id for [line_id] in rows])
        for chunk in in_batches(lines):
            chunk._contract_log_delivered()

    def _contract_kit_ledger(self):
        """What was delivered of a kit, day by day and by each clock of the facts
        (:meth:`contract.facts._cte_clock_row`), by core's kit rule.

        Core keeps the figure of now; the rule is applied again to the moves up to each
        day. Only with manufacturing installed: components carry the kit's line.

        :return: list of (clock, day, quantity) in the line's unit
        """
        self.ensure_one()
        moves = self.move_ids.filtered(
            lambda m: m.state == "done" and m.location_dest_usage != "inventory"
        )
        dispatched = {move: self.order_id._contract_day(move.date) for move in moves}
        days = {"dispatch": dispatched}
        for clock in ("receipt", "bl"):
            days[clock] = {}
            for move in moves:
                sent = move if move._is_outgoing() else move.origin_returned_move_id
                day = sent.picking_id[f"contract_{clock}_date"]
                if day and sent != move:
                    day = max(day, dispatched[move])
                if day:
                    days[clock][move] = day
        order = self.order_id
        mode = order.contract_fulfilment or order.company_id.contract_fulfilment
        days["held"] = days[mode]
        product = self.product_id
        bom = moves.bom_line_id.bom_id.filtered(
            lambda b: (
                b.type == "phantom"
                and b.product_tmpl_id == product.product_tmpl_id
                and b.product_id in (product, product.browse())
            )
        )[:1]
        whole = not bom or any(move._is_dropshipped() for move in moves)
        ledger = []
        for clock, day_of in days.items():
            if whole:
                # all or nothing: core's figure, on the day of the last component
                if moves and len(day_of) == len(moves):
                    ledger.append((clock, max(day_of.values()), self.qty_delivered))
                continue
            before = 0.0
            for day in sorted(set(day_of.values())):
                done = moves.filtered(
                    lambda m, day=day, day_of=day_of: m in day_of and day_of[m] <= day
                )
                total = self._contract_kit_quantity(bom, done, clock == "held")
                ledger.append((clock, day, total - before))
                before = total
        return ledger

    def _contract_kit_quantity(self, bom, moves, held):
        """Kits that ``moves`` make, in the line's unit.

        :param held: whether what came back for replacement is outstanding; core
            counts it as delivered
        """
        self.ensure_one()
        filters = {
            "incoming_moves": lambda m: (
                m._is_outgoing()
                and (held or not m.origin_returned_move_id or m.to_refund)
            ),
            "outgoing_moves": lambda m: m._is_incoming() and (held or m.to_refund),
        }
        ordered = self.product_uom_id._compute_quantity(
            self.product_uom_qty, bom.product_uom_id
        )
        kits = moves._compute_kit_quantities(self.product_id, ordered, bom, filters)
        return bom.product_uom_id._compute_quantity(kits, self.product_uom_id)
