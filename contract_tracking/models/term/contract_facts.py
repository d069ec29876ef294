from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The promises of the facts statement: what was agreed, what was done for it, and
    what that makes of it."""

    _inherit = "contract.facts"

    def _note_sources(self):
        owners = {"order": ["order_id"], "frame": ["frame_id"]}
        return {
            **super()._note_sources(),
            "contract_term": owners,
            "contract_event": owners,
        }

    def _epoch_sources(self):
        return {**super()._epoch_sources(), "contract_event_type": ["source"]}

    def _coming_days(self):
        subject = self._subject()
        return [
            *super()._coming_days(),
            SQL(
                """SELECT order_id, UNNEST(ARRAY[signing_date, effective_date])
                     FROM scope"""
            ),
            SQL(
                """SELECT s.order_id, UNNEST(ARRAY[t.valid_from, t.valid_to,
                                                   t.waived_on, t.done_date])
                     FROM scope s JOIN contract_term t ON t.%s = s.order_id""",
                subject,
            ),
            SQL(
                """SELECT s.order_id, e.date
                     FROM scope s JOIN contract_event e ON e.%s = s.order_id""",
                subject,
            ),
            SQL(
                """SELECT g.order_id, g.day + s.deemed_days
                     FROM signed_for g JOIN scope s ON s.order_id = g.order_id"""
            ),
            SQL("SELECT order_id, UNNEST(ARRAY[day, day + 1]) FROM due"),
            SQL(
                """SELECT order_id, UNNEST(ARRAY[date_due - soon_days, date_due,
                                                 date_due + 1]) FROM outcome"""
            ),
        ]

    def _cte_agreed(self):
        """A row is a term valid on the day, as agreed: stamped, or still reading the
        order.
        """
        return SQL(
            """SELECT t.id AS term_id, s.order_id, t.kind, t.line_id, t.sequence,
                      -- the planner expects half of the rows of these, and hardly any
                      -- of those that are equal to something
                      t.kind = 'delivery' AS is_delivery,
                      t.kind = 'payment' AS is_payment,
                      COALESCE(t.due_mode = 'event', FALSE) AS by_event,
                      COALESCE(t.stamped, FALSE) AS is_stamped,
                      t.due_mode, t.event_type_id, t.delay, t.delay_unit,
                      CASE WHEN t.auto AND NOT COALESCE(t.stamped, FALSE)
                           THEN l.agreed_on ELSE t.date_fixed END AS date_fixed,
                      t.from_month_end, t.each, t.deposit_deduction,
                      t.alt_event_type_id, t.alt_delay, t.alt_delay_unit,
                      t.payment_kind, t.precedes, t.instrument_id, t.tenor_days,
                      COALESCE(t.over_percent, 0) AS over_percent,
                      COALESCE(t.short_percent, 0) AS short_percent,
                      t.weight, COALESCE(t.waived_on <= s.cutoff, FALSE) AS is_waived,
                      -- a clause without a day is kept from the beginning
                      CASE WHEN t.is_standing THEN s.effective_date
                           ELSE t.done_date END AS done_on,
                      t.progress AS done_progress,
                      s.cutoff, s.soon_days, s.decimals, s.total, s.company_id,
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
                           -- below zero in all is nothing to be paid
                           ELSE ROUND(GREATEST(s.total, 0)
                                      * SUM(t.percent) OVER running / 100,
                                      s.decimals)
                              - ROUND(GREATEST(s.total, 0)
                                      * (SUM(t.percent) OVER running
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
                    "payment_kind precedes instrument_id tenor_days over_percent "
                    "short_percent weight waived_on is_standing done_date progress "
                    "quantity amount percent valid_from valid_to",
                ),
            ),
        )

    def _cte_price(self):
        """A row is what a unit of a line was agreed to cost from a day (``since``) up
        to another (``until``): later changes of the order are no agreement.
        """
        return SQL(
            """SELECT line_id, since, unit_total, LEAD(since, 1, 'infinity'::date)
                          OVER (PARTITION BY line_id ORDER BY since) AS until
                 FROM (SELECT b.line_id, b.since,
                              SUM(t.amount) / NULLIF(SUM(t.quantity), 0) AS unit_total
                         FROM (SELECT DISTINCT t.line_id,
                                      COALESCE(t.valid_from, '-infinity'::date)
                                          AS since
                                 FROM scope s
                                 JOIN contract_term t ON t.%(subject)s = s.order_id
                                WHERE t.kind = 'delivery' AND t.stamped) b
                         JOIN contract_term t ON t.line_id = b.line_id
                          AND t.kind = 'delivery' AND t.stamped
                          AND COALESCE(t.valid_from, '-infinity'::date) <= b.since
                          AND COALESCE(t.valid_to, 'infinity'::date) > b.since
                        GROUP BY b.line_id, b.since) p
                WHERE unit_total IS NOT NULL""",
            subject=self._subject(),
        )

    def _cte_worth(self):
        """A row is a quantity of a line that was handed over on a day by one clock, and
        what it was worth by the price agreed on that day (``amount``).
        """
        return SQL(
            """SELECT d.*, d.quantity * COALESCE(p.unit_total, l.unit_total) AS amount
                 FROM handover d
                 JOIN line l ON l.line_id = d.line_id
                 LEFT JOIN price p ON p.line_id = d.line_id
                  AND d.day >= p.since AND d.day < p.until""",
        )

    def _cte_basis(self):
        """A row is a contract: the value of the goods that are agreed on; of those that
        are ordered until it takes effect.
        """
        return SQL(
            """SELECT l.order_id, COALESCE(a.is_stamped, FALSE) AS is_stamped,
                      CASE WHEN a.is_stamped THEN a.amount
                           ELSE l.amount END AS goods_total
                 FROM (SELECT order_id, SUM(price_total) AS amount
                         FROM line GROUP BY order_id) l
                 LEFT JOIN (SELECT order_id, SUM(amount) AS amount,
                                   BOOL_OR(is_stamped) AS is_stamped
                              FROM agreed WHERE is_delivery
                             GROUP BY order_id) a ON a.order_id = l.order_id""",
        )

    def _cte_final(self):
        """A row is a contract whose deliveries are all met, with more or less than
        agreed: by how much its final amount departs from the agreed one. Beyond the
        tolerances nothing is agreed.
        """
        return SQL(
            """SELECT order_id, SUM((quantity - agreed) * unit_total) AS difference
                 FROM (SELECT t.order_id, t.line_id, SUM(t.quantity) AS agreed,
                              SUM(t.amount) / NULLIF(SUM(t.quantity), 0)
                                  AS unit_total,
                              LEAST(COALESCE(MAX(h.quantity), 0), SUM(t.quantity
                                  * (1 + t.over_percent / 100))) AS quantity,
                              COALESCE(MAX(h.quantity), 0) >= SUM(t.quantity
                                  * (1 - t.short_percent / 100)) - 0.000001 AS is_met
                         FROM agreed t
                         LEFT JOIN held_now h ON h.line_id = t.line_id
                        WHERE t.is_delivery AND NOT t.is_waived
                        GROUP BY t.order_id, t.line_id) g
                GROUP BY order_id
               HAVING BOOL_AND(is_met)
                  AND SUM((quantity - agreed) * unit_total) <> 0""",
        )

    def _cte_term(self):
        """A row is a term valid on the day, as it is to be fulfilled: the payments
        share the contract's final amount once it is known.
        """
        columns = (
            "term_id", "order_id", "kind", "is_delivery", "is_payment", "by_event",
            "line_id", "sequence", "due_mode",
            "event_type_id", "delay", "delay_unit", "date_fixed", "from_month_end",
            "each", "deposit_deduction", "alt_event_type_id", "alt_delay",
            "alt_delay_unit", "payment_kind", "precedes", "instrument_id", "tenor_days",
            "over_percent", "short_percent", "weight", "is_waived", "done_on",
            "done_progress", "cutoff", "soon_days", "decimals", "total", "company_id",
            "tolerance", "quantity",
        )  # fmt: skip
        return SQL(
            """SELECT %(columns)s,
                      CASE WHEN difference IS NULL OR kind <> 'payment'
                                OR whole <= 0 THEN amount
                           ELSE ROUND(running * (1 + difference / whole), decimals)
                              - ROUND((running - amount) * (1 + difference / whole),
                                      decimals) END AS amount
                 FROM (SELECT a.*, f.difference,
                              SUM(a.amount) OVER (PARTITION BY a.order_id, a.kind)
                                  AS whole,
                              SUM(a.amount) OVER (PARTITION BY a.order_id, a.kind
                                  ORDER BY a.sequence, a.term_id) AS running
                         FROM agreed a LEFT JOIN final f ON f.order_id = a.order_id
                      ) t""",
            columns=SQL(", ").join(SQL.identifier(name) for name in columns),
        )

    def _cte_deposit(self):
        """A row is a contract with a deposit: how much."""
        return SQL(
            """SELECT order_id, SUM(amount) AS amount, MAX(tolerance) AS tolerance
                 FROM term WHERE is_payment AND payment_kind = 'deposit'
                GROUP BY order_id""",
        )

    def _cte_money_in(self):
        """A row is money on a day by the term that its claim names; ``named`` is what
        of it that term takes.
        """
        return SQL(
            """SELECT order_id, term_id, day, amount,
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
                          AND t.order_id = m.order_id AND t.is_payment
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
                WHERE t.is_delivery
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
            """SELECT term_id, MIN(day) AS day
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
                WHERE t.is_delivery
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
                WHERE t.is_payment
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
                WHERE NOT t.is_delivery AND NOT t.is_payment""",
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

    def _order_parts(self):
        return {
            **super()._order_parts(),
            # delivered, and a promise waits for the customer's acceptance
            "awaiting": SQL(
                """SELECT DISTINCT t.order_id
                     FROM term t
                     JOIN contract_event_type y ON y.source = 'acceptance'
                      AND y.id IN (t.event_type_id, t.alt_event_type_id)
                    WHERE t.by_event AND NOT t.is_waived
                      -- hashed, whatever the planner expects
                      AND (t.order_id IN (
                          SELECT order_id FROM last_handover
                           WHERE clock = 'dispatch' AND day IS NOT NULL)) IS TRUE
                      AND (t.order_id, y.id) NOT IN (
                          SELECT order_id, type_id FROM event
                           WHERE order_id IS NOT NULL AND type_id IS NOT NULL)"""
            ),
            "gate": self._gate_sql(),
            "gate_kit": self._gate_kit_sql(),
        }

    def _gate_sql(self):
        """SQL of one row a contract: what is to be paid before its steps, as agreed.
        What is due at the very beginning comes first where any step waits at all.
        """
        return SQL(
            """SELECT order_id,
                      SUM(amount) FILTER (WHERE precedes = 'production')
                          AS gate_production,
                      CASE WHEN COUNT(precedes) > 0 THEN SUM(amount) FILTER (
                          WHERE is_first AND precedes IS DISTINCT FROM 'production')
                      END AS gate_first,
                      SUM(amount) FILTER (WHERE precedes = 'shipment'
                                          AND NOT is_first) AS gate_shipment,
                      SUM(amount) FILTER (WHERE precedes = 'documents'
                                          AND NOT is_first) AS gate_documents
                 FROM (SELECT t.order_id, t.amount, t.precedes,
                              t.by_event AND COALESCE(
                                  y.source IN ('signing', 'effect'), FALSE) AS is_first
                         FROM term t
                         LEFT JOIN contract_event_type y ON y.id = t.event_type_id
                        WHERE t.is_payment AND NOT t.is_waived) t
                GROUP BY order_id""",
            to_flush=self._reads(("contract.event.type", "source")),
        )

    def _gate_kit_sql(self):
        """SQL of one row a contract: what its kits that left in part are worth beyond
        what core counts of them, which is whole kits by the scarcest part. The most
        that left of any part counts, as a share of the kit.
        """
        return SQL(
            """SELECT g.order_id,
                      SUM(g.quantity * COALESCE(p.unit_total, l.unit_total)) AS amount
                 FROM (SELECT order_id, line_id, day,
                              most - LAG(most, 1, 0::numeric) OVER (
                                  PARTITION BY line_id, kit ORDER BY day) AS quantity
                         FROM (SELECT order_id, line_id, kit, day,
                                      GREATEST(0, MAX(ROUND(running, 6)))
                                          * (kit->>'unit')::numeric AS most
                                 FROM (SELECT d.*, o.part,
                                              SUM(COALESCE(SUM(c.quantity), 0)) OVER (
                                                  PARTITION BY d.line_id, d.kit, o.part
                                                  ORDER BY d.day) AS running
                                         FROM (SELECT DISTINCT order_id, line_id, kit,
                                                      day
                                                 FROM clocked
                                                WHERE kit IS NOT NULL
                                                  AND clock = 'dispatch') d
                                        CROSS JOIN LATERAL jsonb_object_keys(
                                              d.kit->'of') o (part)
                                         LEFT JOIN clocked c ON c.line_id = d.line_id
                                          AND c.kit = d.kit AND c.part = o.part
                                          AND c.clock = 'dispatch' AND c.day = d.day
                                        GROUP BY d.order_id, d.line_id, d.kit, d.day,
                                                 o.part) r
                                GROUP BY order_id, line_id, kit, day) k
                       UNION ALL
                       SELECT order_id, line_id, day, -quantity
                         FROM kit WHERE clock = 'dispatch') g
                 JOIN line l ON l.line_id = g.line_id AND g.day <= l.cutoff
                 LEFT JOIN price p ON p.line_id = g.line_id
                  AND g.day >= p.since AND g.day < p.until
                GROUP BY g.order_id""",
        )

    def _order_columns(self):
        return {
            **super()._order_columns(),
            "awaits_acceptance": SQL(
                "awaiting.order_id IS NOT NULL "
                "AND s.contract_state IN ('active', 'suspended')"
            ),
            **{
                name: SQL("COALESCE(%s, 0)", SQL.identifier("gate", name))
                for name in (
                    "gate_production",
                    "gate_first",
                    "gate_shipment",
                    "gate_documents",
                )
            },
            "gate_shipped": SQL(
                "COALESCE(shipped.delivered, 0) + COALESCE(gate_kit.amount, 0)"
            ),
        }
