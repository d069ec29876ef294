from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..facts.contract_facts import BATCH

# What the customer owes by age: which unpaid portions each column adds up.
AGES = {
    "not_due": SQL("day IS NULL"),
    "due": SQL("day <= cutoff"),
    "overdue": SQL("day < cutoff"),
    "due_1_30": SQL("cutoff - day BETWEEN 1 AND 30"),
    "due_31_60": SQL("cutoff - day BETWEEN 31 AND 60"),
    "due_61_90": SQL("cutoff - day BETWEEN 61 AND 90"),
    "due_91_180": SQL("cutoff - day BETWEEN 91 AND 180"),
    "due_181_365": SQL("cutoff - day BETWEEN 181 AND 365"),
    "due_over_365": SQL("cutoff - day > 365"),
}


class ContractFacts(models.AbstractModel):
    """The customer's account: how old is what he owes, and what happened day by day.

    Reads the same ledgers as every other figure of the facts, so that the ageing,
    the statement of account and the contract never differ. Serves D3 §4.4 and D7 §1.3.

    A frame agreement has a row of its own: money that was claimed for it lowers the
    receivable; its own terms that fell due take it first, and those that a claim
    names. What they leave relieves its call-offs: what is overdue of them, oldest due
    day first, then what is due today and what is not due yet (``relieved``). So the
    sum over a customer counts the same money once; what a contract owes by its own
    money stands in its own figures.
    """

    _inherit = "contract.facts"

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _kept_with_sql(self):
        return SQL(
            "%s, %s", self._ageing_with_sql(self._scope(), None), self._figure_sql()
        )

    def _kept_kinds(self):
        """What is owed, ready by age; of call-offs its portions too, which money of
        their frame agreement relieves."""
        return {
            **super()._kept_kinds(),
            "accounts": SQL("(%s)", self._balance_rows_sql()),
            "portions": SQL(
                """(SELECT a.order_id, a.cutoff, a.day, a.amount, a.booked
                      FROM ageing a JOIN sale_order so ON so.id = a.order_id
                     WHERE so.contract_frame_id IS NOT NULL)"""
            ),
        }

    def _kept_today(self):
        cutoff = {"cutoff": SQL("c.today")}
        days = {"days": SQL("COALESCE(c.today - k.oldest, 0)")}
        return {**super()._kept_today(), "accounts": cutoff | days, "portions": cutoff}

    def _kept_indexes(self):
        return {
            **super()._kept_indexes(),
            "accounts": [SQL("(order_id)")],
            "portions": [SQL("(order_id)")],
        }

    def _coming_days(self):
        """What is unpaid grows older."""
        return [
            *super()._coming_days(),
            SQL(
                "SELECT order_id, day + UNNEST(%s) FROM unpaid WHERE amount > 0",
                [1, 31, 61, 91, 181, 366],
            ),
        ]

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _read_accounts(self, orders, cutoff=None, frames=()):
        """Return what ``orders`` and ``frames`` (``contract.frame`` records) owe:
        ``{order or frame: row of _balances_sql}``.

        Contracts that owe nothing and are not in effect are left out.
        """
        records = {("order_id", order.id): order for order in orders}
        records.update((("frame_id", frame.id), frame) for frame in frames)
        result = {}
        parts = [(orders, frames)]
        # what is kept is read as it is
        if cutoff and len(records) > BATCH:
            # call-offs of a frame agreement beside each other: all come with each
            together = orders.sorted(lambda order: order.contract_frame_id.id)
            parts = [
                *((batch, ()) for batch in self._batches(together)),
                *((orders.browse(), batch) for batch in split_every(BATCH, frames)),
            ]
        for part in parts:
            for row in self._execute(self._balances_sql(part[0], cutoff, part[1])):
                key = "order_id" if row["order_id"] else "frame_id"
                if record := records.get((key, row[key])):
                    result[record] = row
        return result

    @api.model
    def _read_ledger(self, orders, date_from=None, date_to=None):
        """Return what happened to ``orders``, by day.

        Invoiced − received − adjusted up to a day is the receivable of that day.
        Down payments are no part of it: they come as rows of their own, the down
        payment positive, its deduction from a later invoice negative, so that both
        rows of an invoice add up to its total.

        :param date_from: first day; from the beginning if not given
        :param date_to: last day, also the day up to which facts count; today if not
            given
        :return: list of dicts ``order_id``, ``kind`` (delivery, invoice, advance,
            receipt, adjustment), ``day``, ``rank`` (of the kind within a day), ``name``
            (of the document, None if there is none), ``amount`` in the contract's
            currency, taxes included
        """
        rows = [
            row
            for batch in self._batches(orders)
            for row in self._execute(self._ledger_sql(batch, date_from, date_to))
        ]
        if len(orders) > BATCH:
            rows.sort(key=lambda row: (row["day"] or date.max, row["rank"]))
        return rows

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    @api.model
    def _balances_sql(self, orders=None, cutoff=None, frames=()):
        """SQL of one row a contract and a frame agreement: receivable, due (overdue and
        due today), overdue, not due, by age, oldest due date, days overdue, and how
        much of its receivable money of its frame agreement relieves (``relieved``).

        ``booked_…`` is the same in the company's currency; what the receivable is in
        the ledger beyond its portions is ``exchange``: differences that are booked
        when claimed money is reconciled.

        :param orders: ``sale.order`` records, or None for the open contracts of the
            companies at work and those that ended and still owe; the rows of the other
            call-offs of their frame agreements come with them
        :param frames: ``contract.frame`` records, beside those of ``orders``
        """
        return SQL("%s %s UNION ALL %s", *self._balances_parts(orders, cutoff, frames))

    @api.model
    def _balances_parts(self, orders=None, cutoff=None, frames=()):
        """The parts of :meth:`_balances_sql`: the chain, the rows of contracts and
        those of frame agreements."""
        scope, frame_scope = self._balances_scopes(orders, cutoff, frames)
        Frame = self.env["contract.facts.frame"]
        if cutoff:
            sources = {
                "ctes": SQL("%s,", self._ageing_with_sql(scope, cutoff)),
                "how": SQL("MATERIALIZED"),
                "rows": self._balance_rows_sql(),
                "portions": SQL("SELECT * FROM ageing"),
                "frame_ctes": Frame._ageing_with_sql(frame_scope, cutoff),
                "frame_rows": Frame._balance_rows_sql(),
            }
        else:
            # so that a customer's rows are looked up, and not all of them read
            sources = {
                "ctes": SQL("WITH"),
                "how": SQL("NOT MATERIALIZED"),
                "rows": self._kept_scope_sql("accounts", scope),
                "portions": self._kept_scope_sql("portions", scope),
                "frame_ctes": SQL(),
                "frame_rows": Frame._kept_scope_sql("accounts", frame_scope),
            }
        ages = [f"{prefix}{name}" for prefix in ("", "booked_") for name in AGES]
        ctes = SQL(
            """%(ctes)s contract_row AS %(how)s (%(rows)s),
            frame_row AS MATERIALIZED (%(frame_ctes)s %(frame_rows)s),
            offered AS MATERIALIZED (
                SELECT a.order_id, a.cutoff, a.day, a.amount, a.booked, b.decimals,
                       b.home_decimals, t.factor, f.order_id AS frame_id,
                       -- what is left of the money when it comes to this portion
                       f.spare - SUM(a.amount * t.factor) OVER w + a.amount * t.factor
                       - CASE WHEN a.day < a.cutoff THEN 0 ELSE
                         COALESCE(SUM(a.amount * t.factor) FILTER (
                             WHERE a.day < a.cutoff) OVER (PARTITION BY f.order_id), 0)
                         END AS money
                  FROM frame_row f
                  JOIN sale_order so ON so.contract_frame_id = f.order_id
                  JOIN contract_row b ON b.order_id = so.id
                  JOIN (%(portions)s) a ON a.order_id = so.id
                  CROSS JOIN LATERAL (SELECT CASE WHEN b.currency_id = f.currency_id
                                                  THEN 1 ELSE f.rate / b.rate END
                                             AS factor) t
                 WHERE f.spare > 0
                -- what is due today is a part of what is not overdue
                WINDOW w AS (PARTITION BY f.order_id, a.day < a.cutoff,
                                          a.day = a.cutoff
                             ORDER BY a.day, a.order_id)
            ),
            owed AS MATERIALIZED (
                SELECT p.order_id, p.cutoff, p.day, p.amount - p.relieved AS amount,
                       p.relieved, p.booked - b.relieved AS booked,
                       b.relieved AS booked_relieved, p.frame_id,
                       p.relieved * p.factor AS spent
                  FROM (SELECT *, CASE WHEN money >= amount * factor THEN amount
                                       WHEN money > 0
                                       THEN ROUND(money / factor, decimals)
                                       ELSE 0 END AS relieved
                          FROM offered) p
                 CROSS JOIN LATERAL (
                       SELECT ROUND(p.booked * p.relieved / p.amount, p.home_decimals)
                                  AS relieved) b
            ),
            relief AS MATERIALIZED (
                SELECT order_id, %(sums)s,
                       SUM(relieved) FILTER (
                           WHERE day IS DISTINCT FROM cutoff) AS relieved,
                       SUM(booked_relieved) FILTER (
                           WHERE day IS DISTINCT FROM cutoff) AS booked_relieved
                  FROM owed GROUP BY order_id
            )""",
            **sources,
            sums=self._age_sums_sql(),
            to_flush=self._reads(
                ("sale.order", "contract_frame_id"), ("contract.frame", "state")
            ),
        )
        owes = SQL(
            """ABS(b.receivable) >= 0.5 * 10 ^ -b.decimals
               OR b.booked_receivable <> 0 OR b.due > 0"""
        )
        contract_rows = SQL(
            """SELECT b.order_id, NULL::int AS frame_id, b.cutoff, b.contract_state,
                   b.receivable, b.booked_receivable, b.exchange,
                   COALESCE(r.relieved, 0) AS relieved,
                   COALESCE(r.booked_relieved, 0) AS booked_relieved,
                   CASE WHEN r.order_id IS NULL THEN b.oldest ELSE r.oldest END
                       AS oldest,
                   CASE WHEN r.order_id IS NULL THEN b.days
                        ELSE COALESCE(b.cutoff - r.oldest, 0) END AS days,
                   %(ages)s
              FROM contract_row b
              LEFT JOIN relief r ON r.order_id = b.order_id
             WHERE b.contract_state IN ('active', 'suspended')
                   AND b.effective_date <= b.cutoff
                OR %(owes)s""",
            ages=self._columns_sql(
                {
                    name: SQL(
                        """CASE WHEN r.order_id IS NULL THEN b.%(age)s
                                ELSE COALESCE(r.%(age)s, 0) END""",
                        age=SQL.identifier(name),
                    )
                    for name in ages
                }
            ),
            owes=owes,
        )
        frame_rows = SQL(
            """SELECT NULL::int AS order_id, b.order_id AS frame_id, b.cutoff,
                   b.contract_state, b.receivable, b.booked_receivable,
                   -- what its money is in the ledger, and what it covers
                   b.exchange + COALESCE(ROUND(r.booked - r.spent
                       * b.booked_receivable / NULLIF(b.receivable, 0),
                       b.home_decimals), 0) AS exchange,
                   0 AS relieved, 0 AS booked_relieved, b.oldest, b.days, %(ages)s
              FROM frame_row b
              LEFT JOIN (SELECT frame_id, SUM(booked_relieved) AS booked,
                                SUM(spent) AS spent
                           FROM owed WHERE day IS DISTINCT FROM cutoff
                          GROUP BY frame_id) r ON r.frame_id = b.order_id
             WHERE %(owes)s""",
            ages=SQL(", ").join(SQL.identifier("b", name) for name in ages),
            owes=owes,
        )
        return ctes, contract_rows, frame_rows

    def _balances_scopes(self, orders, cutoff, frames):
        """Which contracts and which frame agreements a balance is read of."""
        if orders is None:
            return self._ageing_scope(cutoff), SQL(
                "f.company_id = ANY(%s) AND f.state <> 'draft'",
                list(self.env.companies.ids),
            )
        order_ids = list(orders._origin.ids)
        frame_ids = SQL(
            """SELECT UNNEST(%s::int[]) UNION
               SELECT contract_frame_id FROM sale_order WHERE id = ANY(%s)""",
            [frame.id for frame in frames],
            order_ids,
        )
        scope = SQL(
            """so.id IN (SELECT UNNEST(%s::int[]) UNION
                  SELECT o.id FROM sale_order o
                   WHERE o.contract_frame_id IN (%s)
                     AND o.contract_state <> 'draft')""",
            order_ids,
            frame_ids,
        )
        return scope, SQL("f.id IN (%s)", frame_ids)

    def _balance_rows_sql(self):
        """SQL of one row a contract of the chain: what it owes, by age of its unpaid
        portions, before money of a frame agreement relieves it; of a frame agreement
        what of its money its own terms leave (``spare``)."""
        ages = [f"{prefix}{name}" for prefix in ("", "booked_") for name in AGES]
        return SQL(
            """SELECT s.order_id, s.cutoff, s.rate, s.currency_id, s.contract_state,
                       s.effective_date, s.decimals, s.home_decimals,
                       COALESCE(p.receivable, 0) AS receivable,
                       COALESCE(p.booked, 0) AS booked_receivable,
                       COALESCE(p.booked, 0) - COALESCE(w.booked, 0) AS exchange,
                       a.oldest, COALESCE(s.cutoff - a.oldest, 0) AS days,
                       COALESCE(o.spare, 0) AS spare, %(ages)s
                  FROM scope s
                  LEFT JOIN standing p ON p.order_id = s.order_id
                  LEFT JOIN valued w ON w.order_id = s.order_id AND w.is_whole
                  LEFT JOIN (SELECT order_id, %(sums)s FROM ageing GROUP BY order_id) a
                    ON a.order_id = s.order_id
                  LEFT JOIN (%(spare)s) o ON o.order_id = s.order_id""",
            ages=self._columns_sql(
                {name: SQL("COALESCE(a.%s, 0)", SQL.identifier(name)) for name in ages}
            ),
            sums=self._age_sums_sql(),
            spare=self._spare_sql(),
        )

    def _age_sums_sql(self):
        """SQL of the sums of portions by age, and since when the oldest is overdue."""
        return self._columns_sql(
            {
                **{
                    f"{prefix}{name}": SQL("SUM(%s) FILTER (WHERE %s)", column, age)
                    for prefix, column in (
                        ("", SQL("amount")),
                        ("booked_", SQL("booked")),
                    )
                    for name, age in AGES.items()
                },
                "oldest": SQL("MIN(day) FILTER (WHERE day < cutoff AND amount > 0)"),
            }
        )

    def _spare_sql(self):
        """SQL of what others may spend of a contract's money (``order_id``, ``spare``):
        nothing, but of a frame agreement."""
        return SQL("SELECT NULL::int AS order_id, 0::numeric AS spare WHERE FALSE")

    def _ageing_scope(self, cutoff):
        """Which contracts can owe something: open ones, and ended ones (or that were
        open on the cut-off) whose invoices, opening figures or claims are not even;
        today all that took effect, for their rows are ready."""
        if not cutoff:
            return SQL(
                "so.company_id = ANY(%s) AND so.contract_state <> 'confirmed'",
                list(self.env.companies.ids),
            )
        return SQL(
            """so.company_id = ANY(%(companies)s)
               AND (so.contract_state IN ('active', 'suspended')
                OR so.contract_state IN ('completed', 'terminated', 'cancelled') AND (
                   COALESCE(so.contract_opening_invoiced, 0)
                       <> COALESCE(so.contract_opening_received, 0)
                   OR EXISTS (
                      SELECT FROM contract_history h
                       WHERE h.order_id = so.id AND h.kind = 'state'
                         AND h.date > %(cutoff)s::date)
                   OR EXISTS (
                      SELECT FROM sale_order_line l
                        JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                        JOIN account_move_line b ON b.id = r.invoice_line_id
                        JOIN account_move v ON v.id = b.move_id
                       WHERE l.order_id = so.id AND v.state = 'posted'
                         AND (v.amount_residual <> 0
                           -- what is another's closes it, it owes on: a credit note,
                           -- money claimed otherwise
                           OR EXISTS (
                              SELECT FROM account_move_line i
                                JOIN account_partial_reconcile p
                                  ON p.debit_move_id = i.id
                                JOIN account_move_line x ON x.id = p.credit_move_id
                                JOIN account_move n ON n.id = x.move_id
                               WHERE i.move_id = v.id AND (
                                     n.move_type = 'out_refund' OR EXISTS (
                                     SELECT FROM contract_payment_claim k
                                      WHERE k.state = 'claimed'
                                        AND (k.payment_id = n.origin_payment_id
                                             OR k.move_line_id = x.id)
                                        AND k.order_id IS DISTINCT FROM so.id)))
                           OR v.move_type = 'out_refund' AND EXISTS (
                              SELECT FROM account_move_line i
                                JOIN account_partial_reconcile p
                                  ON p.credit_move_id = i.id
                                JOIN account_move_line x ON x.id = p.debit_move_id
                                JOIN account_move n ON n.id = x.move_id
                               WHERE i.move_id = v.id
                                 AND n.move_type = 'out_invoice')))
                   OR EXISTS (SELECT FROM contract_payment_claim k
                               WHERE k.order_id = so.id AND k.state = 'claimed')))""",
            companies=list(self.env.companies.ids),
            cutoff=fields.Date.to_date(cutoff),
            to_flush=self._reads(
                ("account.move", "state amount_residual move_type origin_payment_id"),
                (
                    "account.partial.reconcile",
                    "debit_move_id credit_move_id",
                ),
                ("contract.history", "order_id kind date"),
                ("contract.payment.claim", "order_id state payment_id move_line_id"),
            ),
        )

    def _ageing_with_sql(self, scope, cutoff):
        """The chain of common table expressions up to the unpaid portions of contracts,
        ``ageing``: (order_id, cutoff, day, amount, booked).

        ``day`` is when the portion fell due, up to the cut-off. Rows before the
        cut-off add up to the overdue amount of the contract; a row of the cut-off
        itself is due, not overdue. One row a contract without a day holds what is
        receivable and not overdue. ``amount`` is in the contract's currency,
        ``booked`` the same in the company's: what is invoiced at the rate of the open
        invoices, what is due before it is invoiced at the order's.
        """
        return SQL(
            """%(ctes)s,
            unpaid_term AS MATERIALIZED (
                -- a credit lowers what fell due first, like money
                SELECT d.order_id, d.term_id, t.cutoff, d.day, t.tolerance,
                       GREATEST(d.amount, 0) AS amount,
                       SUM(GREATEST(d.amount, 0)) OVER w AS reach,
                       COALESCE(f.got_matured, 0) AS got,
                       -SUM(LEAST(d.amount, 0)) FILTER (WHERE d.day < t.cutoff)
                           OVER (PARTITION BY d.term_id) AS credit,
                       -SUM(LEAST(d.amount, 0)) OVER (PARTITION BY d.term_id)
                           AS credit_today,
                       SUM(d.amount) FILTER (WHERE d.day < t.cutoff)
                           OVER (PARTITION BY d.term_id) AS past,
                       SUM(d.amount) OVER (PARTITION BY d.term_id) AS matured
                  FROM due d
                  JOIN term t ON t.term_id = d.term_id AND t.is_payment
                  LEFT JOIN allocated f ON f.term_id = d.term_id
                 WHERE d.day <= t.cutoff
                   AND NOT t.is_waived
                WINDOW w AS (PARTITION BY d.term_id ORDER BY d.day
                             ROWS UNBOUNDED PRECEDING)
            ),
            item AS MATERIALIZED (
                SELECT r.order_id, r.item_id, r.cutoff, r.date_maturity AS day,
                       r.amount, LEAST(r.amount, GREATEST(0,
                           r.amount - COALESCE(m.amount, 0))) AS residual
                  FROM open_item r
                  LEFT JOIN (SELECT order_id, item_id, SUM(amount) AS amount
                               FROM partial GROUP BY order_id, item_id) m
                    ON m.order_id = r.order_id AND m.item_id = r.item_id
                 WHERE r.date_maturity <= r.cutoff
                   AND r.order_id NOT IN (SELECT order_id FROM term
                                           WHERE is_payment)
            ),
            unpaid_item AS MATERIALIZED (
                -- what the reconciliations leave open, brought to the overdue amount:
                -- money that was claimed otherwise counts by its claim
                SELECT i.order_id, i.item_id, i.cutoff, i.day,
                       CASE WHEN i.day = i.cutoff THEN i.residual ELSE
                       LEAST(i.residual, GREATEST(0, SUM(i.residual) OVER w
                           - GREATEST(0, SUM(i.residual) OVER o
                                         - COALESCE(n.overdue, 0))))
                       + LEAST(i.amount - i.residual, GREATEST(0,
                             COALESCE(n.overdue, 0) - SUM(i.residual) OVER o
                             - SUM(i.amount - i.residual) OVER o
                             + SUM(i.amount - i.residual) OVER w)) END AS amount
                  FROM item i LEFT JOIN instalment n ON n.order_id = i.order_id
                WINDOW o AS (PARTITION BY i.order_id, i.day = i.cutoff),
                       w AS (PARTITION BY i.order_id, i.day = i.cutoff
                             ORDER BY i.day, i.item_id)
            ),
            unpaid AS MATERIALIZED (
                SELECT order_id, term_id, NULL::int AS item_id, cutoff, day,
                       CASE WHEN day < cutoff AND past - got > tolerance
                            THEN LEAST(amount,
                                 GREATEST(0, reach - credit - got))
                            WHEN day = cutoff AND matured - got > tolerance
                            THEN LEAST(amount,
                                 GREATEST(0, reach - credit_today - got))
                            ELSE 0 END AS amount
                  FROM unpaid_term
                UNION ALL
                SELECT order_id, NULL, item_id, cutoff, day, amount FROM unpaid_item
            ),
            open_invoice AS MATERIALIZED (
                -- what is open of a contract's invoices, the oldest first: what
                -- ``upto`` of it is in the contract's currency, and ``rate`` is what a
                -- unit of it is in the ledger
                SELECT order_id, SUM(amount) OVER (PARTITION BY order_id
                           ORDER BY date_maturity, item_id) AS upto, amount,
                       SUM(amount) OVER (PARTITION BY order_id) AS whole,
                       booked / amount AS rate
                  FROM (SELECT r.order_id, r.item_id, r.date_maturity,
                               MAX(r.item_amount)
                               - COALESCE(SUM(m.amount), 0) AS amount,
                               MAX(r.share * r.balance)
                               - COALESCE(SUM(m.booked), 0) AS booked
                          FROM receivable r
                          LEFT JOIN partial m ON m.order_id = r.order_id
                           AND m.item_id = r.item_id
                         WHERE r.sign = 1 AND r.invoice_date <= r.cutoff
                         GROUP BY r.order_id, r.item_id, r.date_maturity) o
                 WHERE amount > 0
            ),
            standing AS MATERIALIZED (
                SELECT s.order_id, s.cutoff, s.home_decimals, 1 / s.rate AS rate,
                       s.opening_invoiced + COALESCE(i.amount, 0)
                       - COALESCE(m.amount, 0) AS receivable,
                       ROUND(s.opening_invoiced / s.rate + COALESCE(i.booked, 0)
                             - COALESCE(m.booked, 0), s.home_decimals) AS booked,
                       COALESCE(m.free_booked / NULLIF(m.free, 0), 1 / s.rate)
                           AS advance_rate
                  FROM scope s
                  LEFT JOIN (SELECT order_id,
                                    SUM(amount) FILTER (WHERE NOT is_downpayment)
                                        AS amount,
                                    SUM(booked)
                                    -- a deposit that was not deducted yet
                                    - COALESCE(SUM(amount) FILTER (WHERE is_downpayment)
                                        * (SUM(booked) FILTER (
                                           WHERE is_downpayment AND amount > 0)
                                           / SUM(amount) FILTER (
                                             WHERE is_downpayment AND amount > 0)), 0)
                                        AS booked
                               FROM billing WHERE invoice_date <= cutoff
                              GROUP BY order_id) i
                    ON i.order_id = s.order_id
                  LEFT JOIN (SELECT order_id, SUM(received + adjusted) AS amount,
                                    SUM(booked) AS booked,
                                    SUM(received) FILTER (WHERE source <> 'match')
                                        AS free,
                                    SUM(booked) FILTER (WHERE source NOT IN
                                        ('match', 'adjust')) AS free_booked
                               FROM money WHERE source <> 'elsewhere'
                              GROUP BY order_id) m
                    ON m.order_id = s.order_id
            ),
            portion AS MATERIALIZED (
                SELECT order_id, day, FALSE AS is_whole, SUM(amount) AS amount,
                       COALESCE(SUM(SUM(amount)) OVER (
                           PARTITION BY order_id ORDER BY day), 0) AS upto
                  FROM unpaid GROUP BY order_id, day
                UNION ALL
                SELECT p.order_id, NULL, FALSE, p.receivable - COALESCE(u.amount, 0),
                       p.receivable
                  FROM standing p
                  LEFT JOIN (SELECT order_id, SUM(amount) AS amount
                               FROM unpaid WHERE day < cutoff GROUP BY order_id) u
                    ON u.order_id = p.order_id
                 WHERE p.receivable > COALESCE(u.amount, 0)
                UNION ALL
                SELECT order_id, NULL, TRUE, receivable, receivable FROM standing
            ),
            valued AS MATERIALIZED (
                -- the receivable is the last that is open of the invoices, as if money
                -- that is not reconciled paid the oldest; what is beyond is the order's
                SELECT a.order_id, p.cutoff, a.day, a.is_whole, a.amount,
                       CASE WHEN a.upto < 0 AND o.whole IS NULL THEN p.booked
                            WHEN a.upto < 0
                            THEN ROUND(a.amount * p.advance_rate, p.home_decimals)
                            ELSE ROUND(%(to_end)s, p.home_decimals)
                               - ROUND(%(to_begin)s, p.home_decimals) END AS booked
                  FROM portion a
                  JOIN standing p ON p.order_id = a.order_id
                  LEFT JOIN open_invoice o ON o.order_id = a.order_id
                 CROSS JOIN LATERAL (
                       SELECT GREATEST(p.receivable, 0) AS receivable,
                              GREATEST(o.whole - GREATEST(p.receivable, 0), 0)
                                  AS paid) g
                 WHERE a.amount <> 0
                 GROUP BY a.order_id, p.cutoff, a.day, a.is_whole, a.amount, a.upto,
                          p.home_decimals, p.rate, p.advance_rate, p.booked,
                          g.receivable, g.paid, o.whole
            ),
            ageing AS MATERIALIZED (
                SELECT order_id, cutoff, day, amount, booked
                  FROM valued WHERE NOT is_whole
            )""",
            ctes=self._with_sql(scope, fields.Date.to_date(cutoff)),
            to_end=self._booked_sql(SQL("a.upto")),
            to_begin=self._booked_sql(SQL("(a.upto - a.amount)")),
        )

    def _booked_sql(self, upto):
        """SQL of the first part of what a contract owes, ``upto`` an amount in its
        currency, in the company's: by the rates of its open invoices as far as they go,
        else by the order's."""
        return SQL(
            """COALESCE(SUM(o.rate * GREATEST(0, LEAST(o.upto,
                   LEAST(%(upto)s, g.receivable) + g.paid) - o.upto + o.amount)), 0)
               + p.rate * (GREATEST(%(upto)s - g.receivable, 0) + GREATEST(
                   LEAST(%(upto)s, g.receivable) - COALESCE(o.whole, 0), 0))""",
            upto=upto,
        )

    def _ledger_sql(self, orders, date_from, date_to):
        return SQL(
            """%(ctes)s,
            -- what the documents of a day are called
            shipment AS MATERIALIZED (
                SELECT l.order_id,
                       (m.date AT TIME ZONE 'UTC' AT TIME ZONE l.tz)::date AS day,
                       STRING_AGG(DISTINCT p.name, ', ') AS name
                  FROM line l
                  JOIN stock_move m ON m.sale_line_id = l.line_id AND m.state = 'done'
                  JOIN stock_picking p ON p.id = m.picking_id
                  JOIN stock_location src ON src.id = m.location_id
                  JOIN stock_location dst ON dst.id = m.location_dest_id
                 WHERE 'customer' IN (src.usage, dst.usage)
                    OR 'transit' IN (src.usage, dst.usage)
                 GROUP BY l.order_id, day
            ),
            payment AS MATERIALIZED (
                SELECT order_id, day, STRING_AGG(DISTINCT name, ', ')
                           FILTER (WHERE is_money) AS money_name,
                       STRING_AGG(DISTINCT name, ', ')
                           FILTER (WHERE NOT is_money) AS other_name
                  FROM (SELECT m.order_id, m.day, v.name,
                               v.origin_payment_id IS NOT NULL
                               OR v.statement_line_id IS NOT NULL
                               OR v.id = m.opening_move_id AS is_money
                          FROM partial m
                          JOIN account_move_line x ON x.id = m.counterpart_id
                          JOIN account_move v ON v.id = x.move_id
                        UNION ALL
                        SELECT b.order_id, q.date, q.name, TRUE
                          FROM billing b
                          JOIN account_move__account_payment r
                            ON r.invoice_id = b.move_id
                          JOIN account_payment q ON q.id = r.payment_id
                        UNION ALL
                        SELECT s.order_id, k.date, COALESCE(q.name, v.name), TRUE
                          FROM scope s
                          JOIN contract_payment_claim k
                            ON k.%(subject)s = s.order_id
                           AND k.state = 'claimed'
                          LEFT JOIN account_payment q ON q.id = k.payment_id
                          LEFT JOIN account_move_line x ON x.id = k.move_line_id
                          LEFT JOIN account_move v ON v.id = x.move_id) n
                 GROUP BY order_id, day
            ),
            cash AS MATERIALIZED (
                SELECT order_id, day, SUM(received) AS received,
                       SUM(adjusted) AS adjusted
                  FROM money GROUP BY order_id, day
            ),
            ledger AS MATERIALIZED (
                SELECT d.order_id, 'delivery' AS kind, d.day, MAX(n.name) AS name,
                       SUM(d.amount) AS amount, 1 AS rank
                  FROM worth d
                  LEFT JOIN shipment n ON n.order_id = d.order_id AND n.day = d.day
                 WHERE d.clock = 'dispatch'
                 GROUP BY d.order_id, d.day
                UNION ALL
                SELECT b.order_id,
                       CASE WHEN b.is_downpayment THEN 'advance' ELSE 'invoice' END,
                       b.invoice_date, v.name,
                       SUM(b.amount), 2
                  FROM billing b JOIN account_move v ON v.id = b.move_id
                 WHERE b.invoice_date <= b.cutoff
                 GROUP BY b.order_id, b.is_downpayment, b.invoice_date, b.move_id,
                          v.name
                UNION ALL
                SELECT order_id, 'invoice', opened_on, NULL, opening_invoiced, 0
                  FROM scope
                UNION ALL
                SELECT order_id, 'invoice', day, NULL, SUM(amount), 2
                  FROM elsewhere GROUP BY order_id, day
                UNION ALL
                SELECT c.order_id, x.kind, c.day, x.name, x.amount, x.rank
                  FROM cash c
                  LEFT JOIN payment n ON n.order_id = c.order_id AND n.day = c.day
                 CROSS JOIN LATERAL (VALUES
                       ('receipt', n.money_name, c.received, 3),
                       ('adjustment', COALESCE(n.other_name, n.money_name),
                        c.adjusted, 4)) AS x (kind, name, amount, rank)
            )
            SELECT g.order_id, g.kind, g.day, g.rank, g.name, g.amount
              FROM ledger g JOIN scope s ON s.order_id = g.order_id
             WHERE ABS(g.amount) >= 0.5 * 10 ^ -s.decimals
               AND (%(date_from)s::date IS NULL OR g.day >= %(date_from)s::date)
             ORDER BY g.day, g.rank, g.name, g.order_id""",
            ctes=self._with_sql(self._scope(orders), fields.Date.to_date(date_to)),
            date_from=fields.Date.to_date(date_from),
            subject=self._subject(),
            to_flush=self._reads(
                ("account.move", "name"),
                ("account.payment", "name date"),
                ("stock.picking", "name"),
            ),
        )
