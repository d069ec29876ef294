from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The promises of the facts statement: what was agreed, when it fell due, what was
    done for it, and what that makes of it."""

    _inherit = "contract.facts"

    def _cte_term(self):
        """A row is a term valid on the day, as agreed: stamped, or still reading the
        order.
        """
        return SQL(
            """SELECT t.id AS term_id, s.order_id, t.kind, t.line_id, t.sequence,
                      t.due_mode, t.event_type_id, t.delay, t.delay_unit,
                      CASE WHEN t.auto AND NOT COALESCE(t.stamped, FALSE)
                           THEN l.agreed_on ELSE t.date_fixed END AS date_fixed,
                      t.from_month_end, t.each, t.deposit_deduction,
                      t.alt_event_type_id, t.alt_delay, t.alt_delay_unit,
                      t.payment_kind, t.instrument_id, t.tenor_days,
                      COALESCE(t.over_percent, 0) AS over_percent,
                      COALESCE(t.short_percent, 0) AS short_percent,
                      t.weight, COALESCE(t.waived_on <= s.cutoff, FALSE) AS is_waived,
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
                 JOIN contract_term t ON t.%(subject)s = s.order_id
                 -- the second key spreads the many terms without a line
                 LEFT JOIN line l ON l.line_id = t.line_id AND l.order_id = s.order_id
                WHERE (t.valid_from IS NULL OR t.valid_from <= s.cutoff)
                  AND (t.valid_to IS NULL OR t.valid_to > s.cutoff)
                  AND (t.kind <> 'delivery' OR l.line_id IS NOT NULL)
               WINDOW running AS (PARTITION BY s.order_id, t.kind
                                  ORDER BY t.sequence, t.id)""",
            subject=self._subject(),
            to_flush=self._reads(
                (
                    "contract.term",
                    "order_id frame_id kind line_id sequence due_mode event_type_id "
                    "delay delay_unit auto stamped date_fixed from_month_end each "
                    "deposit_deduction alt_event_type_id alt_delay alt_delay_unit "
                    "payment_kind instrument_id tenor_days over_percent "
                    "short_percent weight waived_on done_date progress quantity "
                    "amount percent valid_from valid_to",
                ),
            ),
        )

    def _cte_deposit(self):
        """A row is a contract with a deposit: how much."""
        return SQL(
            """SELECT order_id, SUM(amount) AS amount, MAX(tolerance) AS tolerance
                 FROM term WHERE kind = 'payment' AND payment_kind = 'deposit'
                GROUP BY order_id""",
        )

    def _cte_money_in(self):
        """A row is money on a day by the term that its claim names; ``named`` is what
        of it that term takes.
        """
        return SQL(
            """-- money by the term that a claim names; none if that term is full
               SELECT order_id, term_id, day, amount,
                      CASE WHEN term_id IS NULL THEN 0
                           ELSE LEAST(wanted, running)
                              - LEAST(wanted, running - amount) END AS named
                 FROM (SELECT m.order_id, t.term_id, m.day, MAX(t.amount) AS wanted,
                              SUM(m.received + m.adjusted) AS amount,
                              SUM(SUM(m.received + m.adjusted)) OVER (
                                  PARTITION BY m.order_id, t.term_id
                                  ORDER BY m.day) AS running
                         FROM money m
                         LEFT JOIN term t ON t.term_id = m.term_id
                          AND t.order_id = m.order_id AND t.kind = 'payment'
                          AND NOT t.is_waived
                        GROUP BY m.order_id, t.term_id, m.day) i""",
        )

    def _cte_free_total(self):
        """A row is a day: the money up to it that no claim names for a term."""
        return SQL(
            """SELECT order_id, day, SUM(SUM(amount - named)) OVER (
                          PARTITION BY order_id ORDER BY day) AS running
                 FROM money_in GROUP BY order_id, day""",
        )

    def _cte_deposit_total(self):
        """A row is a day: the money up to it that a deposit can be."""
        return SQL(
            """SELECT i.order_id, i.day, SUM(SUM(CASE
                          WHEN t.payment_kind = 'deposit' THEN i.amount
                          ELSE i.amount - i.named END)) OVER (
                          PARTITION BY i.order_id ORDER BY i.day) AS running
                 FROM money_in i LEFT JOIN term t ON t.term_id = i.term_id
                GROUP BY i.order_id, i.day""",
        )

    def _cte_still_promised(self):
        """A row is a line that is still promised, and how much is ``enough``: goods;
        services where nothing else is promised.
        """
        return SQL(
            """-- goods still promised; services where nothing else is promised
               SELECT t.order_id, t.line_id, SUM(t.quantity
                          * (1 - t.short_percent / 100)) - 0.000001 AS enough
                 FROM term t
                 JOIN line l ON l.line_id = t.line_id
                 JOIN (SELECT order_id, BOOL_OR(qty_delivered_method = 'stock_move')
                              AS has_goods FROM line GROUP BY order_id) g
                   ON g.order_id = t.order_id
                WHERE t.kind = 'delivery'
                  AND NOT t.is_waived
                  AND (NOT g.has_goods OR l.qty_delivered_method = 'stock_move')
                GROUP BY t.order_id, t.line_id""",
        )

    def _cte_last_handover(self):
        """A row is a contract and a clock: the last day on which something was handed
        over, and whether that was all. What came back later doesn't undo it.
        """
        return SQL(
            """-- the last day on which something was handed over, by each clock, and
               -- whether that was all: what came back later doesn't undo it
               SELECT h.order_id, h.clock,
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
                WHERE clock IN ('receipt', 'bl') AND COALESCE(is_complete, TRUE)
                  AND day > '-infinity'""",
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
            """-- what somebody recorded goes before what is read or deemed
               SELECT order_id, type_id, day FROM recorded_event
               UNION ALL
               SELECT h.order_id, y.id, h.day
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
                      SUM(d.quantity * l.unit_total) AS amount, MAX(g.base) AS base
                 FROM handover d
                 JOIN line l ON l.line_id = d.line_id
                 JOIN (SELECT order_id, SUM(price_total) AS base
                         FROM line GROUP BY order_id) g ON g.order_id = d.order_id
                WHERE d.clock <> 'held'
                GROUP BY d.order_id, d.clock, d.day
               UNION ALL
               SELECT i.order_id, 'invoice', i.day, SUM(i.amount), MAX(s.total)
                 FROM (SELECT order_id, day, amount FROM invoiced
                       UNION ALL
                       SELECT order_id, opening_date, opening_invoiced FROM scope
                        WHERE opening_invoiced <> 0) i
                 JOIN scope s ON s.order_id = i.order_id
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

    def _cte_due(self):
        """A row is a day on which a term falls due, with the amount that does. A term
        that falls due each time has several, one whose event is missing none.
        """
        return SQL(
            """SELECT term_id, order_id, sequence, date_fixed AS day, amount
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
                      LEAST(t.amount, ROUND(t.reach * e.reached, t.decimals))
                    - LEAST(t.amount, ROUND(t.reach * COALESCE(LAG(e.reached) OVER (
                            PARTITION BY t.term_id ORDER BY e.day), 0), t.decimals))
                 FROM (SELECT t.*, t.amount + CASE t.deposit_deduction
                                  -- a window and no join, which the planner loops
                                  WHEN 'last' THEN COALESCE(SUM(t.amount) FILTER (
                                           WHERE t.payment_kind = 'deposit') OVER w, 0)
                                       * t.amount / NULLIF(SUM(t.amount) FILTER (
                                           WHERE t.each AND t.due_mode = 'event')
                                           OVER w, 0)
                                  ELSE 0 END AS reach
                         FROM term t WHERE t.kind = 'payment'
                       WINDOW w AS (PARTITION BY t.order_id)) t
                 JOIN contract_event_type y ON y.id = t.event_type_id
                 JOIN matured_share e ON e.order_id = t.order_id
                  AND e.source = CASE y.source WHEN 'statement' THEN 'dispatch'
                                               ELSE y.source END
                WHERE t.due_mode = 'event' AND t.each""",
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
            to_flush=self._reads(
                (
                    "resource.calendar.leaves",
                    "resource_id calendar_id date_from date_to",
                ),
            ),
        )

    def _cte_promised(self):
        """A row is a delivery term: which part of its line it is, by order of date."""
        return SQL(
            """SELECT t.term_id, t.line_id, t.quantity, d.day AS date_due,
                      SUM(t.quantity) OVER w - t.quantity AS before,
                      SUM(t.quantity) OVER w - SUM(t.quantity * t.short_percent / 100)
                          OVER w - 0.000001 AS enough,
                      SUM(t.quantity * (1 + t.over_percent / 100)) OVER w
                          - SUM(t.quantity) OVER w + t.quantity AS most,
                      LEAD(t.term_id) OVER w IS NULL AS is_last
                 FROM term t LEFT JOIN due d ON d.term_id = t.term_id
                WHERE t.kind = 'delivery'
               -- what was given up is filled last
               WINDOW w AS (PARTITION BY t.line_id ORDER BY
                            t.is_waived,
                            d.day NULLS LAST, t.sequence, t.term_id)""",
        )

    def _cte_held_total(self):
        """A row is a line and a day: what fulfils its promise up to then."""
        return SQL(
            """SELECT line_id, day, SUM(SUM(quantity)) OVER (
                          PARTITION BY line_id ORDER BY day) AS running
                 FROM held GROUP BY line_id, day""",
        )

    def _cte_held_now(self):
        """A row is a line: what fulfils its promise."""
        return SQL(
            """SELECT line_id, SUM(quantity) AS quantity
                 FROM held GROUP BY line_id""",
        )

    def _cte_fulfilled(self):
        """A row is a delivery term: what of it is fulfilled. The last one of a line
        keeps what was delivered beyond the agreed quantity.
        """
        return SQL(
            """SELECT p.term_id, p.date_due, p.most,
                      COALESCE(t.quantity, 0) >= p.enough AS is_met,
                      CASE WHEN p.is_last
                           THEN GREATEST(0, COALESCE(t.quantity, 0) - p.before)
                           ELSE LEAST(p.quantity, GREATEST(0,
                                COALESCE(t.quantity, 0) - p.before)) END AS quantity
                 FROM promised p LEFT JOIN held_now t ON t.line_id = p.line_id""",
        )

    def _cte_fulfilled_on(self):
        """A row is a delivery term: the day from which it was and stayed fulfilled."""
        return SQL(
            """-- the day from which the promise was and stayed fulfilled
               SELECT term_id, MIN(day) AS day
                 FROM (SELECT p.term_id, r.day,
                              r.running >= p.enough AS reached,
                              MAX(r.day) FILTER (WHERE r.running < p.enough)
                                  OVER (PARTITION BY p.term_id) AS last_below
                         FROM promised p JOIN held_total r ON r.line_id = p.line_id) x
                WHERE reached AND (last_below IS NULL OR day > last_below)
                GROUP BY term_id""",
        )

    def _cte_outcome(self):
        """A row is a term: what became of it, before it gets a name."""
        return SQL(
            """SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                      t.is_waived,
                      t.quantity AS agreed_quantity, h.quantity AS actual_quantity,
                      t.amount AS agreed_amount,
                      CASE WHEN t.quantity = 0 THEN 0
                           ELSE t.amount * h.quantity / t.quantity END AS
                               actual_amount,
                      0 AS matured, 0 AS overdue,
                      h.date_due, o.day AS actual_date,
                      h.is_met,
                      o.day > h.date_due AS was_late,
                      h.date_due < t.cutoff AS is_past,
                      h.quantity > 0 AS is_partial,
                      CASE WHEN t.quantity = 0 THEN 1
                           ELSE LEAST(1, h.quantity / t.quantity) END AS progress,
                      GREATEST(0, h.quantity - h.most) AS over_quantity,
                      FALSE AS is_mismatch, NULL::int AS late_days,
                      NULL::date AS late_on, NULL::numeric AS late_amount
                 FROM term t
                 LEFT JOIN fulfilled h ON h.term_id = t.term_id
                 LEFT JOIN fulfilled_on o ON o.term_id = t.term_id
                WHERE t.kind = 'delivery'
               UNION ALL
               SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                      t.is_waived, 0, 0, t.amount, f.got, m.matured,
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
                           ELSE LEAST(1, f.got / t.amount) END, 0,
                      w.term_id IS NOT NULL, l.days, l.day, l.amount
                 FROM term t
                 LEFT JOIN matured m ON m.term_id = t.term_id
                 LEFT JOIN allocated f ON f.term_id = t.term_id
                 LEFT JOIN paid_on o ON o.term_id = t.term_id
                 LEFT JOIN next_due n ON n.term_id = t.term_id
                 LEFT JOIN paid_late l ON l.term_id = t.term_id
                 LEFT JOIN other_instrument w ON w.term_id = t.term_id
                WHERE t.kind = 'payment'
               UNION ALL
               SELECT t.term_id, t.order_id, t.kind, t.cutoff, t.soon_days, t.weight,
                      t.is_waived, 0, 0, 0, 0, 0, 0, d.day,
                      CASE WHEN t.done_on <= t.cutoff THEN t.done_on END,
                      COALESCE(t.done_on <= t.cutoff, FALSE),
                      t.done_on > d.day, d.day < t.cutoff,
                      COALESCE(t.done_progress, 0) > 0,
                      CASE WHEN t.done_on <= t.cutoff THEN 1
                           ELSE COALESCE(t.done_progress, 0) / 100.0 END, 0, FALSE,
                      NULL, NULL, NULL
                 FROM term t LEFT JOIN due d ON d.term_id = t.term_id
                WHERE t.kind NOT IN ('delivery', 'payment')""",
        )

    def _cte_judged(self):
        """A row is a term with its status."""
        return SQL(
            """SELECT *, CASE
                      WHEN is_waived THEN 'waived'
                      WHEN is_met AND was_late THEN 'met_late'
                      WHEN is_met THEN 'met'
                      WHEN is_past AND is_partial THEN 'short'
                      WHEN is_past THEN 'overdue'
                      WHEN date_due IS NULL THEN 'waiting'
                      WHEN date_due <= cutoff + soon_days THEN 'due_soon'
                      ELSE 'not_due' END AS status
                 FROM outcome""",
        )

    def _cte_fact(self):
        """A row is a term: agreed, actual, variance, due date, status."""
        return SQL(
            """SELECT term_id, order_id, kind, status, date_due, actual_date, progress,
                      weight, agreed_quantity, COALESCE(actual_quantity, 0)
                          AS actual_quantity,
                      agreed_amount, COALESCE(actual_amount, 0) AS actual_amount,
                      COALESCE(matured, 0) AS matured, COALESCE(overdue, 0) AS overdue,
                      over_quantity, is_mismatch,
                      status IN ('overdue', 'short') AS is_late,
                      status NOT IN ('met', 'met_late', 'waived') AS is_open,
                      late_on, late_amount,
                      CASE WHEN status IN ('overdue', 'short') THEN cutoff - date_due
                           -- of several parts the one that came latest
                           WHEN status = 'met_late' AND late_days IS NOT NULL
                               THEN late_days
                           WHEN status IN ('met', 'met_late')
                               THEN actual_date - date_due
                           ELSE 0 END AS variance_days
                 FROM judged""",
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
            delay=SQL("COALESCE(%s, 0)", SQL(delay)),
            unit=SQL(unit),
            month_end=SQL(month_end),
        )

    def _order_parts(self):
        return {
            **super()._order_parts(),
            # delivered, and a promise waits for the customer's acceptance
            "awaiting": SQL(
                """SELECT DISTINCT t.order_id
                     FROM term t
                     JOIN contract_event_type y ON y.source = 'acceptance'
                      AND y.id IN (t.event_type_id, t.alt_event_type_id)
                     JOIN last_handover d ON d.order_id = t.order_id
                      AND d.clock = 'dispatch' AND d.day IS NOT NULL
                    WHERE t.due_mode = 'event' AND NOT t.is_waived
                      AND NOT EXISTS (SELECT FROM event e
                                       WHERE e.order_id = t.order_id
                                         AND e.type_id = y.id)"""
            ),
        }

    def _order_columns(self):
        return {
            **super()._order_columns(),
            "awaits_acceptance": SQL("awaiting.order_id IS NOT NULL"),
        }
