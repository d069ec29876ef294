from odoo import api, models
from odoo.tools import SQL


class ContractDeviation(models.Model):
    """What departs from contracts and frame agreements: a method a kind, see
    :mod:`contract_deviation_detection`.

    One goods, one deviation: while a delivery is late and more may come it is a *late
    delivery* of what is missing. If something was delivered and nothing more is to
    come (no open stock move of the order line) it is a *short quantity*. A late
    delivery that ends short becomes a short quantity until it is submitted, and stays
    what it is afterwards; there are never two of them for a term. What was delivered
    and came back, or was rejected, is a *return* or a *rejection* and no late delivery:
    only what never left, or left late, is.

    One money, one deviation: by payment term; by instalment of the invoices only where
    the contract has no payment terms.
    """

    _inherit = "contract.deviation"
    # Something of the facts statement: the last day on which goods of a line, or money
    # of a contract, came.
    _HELD = """(SELECT line_id, SUM(quantity) AS quantity,
                       MAX(day) FILTER (WHERE quantity > 0) AS day
                  FROM held GROUP BY line_id)"""
    # What left for each line up to a day, whatever became of it afterwards: what came
    # back or was rejected is added again, its replacement isn't.
    _SENT = """(SELECT line_id, day, SUM(SUM(quantity)) OVER (
                           PARTITION BY line_id ORDER BY day) AS running
                  FROM (SELECT line_id, day, quantity FROM held
                        UNION ALL
                        SELECT m.line_id, GREATEST(m.held_day, m.back_day),
                               CASE WHEN m.direction = -1 THEN m.quantity - m.rejected
                                    WHEN m.is_replacement
                                    THEN m.rejected - m.quantity
                                    ELSE m.rejected END
                          FROM (SELECT *, CASE fulfilment
                                          WHEN 'receipt' THEN receipt_day
                                          WHEN 'bl' THEN bl_day
                                          ELSE day END AS held_day FROM moved) m
                         WHERE m.held_day IS NOT NULL AND m.kit IS NULL
                           AND (m.direction = -1 OR m.is_replacement
                                OR m.rejected > 0)) x
                 GROUP BY line_id, day)"""
    _CAME = """(SELECT order_id, MAX(day) FILTER (WHERE received > 0) AS day
                  FROM money GROUP BY order_id)"""

    @api.model
    def _term_columns(self):
        """Columns of a departure from the term ``t`` whose facts are ``f``."""
        return {
            "detect_key": SQL("'term:' || f.term_id"),
            "order_id": SQL("f.order_id"),
            "term_id": SQL("f.term_id"),
            "line_id": SQL("t.line_id"),
            "agreed_date": SQL("f.date_due"),
            "agreed_quantity": SQL("f.agreed_quantity"),
            "actual_quantity": SQL("f.actual_quantity"),
            "agreed_amount": SQL("f.agreed_amount"),
            "actual_amount": SQL("f.actual_amount"),
            "impact_days": SQL("f.variance_days"),
            "cured_on": SQL("CASE WHEN NOT f.is_late THEN f.actual_date END"),
        }

    def _detect_late_delivery(self, contracts):
        """Past due and not, or not enough, delivered; or delivered late. At stake is
        what is missing, or what came late; not what left in time and came back."""
        if contracts._name != "sale.order":
            return None
        return self._departure_sql(
            SQL(
                """fact f
                   JOIN term t ON t.term_id = f.term_id
                   JOIN sale_order_line l ON l.id = t.line_id
                   LEFT JOIN %s h ON h.line_id = t.line_id
                   LEFT JOIN (
                        SELECT term_id, BOOL_OR(reached AND is_now) AS is_met,
                               MIN(day) FILTER (WHERE reached AND (
                                   below IS NULL OR day > below)) AS day,
                               MAX(quantity) FILTER (WHERE is_now) AS quantity,
                               (ARRAY_AGG(quantity ORDER BY day DESC)
                                   FILTER (WHERE day <= date_due))[1] AS in_time
                          FROM (SELECT p.term_id, p.date_due, x.day,
                                       x.running >= p.enough AS reached,
                                       MAX(x.day) FILTER (WHERE x.running < p.enough)
                                           OVER w AS below,
                                       x.day = MAX(x.day) OVER w AS is_now,
                                       GREATEST(0, LEAST(x.running - p.before,
                                           CASE WHEN NOT p.is_last
                                                THEN p.quantity END)) AS quantity
                                  FROM promised p
                                  JOIN %s x ON x.line_id = p.line_id
                                WINDOW w AS (PARTITION BY p.term_id)) s
                         GROUP BY term_id) o ON o.term_id = f.term_id
                  WHERE f.kind = 'delivery' AND CASE WHEN o.is_met
                        THEN o.day > f.date_due AND (f.is_late
                             OR f.status = 'met_late' AND f.variance_days > 0)
                        ELSE f.is_late END""",
                SQL(self._HELD),
                SQL(self._SENT),
            ),
            **self._term_columns()
            | {
                "kind": SQL(
                    """CASE WHEN NOT COALESCE(o.is_met, FALSE) AND h.quantity > 0
                             AND l.qty_delivered_method = 'stock_move'
                             AND NOT EXISTS (SELECT FROM stock_move m
                                  WHERE m.sale_line_id = t.line_id
                                    AND m.state NOT IN ('done', 'cancel'))
                            THEN 'short_quantity' ELSE 'late_delivery' END"""
                ),
                "actual_date": SQL(
                    """CASE WHEN o.is_met THEN o.day
                            WHEN o.quantity > 0 THEN h.day END"""
                ),
                "actual_quantity": SQL("COALESCE(o.quantity, 0)"),
                "actual_amount": SQL(
                    """COALESCE(f.agreed_amount * o.quantity
                                / NULLIF(f.agreed_quantity, 0), 0)"""
                ),
                "impact_days": SQL(
                    """CASE WHEN o.is_met THEN o.day - f.date_due
                            ELSE f.variance_days END"""
                ),
                "impact_amount": SQL(
                    """f.agreed_amount * (1 - COALESCE(
                           CASE WHEN o.is_met THEN o.in_time ELSE o.quantity END
                           / NULLIF(f.agreed_quantity, 0), 0))"""
                ),
                "cured_on": SQL("CASE WHEN o.is_met THEN o.day END"),
            },
        )

    def _detect_short_quantity(self, contracts):
        """Found together with the late deliveries: the same goods."""
        return None

    def _detect_over_quantity(self, contracts):
        """More than the term's tolerance allows (溢装); at stake is all that is beyond
        the agreed quantity."""
        if contracts._name != "sale.order":
            return None
        return self._departure_sql(
            SQL(
                """fact f
                   JOIN term t ON t.term_id = f.term_id
                   LEFT JOIN %s h ON h.line_id = t.line_id
                  WHERE f.over_quantity > 0 AND f.status <> 'waived'""",
                SQL(self._HELD),
            ),
            **self._term_columns()
            | {
                "kind": SQL("'over_quantity'"),
                "actual_date": SQL("h.day"),
                "impact_days": SQL("NULL"),
                "impact_amount": SQL("f.actual_amount - f.agreed_amount"),
                "cured_on": SQL("NULL"),
            },
        )

    def _detect_returned(self, contracts):
        """Goods that came back, without those that the customer had rejected. Over
        when the promises of the order line are kept again: replaced, or given up."""
        return self._detect_moved(
            contracts, "returned", "m.direction = -1", "m.quantity - m.rejected", "day"
        )

    def _detect_rejected(self, contracts):
        """Goods that the customer rejected on receipt. Over when they are replaced."""
        return self._detect_moved(
            contracts,
            "rejected",
            "m.direction = 1",
            "m.rejected",
            "COALESCE(m.receipt_day, m.day)",
        )

    def _detect_moved(self, contracts, kind, condition, quantity, day):
        """A departure a delivery and order line; the arguments are SQL of ours."""
        if contracts._name != "sale.order":
            return None
        return self._departure_sql(
            SQL(
                """(SELECT m.order_id, m.line_id, m.picking_id,
                           SUM(%(quantity)s) AS quantity, MIN(%(day)s) AS day
                      FROM moved m
                     WHERE %(condition)s AND %(quantity)s > 0 AND m.kit IS NULL
                     GROUP BY m.order_id, m.line_id, m.picking_id) b
                   JOIN line l ON l.line_id = b.line_id
                   JOIN (SELECT t.line_id, BOOL_OR(f.is_open) AS is_open,
                                MAX(f.actual_date) AS day, MAX(f.term_id) AS term_id,
                                SUM(f.agreed_quantity) AS quantity,
                                SUM(f.agreed_amount) AS amount
                           FROM term t JOIN fact f ON f.term_id = t.term_id
                          WHERE t.kind = 'delivery'
                          GROUP BY t.line_id) p ON p.line_id = b.line_id""",
                condition=SQL(condition),
                quantity=SQL(quantity),
                day=SQL(day),
            ),
            kind=SQL("%s", kind),
            detect_key=SQL(
                "%s || COALESCE(b.picking_id, 0) || ':' || b.line_id", f"{kind}:"
            ),
            order_id=SQL("b.order_id"),
            term_id=SQL("p.term_id"),
            line_id=SQL("b.line_id"),
            picking_id=SQL("b.picking_id"),
            actual_date=SQL("b.day"),
            agreed_quantity=SQL("p.quantity"),
            actual_quantity=SQL("p.quantity - b.quantity"),
            agreed_amount=SQL("p.amount"),
            actual_amount=SQL("p.amount - b.quantity * l.unit_total"),
            impact_amount=SQL("b.quantity * l.unit_total"),
            happened_on=SQL("b.day"),
            cured_on=SQL("CASE WHEN NOT p.is_open THEN GREATEST(p.day, b.day) END"),
        )

    def _detect_late_payment(self, contracts):
        """Fallen due and not received; or received late."""
        part = SQL(
            "CASE WHEN f.is_late THEN f.agreed_amount"
            " ELSE COALESCE(f.late_amount, f.agreed_amount) END"
        )
        terms = self._departure_sql(
            SQL(
                """fact f
                   JOIN term t ON t.term_id = f.term_id
                   LEFT JOIN %s m ON m.order_id = f.order_id
                  WHERE f.kind = 'payment' AND (f.is_late AND f.overdue > 0
                        OR f.status = 'met_late' AND f.variance_days > 0)""",
                SQL(self._CAME),
            ),
            **self._term_columns()
            | {
                "kind": SQL("'late_payment'"),
                # of what was paid late: the part that came latest
                "agreed_date": SQL(
                    "CASE WHEN f.is_late THEN f.date_due"
                    " ELSE COALESCE(f.late_on, f.date_due) END"
                ),
                "actual_date": SQL(
                    "CASE WHEN NOT f.is_late THEN COALESCE("
                    "f.late_on + f.variance_days, f.actual_date)"
                    " WHEN f.actual_amount > 0 THEN m.day END"
                ),
                "agreed_amount": part,
                "actual_amount": SQL(
                    "CASE WHEN f.is_late THEN f.actual_amount ELSE %s END", part
                ),
                "impact_amount": SQL(
                    "CASE WHEN f.is_late THEN f.overdue ELSE %s END", part
                ),
                "cured_on": SQL(
                    "CASE WHEN NOT f.is_late THEN COALESCE("
                    "f.late_on + f.variance_days, f.actual_date) END"
                ),
            },
        )
        if contracts._name == "contract.frame":
            return terms
        instalments = self._departure_sql(
            SQL(
                """(SELECT o.*, a.move_id, m.day, s.tolerance,
                           CASE WHEN o.residual > 0 THEN LEAST(o.residual, GREATEST(0,
                                o.reach - COALESCE(w.amount, 0))) ELSE 0 END AS missing
                      FROM open_item o
                      JOIN scope s ON s.order_id = o.order_id
                      JOIN account_move_line a ON a.id = o.item_id
                      LEFT JOIN unmatched w ON w.order_id = o.order_id
                      LEFT JOIN (SELECT order_id, item_id, MAX(day) AS day FROM money
                                  WHERE item_id IS NOT NULL
                                  GROUP BY order_id, item_id) m
                        ON m.order_id = o.order_id AND m.item_id = o.item_id
                      LEFT JOIN (SELECT DISTINCT order_id FROM term
                                  WHERE kind = 'payment') p ON p.order_id = o.order_id
                     WHERE p.order_id IS NULL AND o.date_maturity < o.cutoff) o
                  WHERE o.missing > o.tolerance OR o.day > o.date_maturity"""
            ),
            kind=SQL("'late_payment'"),
            detect_key=SQL("'item:' || o.item_id || ':' || o.order_id"),
            order_id=SQL("o.order_id"),
            move_id=SQL("o.move_id"),
            agreed_date=SQL("o.date_maturity"),
            actual_date=SQL("o.day"),
            agreed_amount=SQL("o.amount"),
            actual_amount=SQL("o.amount - o.missing"),
            impact_days=SQL(
                "CASE WHEN o.missing > o.tolerance THEN o.cutoff ELSE o.day END"
                " - o.date_maturity"
            ),
            impact_amount=SQL(
                "CASE WHEN o.missing > o.tolerance THEN o.missing ELSE o.amount END"
            ),
            cured_on=SQL("CASE WHEN o.missing <= o.tolerance THEN o.day END"),
        )
        return SQL("%s UNION ALL %s", terms, instalments)

    def _detect_instrument(self, contracts):
        """Paid with another instrument, or with a bill of a longer tenor, than
        agreed; at stake is what was received for the term."""
        return self._departure_sql(
            SQL(
                """fact f
                   JOIN term t ON t.term_id = f.term_id
                   JOIN other_instrument w ON w.term_id = f.term_id
                   LEFT JOIN %s m ON m.order_id = f.order_id
                  WHERE f.is_mismatch AND f.status <> 'waived'""",
                SQL(self._CAME),
            ),
            **self._term_columns()
            | {
                "kind": SQL("'instrument'"),
                "actual_date": SQL("m.day"),
                "impact_days": SQL("NULL"),
                "impact_amount": SQL("f.actual_amount"),
                "cured_on": SQL("NULL"),
                "data": SQL("w.ways"),
            },
        )

    def _detect_third_party(self, contracts):
        """Another company paid, and its authorisation is not among the papers."""
        facts = self.env[contracts._contract_facts_model]
        return self._departure_sql(
            SQL(
                """scope s JOIN contract_payment_claim k ON k.%s = s.order_id
                    WHERE %s""",
                facts._subject(),
                self.env["contract.payment.claim"]._unauthorised_sql(),
            ),
            kind=SQL("'third_party'"),
            detect_key=SQL("'claim:' || k.id"),
            order_id=SQL("s.order_id"),
            term_id=SQL("k.term_id"),
            actual_date=SQL("k.date"),
            actual_amount=SQL("k.contract_amount"),
            impact_amount=SQL("k.contract_amount"),
            data=SQL("jsonb_build_object('payer', k.payer_name)"),
        )

    def _detect_milestone_late(self, contracts):
        """Milestones and clauses that are not kept in time."""
        return self._detect_kept("milestone_late", "f.kind IN ('milestone', 'clause')")

    def _detect_document_missing(self, contracts):
        """Promised papers that are late, and contracts of which a paper that their
        kind needs is not filed in time."""
        frames = contracts._name == "contract.frame"
        copies = self._departure_sql(
            SQL(
                """(SELECT s.order_id, s.cutoff,
                           s.effective_date + r.document_days AS day
                      FROM scope s
                      JOIN rule r ON r.company_id = s.company_id
                       AND r.kind = 'document_missing' AND r.active
                       AND r.document_days > 0
                     WHERE s.effective_date + r.document_days < s.cutoff
                       AND s.contract_state IN ('active', 'suspended')
                       AND s.order_id IN (SELECT m.record_id FROM (%s) m)) s""",
                self.env[contracts._name]._contract_missing_sql(),
            ),
            kind=SQL("'document_missing'"),
            detect_key=SQL("%s || s.order_id", "frame:" if frames else "order:"),
            order_id=SQL("s.order_id"),
            agreed_date=SQL("s.day"),
            impact_days=SQL("s.cutoff - s.day"),
        )
        terms = self._detect_kept("document_missing", "f.kind = 'document'")
        return SQL("%s UNION ALL %s", terms, copies)

    def _search_paper_days(self):
        """SQL of the days on which papers that aren't filed begin to be missing."""
        return SQL(
            """SELECT s.order_id, s.effective_date + r.document_days + 1
                 FROM scope s
                 JOIN rule r ON r.company_id = s.company_id
                  AND r.kind = 'document_missing' AND r.active
                  AND r.document_days > 0
                WHERE s.contract_state IN ('active', 'suspended')"""
        )

    def _detect_kept(self, kind, condition):
        """Terms that somebody marks as done; the arguments are SQL of ours."""
        return self._departure_sql(
            SQL(
                """fact f JOIN term t ON t.term_id = f.term_id
                    WHERE %s AND (f.is_late
                          OR f.status = 'met_late' AND f.variance_days > 0)""",
                SQL(condition),
            ),
            **self._term_columns()
            | {
                "kind": SQL("%s", kind),
                "actual_date": SQL("f.actual_date"),
                "impact_amount": SQL("NULL"),
            },
        )

    def _detect_invoice_mismatch(self, contracts):
        """Invoices at other unit prices than agreed, one deviation an invoice; and
        more invoiced than agreed in all, without what the prices explain.

        Reversed invoices and those from before a re-agreement are left out.
        """
        if contracts._name != "sale.order":
            return None
        by_price = self._departure_sql(
            SQL("price p"),
            kind=SQL("'invoice_mismatch'"),
            detect_key=SQL("'invoice:' || p.move_id || ':' || p.order_id"),
            order_id=SQL("p.order_id"),
            move_id=SQL("p.move_id"),
            actual_date=SQL("p.day"),
            agreed_amount=SQL("p.agreed"),
            actual_amount=SQL("p.amount"),
            impact_amount=SQL("p.difference"),
            data=SQL("jsonb_build_object('invoice', p.name)"),
        )
        in_total = self._departure_sql(
            SQL(
                """scope s
                   JOIN (SELECT order_id, SUM(amount) AS amount, MAX(day) AS day,
                                COUNT(*) AS lines
                           FROM invoiced GROUP BY order_id) i
                     ON i.order_id = s.order_id
                   LEFT JOIN (SELECT order_id, SUM(amount - agreed) AS amount
                                FROM price GROUP BY order_id) p
                     ON p.order_id = s.order_id
                  WHERE i.amount + s.opening_invoiced
                        - GREATEST(COALESCE(p.amount, 0), 0)
                        -- a cent a line is rounding
                        > s.total + s.tolerance + i.lines * 10.0 ^ (-s.decimals)"""
            ),
            kind=SQL("'invoice_mismatch'"),
            detect_key=SQL("'order:' || s.order_id"),
            order_id=SQL("s.order_id"),
            actual_date=SQL("i.day"),
            agreed_amount=SQL("s.total"),
            actual_amount=SQL("i.amount + s.opening_invoiced"),
            impact_amount=SQL(
                "i.amount + s.opening_invoiced - s.total"
                " - GREATEST(COALESCE(p.amount, 0), 0)"
            ),
        )
        return SQL(
            """WITH price AS (
                SELECT x.order_id, x.move_id, MAX(x.name) AS name,
                       MIN(x.invoice_date) AS day, SUM(x.amount) AS amount,
                       SUM(x.agreed) AS agreed,
                       SUM(ABS(x.amount - x.agreed)) AS difference
                  FROM (SELECT b.order_id, b.move_id, v.name, b.invoice_date,
                               b.amount,
                               -- rebates stand on the invoice in lines of their own
                               g.unit / NULLIF(l.share, 0) * a.quantity
                                   * COALESCE(u.factor / l.factor, 1) AS agreed,
                               s.tolerance + 10.0 ^ (-s.decimals) AS tolerance
                          FROM billing b
                          JOIN scope s ON s.order_id = b.order_id
                          JOIN account_move v ON v.id = b.move_id
                          JOIN account_move_line a ON a.id = b.line_id
                          JOIN sale_order_line_invoice_rel r
                            ON r.invoice_line_id = a.id
                          JOIN line l ON l.line_id = r.order_line_id
                           AND l.order_id = b.order_id
                          JOIN (SELECT t.line_id, MAX(k.valid_from) AS valid_from,
                                       SUM(t.amount) / NULLIF(SUM(t.quantity), 0)
                                           AS unit
                                  FROM term t JOIN contract_term k ON k.id = t.term_id
                                 WHERE t.kind = 'delivery' AND k.stamped
                                 GROUP BY t.line_id) g ON g.line_id = l.line_id
                          LEFT JOIN uom_uom u ON u.id = a.product_uom_id
                         WHERE b.move_type = 'out_invoice' AND NOT b.is_downpayment
                           AND b.invoice_date <= b.cutoff AND a.quantity <> 0
                           AND v.payment_state <> 'reversed'
                           AND (g.valid_from IS NULL
                                OR b.invoice_date >= g.valid_from)) x
                 WHERE ABS(x.amount - x.agreed) > x.tolerance
                 GROUP BY x.order_id, x.move_id
            )
            %s UNION ALL %s""",
            by_price,
            in_total,
        )

    def _detect_order_changed(self, contracts):
        """Quantities, prices, dates or the total of the order are not those that were
        agreed when it took effect, and no supplementary agreement says so.

        What was given up (waived) may be missing on the order. At stake is the
        difference of the totals, or of the lines where they make up for each other.
        """
        if contracts._name != "sale.order":
            return None
        return self._departure_sql(
            SQL(
                """(SELECT s.order_id, s.total, so.amount_total, c.*,
                           ABS(so.amount_total - s.total)
                               > COALESCE(c.cents, 10.0 ^ (-s.decimals))
                           AND ABS(so.amount_total - s.total + COALESCE(c.waived, 0))
                               > COALESCE(c.cents, 10.0 ^ (-s.decimals)) AS is_other
                      FROM scope s
                      JOIN sale_order so ON so.id = s.order_id
                      LEFT JOIN (
                           SELECT x.order_id AS of_order_id,
                                  SUM(x.cents) AS cents, SUM(x.waived) AS waived,
                                  COUNT(*) FILTER (WHERE x.is_changed) AS lines,
                                  SUM(ABS(x.price_total - x.amount))
                                      FILTER (WHERE x.is_changed) AS moved,
                                  MIN(x.day) FILTER (WHERE x.is_other_day) AS day,
                                  MAX(x.agreed_on) FILTER (WHERE x.is_other_day)
                                      AS new_day,
                                  MAX(x.agreed_on - x.day) FILTER (
                                      WHERE x.is_other_day) AS days,
                                  JSONB_AGG(JSONB_BUILD_OBJECT(
                                      'line', x.line_id, 'agreed', x.quantity,
                                      'actual', x.product_uom_qty,
                                      'agreed_amount', x.amount,
                                      'actual_amount', x.price_total,
                                      'agreed_on', CASE WHEN x.is_other_day
                                                        THEN x.day END,
                                      'actual_on', CASE WHEN x.is_other_day
                                                        THEN x.agreed_on END)
                                      ORDER BY x.line_id)
                                      FILTER (WHERE x.is_changed) AS data
                             FROM (%(lines)s) x
                            GROUP BY x.order_id) c ON c.of_order_id = s.order_id
                     WHERE s.effective_date IS NOT NULL) o
                  WHERE o.is_other OR o.lines > 0""",
                lines=self._changed_lines_sql(),
            ),
            kind=SQL("'order_changed'"),
            detect_key=SQL("'order:' || o.order_id"),
            order_id=SQL("o.order_id"),
            agreed_date=SQL("o.day"),
            actual_date=SQL("o.new_day"),
            agreed_amount=SQL("o.total"),
            actual_amount=SQL("o.amount_total"),
            impact_days=SQL("GREATEST(0, o.days)"),
            impact_amount=SQL(
                "GREATEST(ABS(o.amount_total - o.total), COALESCE(o.moved, 0))"
            ),
            data=SQL("o.data"),
        )

    def _changed_lines_sql(self):
        """SQL rows of order lines beside their agreed terms."""
        return SQL(
            """SELECT y.*, y.is_other_quantity OR y.is_other_price OR y.is_other_day
                      AS is_changed
                 FROM (SELECT l.order_id, l.line_id, l.product_uom_qty, l.price_total,
                              l.agreed_on, g.quantity, g.amount, g.day, g.cents,
                              g.amount - g.kept_amount AS waived,
                              ABS(l.product_uom_qty - g.quantity) > 0.000001
                              AND ABS(l.product_uom_qty - g.kept) > 0.000001
                                  AS is_other_quantity,
                              ABS(l.price_total - g.amount) > g.cents
                              AND ABS(l.price_total - g.kept_amount) > g.cents
                                  AS is_other_price,
                              COALESCE(l.agreed_on <> g.day, FALSE) AS is_other_day
                         FROM line l
                         JOIN (SELECT t.line_id, SUM(t.quantity) AS quantity,
                                      SUM(t.amount) AS amount,
                                      COALESCE(SUM(t.quantity) FILTER (
                                          WHERE NOT t.is_waived), 0) AS kept,
                                      COALESCE(SUM(t.amount) FILTER (
                                          WHERE NOT t.is_waived), 0) AS kept_amount,
                                      -- what rounding may make of it
                                      COUNT(*) * 10.0 ^ (-MAX(t.decimals)) AS cents,
                                      -- of a split delivery nobody knows which
                                      CASE WHEN COUNT(*) = 1 AND BOOL_AND(k.auto)
                                           THEN MIN(t.date_fixed) END AS day
                                 FROM term t JOIN contract_term k ON k.id = t.term_id
                                WHERE t.kind = 'delivery' AND k.stamped
                                GROUP BY t.line_id) g ON g.line_id = l.line_id) y"""
        )

    def _detect_outside_frame(self, contracts):
        """Call-offs that depart from their frame agreement: the same sentences as on
        the order; at stake is what is beyond the agreement."""
        if contracts._name != "sale.order":
            return None
        call_offs = contracts.search(
            [("id", "in", contracts.ids), ("contract_frame_id", "!=", False)]
        )
        excess = call_offs._contract_frame_excess()
        return [
            {
                "kind": "outside_frame",
                "detect_key": f"order:{order.id}",
                "order_id": order.id,
                "actual_amount": order.amount_total,
                "impact_amount": excess[order],
            }
            for order in call_offs
            if excess.get(order) is not None
        ]

    def _search_frame_days(self, contracts):
        """SQL of the days on which call-offs, and frame agreements, are searched again:
        on each, for they read other contracts, which notes aren't about."""
        if contracts._name != "sale.order":
            return SQL("SELECT order_id, cutoff + 1 FROM scope")
        return SQL(
            """SELECT s.order_id, s.cutoff + 1
                 FROM scope s JOIN sale_order so ON so.id = s.order_id
                WHERE so.contract_frame_id IS NOT NULL""",
            to_flush=self.env["contract.facts"]._reads(
                ("sale.order", "contract_frame_id")
            ),
        )
