from odoo import api, models
from odoo.tools import SQL

# What is found, and the type of each column.
COLUMNS = {
    "kind": "text",
    "key": "text",
    "order_id": "int4",
    "term_id": "int4",
    "date": "date",
    "expected_date": "date",
    "mark": "date",
    "amount": "numeric",
    # for the sentence
    "data": "jsonb",
}
# So many payments of a period say something about a customer.
PAYMENTS = 3


class ContractWarning(models.Model):
    """What is warned of, a method a kind: ``_find_<kind>(contracts)`` returns SQL rows
    made by :meth:`_warning_sql` (or dicts of them), or nothing if the kind doesn't
    exist for the contracts. They read what is kept of the facts: ``head`` is a row a
    contract of the batch that is in effect, ``promise`` one an open term of it,
    ``rule`` one a company and kind that is warned of.
    """

    _inherit = "contract.warning"

    def _find_rows(self, contracts):
        """What threatens ``contracts`` today: list of dicts of ``COLUMNS``."""
        self.env.flush_all()
        facts = self.env[contracts._contract_facts_model]
        parts, rows = [], []
        for kind in self._fields["kind"].get_values(self.env):
            part = getattr(self, f"_find_{kind}")(contracts)
            if isinstance(part, SQL):
                parts.append(SQL("(%s)", part))
            else:
                rows += part or ()
        rows += facts._execute(
            SQL(
                """WITH rule AS (%(rules)s),
                head AS MATERIALIZED (
                    SELECT k.order_id, k.company_id, k.cutoff, k.tolerance, k.decimals,
                           k.is_running
                      FROM (%(orders)s) k
                     WHERE k.order_id = ANY(%(ids)s)
                       AND (k.is_running
                            OR k.state = 'completed' AND k.retention > 0)),
                promise AS MATERIALIZED (
                    SELECT f.term_id, f.order_id, f.kind, f.date_due, f.agreed_quantity,
                           f.agreed_quantity - f.actual_quantity AS quantity,
                           f.agreed_amount - f.actual_amount AS amount,
                           h.company_id, h.cutoff, h.tolerance, t.line_id, t.precedes,
                           t.due_mode, t.event_type_id
                      FROM (%(terms)s) f
                      JOIN head h ON h.order_id = f.order_id
                      JOIN contract_term t ON t.id = f.term_id
                     WHERE f.order_id = ANY(%(ids)s) AND f.is_open
                       AND (h.is_running OR t.payment_kind = 'retention'))
                SELECT u.kind, u.key, u.order_id, u.term_id, u.date, u.expected_date,
                       u.mark, ROUND(u.amount, h.decimals) AS amount, u.data
                  FROM (%(kinds)s) u JOIN head h ON h.order_id = u.order_id
                 ORDER BY u.order_id, u.kind, u.key""",
                rules=self.env["contract.warning.rule"]._rule_sql(),
                orders=facts._kept_sql("orders"),
                terms=facts._kept_sql("terms"),
                ids=contracts.ids,
                kinds=SQL(" UNION ALL ").join(parts),
            )
        )
        return rows

    @api.model
    def _warning_sql(self, kind, source, **columns):
        """SQL rows of warnings.

        :param source: SQL that follows FROM
        :param columns: SQL of the columns in ``COLUMNS``; those left out are empty
        """
        columns["kind"] = SQL("%s", kind)
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(
                SQL(
                    "(%s)::%s AS %s",
                    columns.get(name, SQL("NULL")),
                    SQL(column),  # ours, never a user's
                    SQL.identifier(name),
                )
                for name, column in COLUMNS.items()
            ),
            source,
        )

    def _find_delivery(self, contracts):
        """What is planned of a delivery that isn't late yet comes after its agreed
        day: by the scheduled days of the moves, or by the later days of what they wait
        for. Moves fill the promises of a line in order of their days; components of a
        kit are there when the last of them is. What nobody planned says nothing.
        """
        if contracts._name != "sale.order":
            return None
        return self._warning_sql(
            "delivery",
            SQL(
                """(SELECT p.*, SUM(p.quantity) OVER (
                              PARTITION BY p.line_id
                              ORDER BY p.date_due NULLS LAST, p.term_id) AS wanted
                      FROM promise p
                     WHERE p.kind = 'delivery' AND p.quantity > 0) p
                  JOIN rule r ON r.company_id = p.company_id AND r.kind = 'delivery'
                  JOIN LATERAL (%(expected)s) e ON e.day > p.date_due + r.days
                 WHERE p.date_due >= p.cutoff""",
                expected=self.env["stock.move"]._contract_expected_sql(
                    SQL("p.line_id"), SQL("p.wanted")
                ),
            ),
            key=SQL("'term:' || p.term_id"),
            order_id=SQL("p.order_id"),
            term_id=SQL("p.term_id"),
            date=SQL("p.date_due"),
            expected_date=SQL("e.day"),
            mark=SQL("e.day"),
            amount=SQL("p.amount"),
        )

    def _find_deposit(self, contracts):
        """What has to be paid before production, or at the very beginning, is missing
        although production for the next delivery should have begun."""
        if contracts._name != "sale.order":
            return None
        return self._warning_sql(
            "deposit",
            SQL(
                """promise p
                  JOIN rule r ON r.company_id = p.company_id AND r.kind = 'deposit'
                  JOIN (SELECT order_id, MIN(date_due) AS day
                          FROM promise WHERE kind = 'delivery'
                         GROUP BY order_id) d ON d.order_id = p.order_id
                  LEFT JOIN contract_event_type y ON y.id = p.event_type_id
                 WHERE p.kind = 'payment'
                   AND (p.precedes = 'production' OR p.due_mode = 'event'
                        AND y.source IN ('signing', 'effect'))
                   AND p.amount > p.tolerance
                   AND d.day - r.days <= p.cutoff"""
            ),
            key=SQL("'term:' || p.term_id"),
            order_id=SQL("p.order_id"),
            term_id=SQL("p.term_id"),
            date=SQL("d.day - r.days"),
            mark=SQL("d.day - r.days"),
            amount=SQL("p.amount"),
            data=SQL("jsonb_build_object('day', d.day)"),
        )

    def _find_frame(self, contracts):
        """A frame agreement ends soon, or hardly anything is left of it."""
        if contracts._name != "contract.frame":
            return None
        rules = {
            row["company_id"]: row
            for row in self.env.execute_query_dict(
                SQL(
                    "SELECT * FROM (%s) r WHERE kind = 'frame'",
                    self.env["contract.warning.rule"]._rule_sql(),
                )
            )
        }
        frames = contracts.filtered(
            lambda f: f.state == "active" and f.company_id.id in rules
        )
        return [
            row
            for frame in frames
            for row in self._frame_rows(frame, rules[frame.company_id.id])
        ]

    def _frame_rows(self, frame, rule):
        today, end = frame._contract_today(), frame.date_end
        # shares are whole in binary hardly ever
        share = round(frame.called_progress * 100, 4)
        row = {
            **dict.fromkeys(COLUMNS),
            "kind": "frame",
            "order_id": frame.id,
            "date": end,
            "amount": frame.left_amount,
        }
        if end and (end - today).days <= rule["days"]:
            yield {**row, "key": "end", "mark": end}
        if rule["percent"] and share >= rule["percent"]:
            key = "used_up" if share >= 100 else "called"
            yield {**row, "key": key, "data": {"percent": share}}

    def _find_bill(self, contracts):
        """Bills of the contract mature, and nobody said what became of them."""
        facts = self.env[contracts._contract_facts_model]
        rules = self.env["contract.warning.rule"]._rule_sql()
        # what is kept says which have any
        billed = self.env.execute_query(
            SQL(
                """SELECT k.order_id
                     FROM (%(orders)s) k
                     JOIN (%(rules)s) r
                       ON r.company_id = k.company_id AND r.kind = 'bill'
                    WHERE k.order_id = ANY(%(ids)s) AND k.is_running AND k.bills > 0""",
                orders=facts._kept_sql("orders"),
                rules=rules,
                ids=contracts.ids,
            )
        )
        if not billed:
            return []
        billed = contracts.browse(order_id for (order_id,) in billed)
        return facts._execute(
            SQL(
                """%(ctes)s
                SELECT 'bill' AS kind, 'payment:' || b.payment_id AS key, b.order_id,
                       NULL::int AS term_id, b.maturity AS date,
                       NULL::date AS expected_date, b.maturity AS mark,
                       ROUND(SUM(b.amount), MAX(s.decimals)) AS amount,
                       jsonb_build_object('number', p.contract_bill_number) AS data
                  FROM receipt b
                  JOIN scope s ON s.order_id = b.order_id
                  JOIN account_payment p ON p.id = b.payment_id
                  JOIN (%(rules)s) r ON r.company_id = s.company_id AND r.kind = 'bill'
                 WHERE b.is_bill AND b.outcome IS NULL AND b.day <= b.cutoff
                   AND b.maturity <= b.cutoff + r.days
                 GROUP BY b.order_id, b.payment_id, b.maturity, p.contract_bill_number
                HAVING SUM(b.amount) > 0
                 ORDER BY b.order_id, b.payment_id""",
                ctes=facts._with_sql(facts._scope(billed), None),
                rules=rules,
                to_flush=facts._reads(("account.payment", "contract_bill_number")),
            )
        )

    def _find_ending(self, contracts):
        """The contract ends soon, or ended, and something is still to be done."""
        if contracts._name != "sale.order":
            return None
        return self._warning_sql(
            "ending",
            SQL(
                """head h
                  JOIN sale_order so ON so.id = h.order_id
                  JOIN rule r ON r.company_id = h.company_id AND r.kind = 'ending'
                  JOIN (SELECT order_id, COUNT(*) AS number FROM promise
                         GROUP BY order_id) p ON p.order_id = h.order_id
                 WHERE so.contract_end_date <= h.cutoff + r.days"""
            ),
            key=SQL("'end'"),
            order_id=SQL("h.order_id"),
            date=SQL("so.contract_end_date"),
            mark=SQL("so.contract_end_date"),
            data=SQL("jsonb_build_object('terms', p.number)"),
        )

    def _find_customer(self, contracts):
        """Other contracts of the customer are overdue, ended ones too: who pays one
        late may pay this one late. The one that became overdue last is another
        reason."""
        if contracts._name != "sale.order":
            return None
        return self._warning_sql(
            "customer",
            SQL(
                """(SELECT h.order_id, h.company_id, so.currency_rate,
                           c.commercial_partner_id
                      FROM head h
                      JOIN sale_order so ON so.id = h.order_id
                      JOIN res_partner c ON c.id = so.partner_id) h
                  JOIN (%(owing)s) o
                    ON o.company_id = h.company_id
                   AND o.commercial_partner_id = h.commercial_partner_id
                  LEFT JOIN LATERAL UNNEST(o.ids, o.amounts) own (order_id, amount)
                    ON own.order_id = h.order_id
                 WHERE CARDINALITY(o.ids) > 1 OR own.order_id IS NULL""",
                owing=self._owing_sql(),
            ),
            key=SQL("'overdue'"),
            order_id=SQL("h.order_id"),
            date=SQL(
                "CASE WHEN o.ids[1] = h.order_id THEN o.days[2] ELSE o.days[1] END"
            ),
            mark=SQL(
                "CASE WHEN o.ids[1] = h.order_id THEN o.days[2] ELSE o.days[1] END"
            ),
            amount=SQL(
                """(o.amount - COALESCE(own.amount, 0))
                   * COALESCE(NULLIF(h.currency_rate, 0), 1)"""
            ),
            data=SQL(
                """jsonb_build_object('contracts', CARDINALITY(o.ids)
                   - (own.order_id IS NOT NULL)::int)"""
            ),
        )

    def _owing_sql(self):
        """SQL of one row a company and customer of the batch: his contracts that are
        overdue for longer than the rule of the company lets pass, the newest first, in
        the company's currency."""
        return SQL(
            """SELECT k.company_id, c.commercial_partner_id,
                      SUM(k.booked_overdue) AS amount,
                      ARRAY_AGG(k.order_id ORDER BY k.oldest DESC, k.order_id) AS ids,
                      ARRAY_AGG(k.oldest ORDER BY k.oldest DESC, k.order_id) AS days,
                      ARRAY_AGG(k.booked_overdue
                                ORDER BY k.oldest DESC, k.order_id) AS amounts
                 FROM (%s) k
                 JOIN rule r ON r.company_id = k.company_id AND r.kind = 'customer'
                 JOIN sale_order so ON so.id = k.order_id
                 JOIN res_partner c ON c.id = so.partner_id
                WHERE k.booked_overdue > 0 AND k.days > r.days
                  AND c.commercial_partner_id IN (%s)
                GROUP BY k.company_id, c.commercial_partner_id""",
            self.env["contract.facts"]._kept_sql("accounts"),
            self._customers_sql(),
        )

    def _customers_sql(self):
        """SQL of the customers of the batch."""
        return SQL(
            """SELECT p.commercial_partner_id FROM head h
                 JOIN sale_order so ON so.id = h.order_id
                 JOIN res_partner p ON p.id = so.partner_id"""
        )

    def _find_slower(self, contracts):
        """The customer pays later than before: the mean of the days after the due date
        of payment terms that were met, in the last days of the rule against those
        before. Contracts that still wait for money are warned of."""
        if contracts._name != "sale.order":
            return None
        return self._warning_sql(
            "slower",
            SQL(
                """(SELECT p.order_id, p.company_id, MIN(p.date_due) AS date_due,
                           SUM(p.amount) AS amount
                      FROM promise p WHERE p.kind = 'payment'
                     GROUP BY p.order_id, p.company_id) p
                  JOIN sale_order so ON so.id = p.order_id
                  JOIN res_partner c ON c.id = so.partner_id
                  JOIN (%(habit)s) b ON b.company_id = p.company_id
                   AND b.commercial_partner_id = c.commercial_partner_id""",
                habit=self._habit_sql(),
            ),
            key=SQL("'slower'"),
            order_id=SQL("p.order_id"),
            date=SQL("p.date_due"),
            amount=SQL("p.amount"),
            data=SQL(
                """jsonb_build_object('now', ROUND(b.late_now),
                                      'before', ROUND(b.late_before))"""
            ),
        )

    def _habit_sql(self):
        """SQL of one row a company and customer of the batch who pays later and later:
        how many days late on average in the two periods."""
        facts = self.env["contract.facts"]
        return SQL(
            """SELECT x.*
                 FROM (SELECT f.company_id, c.commercial_partner_id,
                              MAX(r.margin) AS margin,
                              COUNT(*) FILTER (WHERE is_now) AS number_now,
                              COUNT(*) FILTER (WHERE NOT is_now) AS number_before,
                              AVG(GREATEST(f.variance_days, 0)) FILTER (WHERE is_now)
                                  AS late_now,
                              AVG(GREATEST(f.variance_days, 0)) FILTER (
                                  WHERE NOT is_now) AS late_before
                         FROM (%(terms)s) f
                         JOIN rule r ON r.company_id = f.company_id
                          AND r.kind = 'slower'
                         JOIN (%(companies)s) y ON y.id = f.company_id
                         JOIN sale_order so ON so.id = f.order_id
                         JOIN res_partner c ON c.id = so.partner_id
                         CROSS JOIN LATERAL (
                              SELECT f.actual_date > y.today - r.days AS is_now) w
                        WHERE f.kind = 'payment' AND f.status IN ('met', 'met_late')
                          AND f.actual_date <= y.today
                          AND f.actual_date > y.today - 2 * r.days
                          AND c.commercial_partner_id IN (%(customers)s)
                        GROUP BY f.company_id, c.commercial_partner_id) x
                WHERE x.number_now >= %(least)s AND x.number_before >= %(least)s
                  AND x.late_now > x.late_before
                  AND x.late_now - x.late_before >= x.margin""",
            terms=facts._kept_sql("terms"),
            companies=facts._companies_sql(),
            customers=self._customers_sql(),
            least=PAYMENTS,
        )

    def _find_payment(self, contracts):
        """Payments fall due soon."""
        return self._warning_sql(
            "payment",
            SQL(
                """promise p
                  JOIN rule r ON r.company_id = p.company_id AND r.kind = 'payment'
                 WHERE p.kind = 'payment'
                   AND p.date_due BETWEEN p.cutoff AND p.cutoff + r.days"""
            ),
            key=SQL("'term:' || p.term_id"),
            order_id=SQL("p.order_id"),
            term_id=SQL("p.term_id"),
            date=SQL("p.date_due"),
            mark=SQL("p.date_due"),
            amount=SQL("p.amount"),
        )
