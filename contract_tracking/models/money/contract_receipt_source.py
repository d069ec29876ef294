from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL


class ContractReceipt(models.Model):
    """What receipts are read from: payments, bank lines and the opening entry, what was
    claimed of them and what they were reconciled with, now or as of a day."""

    _inherit = "contract.receipt"

    def _source_fields(self):
        """The fields that receipts are read from: flushed before."""
        return [
            field
            for model in (
                "account.payment",
                "account.move",
                "account.move.line",
                "account.bank.statement.line",
                "account.partial.reconcile",
                "contract.payment.claim",
                "contract.instrument",
                "res.company",
                "res.partner",
                "sale.order",
                "sale.order.line",
            )
            for field in self.env[model]._fields.values()
            if field.store and field.column_type
        ]

    def _sources_sql(self):
        """The receipts themselves. Ids: even of payments, odd of receivable items."""
        return SQL(
            """SELECT p.id * 2 AS id,
                      CASE p.payment_type WHEN 'inbound' THEN 'payment'
                                          ELSE 'refund' END AS kind,
                      p.id AS payment_id, NULL::int AS move_line_id, p.name,
                      p.memo AS reference, p.date, p.company_id, p.currency_id,
                      p.partner_id, p.contract_payer_id AS payer_id,
                      CASE p.payment_type WHEN 'inbound' THEN p.amount
                                          ELSE -p.amount END AS amount,
                      p.contract_instrument_id AS instrument_id,
                      p.contract_bill_number AS bill_number,
                      p.contract_bill_drawer AS bill_drawer,
                      p.contract_bill_maturity AS bill_maturity,
                      p.contract_bill_state AS bill_state,
                      p.contract_bill_date AS bill_date,
                      p.contract_bill_passed_state AS passed_state,
                      p.contract_bill_passed_date AS passed_date
                 FROM account_payment p LEFT JOIN account_move v ON v.id = p.move_id
                WHERE p.partner_type = 'customer'
                  AND p.state IN ('in_process', 'paid')
                  AND COALESCE(v.state, 'posted') = 'posted'
                UNION ALL
               SELECT l.id * 2 + 1, 'statement', NULL, l.id, v.name,
                      COALESCE(b.payment_ref, l.name), l.date, l.company_id,
                      l.currency_id, l.partner_id, NULL,
                      -l.amount_currency * (%(bank)s),
                      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
                 FROM account_bank_statement_line b
                 JOIN account_move v ON v.id = b.move_id AND v.state = 'posted'
                 JOIN account_journal j ON j.id = v.journal_id
                 JOIN account_move_line l ON l.move_id = v.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable'
                  -- of a payment without a journal entry only the payment is listed
                  AND NOT EXISTS (
                      SELECT FROM account_partial_reconcile r
                        JOIN account_move_line i ON i.id = r.debit_move_id
                        JOIN account_move__account_payment k
                          ON k.invoice_id = i.move_id
                        JOIN account_payment q ON q.id = k.payment_id
                         AND q.move_id IS NULL AND q.amount = r.debit_amount_currency
                       WHERE r.credit_move_id = l.id)
                UNION ALL
               SELECT l.id * 2 + 1, 'opening', NULL, l.id, v.name,
                      COALESCE(l.name, v.ref), l.date, l.company_id, l.currency_id,
                      l.partner_id, NULL, -l.amount_currency, NULL, NULL, NULL, NULL,
                      NULL, NULL, NULL, NULL
                 FROM res_company c
                 JOIN account_move v ON v.id = c.account_opening_move_id
                  AND v.state = 'posted'
                 JOIN account_move_line l ON l.move_id = v.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND l.balance < 0""",
            bank=self.env["contract.facts"]._bank_liquid_sql(),
        )

    def _reconciled_sql(self):
        """What each receipt was reconciled with, by day: (receipt id, order id, day,
        amount, contract amount), in the receipt's currency and in the contract's; the
        order is empty for invoices of no contract."""
        return SQL(
            """SELECT w.receipt_id, o.order_id, w.day,
                      SUM(w.amount * o.share) AS amount,
                      SUM(o.share * CASE WHEN w.currency_id = so.currency_id
                                         THEN w.invoice_amount
                                         ELSE w.balance * COALESCE(NULLIF(
                                              so.currency_rate, 0), 1) END)
                          AS contract_amount
                 FROM (SELECT CASE WHEN pay.id IS NOT NULL THEN pay.id * 2
                                   ELSE l.id * 2 + 1 END AS receipt_id,
                              i.move_id AS invoice_id, i.currency_id, r.max_date AS day,
                              x.sign * x.mine_amount * %(liquid)s AS amount,
                              x.sign * x.other_amount * %(liquid)s AS invoice_amount,
                              x.sign * r.amount * %(liquid)s AS balance
                         FROM account_partial_reconcile r
                         CROSS JOIN LATERAL (VALUES
                              (r.credit_move_id, r.debit_move_id, 1,
                               r.credit_amount_currency, r.debit_amount_currency),
                              (r.debit_move_id, r.credit_move_id, -1,
                               r.debit_amount_currency, r.credit_amount_currency))
                              AS x (mine, other, sign, mine_amount, other_amount)
                         JOIN account_move_line l ON l.id = x.mine
                         JOIN account_move v ON v.id = l.move_id
                         JOIN account_journal j ON j.id = v.journal_id
                         JOIN res_company c ON c.id = v.company_id
                         JOIN account_move_line i ON i.id = x.other
                         LEFT JOIN account_payment pay ON pay.id = v.origin_payment_id
                        WHERE (pay.id IS NOT NULL OR v.statement_line_id IS NOT NULL
                               OR v.id = c.account_opening_move_id)
                          AND i.display_type = 'payment_term'
                        UNION ALL
                       -- payments without a journal entry
                       SELECT p.id * 2, v.id, p.currency_id, p.date,
                              p.amount * w.share, p.amount * w.share,
                              ABS(p.amount_company_currency_signed) * w.share
                         FROM account_payment p
                         JOIN account_move__account_payment k ON k.payment_id = p.id
                         JOIN account_move v ON v.id = k.invoice_id
                         CROSS JOIN LATERAL (
                              SELECT CASE p.payment_type WHEN 'inbound' THEN 1
                                                         ELSE -1 END
                                     * COALESCE(v.amount_total
                                                / NULLIF(SUM(a.amount_total), 0), 0)
                                         AS share
                                FROM account_move__account_payment b
                                JOIN account_move a ON a.id = b.invoice_id
                               WHERE b.payment_id = p.id) w
                        WHERE p.move_id IS NULL
                          AND p.state IN ('in_process', 'paid')) w
                 CROSS JOIN LATERAL (
                      -- the lines of a document add up to it
                      SELECT b.order_id, COALESCE(SUM(b.price_total)
                                 / NULLIF(SUM(SUM(b.price_total)) OVER (), 0), 0)
                                     AS share
                        FROM (SELECT DISTINCT ON (k.id) k.id, k.price_total,
                                     CASE WHEN so.contract_state IS NOT NULL
                                          THEN so.id END AS order_id
                                FROM account_move_line k
                                LEFT JOIN sale_order_line_invoice_rel r
                                  ON r.invoice_line_id = k.id
                                LEFT JOIN sale_order_line sl ON sl.id = r.order_line_id
                                LEFT JOIN sale_order so ON so.id = sl.order_id
                               WHERE k.move_id = w.invoice_id
                                 AND k.display_type = 'product'
                               ORDER BY k.id, so.contract_state IS NULL, so.id) b
                       GROUP BY b.order_id) o
                 LEFT JOIN sale_order so ON so.id = o.order_id
                GROUP BY w.receipt_id, o.order_id, w.day""",
            liquid=self.env["contract.facts"]._liquid_sql(
                SQL("c.account_opening_move_id")
            ),
        )

    def _receipts_sql(self, cutoff=None):
        """SQL of the receipts with what was claimed and reconciled of them.

        :param cutoff: the day up to whose end things count; all of them if not given
        """
        return SQL(
            """WITH source AS (
                SELECT * FROM (%(sources)s) s
                 WHERE %(cutoff)s::date IS NULL OR s.date <= %(cutoff)s::date
            ),
            linked AS (
                SELECT receipt_id, order_id, SUM(amount) AS amount
                  FROM (%(reconciled)s) r
                 WHERE %(cutoff)s::date IS NULL OR r.day <= %(cutoff)s::date
                 GROUP BY receipt_id, order_id
            ),
            claim AS (
                SELECT CASE WHEN payment_id IS NOT NULL THEN payment_id * 2
                            ELSE move_line_id * 2 + 1 END AS receipt_id,
                       order_id, SUM(amount) FILTER (WHERE state = 'claimed')
                           AS claimed,
                       SUM(amount) FILTER (WHERE state = 'to_confirm') AS to_confirm,
                       MAX(currency_id) AS currency_id
                  FROM contract_payment_claim
                 WHERE state <> 'withdrawn'
                   AND (%(cutoff)s::date IS NULL OR date <= %(cutoff)s::date)
                 GROUP BY 1, 2
            ),
            judged AS (
                SELECT s.*, COALESCE(k.claimed, 0) AS claimed,
                       COALESCE(k.to_confirm, 0) AS to_confirm,
                       CASE WHEN k.claimed IS NULL THEN COALESCE(l.ours, 0) ELSE 0 END
                           AS reconciled,
                       COALESCE(l.others, 0) AS outside,
                       CASE WHEN s.bill_state = 'dishonoured'
                             AND (%(cutoff)s::date IS NULL
                               OR s.bill_date <= %(cutoff)s::date) THEN 0
                            ELSE SIGN(s.amount) * GREATEST(0, SIGN(s.amount) * (
                                 s.amount - COALESCE(k.claimed, l.ours, 0)
                                 - COALESCE(l.others, 0))) END AS uncounted,
                       k.claimed IS NOT NULL AND (COALESCE(l.differs, FALSE)
                           OR ABS(k.claimed + COALESCE(l.others, 0))
                              > ABS(s.amount) + COALESCE(u.rounding, 0.01) / 2)
                           AS is_conflict
                  FROM source s
                  LEFT JOIN res_currency u ON u.id = s.currency_id
                  LEFT JOIN (SELECT receipt_id, SUM(claimed) AS claimed,
                                    SUM(to_confirm) AS to_confirm
                               FROM claim GROUP BY receipt_id) k
                    ON k.receipt_id = s.id
                  LEFT JOIN (SELECT l.receipt_id,
                                    SUM(l.amount) FILTER (
                                        WHERE l.order_id IS NOT NULL) AS ours,
                                    SUM(l.amount) FILTER (
                                        WHERE l.order_id IS NULL) AS others,
                                    -- claims of a reconciliation are rounded
                                    BOOL_OR(l.order_id IS NOT NULL AND
                                        ABS(l.amount) - ABS(COALESCE(k.claimed, 0))
                                        >= COALESCE(c.rounding, 0.01)) AS differs
                               FROM linked l
                               LEFT JOIN claim k ON k.receipt_id = l.receipt_id
                                                AND k.order_id = l.order_id
                               LEFT JOIN res_currency c ON c.id = k.currency_id
                              GROUP BY l.receipt_id) l ON l.receipt_id = s.id
            )
            SELECT j.id, j.kind, j.payment_id, j.move_line_id, j.name, j.reference,
                   j.date, j.company_id, j.currency_id, j.partner_id,
                   p.commercial_partner_id, COALESCE(j.payer_id, j.partner_id)
                       AS payer_id,
                   COALESCE(m.contract_running_account, FALSE) AS is_running,
                   j.instrument_id, COALESCE(i.is_bill, FALSE) AS is_bill,
                   j.bill_number, j.bill_drawer, j.bill_maturity,
                   CASE WHEN NOT i.is_bill THEN NULL
                        WHEN %(before)s THEN COALESCE(
                             CASE WHEN j.passed_date <= %(cutoff)s::date
                                  THEN j.passed_state END, 'open')
                        ELSE COALESCE(j.bill_state, 'open') END AS bill_state,
                   CASE WHEN NOT COALESCE(%(before)s, FALSE) THEN j.bill_date
                        WHEN j.passed_date <= %(cutoff)s::date THEN j.passed_date
                   END AS bill_date,
                   j.amount, j.claimed, j.to_confirm, j.reconciled, j.outside,
                   ROUND(j.uncounted, c.decimal_places) AS uncounted,
                   ROUND(u.unclaimed, c.decimal_places) AS unclaimed,
                   ABS(u.unclaimed) >= COALESCE(c.rounding, 0.01) / 2 AS is_unclaimed,
                   j.is_conflict
              FROM judged j
              CROSS JOIN LATERAL (
                   SELECT SIGN(j.uncounted) * GREATEST(0, SIGN(j.uncounted)
                          * (j.uncounted - j.to_confirm)) AS unclaimed) u
              LEFT JOIN res_partner p ON p.id = j.partner_id
              LEFT JOIN res_partner m ON m.id = p.commercial_partner_id
              LEFT JOIN res_currency c ON c.id = j.currency_id
              LEFT JOIN contract_instrument i ON i.id = j.instrument_id""",
            sources=self._sources_sql(),
            reconciled=self._reconciled_sql(),
            cutoff=cutoff,
            before=SQL("j.bill_date > %s::date", cutoff),
        )

    def _read_uncounted(self, company, partners, cutoff):
        """Money of commercial ``partners`` that counts for no contract at the end of a
        day: ``[{commercial_partner_id, currency_id, date, name, amount}, …]``."""
        return self.env.execute_query_dict(
            SQL(
                """SELECT commercial_partner_id, currency_id, date, name,
                          uncounted AS amount
                     FROM (%s) r
                    WHERE commercial_partner_id = ANY(%s) AND company_id = %s
                      AND uncounted <> 0
                    ORDER BY date, id""",
                self._receipts_sql(fields.Date.to_date(cutoff)),
                list(partners.ids),
                company.id,
                to_flush=self._source_fields(),
            )
        )

    def _reconciled(self):
        """What the receipts were reconciled with, by contract and day: ``{receipt id:
        [{order_id, day, amount, contract_amount}, …]}``; ``order_id`` is None for
        invoices of no contract.

        Amounts are in the receipt's currency, rounded on their running sum, so that
        they add up to what was reconciled; ``contract_amount`` is in the contract's.
        """
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT * FROM (%s) r WHERE receipt_id = ANY(%s)
                    ORDER BY receipt_id, order_id, day""",
                self._reconciled_sql(),
                list(self.ids),
                to_flush=self._source_fields(),
            )
        )
        # of one set, so that they are read at once
        receipts = {receipt.id: receipt for receipt in self}
        result, running = defaultdict(list), defaultdict(float)
        for row in rows:
            receipt = receipts[row.pop("receipt_id")]
            before = running[receipt]
            running[receipt] += float(row["amount"])
            row["amount"] = receipt.currency_id.round(
                receipt.currency_id.round(running[receipt])
                - receipt.currency_id.round(before)
            )
            row["contract_amount"] = float(row["contract_amount"] or 0)
            if row["amount"]:
                result[receipt.id].append(row)
        return result

    def _of_orders(self, orders):
        """The receipts that were claimed for ``orders`` or reconciled with them."""
        rows = self.env.execute_query(
            SQL(
                """SELECT receipt_id FROM (%s) r WHERE order_id = ANY(%s)
                    UNION
                   SELECT receipt_id FROM contract_payment_claim
                    WHERE order_id = ANY(%s) AND receipt_id IS NOT NULL""",
                self._reconciled_sql(),
                list(orders.ids),
                list(orders.ids),
                to_flush=self._source_fields(),
            )
        )
        return self.browse([receipt_id for [receipt_id] in rows])
