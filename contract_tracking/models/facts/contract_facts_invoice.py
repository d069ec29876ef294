from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The invoices of the facts statement, read from core's own rows: what was invoiced
    day by day, and what was reconciled with it."""

    _inherit = "contract.facts"

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
        """A row is an instalment of an invoice of a contract: the contract's part of it
        in its currency (``item_amount``), credit notes negative.
        """
        return SQL(
            """SELECT i.order_id, i.cutoff, i.rate, i.currency_id, i.opening_move_id,
                      i.share, i.before, i.goods_share, i.decimals,
                      i.home_decimals, i.sign, i.invoice_date, i.move_id,
                      a.id AS item_id, a.date_maturity,
                      a.currency_id AS item_currency_id, a.balance,
                      i.share * CASE WHEN a.currency_id = i.currency_id
                                     THEN a.amount_currency
                                     ELSE a.balance * i.rate END AS item_amount
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
