from odoo import fields, models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The first parts of the facts statement, read from core's own rows: the contracts
    asked for, what was delivered and invoiced day by day, and what was reconciled."""

    _inherit = "contract.facts"

    def _cte_scope(self, scope, cutoff):
        """A row is a contract asked for: what its company decides for it, its totals
        and days, ``cutoff`` (the day up to which facts count) and ``today``.
        """
        return SQL(
            """SELECT so.id AS order_id, so.company_id, so.contract_state,
                      COALESCE(NULLIF(so.currency_rate, 0), 1) AS rate, so.currency_id,
                      c.currency_id AS home_currency_id,
                      COALESCE(home.decimal_places, 2) AS home_decimals,
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
                      -- figures without a date count from the order on
                      COALESCE(so.contract_opening_date, (so.date_order
                          AT TIME ZONE 'UTC' AT TIME ZONE
                          COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date)
                          AS opened_on,
                      COALESCE(so.contract_opening_received, 0) AS opening_received,
                      CASE WHEN COALESCE(so.contract_opening_date, (so.date_order
                               AT TIME ZONE 'UTC' AT TIME ZONE
                               COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date)
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
                 LEFT JOIN res_currency home ON home.id = c.currency_id
                WHERE so.contract_state IS NOT NULL AND %(scope)s""",
            total=self._agreed_total_sql(
                SQL("order_id"), "so", cutoff, SQL("so.contract_agreed_amount")
            ),
            cutoff=cutoff,
            now=fields.Datetime.now(),
            scope=scope,
            to_flush=self._reads(
                (
                    "sale.order",
                    "company_id contract_state currency_id currency_rate "
                    "contract_signing_date contract_effective_date amount_total "
                    "contract_agreed_amount commitment_date date_order "
                    "contract_opening_date contract_opening_received "
                    "contract_opening_invoiced contract_fulfilment "
                    "contract_deemed_days",
                ),
                (
                    "res.company",
                    "contract_tz contract_fulfilment contract_due_soon_days "
                    "contract_tolerance_percent resource_calendar_id "
                    "sale_discount_product_id account_opening_move_id "
                    "account_price_include",
                ),
                ("res.currency", "rounding contract_tolerance"),
            ),
        )

    def _cte_lowered(self):
        """A row is a contract with lines below zero (rebates, whole-order discounts,
        what is taken in payment): which ``share`` of their price they leave the goods.
        """
        Line = self.env["sale.order.line"]
        return SQL(
            """SELECT l.order_id, GREATEST(0, 1
                      + SUM(l.price_total) FILTER (WHERE %(below)s)
                      / NULLIF(SUM(l.price_total) FILTER (WHERE %(promises)s), 0))
                          AS share
                 FROM %(orders)s s
                 JOIN sale_order_line l ON l.order_id = s.order_id
                 LEFT JOIN product_product p ON p.id = l.product_id
                 LEFT JOIN product_template t ON t.id = p.product_tmpl_id
                WHERE EXISTS (SELECT FROM sale_order_line n
                               WHERE n.order_id = s.order_id AND %(any_below)s)
                GROUP BY l.order_id""",
            orders=self._orders_scope(),
            below=Line._contract_below_zero_sql("l"),
            any_below=Line._contract_below_zero_sql("n"),
            promises=Line._contract_promise_sql(),
        )

    def _cte_line(self):
        """A row is an order line that the contract promises, with what one unit costs
        (``unit_total``) and the day that is agreed for it (``agreed_on``). Lines below
        zero lower the others in proportion (``share``).

        A line that the warehouse added has quantity 0: its total is 0 too, so its
        unit price after discount is taken, with its percentage taxes. Once the contract
        is in effect the price is kept (:meth:`sale.order.line._contract_keep_price`).
        """
        Line = self.env["sale.order.line"]
        own = Line._contract_own_date()
        return SQL(
            """SELECT l.id AS line_id, l.order_id, l.product_id, l.product_uom_qty,
                      l.qty_delivered, l.qty_delivered_method, l.qty_invoiced,
                      l.product_uom_id,
                      l.price_total * COALESCE(o.share, 1) AS price_total,
                      COALESCE(o.share, 1) AS share, u.factor AS factor,
                      s.tz, s.cutoff, s.today, s.opened_on, s.fulfilment,
                      COALESCE(l.contract_opening_quantity, 0) AS opening_quantity,
                      (COALESCE(%(own_date)s, s.commitment_date, s.date_order
                           + make_interval(
                               days => COALESCE(l.customer_lead, 0)::int))
                       AT TIME ZONE 'UTC' AT TIME ZONE s.tz)::date AS agreed_on,
                      CASE WHEN s.effective_date IS NOT NULL
                                AND l.contract_unit_total <> 0
                           THEN l.contract_unit_total
                           WHEN l.product_uom_qty <> 0
                           THEN l.price_total * COALESCE(o.share, 1)
                               / l.product_uom_qty
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
                 LEFT JOIN lowered o ON o.order_id = l.order_id
                WHERE %(promises)s""",
            orders=self._orders_scope(),
            promises=Line._contract_promise_sql(),
            own_date=SQL("l.%s", SQL.identifier(own)) if own else SQL("NULL"),
            to_flush=self._reads(
                (
                    "sale.order.line",
                    "order_id product_id product_uom_qty product_uom_id "
                    "qty_delivered qty_delivered_method qty_invoiced price_total "
                    "price_unit discount tax_ids customer_lead display_type "
                    "is_downpayment is_expense contract_opening_quantity "
                    f"contract_unit_total {own or ''}",
                ),
                ("account.tax", "amount amount_type price_include_override"),
                ("product.template", "type"),
                ("uom.uom", "factor"),
            ),
        )

    def _cte_moved(self):
        """A row is a done stock move of a line, in the line's unit (``live``: by the
        units of today): when it left, when it was received, the day of its bill of
        lading, whether core counts it, what of it was rejected. A component of a kit is
        in kits: of which ``kit`` it is which ``part``.
        """
        transit = self.env["ir.model.data"]._xmlid_to_res_id(
            "stock.stock_location_inter_company"
        )
        return SQL(
            """SELECT l.order_id, l.line_id, m.picking_id, l.fulfilment,
                      way.direction, way.counts,
                      (m.date AT TIME ZONE 'UTC' AT TIME ZONE l.tz)::date AS day,
                      CASE WHEN way.direction = -1
                           THEN (m.date AT TIME ZONE 'UTC' AT TIME ZONE l.tz)::date
                      END AS back_day,
                      ROUND((m.quantity * way.units)::numeric, way.digits) AS quantity,
                      ROUND((m.quantity * mu.factor / l.factor)::numeric, %(digits)s)
                          AS live,
                      m.contract_kit - 'part' AS kit, m.contract_kit->>'part' AS part,
                      CASE WHEN way.direction = 1 THEN p.contract_receipt_date
                           ELSE op.contract_receipt_date END AS receipt_day,
                      CASE WHEN way.direction = 1 THEN p.contract_bl_date
                           ELSE op.contract_bl_date END AS bl_day,
                      CASE WHEN way.direction = 1
                                AND m.contract_rejected_quantity > 0
                           THEN ROUND((LEAST(m.contract_rejected_quantity, m.quantity)
                                * way.units)::numeric, way.digits)
                           -- what was rejected is gone before it comes back
                           WHEN way.direction = -1
                                AND o.contract_rejected_quantity > 0
                           THEN (SELECT ROUND(((
                                    LEAST(o.contract_rejected_quantity,
                                          b.quantity + m.quantity)
                                    - LEAST(o.contract_rejected_quantity, b.quantity))
                                    * way.units)::numeric, way.digits)
                                   FROM (SELECT COALESCE(SUM(b.quantity), 0)
                                                    AS quantity
                                           FROM stock_move b
                                          WHERE b.origin_returned_move_id = o.id
                                            AND b.state = 'done'
                                            AND (b.date, b.id) < (m.date, m.id)) b)
                           ELSE 0 END AS rejected,
                      CASE WHEN oo.contract_rejected_quantity > 0
                           THEN ROUND((LEAST(oo.contract_rejected_quantity, m.quantity)
                                * way.units)::numeric, way.digits)
                           ELSE 0 END AS made_good,
                      way.direction = 1 AND o.id IS NOT NULL AS is_replacement
                 FROM line l
                 JOIN stock_move m ON m.sale_line_id = l.line_id
                  AND m.state = 'done'
                  AND (m.product_id = l.product_id OR m.contract_kit IS NOT NULL)
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
                               LIKE %(transit)s)) AS counts,
                      -- kept when it was done: units change
                      COALESCE(NULLIF(m.contract_line_units, 0),
                               mu.factor / l.factor) AS units,
                      -- whole kits are counted of all moves together
                      CASE WHEN m.contract_kit IS NULL THEN %(digits)s ELSE 10 END
                          AS digits) way
                WHERE l.qty_delivered_method = 'stock_move' AND dst.usage <>
                    'inventory' AND way.direction <> 0""",
            digits=self.env["decimal.precision"].precision_get("Product Unit"),
            transit=f"%/{transit}/%" if transit else "",
            to_flush=self._reads(
                (
                    "stock.move",
                    "state date quantity product_uom product_id sale_line_id "
                    "to_refund contract_rejected_quantity origin_returned_move_id "
                    "contract_kit contract_line_units location_id location_dest_id "
                    "picking_id",
                ),
                ("stock.picking", "contract_receipt_date contract_bl_date"),
                ("stock.location", "usage company_id"),
            ),
        )

    def _cte_by_hand(self):
        """A row is a quantity that was delivered on a day without a stock move, as our
        history dates it.
        """
        return SQL(
            """SELECT l.order_id, l.line_id, h.date AS day, h.quantity
                 FROM line l JOIN contract_history h ON h.line_id = l.line_id
                WHERE h.kind = 'delivered'""",
            to_flush=self._reads(
                ("contract.history", "line_id date kind quantity"),
            ),
        )

    def _cte_undated(self):
        """A row is a line of which core counts more as delivered than moves and history
        show (``known``: what the history does): ``quantity`` is of today, and below
        zero where it was taken back. By hand, by time sheets, through the Point of
        Sale.

        Of kits, and of units that changed since the goods left, core counts by what is
        true today: that is no delivery, and none is less than what was moved.
        """
        return SQL(
            """SELECT l.order_id, l.line_id, l.today, COALESCE(h.quantity, 0) AS known,
                      CASE WHEN l.qty_delivered_method <> 'stock_move'
                           THEN l.qty_delivered
                           ELSE GREATEST(0, l.qty_delivered - COALESCE(m.quantity, 0))
                      END - COALESCE(h.quantity, 0) AS quantity
                 FROM line l
                 LEFT JOIN (SELECT line_id, SUM(quantity) AS quantity FROM by_hand
                             GROUP BY line_id) h ON h.line_id = l.line_id
                 LEFT JOIN (SELECT line_id, SUM(direction * quantity)
                                       FILTER (WHERE counts) AS quantity,
                                   BOOL_OR(kit IS NOT NULL OR quantity <> live)
                                       AS is_changed
                              FROM moved GROUP BY line_id) m ON m.line_id = l.line_id
                WHERE l.qty_delivered_method <> 'stock_move'
                   OR m.is_changed IS NOT TRUE""",
        )

    def _cte_unbilled(self):
        """A row is a line of which core counts more as invoiced than customer invoices
        and history show (``known``: what the history does): ``quantity`` is of today.
        That is the Point of Sale.
        """
        return SQL(
            """SELECT l.order_id, l.line_id, l.today, COALESCE(h.quantity, 0) AS known,
                      GREATEST(0, l.qty_invoiced - COALESCE(i.quantity, 0))
                          - COALESCE(h.quantity, 0) AS quantity
                 FROM line l
                 LEFT JOIN (SELECT line_id, SUM(quantity) AS quantity
                              FROM billed_elsewhere GROUP BY line_id) h
                   ON h.line_id = l.line_id
                 LEFT JOIN (
                      -- as core, drafts included
                      SELECT l.line_id,
                             SUM(CASE v.move_type WHEN 'out_invoice' THEN b.quantity
                                      WHEN 'out_refund' THEN -b.quantity END)
                                 AS quantity,
                             BOOL_OR(b.product_uom_id <> l.product_uom_id)
                                 AS is_changed
                        FROM line l
                        JOIN sale_order_line_invoice_rel r
                          ON r.order_line_id = l.line_id
                        JOIN account_move_line b ON b.id = r.invoice_line_id
                        JOIN account_move v ON v.id = b.move_id
                         AND v.state <> 'cancel'
                       GROUP BY l.line_id) i ON i.line_id = l.line_id
                WHERE (l.qty_invoiced > 0 OR h.quantity <> 0)
                  AND i.is_changed IS NOT TRUE""",
            to_flush=self._reads(
                ("account.move", "state move_type"),
                ("account.move.line", "move_id quantity product_uom_id"),
            ),
        )

    def _cte_billed_elsewhere(self):
        """A row is a quantity that was invoiced on a day without a customer invoice, as
        our history dates it.
        """
        return SQL(
            """SELECT l.order_id, l.line_id, h.date AS day, h.quantity
                 FROM line l JOIN contract_history h ON h.line_id = l.line_id
                WHERE h.kind = 'invoiced'""",
        )

    def _cte_elsewhere(self):
        """A row is an amount that was invoiced on a day without a customer invoice:
        what the line's price was on that day. The ledger has no receivable of it: it
        was settled where it was sold.
        """
        return SQL(
            """SELECT q.order_id, q.day,
                      ROUND(q.quantity * COALESCE(p.unit_total, l.unit_total),
                            s.decimals) AS amount
                 FROM (SELECT order_id, line_id, day, quantity FROM billed_elsewhere
                       UNION ALL
                       SELECT order_id, line_id, today, quantity FROM unbilled) q
                 JOIN line l ON l.line_id = q.line_id
                 JOIN scope s ON s.order_id = q.order_id
                 LEFT JOIN price p ON p.line_id = q.line_id
                  AND q.day >= p.since AND q.day < p.until
                WHERE q.day <= l.cutoff AND q.quantity <> 0""",
        )

    def _cte_clocked(self):
        """A row is what was moved of a line, or of a part of a kit, on a day by one of
        four clocks.

        ``dispatch`` is what core counts, on the day on which it left: returns that are
        not to be refunded don't lower it. ``held`` is what fulfils the promise, on the
        day that the contract chose: what came back for replacement or was rejected is
        outstanding. ``receipt`` and ``bl`` are what the customer signed for and what is
        on a bill of lading, for terms that fall due with them.
        """
        return SQL(
            """-- four plain branches: a list of values a move takes twice as long.
               -- What was not signed for can't come back by that clock either.
               SELECT order_id, line_id, kit, part, 'dispatch' AS clock, day,
                      direction * quantity * COALESCE(counts, FALSE)::int
                          AS quantity, picking_id, FALSE AS is_opening
                 FROM moved
               UNION ALL
               SELECT order_id, line_id, kit, part, 'receipt',
                      GREATEST(receipt_day, back_day),
                      CASE WHEN counts THEN direction * (quantity - rejected)
                           -- of rejected goods only the replacement is received
                           WHEN direction = 1 THEN made_good ELSE 0 END,
                      picking_id, FALSE
                 FROM moved WHERE receipt_day IS NOT NULL
               UNION ALL
               SELECT order_id, line_id, kit, part, 'bl', GREATEST(bl_day, back_day),
                      direction * quantity * COALESCE(counts, FALSE)::int,
                      picking_id, FALSE
                 FROM moved WHERE bl_day IS NOT NULL
               UNION ALL
               SELECT order_id, line_id, kit, part, 'held',
                      GREATEST(held_day, back_day), direction * (quantity - rejected),
                      picking_id, FALSE
                 FROM (SELECT *, CASE fulfilment WHEN 'receipt' THEN receipt_day
                                                 WHEN 'bl' THEN bl_day
                                                 ELSE day END AS held_day
                         FROM moved) m
                WHERE held_day IS NOT NULL""",
        )

    def _cte_kit(self):
        """A row is what came to be whole of a kit on a day, by one clock, in the line's
        unit: as many as the scarcest part makes, as the kit was composed when it was
        ordered (core's rule, :meth:`stock.move._compute_kit_quantities`).
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return SQL(
            """SELECT order_id, line_id, clock, day,
                      whole - LAG(whole, 1, 0::numeric) OVER (
                          PARTITION BY line_id, kit, clock ORDER BY day) AS quantity
                 FROM (
               SELECT order_id, line_id, kit, clock, day,
                      -- as core converts: up
                      CEIL(ROUND(FLOOR(MIN(ROUND(running, %(digits)s)))
                           * (kit->>'unit')::numeric * %(scale)s, 4))
                          / %(scale)s::numeric AS whole
                 FROM (SELECT d.order_id, d.line_id, d.kit, d.clock, d.day, p.part,
                              SUM(COALESCE(SUM(c.quantity), 0)) OVER (
                                  PARTITION BY d.line_id, d.kit, d.clock, p.part
                                  ORDER BY d.day) AS running
                         FROM (SELECT DISTINCT order_id, line_id, kit, clock, day
                                 FROM clocked WHERE kit IS NOT NULL) d
                         CROSS JOIN LATERAL jsonb_object_keys(d.kit->'of') p (part)
                         LEFT JOIN clocked c ON c.line_id = d.line_id
                          AND c.kit = d.kit AND c.clock = d.clock AND c.day = d.day
                          AND c.part = p.part
                        GROUP BY d.order_id, d.line_id, d.kit, d.clock, d.day, p.part
                      ) r
                -- purchased for the customer: all of it or nothing
                WHERE NOT (kit->'whole')::boolean
                   OR NOT EXISTS (SELECT FROM stock_move m
                                   WHERE m.sale_line_id = r.line_id
                                     AND m.state NOT IN ('done', 'cancel'))
                GROUP BY order_id, line_id, kit, clock, day) k""",
            digits=digits,
            scale=10**digits,
        )

    def _cte_clock_row(self):
        """A row is a quantity of a line on a day by one of the four clocks of what was
        moved (``clocked``); what has no move is handed over by all of them at once.
        """
        return SQL(
            """SELECT order_id, line_id, clock, day, quantity, picking_id, is_opening
                 FROM clocked WHERE kit IS NULL
               UNION ALL
               SELECT order_id, line_id, clock, day, quantity, NULL, FALSE FROM kit
               UNION ALL
               SELECT h.order_id, h.line_id, c.clock, h.day, h.quantity, NULL,
                      h.is_opening
                 FROM (SELECT order_id, line_id, day, quantity, FALSE AS is_opening
                         FROM by_hand
                       UNION ALL
                       SELECT order_id, line_id, today, quantity, FALSE FROM undated
                       UNION ALL
                       SELECT order_id, line_id,
                              opened_on, opening_quantity, TRUE FROM line) h
                 CROSS JOIN (VALUES ('dispatch'), ('receipt'), ('bl'), ('held'))
                      AS c (clock)
                WHERE h.quantity <> 0""",
        )

    def _cte_handover(self):
        """A row is a quantity of a line on a day up to the cut-off, by one clock."""
        return SQL(
            """SELECT d.* FROM clock_row d JOIN line l ON l.line_id = d.line_id
                WHERE d.day <= l.cutoff AND d.quantity <> 0""",
        )

    def _cte_delivered(self):
        """A row is a quantity of a line that was delivered on a day, as core counts."""
        return SQL(
            """SELECT order_id, line_id, day, quantity
                 FROM handover WHERE clock = 'dispatch'""",
        )

    def _cte_held(self):
        """A row is a quantity of a line that fulfils the promise from a day on."""
        return SQL(
            """SELECT order_id, line_id, day, quantity
                 FROM handover WHERE clock = 'held'""",
        )

    def _cte_document(self):
        """A row is a line of an invoice of a contract, whosever line it is: its part of
        the document's total, and the part of all up to it (``upto``), contract by
        contract. Taxes that are rounded on the whole document are spread, so that the
        lines add up to it.
        """
        return SQL(
            """SELECT id AS line_id, ROUND(amount_total * running / NULLIF(whole, 0),
                      decimals) AS upto, COALESCE(
                      ROUND(amount_total * running / NULLIF(whole, 0), decimals)
                      - ROUND(amount_total * (running - price_total)
                              / NULLIF(whole, 0), decimals), price_total) AS amount
                 FROM (SELECT b.id, b.price_total, v.amount_total,
                              COALESCE(c.decimal_places, 2) AS decimals,
                              SUM(b.price_total) OVER (PARTITION BY b.move_id)
                                  AS whole,
                              SUM(b.price_total) OVER (PARTITION BY b.move_id
                                  ORDER BY o.order_id, b.id) AS running
                         FROM (SELECT DISTINCT i.move_id
                                 FROM %(orders)s s
                                 JOIN sale_order_line l ON l.order_id = s.order_id
                                 JOIN sale_order_line_invoice_rel r
                                   ON r.order_line_id = l.id
                                 JOIN account_move_line i ON i.id = r.invoice_line_id
                              ) d
                         JOIN account_move v ON v.id = d.move_id
                         JOIN account_move_line b ON b.move_id = v.id
                          AND b.display_type = 'product'
                         LEFT JOIN res_currency c ON c.id = v.currency_id
                         LEFT JOIN LATERAL (
                              SELECT MIN(l.order_id) AS order_id
                                FROM sale_order_line_invoice_rel r
                                JOIN sale_order_line l ON l.id = r.order_line_id
                               WHERE r.invoice_line_id = b.id) o ON TRUE) b""",
            orders=self._orders_scope(),
            to_flush=self._reads(
                ("account.move", "amount_total currency_id"),
                ("account.move.line", "move_id price_total display_type"),
            ),
        )

    def _cte_billing(self):
        """A row is a line of a posted customer invoice or credit note of a contract,
        down payments included: ``amount`` in the contract's currency, credit notes
        negative, and ``booked`` in the company's, as the ledger has it.
        """
        return SQL(
            """SELECT s.order_id, s.rate, s.currency_id, s.cutoff, s.opening_move_id,
                      s.decimals, s.home_decimals, b.id AS line_id,
                      d.amount AS price_total, d.upto,
                      v.id AS move_id, v.invoice_date, v.amount_total, v.move_type,
                      CASE WHEN b.currency_id <> s.currency_id THEN h.booked * s.rate
                           WHEN v.move_type = 'out_refund' THEN -d.amount
                           ELSE d.amount END AS amount, h.booked,
                      BOOL_OR(COALESCE(
                          l.is_downpayment, FALSE)) AS is_downpayment,
                      BOOL_OR(k.line_id IS NOT NULL OR %(below)s) AS is_goods
                 FROM %(orders)s s
                 JOIN sale_order_line l ON l.order_id = s.order_id
                 JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                 JOIN account_move_line b ON b.id = r.invoice_line_id
                 JOIN document d ON d.line_id = b.id
                 JOIN account_move v ON v.id = b.move_id
                 LEFT JOIN line k ON k.line_id = l.id
                 CROSS JOIN LATERAL (SELECT COALESCE(
                      ROUND(d.upto * v.amount_total_signed
                            / NULLIF(v.amount_total, 0), s.home_decimals)
                      - ROUND((d.upto - d.amount) * v.amount_total_signed
                              / NULLIF(v.amount_total, 0), s.home_decimals),
                      CASE v.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * d.amount
                      / COALESCE(NULLIF(v.invoice_currency_rate, 0), 1))::numeric
                          AS booked) h
                WHERE v.state = 'posted' AND v.move_type IN ('out_invoice',
                    'out_refund')
                GROUP BY s.order_id, s.rate, s.currency_id, s.cutoff,
                    s.opening_move_id, s.decimals, s.home_decimals,
                         b.id, v.id, d.amount, d.upto, h.booked""",
            orders=self._orders_scope(),
            below=self.env["sale.order.line"]._contract_below_zero_sql("l"),
            to_flush=self._reads(
                (
                    "account.move",
                    "state move_type invoice_date amount_total amount_total_signed "
                    "invoice_currency_rate",
                ),
                ("account.move.line", "move_id currency_id"),
            ),
        )

    def _cte_invoiced(self):
        """A row is an amount invoiced on a day, without down payments and their
        deductions: a deposit is no invoiced delivery.
        """
        return SQL(
            """SELECT order_id, invoice_date AS day, is_goods, amount
                 FROM billing
                WHERE NOT is_downpayment AND invoice_date <= cutoff
               UNION ALL
               SELECT order_id, day, TRUE, amount FROM elsewhere""",
        )

    def _cte_invoice_share(self):
        """A row is an invoice of a contract, with the contract's ``share`` of it, and
        that of the contracts ``before`` it; what of it is no down payment
        (``goods_share``).
        """
        return SQL(
            """SELECT order_id, cutoff, rate, currency_id, opening_move_id, move_id,
                      decimals, home_decimals,
                      CASE move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign,
                      MAX(invoice_date) AS invoice_date,
                      MAX(amount_total) AS amount_total,
                      SUM(price_total) / NULLIF(MAX(amount_total), 0) AS share,
                      COALESCE((ARRAY_AGG(upto - price_total ORDER BY line_id))[1]
                          / NULLIF(MAX(amount_total), 0), 0) AS before,
                      COALESCE(SUM(price_total) FILTER (WHERE NOT is_downpayment), 0)
                          / NULLIF(MAX(amount_total), 0) AS goods_share
                 FROM billing
                GROUP BY order_id, cutoff, rate, currency_id, opening_move_id,
                         decimals, home_decimals, move_id, move_type""",
        )

    def _cte_receivable(self):
        """A row is an instalment of an invoice of a contract."""
        return SQL(
            """SELECT i.order_id, i.cutoff, i.rate, i.currency_id, i.opening_move_id,
                      i.share, i.before, i.goods_share, i.decimals,
                      i.home_decimals, i.sign, i.invoice_date, i.move_id,
                      a.id AS item_id, a.date_maturity,
                      a.currency_id AS item_currency_id, a.amount_currency, a.balance
                 FROM invoice_share i
                 JOIN account_move_line a ON a.move_id = i.move_id
                  AND a.display_type = 'payment_term'
                WHERE i.share IS NOT NULL""",
            to_flush=self._reads(
                (
                    "account.move.line",
                    "display_type date_maturity currency_id amount_currency balance",
                ),
            ),
        )

    def _cte_partial(self):
        """A row is a reconciliation of an instalment: the contract's part of it.

        Parts are rounded on the running sums of reconciliations and contracts, so that
        a receipt is its parts, and a contract's parts are its invoice, to the cent. A
        credit note relieves the orders of its own lines, by those: of what it closes
        between invoices of other orders nothing is theirs, but deposits of orders that
        the invoice has not. ``booked``: in the company's currency, exchange
        differences included.
        """
        return SQL(
            """SELECT order_id, item_id, move_id, opening_move_id, cutoff, day,
                      counterpart_id, partial_amount,
                      CASE WHEN is_other OR item_currency_id <> currency_id
                           THEN amount * factor
                           ELSE direction * (%(part)s) END AS amount,
                      CASE WHEN is_other THEN ledger * factor
                           ELSE direction * (%(booked_part)s) END AS booked
                 FROM (SELECT r.*, r.factor <> r.share AS is_other,
                              SUM(r.partial_amount) OVER so_far AS running,
                              SUM(ABS(r.ledger)) OVER so_far AS booked_running
                         FROM (
               SELECT r.*, CASE
                          WHEN r.sign = 1 AND v.move_type = 'out_refund'
                          THEN r.share * (1 - (
                               SELECT COALESCE(SUM(b.price_total) FILTER (
                                          WHERE EXISTS (
                                          SELECT FROM sale_order_line_invoice_rel x
                                            JOIN sale_order_line l
                                              ON l.id = x.order_line_id
                                           WHERE x.invoice_line_id = b.id
                                             AND (l.is_downpayment IS NOT TRUE
                                               OR l.order_id IN (
                                               SELECT k.order_id
                                                 FROM account_move_line i
                                                 JOIN sale_order_line_invoice_rel y
                                                   ON y.invoice_line_id = i.id
                                                 JOIN sale_order_line k
                                                   ON k.id = y.order_line_id
                                                WHERE i.move_id = r.move_id))))
                                      / NULLIF(SUM(b.price_total), 0), 0)
                                 FROM account_move_line b
                                WHERE b.move_id = v.id
                                  AND b.display_type = 'product'))
                               + COALESCE(o.share, 0)
                          WHEN r.sign = -1 AND v.move_type = 'out_invoice'
                               AND o.order_id IS NULL
                          THEN r.share - r.goods_share
                          ELSE r.share END AS factor
                 FROM (SELECT r.*, p.id AS partial_id, 1 AS direction,
                              p.max_date AS day, p.credit_move_id AS counterpart_id,
                              p.debit_amount_currency AS partial_amount,
                              p.amount AS ledger,
                              CASE WHEN r.item_currency_id = r.currency_id
                                   THEN p.debit_amount_currency
                                   ELSE p.amount * r.rate END AS amount
                         FROM receivable r
                         JOIN account_partial_reconcile p
                           ON p.debit_move_id = r.item_id
                        WHERE p.max_date <= r.cutoff
                       UNION ALL
                       SELECT r.*, p.id, -1, p.max_date, p.debit_move_id,
                              p.credit_amount_currency, -p.amount,
                              -CASE WHEN r.item_currency_id = r.currency_id
                                    THEN p.credit_amount_currency
                                    ELSE p.amount * r.rate END
                         FROM receivable r
                         JOIN account_partial_reconcile p
                           ON p.credit_move_id = r.item_id
                        WHERE p.max_date <= r.cutoff) r
                 JOIN account_move_line x ON x.id = r.counterpart_id
                 JOIN account_move v ON v.id = x.move_id
                 LEFT JOIN invoice_share o ON o.order_id = r.order_id
                  AND o.move_id = v.id) r
               WINDOW so_far AS (PARTITION BY r.order_id, r.move_id, r.direction,
                                              r.factor <> r.share
                                 ORDER BY r.day, r.partial_id)) q""",
            part=self._running_part_sql(
                SQL("running"), SQL("partial_amount"), SQL("decimals")
            ),
            booked_part=self._running_part_sql(
                SQL("booked_running"), SQL("ABS(ledger)"), SQL("home_decimals")
            ),
            to_flush=self._reads(
                (
                    "account.partial.reconcile",
                    "amount debit_amount_currency credit_amount_currency max_date "
                    "debit_move_id credit_move_id",
                ),
            ),
        )

    def _running_part_sql(self, running, amount, decimals):
        """SQL of a contract's ``share`` of an amount, rounded on the running sums of
        the amounts and of the contracts ``before`` it."""
        return SQL(
            """ROUND(%(running)s * (before + share), %(decimals)s)
               - ROUND(%(running)s * before, %(decimals)s)
               - ROUND((%(running)s - %(amount)s) * (before + share), %(decimals)s)
               + ROUND((%(running)s - %(amount)s) * before, %(decimals)s)""",
            running=running,
            amount=amount,
            decimals=decimals,
        )

    def _orders_scope(self):
        """The contracts that have order lines."""
        return SQL("scope")
