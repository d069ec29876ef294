from odoo import fields, models
from odoo.tools import SQL


class ContractFactsLedger(models.AbstractModel):
    """The first ledgers of the facts statement: what was delivered and invoiced, day
    by day, read from stock moves and customer invoices. See :mod:`contract.facts`."""

    _name = "contract.facts.ledger"
    _description = "Contract Facts: Ledgers"

    def _cte_scope(self, scope, cutoff):
        """The contracts asked for, with what their company decides for them."""
        return SQL(
            """scope AS (
                SELECT so.id AS order_id, so.company_id, so.contract_state,
                       COALESCE(NULLIF(so.currency_rate, 0), 1) AS rate, so.currency_id,
                       COALESCE(NULLIF(c.contract_tz, ''), 'UTC') AS tz,
                       COALESCE(%(cutoff)s::date,
                           (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE
                            COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date) AS
                                cutoff,
                       (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE
                        COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date AS today,
                       so.contract_signing_date AS signing_date,
                       so.contract_effective_date AS effective_date,
                       CASE WHEN so.contract_effective_date IS NULL
                            THEN so.amount_total ELSE %(total)s
                       END AS total,
                       so.commitment_date, so.date_order,
                       so.contract_opening_date AS opening_date,
                       COALESCE(so.contract_opening_received, 0) AS opening_received,
                       CASE WHEN so.contract_opening_date
                                 > COALESCE(%(cutoff)s::date, 'infinity') THEN 0
                            ELSE COALESCE(so.contract_opening_invoiced, 0)
                       END AS opening_invoiced,
                       COALESCE(so.contract_fulfilment, c.contract_fulfilment,
                           'dispatch') AS fulfilment,
                       COALESCE(so.contract_deemed_days, 0) AS deemed_days,
                       COALESCE(c.contract_due_soon_days, 0) AS soon_days,
                       COALESCE(c.contract_tolerance_percent, 0) AS tolerance_percent,
                       COALESCE(cur.decimal_places, 2) AS decimals,
                       GREATEST(COALESCE(cur.contract_tolerance, 0),
                                COALESCE(cur.rounding, 0.01) / 2) AS tolerance,
                       c.resource_calendar_id AS calendar_id,
                       c.sale_discount_product_id AS discount_product_id,
                       c.account_opening_move_id AS opening_move_id,
                       c.account_price_include
                  FROM sale_order so
                  JOIN res_company c ON c.id = so.company_id
                  LEFT JOIN res_currency cur ON cur.id = so.currency_id
                 WHERE so.contract_state IS NOT NULL AND %(scope)s
            )""",
            total=self.env["contract.reagreement"]._total_sql(
                SQL("order_id"), "so", cutoff, SQL("so.contract_agreed_amount")
            ),
            cutoff=cutoff,
            now=fields.Datetime.now(),
            scope=scope,
        )

    def _cte_line(self):
        """Order lines that the contract promises, with what one unit costs.

        A line that the warehouse added has quantity 0: its total is 0 too, so its
        unit price after discount is taken, with its percentage taxes.
        """
        return SQL(
            """line AS (
                SELECT l.id AS line_id, l.order_id, l.product_id, l.product_uom_qty,
                       l.qty_delivered, l.qty_delivered_method, l.price_total,
                       u.factor AS factor, s.tz, s.cutoff, s.today, s.opening_date,
                       s.fulfilment,
                       COALESCE(l.contract_opening_quantity, 0) AS opening_quantity,
                       (COALESCE(s.commitment_date, s.date_order + make_interval(
                            days => COALESCE(l.customer_lead, 0)::int))
                        AT TIME ZONE 'UTC' AT TIME ZONE s.tz)::date AS agreed_on,
                       CASE WHEN l.product_uom_qty <> 0
                            THEN l.price_total / l.product_uom_qty
                            ELSE l.price_unit * (1 - COALESCE(l.discount, 0) / 100)
                                * (1 +
                                 (SELECT COALESCE(SUM(tax.amount), 0) / 100
                                    FROM account_tax_sale_order_line_rel r
                                    JOIN account_tax tax ON tax.id = r.account_tax_id
                                   WHERE r.sale_order_line_id = l.id
                                     AND tax.amount_type = 'percent'
                                     AND COALESCE(tax.price_include_override,
                                         s.account_price_include) = 'tax_excluded'))
                       END AS unit_total
                  FROM %(orders)s s
                  JOIN sale_order_line l ON l.order_id = s.order_id
                  JOIN product_product p ON p.id = l.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  LEFT JOIN uom_uom u ON u.id = l.product_uom_id
                 WHERE t.type <> 'combo'
                   AND l.product_id IS DISTINCT FROM s.discount_product_id
                   AND %(promises)s
            )""",
            orders=self._orders_scope(),
            promises=self.env["sale.order.line"]._contract_line_sql("l"),
        )

    def _cte_delivered(self, scope):
        """Quantity a line and day, in the line's unit, by four clocks.

        ``delivered`` is what core counts, on the day on which it left: returns that
        are not to be refunded don't lower it. ``held`` is what fulfils the promise, on
        the day that the contract chose: what came back for replacement or was
        rejected is outstanding. ``receipt`` and ``bl`` are what the customer signed
        for and what is on a bill of lading, for terms that fall due with them. Kits
        are replayed by core's own rule; what is delivered by hand is dated by our
        history.
        """
        transit = self.env["ir.model.data"]._xmlid_to_res_id(
            "stock.stock_location_inter_company"
        )
        return SQL(
            """kit (order_id, line_id, clock, day, quantity) AS (%(kits)s),
            moved AS (
                SELECT l.order_id, l.line_id, m.picking_id, l.fulfilment,
                       way.direction, way.counts,
                       (m.date AT TIME ZONE 'UTC' AT TIME ZONE l.tz)::date AS day,
                       CASE WHEN way.direction = -1
                            THEN (m.date AT TIME ZONE 'UTC' AT TIME ZONE l.tz)::date
                       END AS back_day,
                       ROUND((m.quantity * mu.factor / l.factor)::numeric, %(digits)s)
                           AS quantity,
                       CASE WHEN way.direction = 1 THEN p.contract_receipt_date
                            ELSE op.contract_receipt_date END AS receipt_day,
                       CASE WHEN way.direction = 1 THEN p.contract_bl_date
                            ELSE op.contract_bl_date END AS bl_day,
                       CASE WHEN way.direction = 1
                                 AND m.contract_rejected_quantity > 0
                            THEN ROUND((LEAST(m.contract_rejected_quantity, m.quantity)
                                 * mu.factor / l.factor)::numeric, %(digits)s)
                            -- what was rejected is gone before it comes back
                            WHEN way.direction = -1
                                 AND o.contract_rejected_quantity > 0
                            THEN (SELECT ROUND(((
                                     LEAST(o.contract_rejected_quantity,
                                           b.quantity + m.quantity)
                                     - LEAST(o.contract_rejected_quantity, b.quantity))
                                     * mu.factor / l.factor)::numeric, %(digits)s)
                                    FROM (SELECT COALESCE(SUM(b.quantity), 0)
                                                     AS quantity
                                            FROM stock_move b
                                           WHERE b.origin_returned_move_id = o.id
                                             AND b.state = 'done'
                                             AND (b.date, b.id) < (m.date, m.id)) b)
                            ELSE 0 END AS rejected,
                       CASE WHEN oo.contract_rejected_quantity > 0
                            THEN ROUND((LEAST(oo.contract_rejected_quantity, m.quantity)
                                 * mu.factor / l.factor)::numeric, %(digits)s)
                            ELSE 0 END AS made_good
                  FROM line l
                  JOIN stock_move m ON m.sale_line_id = l.line_id
                   AND m.state = 'done' AND m.product_id = l.product_id
                  JOIN stock_location src ON src.id = m.location_id
                  JOIN stock_location dst ON dst.id = m.location_dest_id
                  JOIN uom_uom mu ON mu.id = m.product_uom
                  LEFT JOIN stock_picking p ON p.id = m.picking_id
                  LEFT JOIN stock_move o ON o.id = m.origin_returned_move_id
                  LEFT JOIN stock_picking op ON op.id = o.picking_id
                  LEFT JOIN stock_move oo ON oo.id = o.origin_returned_move_id
                  CROSS JOIN LATERAL (SELECT
                       CASE WHEN (dst.usage = 'customer' OR '/' || dst.parent_path
                                 LIKE %(transit)s)
                                 AND NOT (src.usage = 'customer'
                                          AND dst.usage = 'supplier') THEN 1
                            WHEN src.usage IN ('customer', 'supplier')
                                 OR (src.usage = 'transit' AND src.company_id IS NULL)
                                 OR '/' || src.parent_path LIKE %(transit)s THEN -1
                            ELSE 0 END AS direction,
                       m.to_refund OR (m.origin_returned_move_id IS NULL
                           AND (dst.usage = 'customer' OR '/' || dst.parent_path
                                LIKE %(transit)s)) AS counts) way
                 WHERE l.qty_delivered_method = 'stock_move' AND dst.usage <>
                     'inventory' AND way.direction <> 0
            ),
            by_hand AS (
                SELECT l.order_id, l.line_id, h.date AS day, h.quantity
                  FROM line l JOIN contract_history h ON h.line_id = l.line_id
                 WHERE h.kind = 'delivered' AND l.qty_delivered_method <> 'stock_move'
            ),
            clocked AS (
                -- four plain branches: a list of values a move takes twice as long.
                -- What was not signed for can't come back by that clock either.
                SELECT order_id, line_id, 'dispatch' AS clock, day,
                       direction * quantity * COALESCE(counts, FALSE)::int
                           AS quantity
                  FROM moved
                UNION ALL
                SELECT order_id, line_id, 'receipt', GREATEST(receipt_day, back_day),
                       CASE WHEN counts THEN direction * (quantity - rejected)
                            -- of rejected goods only the replacement is received
                            WHEN direction = 1 THEN made_good ELSE 0 END
                  FROM moved WHERE receipt_day IS NOT NULL
                UNION ALL
                SELECT order_id, line_id, 'bl', GREATEST(bl_day, back_day),
                       direction * quantity * COALESCE(counts, FALSE)::int
                  FROM moved WHERE bl_day IS NOT NULL
                UNION ALL
                SELECT order_id, line_id, 'held', GREATEST(held_day, back_day),
                       direction * (quantity - rejected)
                  FROM (SELECT *, CASE fulfilment WHEN 'receipt' THEN receipt_day
                                                  WHEN 'bl' THEN bl_day
                                                  ELSE day END AS held_day
                          FROM moved) m
                 WHERE held_day IS NOT NULL
                UNION ALL
                SELECT * FROM kit
                UNION ALL
                SELECT h.order_id, h.line_id, c.clock, h.day, h.quantity
                  FROM (SELECT * FROM by_hand
                        UNION ALL
                        -- delivered by hand today and not in the history yet
                        SELECT l.order_id, l.line_id, l.today, l.qty_delivered
                               - COALESCE(SUM(h.quantity), 0)
                          FROM line l LEFT JOIN by_hand h ON h.line_id = l.line_id
                         WHERE l.qty_delivered_method <> 'stock_move'
                         GROUP BY l.order_id, l.line_id, l.today, l.qty_delivered
                        UNION ALL
                        SELECT order_id, line_id,
                               COALESCE(opening_date, '-infinity'::date),
                               opening_quantity FROM line) h
                  CROSS JOIN (VALUES ('dispatch'), ('receipt'), ('bl'), ('held'))
                       AS c (clock)
                 WHERE h.quantity <> 0
            ),
            handover AS (
                SELECT d.order_id, d.line_id, d.clock, d.day, d.quantity
                  FROM clocked d JOIN line l ON l.line_id = d.line_id
                 WHERE d.day <= l.cutoff AND d.quantity <> 0
            ),
            delivered AS (
                SELECT order_id, line_id, day, quantity
                  FROM handover WHERE clock = 'dispatch'
            ),
            held AS (
                SELECT order_id, line_id, day, quantity
                  FROM handover WHERE clock = 'held'
            )""",
            kits=self._kit_rows(scope),
            digits=self.env["decimal.precision"].precision_get("Product Unit"),
            transit=f"%/{transit}/%" if transit else "",
        )

    def _kit_rows(self, scope):
        """SQL rows (order, line, clock, day, quantity) of kits.

        Only with manufacturing: then one query finds the lines whose components were
        moved, and core's rule is replayed for them.
        """
        Line = self.env["sale.order.line"].sudo()
        lines = Line
        if "bom_line_id" in self.env["stock.move"]._fields:
            self.env.cr.execute(
                SQL(
                    """SELECT DISTINCT l.id FROM sale_order so
                         JOIN sale_order_line l ON l.order_id = so.id
                         JOIN stock_move m ON m.sale_line_id = l.id
                        WHERE so.contract_state IS NOT NULL AND %s
                          AND m.state = 'done' AND m.product_id <> l.product_id""",
                    scope,
                )
            )
            lines = Line.browse([row[0] for row in self.env.cr.fetchall()])
        rows = [
            SQL(
                "(%s, %s, %s, %s::date, %s::numeric)",
                line.order_id.id,
                line.id,
                clock,
                day,
                quantity,
            )
            for line in lines
            for clock, day, quantity in line._contract_kit_ledger()
        ]
        if rows:
            return SQL("VALUES %s", SQL(", ").join(rows))
        return self._no_kit_rows()

    def _no_kit_rows(self):
        return SQL(
            "SELECT NULL::int, NULL::int, NULL, NULL::date, NULL::numeric WHERE FALSE"
        )

    def _orders_scope(self):
        """The contracts that have order lines."""
        return SQL("scope")

    def _cte_invoiced(self):
        """Amount a contract and day of posted customer invoices, credit notes negative.

        Down payments and their deductions are left out: a deposit is no invoiced
        delivery. ``billing`` keeps them, for whose money it was.
        """
        return SQL(
            """billing AS (
                SELECT s.order_id, s.rate, s.currency_id, s.cutoff, s.opening_move_id,
                       b.id AS line_id, b.price_total, b.currency_id AS
                           line_currency_id,
                       v.id AS move_id, v.invoice_date, v.amount_total, v.move_type,
                       v.invoice_currency_rate, BOOL_OR(COALESCE(
                           l.is_downpayment, FALSE)) AS is_downpayment,
                       BOOL_OR(k.line_id IS NOT NULL) AS is_goods
                  FROM %(orders)s s
                  JOIN sale_order_line l ON l.order_id = s.order_id
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                  JOIN account_move_line b ON b.id = r.invoice_line_id
                  JOIN account_move v ON v.id = b.move_id
                  LEFT JOIN line k ON k.line_id = l.id
                 WHERE v.state = 'posted' AND v.move_type IN ('out_invoice',
                     'out_refund')
                 GROUP BY s.order_id, s.rate, s.currency_id, s.cutoff,
                     s.opening_move_id,
                          b.id, v.id
            ),
            invoiced AS (
                SELECT order_id, invoice_date AS day, is_goods,
                       CASE move_type WHEN 'out_refund' THEN -1 ELSE 1 END * price_total
                       * CASE WHEN line_currency_id = currency_id THEN 1
                              ELSE rate / COALESCE(NULLIF(invoice_currency_rate, 0), 1)
                         END AS amount
                  FROM billing
                 WHERE NOT is_downpayment AND invoice_date <= cutoff
            )""",
            orders=self._orders_scope(),
        )
