from odoo import models
from odoo.tools import SQL

from ...tools.values import DAYS


class ContractFacts(models.AbstractModel):
    """When promises of the facts statement fall due: the events they wait for, what of
    each delivery or invoice, working days, and what credits take back."""

    _inherit = "contract.facts"

    def _cte_still_promised(self):
        """A row is a line that is still promised, and how much is ``enough``: goods;
        services where nothing else is promised.
        """
        return SQL(
            """SELECT t.order_id, t.line_id, SUM(t.quantity
                          * (1 - t.short_percent / 100)) - 0.000001 AS enough
                 FROM term t
                 JOIN line l ON l.line_id = t.line_id
                 JOIN (SELECT order_id, BOOL_OR(qty_delivered_method = 'stock_move')
                              AS has_goods FROM line GROUP BY order_id) g
                   ON g.order_id = t.order_id
                WHERE t.is_delivery
                  AND NOT t.is_waived
                  AND (NOT g.has_goods OR l.qty_delivered_method = 'stock_move')
                GROUP BY t.order_id, t.line_id""",
        )

    def _cte_last_handover(self):
        """A row is a contract and a clock: the last day on which something was handed
        over, and whether that was all. What came back later doesn't undo it.
        """
        return SQL(
            """SELECT h.order_id, h.clock,
                      MAX(h.day) FILTER (WHERE h.is_goods OR NOT h.has_goods) AS day,
                      BOOL_AND(h.quantity >= COALESCE(h.enough, 0)) AND COUNT(*)
                          FILTER (WHERE h.enough IS NOT NULL) = MAX(h.wanted)
                          AS is_complete
                 FROM (SELECT d.order_id, d.clock, d.line_id, MAX(d.day) AS day,
                              SUM(d.quantity) AS quantity, MAX(k.enough) AS enough,
                              MAX(w.lines) AS wanted,
                              BOOL_OR(l.qty_delivered_method = 'stock_move')
                                  AS is_goods, BOOL_OR(g.has_goods) AS has_goods
                         FROM handover d
                         JOIN line l ON l.line_id = d.line_id
                         JOIN (SELECT order_id, BOOL_OR(qty_delivered_method
                                      = 'stock_move') AS has_goods
                                 FROM line GROUP BY order_id) g
                           ON g.order_id = d.order_id
                         LEFT JOIN still_promised k ON k.line_id = d.line_id
                         LEFT JOIN (SELECT order_id, COUNT(*) AS lines
                             FROM still_promised
                                     GROUP BY order_id) w
                           ON w.order_id = d.order_id
                        WHERE d.clock <> 'held' AND d.quantity > 0
                        GROUP BY d.order_id, d.clock, d.line_id) h
                GROUP BY h.order_id, h.clock""",
        )

    def _cte_dispatched(self):
        """A row is a contract that was delivered in full: since when."""
        return SQL(
            """SELECT order_id, day FROM last_handover
                WHERE clock = 'dispatch' AND COALESCE(is_complete, TRUE)""",
        )

    def _cte_signed_for(self):
        """A row is a contract that was received, or is on bills of lading, in full."""
        return SQL(
            """SELECT order_id, clock, day FROM last_handover
                WHERE clock IN ('receipt', 'bl') AND COALESCE(is_complete, TRUE)""",
        )

    def _cte_read_event(self):
        """A row is an event that is read from the facts: its source and day."""
        return SQL(
            """SELECT order_id, 'signing' AS source, signing_date AS day
                 FROM scope WHERE signing_date <= cutoff
               UNION ALL
               SELECT order_id, 'effect', effective_date
                 FROM scope WHERE effective_date <= cutoff
               UNION ALL
               SELECT p.order_id, 'deposit', MIN(p.day)
                 FROM deposit_total p JOIN deposit d ON d.order_id = p.order_id
                WHERE p.running >= d.amount - d.tolerance
                GROUP BY p.order_id
               UNION ALL
               SELECT order_id, 'dispatch', day FROM dispatched
               UNION ALL
               SELECT order_id, 'statement',
                      (date_trunc('month', day) + interval '1 month - 1 day')::date
                 FROM dispatched
               UNION ALL
               SELECT order_id, clock, day FROM signed_for
               UNION ALL
               SELECT g.order_id, 'acceptance', g.day + s.deemed_days
                 FROM signed_for g
                 JOIN scope s ON s.order_id = g.order_id
                WHERE g.clock = 'receipt' AND s.deemed_days > 0
                  AND g.day + s.deemed_days <= s.cutoff
               UNION ALL
               SELECT order_id, 'invoice', MAX(day)
                 FROM invoiced WHERE amount > 0 GROUP BY order_id""",
        )

    def _cte_recorded_event(self):
        """A row is an event that somebody recorded."""
        return SQL(
            """SELECT s.order_id, e.type_id, e.date AS day
                 FROM scope s JOIN contract_event e ON e.%(subject)s = s.order_id
                WHERE e.date <= s.cutoff""",
            subject=self._subject(),
            to_flush=self._reads(
                ("contract.event", "order_id frame_id type_id date"),
            ),
        )

    def _cte_event(self):
        """A row is an event of a contract and its day: what was recorded goes before
        what is read or deemed.
        """
        return SQL(
            """SELECT order_id, type_id, day, FALSE AS is_month_end FROM recorded_event
               UNION ALL
               SELECT h.order_id, y.id, h.day, h.source = 'statement'
                 FROM read_event h JOIN contract_event_type y ON y.source = h.source
                WHERE h.day IS NOT NULL
                  AND NOT EXISTS (SELECT FROM recorded_event r
                                   WHERE r.order_id = h.order_id
                                     AND r.type_id = y.id)""",
            to_flush=self._reads(
                ("contract.event.type", "source"),
            ),
        )

    def _cte_batch(self):
        """A row is what was handed over or invoiced on a day, as an amount."""
        return SQL(
            """SELECT d.order_id, d.clock AS source, d.day,
                      SUM(d.amount) AS amount,
                      MAX(g.goods_total) + COALESCE(MAX(f.difference), 0) AS base
                 FROM worth d
                 JOIN basis g ON g.order_id = d.order_id
                 LEFT JOIN final f ON f.order_id = d.order_id
                WHERE d.clock <> 'held'
                  -- goods beside the agreement make nothing of it fall due
                  AND (NOT g.is_stamped OR d.line_id IN (
                       SELECT line_id FROM agreed WHERE is_delivery))
                GROUP BY d.order_id, d.clock, d.day
               UNION ALL
               SELECT i.order_id, 'invoice', i.day, SUM(i.amount),
                      MAX(s.total) + COALESCE(MAX(f.difference), 0)
                 FROM (SELECT order_id, day, amount FROM invoiced
                       UNION ALL
                       SELECT order_id, opened_on, opening_invoiced FROM scope
                        WHERE opening_invoiced <> 0) i
                 JOIN scope s ON s.order_id = i.order_id
                 LEFT JOIN final f ON f.order_id = i.order_id
                GROUP BY i.order_id, i.day""",
        )

    def _cte_matured_share(self):
        """A row is a day: which share of the contract was handed over or invoiced up to
        it.
        """
        return SQL(
            """SELECT p.order_id, p.source, p.day,
                      LEAST(1, SUM(p.amount) OVER w / NULLIF(p.base, 0)) AS reached
                 FROM batch p
               WINDOW w AS (PARTITION BY p.order_id, p.source ORDER BY p.day)""",
        )

    def _cte_working_time(self):
        """A row is a part of a working day of a company: its day of the week, in which
        of two weeks (NULL: in both), from when to when. Monday to Friday where the
        company's working schedule says nothing.

        Schedule and holidays are those of now, as core plans days: holidays of a coming
        year are entered when contracts are in effect already. Who changes those of a
        past one moves what fell due then.
        """
        return SQL(
            """SELECT s.company_id, a.dayofweek::int + 1 AS isodow,
                      CASE WHEN r.two_weeks_calendar
                           THEN COALESCE(a.week_type, '0')::int END AS week_type,
                      make_interval(secs => a.hour_from * 3600) AS hour_from,
                      -- a holiday ends a second before midnight
                      make_interval(secs => LEAST(a.hour_to * 3600, 86399)) AS hour_to
                 FROM (SELECT DISTINCT company_id, calendar_id FROM scope) s
                 JOIN resource_calendar r ON r.id = s.calendar_id
                 JOIN resource_calendar_attendance a ON a.calendar_id = r.id
                WHERE a.display_type IS NULL AND a.day_period <> 'lunch'
               UNION ALL
               SELECT s.company_id, isodow, NULL, '8 h', '17 h'
                 FROM (SELECT DISTINCT company_id, calendar_id FROM scope) s
                 CROSS JOIN generate_series(1, 5) isodow
                WHERE NOT EXISTS (SELECT FROM resource_calendar_attendance a
                                   WHERE a.calendar_id = s.calendar_id
                                     AND a.display_type IS NULL
                                     AND a.day_period <> 'lunch')""",
            to_flush=self._reads(
                ("resource.calendar", "two_weeks_calendar"),
                (
                    "resource.calendar.attendance",
                    "calendar_id dayofweek week_type hour_from hour_to day_period "
                    "display_type",
                ),
            ),
        )

    def _cte_holiday(self):
        """A row is a public holiday of a company, of its working schedule or of all:
        from when to when in the company's time zone.
        """
        return SQL(
            """SELECT s.company_id,
                      v.date_from AT TIME ZONE 'UTC' AT TIME ZONE s.tz AS date_from,
                      v.date_to AT TIME ZONE 'UTC' AT TIME ZONE s.tz AS date_to
                 FROM (SELECT DISTINCT company_id, calendar_id, tz FROM scope) s
                 JOIN resource_calendar_leaves v ON v.resource_id IS NULL
                  AND v.time_type = 'leave'
                  AND (v.company_id IS NULL OR v.company_id = s.company_id)
                  AND (v.calendar_id IS NULL OR v.calendar_id = s.calendar_id)""",
            to_flush=self._reads(
                (
                    "resource.calendar.leaves",
                    "resource_id calendar_id company_id time_type date_from date_to",
                ),
            ),
        )

    def _cte_fallen(self):
        """A row is a day on which a term falls due, with the amount that does. A term
        that falls due each time (``each``) has several, one whose event is missing
        none. What comes back or is credited takes its part back on its own day
        (``event_day``: when it happened that something fell due later).
        """
        return SQL(
            """SELECT term_id, order_id, sequence, FALSE AS each, date_fixed AS day,
                      date_fixed AS event_day, amount
                 FROM term WHERE due_mode = 'date' AND date_fixed IS NOT NULL
               UNION ALL
               SELECT t.term_id, t.order_id, t.sequence, FALSE,
                      LEAST(%(first)s, %(second)s), NULL, t.amount
                 FROM term t
                 LEFT JOIN event e ON e.order_id = t.order_id
                                  AND e.type_id = t.event_type_id
                 LEFT JOIN event a ON a.order_id = t.order_id
                                  AND a.type_id = t.alt_event_type_id
                WHERE t.by_event AND NOT COALESCE(t.each, FALSE)
                  AND (e.day IS NOT NULL OR a.day IS NOT NULL)
               UNION ALL
               SELECT term_id, order_id, sequence, TRUE,
                      CASE WHEN reached < before THEN event_day ELSE day END,
                      event_day, reached - before
                 FROM (
               SELECT t.term_id, t.order_id, t.sequence, %(each)s AS day,
                      e.day AS event_day,
                      LEAST(t.amount, ROUND(t.reach * e.reached, t.decimals))
                          AS reached,
                      LEAST(t.amount, ROUND(t.reach * COALESCE(LAG(e.reached) OVER (
                            PARTITION BY t.term_id ORDER BY e.day), 0), t.decimals))
                          AS before
                 FROM (SELECT t.*, t.amount + CASE t.deposit_deduction
                                  -- a window and no join, which the planner loops
                                  WHEN 'last' THEN COALESCE(SUM(t.amount) FILTER (
                                           WHERE t.payment_kind = 'deposit') OVER w, 0)
                                       * t.amount / NULLIF(SUM(t.amount) FILTER (
                                           WHERE t.each AND t.due_mode = 'event')
                                           OVER w, 0)
                                  ELSE 0 END AS reach
                         FROM term t WHERE t.is_payment
                       WINDOW w AS (PARTITION BY t.order_id)) t
                 JOIN contract_event_type y ON y.id = t.event_type_id
                 JOIN matured_share e ON e.order_id = t.order_id
                  AND e.source = CASE y.source WHEN 'statement' THEN 'dispatch'
                                               ELSE y.source END
                WHERE t.by_event AND t.each) each_time""",
            first=self._shift_sql(
                "e.day",
                "t.delay",
                "t.delay_unit",
                "t.from_month_end OR e.is_month_end",
            ),
            second=self._shift_sql(
                "a.day", "t.alt_delay", "t.alt_delay_unit", "a.is_month_end"
            ),
            each=self._shift_sql(
                "e.day",
                "t.delay",
                "t.delay_unit",
                "t.from_month_end OR y.source = 'statement'",
            ),
        )

    def _cte_taken_back(self):
        """A row is a contract that was delivered and invoiced in full before some of it
        was credited: how much of what fell due that takes back, and since when. What
        falls due each time has taken back its own part already, as far as it came back
        or its invoice was credited.
        """
        return SQL(
            """SELECT i.order_id, i.day,
                      p.amount - GREATEST(i.running, 0) - COALESCE(e.amount, 0)
                          AS amount
                 FROM (SELECT order_id, MAX(running) AS peak,
                              (ARRAY_AGG(running ORDER BY day DESC))[1] AS running,
                              MAX(day) FILTER (WHERE amount < 0) AS day
                         FROM (SELECT i.order_id, i.day, SUM(i.amount) AS amount,
                                      MAX(s.opening_invoiced)
                                          + SUM(SUM(i.amount)) OVER (
                                          PARTITION BY i.order_id ORDER BY i.day)
                                          AS running
                                 FROM invoiced i
                                 JOIN scope s ON s.order_id = i.order_id
                                GROUP BY i.order_id, i.day) d
                        GROUP BY order_id
                       HAVING BOOL_OR(amount < 0)) i
                 JOIN dispatched g ON g.order_id = i.order_id
                 JOIN (SELECT order_id, SUM(amount) AS amount,
                              MAX(tolerance) AS tolerance
                         FROM term WHERE is_payment AND NOT is_waived
                        GROUP BY order_id) p ON p.order_id = i.order_id
                 LEFT JOIN (SELECT order_id, SUM(amount) AS amount
                              FROM (SELECT order_id, term_id,
                                           GREATEST(MAX(running), 0) - SUM(amount)
                                               AS amount
                                      FROM (SELECT f.order_id, f.term_id, f.amount,
                                                   SUM(f.amount) OVER (
                                                       PARTITION BY f.term_id
                                                       ORDER BY f.event_day) AS running
                                              FROM fallen f
                                              JOIN term t ON t.term_id = f.term_id
                                             WHERE f.each AND NOT t.is_waived
                                               AND f.day <= t.cutoff) r
                                     GROUP BY order_id, term_id) b
                             GROUP BY order_id) e ON e.order_id = i.order_id
                WHERE i.peak >= p.amount - p.tolerance
                  AND p.amount - GREATEST(i.running, 0) - COALESCE(e.amount, 0)
                      > p.tolerance""",
        )

    def _cte_due(self):
        """A row is a day on which a term falls due, with the amount that does; below
        zero what a credit takes back, the oldest first, of what falls due each time
        after the rest.
        """
        return SQL(
            """SELECT term_id, order_id, sequence, day, amount FROM fallen
               UNION ALL
               SELECT term_id, order_id, sequence, GREATEST(day, back_day),
                      -LEAST(amount, back - reach + amount)
                 FROM (SELECT f.*, b.amount AS back, b.day AS back_day,
                              SUM(GREATEST(f.amount, 0)) OVER (
                                  PARTITION BY f.order_id
                                  ORDER BY f.each, f.day, f.sequence, f.term_id)
                                  AS reach
                         FROM fallen f
                         JOIN taken_back b ON b.order_id = f.order_id
                         JOIN term t ON t.term_id = f.term_id
                        WHERE t.is_payment AND NOT t.is_waived
                          AND f.day <= t.cutoff) f
                WHERE back > reach - amount AND amount > 0""",
        )

    def _shift_sql(self, day, delay, unit, month_end):
        """SQL of ``day`` plus a delay; the names are ours, never a user's."""
        return SQL(
            """(SELECT LEAST('9999-12-31'::date, CASE %(unit)s
                    -- of a month-end it is a month-end: 28 February, 31 March
                    WHEN 'month' THEN CASE WHEN %(month_end)s
                         THEN (date_trunc('month', %(day)s)
                               + make_interval(months => %(delay)s + 1, days => -1)
                              )::date
                         ELSE (base + make_interval(months => %(delay)s))::date END
                    WHEN 'workday' THEN CASE WHEN %(delay)s = 0 THEN base ELSE (
                        SELECT d FROM (
                            SELECT base + i AS d
                              FROM generate_series(1, %(delay)s * 7 + 60) i) days
                         WHERE EXISTS (
                               SELECT FROM working_time w
                                WHERE w.company_id = t.company_id
                                  AND w.isodow = EXTRACT(isodow FROM d)
                                  AND COALESCE(w.week_type
                                      = (d - '0001-01-01'::date) / 7 %% 2, TRUE)
                                  AND NOT EXISTS (
                                      SELECT FROM holiday v
                                       WHERE v.company_id = t.company_id
                                         AND v.date_from <= d + w.hour_from
                                         AND v.date_to >= d + w.hour_to))
                         ORDER BY d OFFSET %(delay)s - 1 LIMIT 1) END
                    ELSE base + %(delay)s END)
                FROM (SELECT CASE WHEN %(month_end)s
                             THEN (date_trunc('month', %(day)s)
                                   + interval '1 month - 1 day')::date
                             ELSE %(day)s END AS base) b)""",
            day=SQL(day),
            delay=SQL("LEAST(COALESCE(%s, 0), %s)", SQL(delay), DAYS),
            unit=SQL(unit),
            month_end=SQL(month_end),
        )
