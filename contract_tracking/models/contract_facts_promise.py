from odoo import models
from odoo.tools import SQL


class ContractFactsPromise(models.AbstractModel):
    """The promises of the facts statement: what was agreed, when it fell due, what
    was done for it, and what that makes of it. See :mod:`contract.facts`."""

    _name = "contract.facts.promise"
    _description = "Contract Facts: Promises"

    def _cte_term(self):
        """Terms valid on the day, as agreed: stamped, or still reading the order."""
        return SQL(
            """term AS (
                SELECT t.id AS term_id, t.order_id, t.kind, t.line_id, t.sequence,
                       t.due_mode, t.event_type_id, t.delay, t.delay_unit,
                       CASE WHEN t.auto AND NOT COALESCE(t.stamped, FALSE)
                            THEN l.agreed_on ELSE t.date_fixed END AS date_fixed,
                       t.from_month_end, t.each, t.alt_event_type_id, t.alt_delay,
                       t.alt_delay_unit, t.payment_kind, t.weight, t.waived_on,
                       t.done_date AS done_on, t.progress AS done_progress,
                       s.cutoff, s.soon_days, s.decimals, s.total, s.calendar_id,
                       GREATEST(s.tolerance, s.tolerance_percent / 100.0
                           * ABS(COALESCE(t.amount, 0))) AS tolerance,
                       CASE WHEN t.kind <> 'delivery' THEN 0
                            WHEN t.auto AND NOT COALESCE(t.stamped, FALSE)
                                THEN l.product_uom_qty
                            ELSE t.quantity END AS quantity,
                       CASE WHEN t.kind NOT IN ('delivery', 'payment') THEN 0
                            WHEN t.stamped THEN COALESCE(t.amount, 0)
                            WHEN t.kind = 'delivery' THEN
                                CASE WHEN t.auto THEN l.product_uom_qty
                                     ELSE t.quantity END * l.unit_total
                            WHEN COALESCE(t.percent, 0) = 0 THEN COALESCE(t.amount, 0)
                            -- shares are rounded on their running sum: nothing is lost
                            ELSE ROUND(s.total * SUM(t.percent) OVER running / 100,
                                       s.decimals)
                               - ROUND(s.total * (SUM(t.percent) OVER running
                                       - t.percent) / 100, s.decimals)
                       END AS amount
                  FROM scope s
                  JOIN contract_term t ON t.order_id = s.order_id
                  -- the second key spreads the many terms without a line
                  LEFT JOIN line l ON l.line_id = t.line_id AND l.order_id = t.order_id
                 WHERE (t.valid_from IS NULL OR t.valid_from <= s.cutoff)
                   AND (t.valid_to IS NULL OR t.valid_to > s.cutoff)
                   AND (t.kind <> 'delivery' OR l.line_id IS NOT NULL)
                WINDOW running AS (PARTITION BY t.order_id, t.kind
                                   ORDER BY t.sequence, t.id)
            )"""
        )

    def _cte_event(self):
        """The day on which each event of a contract happened, read or recorded."""
        return SQL(
            """deposit AS (
                SELECT order_id, SUM(amount) AS amount, MAX(tolerance) AS tolerance
                  FROM term WHERE kind = 'payment' AND payment_kind = 'deposit'
                 GROUP BY order_id
            ),
            purse AS (
                SELECT order_id, day, SUM(SUM(received + adjusted)) OVER (
                           PARTITION BY order_id ORDER BY day) AS running
                  FROM money GROUP BY order_id, day
            ),
            dispatch AS (
                -- of goods; of services where the contract promises nothing else
                SELECT d.order_id, COALESCE(
                           MAX(d.day) FILTER (WHERE l.qty_delivered_method =
                               'stock_move'),
                           CASE WHEN NOT BOOL_OR(g.has_goods) THEN MAX(d.day) END)
                               AS day
                  FROM delivered d
                  JOIN line l ON l.line_id = d.line_id
                  JOIN (SELECT order_id, BOOL_OR(qty_delivered_method = 'stock_move')
                               AS has_goods FROM line GROUP BY order_id) g
                    ON g.order_id = d.order_id
                 WHERE d.quantity > 0
                 GROUP BY d.order_id
            ),
            happened AS (
                SELECT order_id, 'signing' AS source, signing_date AS day
                  FROM scope WHERE signing_date <= cutoff
                UNION ALL
                SELECT order_id, 'effect', effective_date
                  FROM scope WHERE effective_date <= cutoff
                UNION ALL
                SELECT p.order_id, 'deposit', MIN(p.day)
                  FROM purse p JOIN deposit d ON d.order_id = p.order_id
                 WHERE p.running >= d.amount - d.tolerance
                 GROUP BY p.order_id
                UNION ALL
                SELECT order_id, 'dispatch', day FROM dispatch
                UNION ALL
                SELECT order_id, 'statement',
                       (date_trunc('month', day) + interval '1 month - 1 day')::date
                  FROM dispatch
                UNION ALL
                SELECT order_id, 'invoice', MAX(day)
                  FROM invoiced WHERE amount > 0 GROUP BY order_id
            ),
            event AS (
                SELECT h.order_id, y.id AS type_id, h.day
                  FROM happened h JOIN contract_event_type y ON y.source = h.source
                 WHERE h.day IS NOT NULL
                UNION ALL
                SELECT e.order_id, e.type_id, e.date
                  FROM scope s JOIN contract_event e ON e.order_id = s.order_id
                 WHERE e.date <= s.cutoff
            )"""
        )

    def _cte_due(self):
        """Days on which terms fall due, with the amount that does.

        One row a term; a term that falls due each time has one row a day on which
        something was delivered or invoiced. A term whose event is missing has none.
        """
        return SQL(
            """portion AS (
                SELECT order_id, 'dispatch' AS source, day, amount, base
                  FROM (SELECT d.order_id, d.day, SUM(d.quantity * l.unit_total) AS
                      amount,
                               MAX(g.base) AS base
                          FROM delivered d
                          JOIN line l ON l.line_id = d.line_id
                          JOIN (SELECT order_id, SUM(price_total) AS base
                                  FROM line GROUP BY order_id) g
                            ON g.order_id = d.order_id
                         GROUP BY d.order_id, d.day) shipped
                UNION ALL
                SELECT i.order_id, 'invoice', i.day, SUM(i.amount), MAX(s.total)
                  FROM (SELECT order_id, day, amount FROM invoiced
                        UNION ALL
                        SELECT order_id, opening_date, opening_invoiced FROM scope
                         WHERE opening_invoiced <> 0) i
                  JOIN scope s ON s.order_id = i.order_id
                 GROUP BY i.order_id, i.day
            ),
            share AS (
                SELECT p.order_id, p.source, p.day,
                       LEAST(1, SUM(p.amount) OVER w / NULLIF(p.base, 0)) AS reached
                  FROM portion p
                WINDOW w AS (PARTITION BY p.order_id, p.source ORDER BY p.day)
            ),
            due AS (
                SELECT term_id, order_id, sequence, date_fixed AS day, amount
                  FROM term WHERE due_mode = 'date' AND date_fixed IS NOT NULL
                UNION ALL
                SELECT t.term_id, t.order_id, t.sequence,
                       LEAST(%(first)s, %(second)s), t.amount
                  FROM term t
                  LEFT JOIN event e ON e.order_id = t.order_id
                                   AND e.type_id = t.event_type_id
                  LEFT JOIN event a ON a.order_id = t.order_id
                                   AND a.type_id = t.alt_event_type_id
                 WHERE t.due_mode = 'event' AND NOT COALESCE(t.each, FALSE)
                   AND (e.day IS NOT NULL OR a.day IS NOT NULL)
                UNION ALL
                SELECT t.term_id, t.order_id, t.sequence, %(each)s,
                       ROUND(t.amount * e.reached, t.decimals)
                     - ROUND(t.amount * COALESCE(LAG(e.reached) OVER (
                             PARTITION BY t.term_id ORDER BY e.day), 0), t.decimals)
                  FROM term t
                  JOIN contract_event_type y ON y.id = t.event_type_id
                  JOIN share e ON e.order_id = t.order_id
                   AND e.source = CASE y.source WHEN 'invoice' THEN 'invoice'
                                                ELSE 'dispatch' END
                 WHERE t.due_mode = 'event' AND t.each
            )""",
            first=self._shift_sql(
                "e.day", "t.delay", "t.delay_unit", "t.from_month_end"
            ),
            second=self._shift_sql("a.day", "t.alt_delay", "t.alt_delay_unit", "FALSE"),
            each=self._shift_sql(
                "e.day",
                "t.delay",
                "t.delay_unit",
                "t.from_month_end OR y.source = 'statement'",
            ),
        )

    def _shift_sql(self, day, delay, unit, month_end):
        """SQL of ``day`` plus a delay; the names are ours, never a user's."""
        return SQL(
            """(SELECT CASE %(unit)s
                    WHEN 'month' THEN (base + make_interval(months => %(delay)s))::date
                    WHEN 'workday' THEN CASE WHEN %(delay)s = 0 THEN base ELSE (
                        SELECT d FROM (
                            SELECT base + i AS d
                              FROM generate_series(1, %(delay)s * 2 + 60) i) days
                         WHERE EXTRACT(isodow FROM d) < 6 AND NOT EXISTS (
                               SELECT FROM resource_calendar_leaves v
                                WHERE v.resource_id IS NULL
                                  AND v.calendar_id = t.calendar_id
                                  AND d BETWEEN v.date_from::date AND v.date_to::date)
                         ORDER BY d OFFSET %(delay)s - 1 LIMIT 1) END
                    ELSE base + %(delay)s END
                FROM (SELECT CASE WHEN %(month_end)s
                             THEN (date_trunc('month', %(day)s)
                                   + interval '1 month - 1 day')::date
                             ELSE %(day)s END AS base) b)""",
            day=SQL(day),
            delay=SQL(delay),
            unit=SQL(unit),
            month_end=SQL(month_end),
        )

    def _cte_payment(self):
        """Whose the money is: matured promises first, in the contract's own order.

        The contract's order and not the due date decides between them, so that a
        dated retention doesn't swallow the money of an undated shipment term.
        """
        return SQL(
            """matured AS (
                SELECT t.term_id, t.order_id, t.sequence, t.amount, t.tolerance,
                    t.cutoff,
                       COALESCE(SUM(d.amount) FILTER (WHERE d.day <= t.cutoff), 0)
                           AS matured,
                       COALESCE(SUM(d.amount) FILTER (WHERE d.day < t.cutoff), 0)
                           AS past,
                       MAX(d.day) AS last_day
                  FROM term t LEFT JOIN due d ON d.term_id = t.term_id
                 WHERE t.kind = 'payment'
                   AND (t.waived_on IS NULL OR t.waived_on > t.cutoff)
                 GROUP BY t.term_id, t.order_id, t.sequence, t.amount, t.tolerance,
                          t.cutoff
            ),
            unit AS (
                SELECT *, SUM(amount) OVER (PARTITION BY order_id
                              ORDER BY rank, sequence, term_id) AS reach
                  FROM (SELECT term_id, order_id, sequence, tolerance, 0 AS rank,
                               matured AS amount FROM matured
                        UNION ALL
                        SELECT term_id, order_id, sequence, tolerance, 1,
                               amount - matured FROM matured) parts
            ),
            pool AS (
                SELECT order_id, SUM(received + adjusted) AS amount
                  FROM money GROUP BY order_id
            ),
            filled AS (
                SELECT u.term_id, u.order_id, MAX(u.tolerance) AS tolerance,
                       SUM(LEAST(u.amount, GREATEST(0, COALESCE(p.amount, 0)
                               - u.reach + u.amount))) AS got,
                       SUM(LEAST(u.amount, GREATEST(0, COALESCE(p.amount, 0)
                               - u.reach + u.amount))) FILTER (WHERE u.rank = 0)
                           AS got_matured,
                       MAX(u.reach) FILTER (WHERE u.amount <> 0) AS reach
                  FROM unit u LEFT JOIN pool p ON p.order_id = u.order_id
                 GROUP BY u.term_id, u.order_id
            ),
            paid_on AS (
                SELECT f.term_id, MIN(p.day) AS day
                  FROM filled f JOIN purse p ON p.order_id = f.order_id
                 WHERE p.running >= f.reach - f.tolerance
                 GROUP BY f.term_id
            ),
            next_due AS (
                SELECT d.term_id, MIN(d.day) AS day
                  FROM (SELECT term_id, day, SUM(amount) OVER (
                                   PARTITION BY term_id ORDER BY day) AS running
                          FROM due) d
                  JOIN filled f ON f.term_id = d.term_id
                 WHERE d.running > f.got + f.tolerance
                 GROUP BY d.term_id
            ),
            needed AS (
                -- what had to be there on each due day, this and earlier promises
                SELECT a.term_id, a.order_id, a.day, SUM(b.amount) AS amount
                  FROM due a
                  JOIN matured m ON m.term_id = a.term_id
                  JOIN due b ON b.order_id = a.order_id AND b.day <= a.day
                            AND (b.sequence, b.term_id) <= (a.sequence, a.term_id)
                  JOIN matured o ON o.term_id = b.term_id
                 WHERE a.day <= m.cutoff AND a.amount > 0
                 GROUP BY a.term_id, a.order_id, a.day
            ),
            paid_late AS (
                SELECT n.term_id
                  FROM (SELECT n.term_id, n.day, n.amount,
                               COALESCE(SUM(m.received + m.adjusted), 0) AS there
                          FROM needed n
                          LEFT JOIN money m ON m.order_id = n.order_id
                                           AND m.day <= n.day
                         GROUP BY n.term_id, n.day, n.amount) n
                  JOIN matured t ON t.term_id = n.term_id
                 WHERE n.there < n.amount - t.tolerance
                 GROUP BY n.term_id
            )"""
        )

    def _cte_delivery(self):
        """Terms of one order line are filled in order of date; the last one keeps
        what was delivered beyond the agreed quantity."""
        return SQL(
            """promised AS (
                SELECT t.term_id, t.line_id, t.quantity, d.day AS date_due,
                       SUM(t.quantity) OVER w - t.quantity AS before,
                       LEAD(t.term_id) OVER w IS NULL AS is_last
                  FROM term t LEFT JOIN due d ON d.term_id = t.term_id
                 WHERE t.kind = 'delivery'
                -- what was given up is filled last
                WINDOW w AS (PARTITION BY t.line_id ORDER BY
                             COALESCE(t.waived_on <= t.cutoff, FALSE),
                             d.day NULLS LAST, t.sequence, t.term_id)
            ),
            run AS (
                SELECT line_id, day, SUM(SUM(quantity)) OVER (
                           PARTITION BY line_id ORDER BY day) AS running
                  FROM delivered GROUP BY line_id, day
            ),
            there AS (
                SELECT line_id, SUM(quantity) AS quantity
                  FROM delivered GROUP BY line_id
            ),
            handed AS (
                SELECT p.term_id, p.date_due,
                       CASE WHEN p.is_last
                            THEN GREATEST(0, COALESCE(t.quantity, 0) - p.before)
                            ELSE LEAST(p.quantity, GREATEST(0,
                                 COALESCE(t.quantity, 0) - p.before)) END AS quantity
                  FROM promised p LEFT JOIN there t ON t.line_id = p.line_id
            ),
            handed_on AS (
                -- the day from which the promise was and stayed fulfilled
                SELECT term_id, MIN(day) AS day
                  FROM (SELECT p.term_id, r.day,
                               r.running >= p.before + p.quantity - 0.000001 AS reached,
                               MAX(r.day) FILTER (WHERE r.running
                                   < p.before + p.quantity - 0.000001)
                                   OVER (PARTITION BY p.term_id) AS last_below
                          FROM promised p JOIN run r ON r.line_id = p.line_id) x
                 WHERE reached AND (last_below IS NULL OR day > last_below)
                 GROUP BY term_id
            )"""
        )

    def _cte_fact(self):
        """One row a term: agreed, actual, variance, status."""
        return SQL(
            """outcome AS (
                SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                       t.waived_on <= t.cutoff AS is_waived,
                       t.quantity AS agreed_quantity, h.quantity AS actual_quantity,
                       t.amount AS agreed_amount,
                       CASE WHEN t.quantity = 0 THEN 0
                            ELSE t.amount * h.quantity / t.quantity END AS
                                actual_amount,
                       0 AS matured, 0 AS overdue,
                       h.date_due, o.day AS actual_date,
                       h.quantity >= t.quantity - 0.000001 AS is_met,
                       o.day > h.date_due AS was_late,
                       h.date_due < t.cutoff AS is_past,
                       h.quantity > 0 AS is_partial,
                       CASE WHEN t.quantity = 0 THEN 1
                            ELSE LEAST(1, h.quantity / t.quantity) END AS progress
                  FROM term t
                  LEFT JOIN handed h ON h.term_id = t.term_id
                  LEFT JOIN handed_on o ON o.term_id = t.term_id
                 WHERE t.kind = 'delivery'
                UNION ALL
                SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                       t.waived_on <= t.cutoff, 0, 0, t.amount, f.got, m.matured,
                       CASE WHEN m.past - f.got_matured > t.tolerance
                            THEN m.past - f.got_matured ELSE 0 END,
                       COALESCE(n.day, CASE WHEN f.got >= t.amount - t.tolerance
                                            THEN m.last_day END),
                       CASE WHEN f.got >= t.amount - t.tolerance THEN o.day END,
                       f.got >= t.amount - t.tolerance,
                       l.term_id IS NOT NULL,
                       m.past - f.got_matured > t.tolerance,
                       f.got_matured > t.tolerance,
                       CASE WHEN t.amount = 0 THEN 1
                            ELSE LEAST(1, f.got / t.amount) END
                  FROM term t
                  LEFT JOIN matured m ON m.term_id = t.term_id
                  LEFT JOIN filled f ON f.term_id = t.term_id
                  LEFT JOIN paid_on o ON o.term_id = t.term_id
                  LEFT JOIN next_due n ON n.term_id = t.term_id
                  LEFT JOIN paid_late l ON l.term_id = t.term_id
                 WHERE t.kind = 'payment'
                UNION ALL
                SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                       t.waived_on <= t.cutoff, 0, 0, 0, 0, 0, 0, d.day,
                       CASE WHEN t.done_on <= t.cutoff THEN t.done_on END,
                       COALESCE(t.done_on <= t.cutoff, FALSE),
                       t.done_on > d.day, d.day < t.cutoff,
                       COALESCE(t.done_progress, 0) > 0,
                       CASE WHEN t.done_on <= t.cutoff THEN 1
                            ELSE COALESCE(t.done_progress, 0) / 100.0 END
                  FROM term t LEFT JOIN due d ON d.term_id = t.term_id
                 WHERE t.kind NOT IN ('delivery', 'payment')
            ),
            judged AS (
                SELECT *, CASE
                       WHEN is_waived THEN 'waived'
                       WHEN is_met AND was_late THEN 'met_late'
                       WHEN is_met THEN 'met'
                       WHEN is_past AND is_partial THEN 'short'
                       WHEN is_past THEN 'overdue'
                       WHEN date_due IS NULL THEN 'waiting'
                       WHEN date_due <= cutoff + soon_days THEN 'due_soon'
                       ELSE 'not_due' END AS status
                  FROM outcome
            ),
            fact AS (
                SELECT term_id, order_id, kind, status, date_due, actual_date, progress,
                       weight, agreed_quantity, COALESCE(actual_quantity, 0)
                           AS actual_quantity,
                       agreed_amount, COALESCE(actual_amount, 0) AS actual_amount,
                       COALESCE(matured, 0) AS matured, COALESCE(overdue, 0) AS overdue,
                       status IN ('overdue', 'short') AS is_late,
                       status NOT IN ('met', 'met_late', 'waived') AS is_open,
                       CASE WHEN status IN ('overdue', 'short') THEN cutoff - date_due
                            WHEN status IN ('met', 'met_late')
                                THEN actual_date - date_due
                            ELSE 0 END AS variance_days
                  FROM judged
            )"""
        )
