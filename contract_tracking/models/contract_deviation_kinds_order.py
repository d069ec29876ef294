from odoo import models
from odoo.tools import SQL


class ContractDeviation(models.Model):
    """What departs on a contract as a whole: its invoices, the order itself, its frame
    agreement. See :mod:`contract_deviation_detection`."""

    _inherit = "contract.deviation"

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
                               b.price_total * CASE
                                   WHEN b.line_currency_id = b.currency_id THEN 1
                                   ELSE b.rate / COALESCE(
                                        NULLIF(b.invoice_currency_rate, 0), 1) END
                                   AS amount,
                               g.unit * a.quantity * COALESCE(u.factor / l.factor, 1)
                                   AS agreed,
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
                                          WHERE t.waived_on IS NULL), 0) AS kept,
                                      COALESCE(SUM(t.amount) FILTER (
                                          WHERE t.waived_on IS NULL), 0) AS kept_amount,
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
        the order."""
        if contracts._name != "sale.order":
            return None
        call_offs = contracts.search(
            [("id", "in", contracts.ids), ("contract_frame_id", "!=", False)]
        )
        texts = call_offs._contract_frame_texts()
        return [
            {
                "kind": "outside_frame",
                "detect_key": f"order:{order.id}",
                "order_id": order.id,
                "actual_amount": order.amount_total,
                "impact_amount": order.amount_total,
            }
            for order in call_offs
            if texts.get(order)
        ]
