from odoo import models
from odoo.tools import SQL

from ...tools.values import DAYS


class ContractFacts(models.AbstractModel):
    """The first parts of the facts statement, read from core's own rows: the contracts
    asked for, and what was delivered day by day."""

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
                      LEAST(COALESCE(so.contract_deemed_days, 0), %(most)s)
                          AS deemed_days,
                      LEAST(COALESCE(c.contract_due_soon_days, 0), %(most)s)
                          AS soon_days,
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
            now=self._now_sql(),
            most=DAYS,
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
        """A row is a contract: which ``share`` of their price rebates, whole-order
        discounts and what is taken in payment leave the goods, and what a line costs
        more as the order's taxes are rounded on the whole (``cents``). The same rule
        stands in :func:`goods_price`.
        """
        Line = self.env["sale.order.line"]
        return SQL(
            """SELECT o.order_id,
                      GREATEST(0, 1 + (o.below + CASE WHEN o.is_rounding THEN 0
                               ELSE o.rest END) / NULLIF(o.goods, 0)) AS share,
                      CASE WHEN o.is_rounding AND o.goods + o.below > 0
                           THEN o.rest / NULLIF(o.goods_lines, 0) ELSE 0 END AS cents
                 FROM (SELECT o.*,
                              ABS(o.rest) <= o.lines * o.rounding / 2 AS is_rounding
                         FROM (SELECT l.order_id,
                                      so.amount_total - SUM(l.price_total) AS rest,
                                      COUNT(*) AS lines,
                                      COUNT(*) FILTER (WHERE %(promises)s)
                                          AS goods_lines,
                                      COALESCE(SUM(l.price_total) FILTER (
                                          WHERE %(promises)s), 0) AS goods,
                                      COALESCE(SUM(l.price_total) FILTER (
                                          WHERE %(below)s), 0) AS below,
                                      COALESCE(MAX(cur.rounding), 0.01) AS rounding
                                 FROM %(orders)s s
                                 JOIN sale_order so ON so.id = s.order_id
                                 JOIN sale_order_line l ON l.order_id = s.order_id
                                  AND l.price_total <> 0
                                 LEFT JOIN res_currency cur ON cur.id = s.currency_id
                                 LEFT JOIN product_product p ON p.id = l.product_id
                                 LEFT JOIN product_template t
                                   ON t.id = p.product_tmpl_id
                                GROUP BY l.order_id, so.amount_total) o) o""",
            orders=self._orders_scope(),
            below=Line._contract_below_zero_sql("l"),
            promises=Line._contract_promise_sql(),
        )

    def _cte_line(self):
        """A row is an order line that the contract promises, with what one unit costs
        (``unit_total``) and the day that is agreed for it (``agreed_on``). Lines below
        zero lower the others in proportion (``share``), and together they come to the
        order's total.

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
                      own.total AS price_total,
                      COALESCE(o.share, 1) AS share, u.factor AS factor,
                      s.tz, s.cutoff, s.today, s.opened_on, s.fulfilment,
                      COALESCE(l.contract_opening_quantity, 0) AS opening_quantity,
                      LEAST('9999-12-31'::date, (COALESCE(
                           %(own_date)s, s.commitment_date, s.date_order
                           + make_interval(days => GREATEST(-%(most)s, LEAST(
                               COALESCE(l.customer_lead, 0), %(most)s))::int))
                       AT TIME ZONE 'UTC' AT TIME ZONE s.tz)::date) AS agreed_on,
                      CASE WHEN s.effective_date IS NOT NULL
                                AND l.contract_unit_total <> 0
                           THEN l.contract_unit_total
                           WHEN l.product_uom_qty <> 0
                           THEN own.total / l.product_uom_qty
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
                 CROSS JOIN LATERAL (SELECT CASE WHEN l.price_total = 0 THEN 0
                      ELSE l.price_total * COALESCE(o.share, 1) + COALESCE(o.cents, 0)
                      END AS total) own
                WHERE %(promises)s""",
            orders=self._orders_scope(),
            promises=Line._contract_promise_sql(),
            own_date=SQL("l.%s", SQL.identifier(own)) if own else SQL("NULL"),
            most=DAYS,
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
                      kit.kit, kit.part,
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
                 CROSS JOIN LATERAL (SELECT m.contract_kit IS NOT NULL
                          -- a purchase doesn't say which part it is
                          AND (m.contract_kit->>'part' IS NULL OR EXISTS (
                               SELECT FROM stock_move d
                                WHERE d.sale_line_id = l.line_id AND d.state = 'done'
                                  AND d.contract_kit->>'part' IS NULL
                                  AND d.contract_kit->'of' IS NOT NULL))
                          AS by_product) told
                 CROSS JOIN LATERAL (SELECT
                      CASE WHEN m.contract_kit IS NOT NULL THEN jsonb_build_object(
                           'unit', m.contract_kit->'unit', 'of',
                           CASE WHEN told.by_product THEN m.contract_kit->'products'
                                ELSE m.contract_kit->'of' END) END AS kit,
                      CASE WHEN told.by_product THEN m.product_id::text
                           ELSE m.contract_kit->>'part' END AS part,
                      CASE WHEN told.by_product AND m.contract_kit->>'part' IS NOT NULL
                           THEN (m.contract_kit->'of'
                                 ->>(m.contract_kit->>'part'))::float
                              / (m.contract_kit->'products'
                                 ->>m.product_id::text)::float
                           ELSE 1 END AS ratio) kit
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
                               mu.factor / l.factor) * kit.ratio AS units,
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
        ordered (core's rule, :meth:`stock.move._compute_kit_quantities`). Of what is
        purchased for the customer core can't tell the parts and counts all or nothing
        of it, by what is open today: its parts are counted too, for a day's figure
        depends on no move after it.
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return SQL(
            """SELECT order_id, line_id, clock, day, picking_id,
                      whole - LAG(whole, 1, 0::numeric) OVER (
                          PARTITION BY line_id, kit, clock ORDER BY day) AS quantity
                 FROM (
               SELECT order_id, line_id, kit, clock, day, picking_id,
                      -- as core converts: up
                      CEIL(ROUND(FLOOR(MIN(ROUND(running, %(digits)s)))
                           * (kit->>'unit')::numeric * %(scale)s, 4))
                          / %(scale)s::numeric AS whole
                 FROM (SELECT d.*, p.part,
                              SUM(COALESCE(SUM(c.quantity), 0)) OVER (
                                  PARTITION BY d.line_id, d.kit, d.clock, p.part
                                  ORDER BY d.day) AS running
                         FROM (SELECT order_id, line_id, kit, clock, day,
                                      -- the document of the day, if it is one
                                      CASE WHEN MIN(picking_id) = MAX(picking_id)
                                           THEN MIN(picking_id) END AS picking_id
                                 FROM clocked WHERE kit IS NOT NULL
                                GROUP BY order_id, line_id, kit, clock, day) d
                         CROSS JOIN LATERAL jsonb_object_keys(d.kit->'of') p (part)
                         LEFT JOIN clocked c ON c.line_id = d.line_id
                          AND c.kit = d.kit AND c.clock = d.clock AND c.day = d.day
                          AND c.part = p.part
                        GROUP BY d.order_id, d.line_id, d.kit, d.clock, d.day,
                              d.picking_id, p.part
                      ) r
                GROUP BY order_id, line_id, kit, clock, day, picking_id) k""",
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
               SELECT order_id, line_id, clock, day, quantity, picking_id, FALSE
                 FROM kit
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

    def _orders_scope(self):
        """The contracts that have order lines."""
        return SQL("scope")
