from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare, formatLang

from ...tools.guard import guarded, is_linking, is_unguarded, linking
from .stock_picking import DELIVERY

REJECTION = ("contract_rejected_quantity", "contract_rejection_reason")


class StockMove(models.Model):
    """What the customer accepted of the goods and what not, in the move's unit."""

    _inherit = "stock.move"

    contract_rejected_quantity = fields.Float(
        string="Rejected",
        digits="Product Unit",
        copy=False,
        groups=DELIVERY,
        help="What the customer did not accept, in the unit of the move: it stays "
        "outstanding until it is replaced or accepted.",
    )
    contract_rejection_reason = fields.Char(
        string="Reason of Rejection", copy=False, groups=DELIVERY
    )
    contract_accepted_quantity = fields.Float(
        string="Accepted",
        digits="Product Unit",
        compute="_compute_contract_accepted_quantity",
        groups=DELIVERY,
        help="Delivered and not rejected, in the unit of the move.",
    )

    @api.depends("quantity", "state", "contract_rejected_quantity")
    def _compute_contract_accepted_quantity(self):
        for move in self:
            done = move.quantity if move.state == "done" else 0.0
            move.contract_accepted_quantity = max(
                done - move.contract_rejected_quantity, 0.0
            )

    @api.constrains(*REJECTION)
    def _check_contract_rejection(self):
        for move in self.sudo().filtered("contract_rejected_quantity"):
            rejected = move.contract_rejected_quantity
            if move.picking_id:
                move.picking_id._contract_check_delivered()
            if move.state != "done" or not move.picking_id:
                raise ValidationError(
                    self.env._(
                        "“%(product)s” is not delivered yet: nothing of it can be "
                        "rejected.",
                        product=move.product_id.display_name,
                    )
                )
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            if (
                rejected < 0
                or float_compare(rejected, move.quantity, precision_digits=digits) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "The rejected quantity of “%(product)s” is between 0 and "
                        "%(quantity)s, what was delivered.",
                        product=move.product_id.display_name,
                        quantity=formatLang(self.env, move.quantity, dp="Product Unit"),
                    )
                )
            if not (move.contract_rejection_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why the customer rejected “%(product)s”.",
                        product=move.product_id.display_name,
                    )
                )

    def write(self, vals):
        if "sale_line_id" in vals:
            self._contract_check_line(vals["sale_line_id"])
        if not any(fname in vals for fname in REJECTION):
            return super().write(vals)
        if not is_unguarded(self):
            self.check_access("read")
            self.picking_id._contract_check_recorder()
        moves = self.sudo()
        old = {move: [move[fname] for fname in REJECTION] for move in moves}
        res = super(StockMove, guarded(self)).write(vals)
        label = self._fields["contract_rejected_quantity"]._description_string(self.env)
        rows = [
            {
                **move.picking_id._contract_history_vals(
                    f"{label}: {move.product_id.display_name}",
                    f"{before[0]:.12g}",
                    f"{move.contract_rejected_quantity:.12g}",
                ),
                "reason": move.contract_rejection_reason,
            }
            for move, before in old.items()
            if before != [move[fname] for fname in REJECTION]
        ]
        self.env["contract.history"].sudo()._log(rows)
        return res

    def _action_synch_order(self):
        # core links what the warehouse added to the order of its delivery
        return super(StockMove, linking(self))._action_synch_order()

    def _contract_check_line(self, line_id):
        """What was delivered for a contract stays its own, whoever may write moves:
        goods on their way back, or to another contract, are a delivery of their own.

        :raise UserError: for a done move that goes to, or away from, a contract
        """
        if self.env.su or is_linking(self):
            return
        self.check_access("write")
        line = self.env["sale.order.line"].sudo().browse(line_id or ())
        for move in self.sudo().filtered(lambda m: m.state == "done"):
            orders = move.sale_line_id.order_id, line.order_id
            if orders[0] != orders[1] and any(o.contract_state for o in orders):
                raise UserError(
                    self.env._(
                        "%(product)s is delivered: what was delivered for a contract "
                        "stays with it. Take it back with a return and deliver it "
                        "anew.",
                        product=move.product_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # What is expected
    # ------------------------------------------------------------------

    @api.model
    def _contract_planned_sql(self):
        """SQL of the moves with which goods of order lines are still to leave: ``id``,
        ``line_id``, ``product_id``, ``is_part`` (a component of a kit), ``quantity``
        in the line's unit, and ``day``, the company's, for which it is planned: the
        scheduled one, or the latest one of what it waits for. Where a warehouse pushes
        goods on, the first step stands for those that follow."""
        transit = self.env["ir.model.data"]._xmlid_to_res_id(
            "stock.stock_location_inter_company"
        )
        Facts = self.env["contract.facts"]
        return SQL(
            """SELECT m.id, l.id AS line_id, m.product_id,
                      m.product_id <> l.product_id AS is_part,
                      m.product_uom_qty * mu.factor / lu.factor AS quantity,
                      (GREATEST(m.date, m.delay_alert_date, before.date)
                       AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(NULLIF(y.contract_tz, ''), 'UTC')
                      )::date AS day
                 FROM stock_move m
                 JOIN sale_order_line l ON l.id = m.sale_line_id
                 JOIN res_company y ON y.id = l.company_id
                 JOIN uom_uom mu ON mu.id = m.product_uom
                 JOIN uom_uom lu ON lu.id = l.product_uom_id
                 JOIN stock_location src ON src.id = m.location_id
                 JOIN stock_location dst ON dst.id = m.location_dest_id
                 LEFT JOIN stock_location fin ON fin.id = m.location_final_id
                -- core looks one step back only
                CROSS JOIN LATERAL (
                    WITH RECURSIVE up (id) AS (
                        SELECT r.move_orig_id FROM stock_move_move_rel r
                         WHERE r.move_dest_id = m.id
                         UNION
                        SELECT r.move_orig_id FROM up
                          JOIN stock_move_move_rel r ON r.move_dest_id = up.id)
                    SELECT MAX(o.date) AS date
                      FROM up JOIN stock_move o ON o.id = up.id
                     WHERE o.state NOT IN ('done', 'cancel')) before
                WHERE m.state NOT IN ('draft', 'done', 'cancel')
                  AND src.usage <> 'customer'
                  AND (dst.usage = 'customer'
                       OR '/' || dst.parent_path LIKE %(transit)s
                       OR fin.usage = 'customer' AND NOT EXISTS (
                           SELECT 1 FROM stock_move_move_rel r
                            WHERE r.move_orig_id = m.id))""",
            transit=f"%/{transit}/%" if transit else "",
            to_flush=Facts._reads(
                (
                    "stock.move",
                    "date delay_alert_date state sale_line_id product_id product_uom "
                    "product_uom_qty location_id location_dest_id location_final_id "
                    "move_orig_ids",
                ),
                ("sale.order.line", "product_id product_uom_id"),
            ),
        )

    @api.model
    def _contract_expected_sql(self, line, wanted):
        """SQL of the ``day`` on which a quantity of an order line will all have left,
        as it is planned; empty where nobody planned it. Components of a kit are there
        when the last of them is.

        :param line: SQL of the line's id
        :param wanted: SQL of the quantity that is still to leave up to then
        """
        return SQL(
            """SELECT CASE WHEN BOOL_OR(is_part) THEN MAX(day)
                           ELSE COALESCE(MIN(day) FILTER (
                                    WHERE running >= %(wanted)s - 0.000001),
                                MAX(day)) END AS day
                 FROM (SELECT v.day, v.is_part,
                              SUM(v.quantity) OVER (ORDER BY v.day, v.id) AS running
                         FROM (%(planned)s) v WHERE v.line_id = %(line)s) w""",
            planned=self._contract_planned_sql(),
            line=line,
            wanted=wanted,
        )
