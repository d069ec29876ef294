from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL


class ContractReceipt(models.Model):
    """What receipts are read from: payments, bank lines and the opening entry, what was
    claimed of them and what they were reconciled with, now or as of a day."""

    _inherit = "contract.receipt"

    def _source_fields(self):
        """The fields that receipts are read from: flushed before."""
        return self.env["contract.facts"]._reads(
            (
                "account.payment",
                "partner_type payment_type state name memo date company_id currency_id "
                "partner_id amount amount_company_currency_signed move_id "
                "contract_payer_id contract_instrument_id contract_bill_number "
                "contract_bill_drawer contract_bill_maturity contract_bill_state "
                "contract_bill_date contract_bill_passed_state "
                "contract_bill_passed_date",
            ),
            (
                "account.move",
                "state name ref company_id journal_id amount_total origin_payment_id"
                " statement_line_id",
            ),
            (
                "account.move.line",
                "move_id account_id name date company_id currency_id partner_id "
                "balance amount_currency price_total display_type",
            ),
            ("account.bank.statement.line", "move_id payment_ref"),
            (
                "account.partial.reconcile",
                "debit_move_id credit_move_id amount debit_amount_currency "
                "credit_amount_currency max_date",
            ),
            (
                "contract.payment.claim",
                "receipt_id payment_id move_line_id order_id state date amount "
                "currency_id",
            ),
            ("contract.instrument", "is_bill"),
            ("account.account", "account_type"),
            ("account.journal", "default_account_id"),
            ("res.company", "account_opening_move_id contract_tz"),
            ("res.currency", "decimal_places rounding"),
            ("sale.order", "contract_state currency_id currency_rate"),
            ("sale.order.line", "order_id"),
        )

    def _asked_sql(self, asked, table):
        """SQL of the rows of a ``table`` of payments or items: those that the receipts
        ``asked`` for are, or all."""
        if asked is None:
            return SQL.identifier(table)
        return SQL(
            """(SELECT t.* FROM %s a (id)
                  JOIN %s t ON t.id = a.id / 2 AND MOD(a.id, 2) = %s
                OFFSET 0)""",
            asked,
            SQL.identifier(table),
            int(table == "account_move_line"),
        )

    def _sources_sql(self, asked=None):
        """The receipts themselves. Ids: even of payments, odd of receivable items.

        :param asked: SQL of a row source with the ids of the receipts that are asked
            for, each by an index, in the order of the joins; all if not given
        """
        return SQL(
            """SELECT p.id * 2 AS id,
                      CASE p.payment_type WHEN 'inbound' THEN 'payment'
                                          ELSE 'refund' END AS kind,
                      p.id AS payment_id, NULL::int AS move_line_id,
                      NULL::int AS entry_id, p.name, p.memo AS reference, p.date,
                      p.company_id, p.currency_id,
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
                 FROM %(payments)s p LEFT JOIN account_move v ON v.id = p.move_id
                WHERE p.partner_type = 'customer'
                  AND p.state IN ('in_process', 'paid')
                  AND COALESCE(v.state, 'posted') = 'posted'
                UNION ALL
               SELECT l.id * 2 + 1, 'statement', NULL, l.id, v.id, v.name,
                      COALESCE(b.payment_ref, l.name), l.date, l.company_id,
                      l.currency_id, l.partner_id, NULL,
                      -l.amount_currency * (%(bank)s),
                      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
                 FROM %(items)s l
                 JOIN account_account a ON a.id = l.account_id
                 JOIN account_bank_statement_line b ON b.move_id = l.move_id
                 JOIN account_move v ON v.id = b.move_id AND v.state = 'posted'
                 JOIN account_journal j ON j.id = v.journal_id
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
               SELECT l.id * 2 + 1, 'opening', NULL, l.id, v.id, v.name,
                      COALESCE(l.name, v.ref), l.date, l.company_id, l.currency_id,
                      l.partner_id, NULL, -l.amount_currency, NULL, NULL, NULL, NULL,
                      NULL, NULL, NULL, NULL
                 FROM %(items)s l
                 JOIN account_move v ON v.id = l.move_id AND v.state = 'posted'
                 JOIN res_company c ON c.id = v.company_id
                  AND c.account_opening_move_id = v.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND l.balance < 0""",
            payments=self._asked_sql(asked, "account_payment"),
            items=self._asked_sql(asked, "account_move_line"),
            bank=self.env["contract.facts"]._bank_liquid_sql(),
        )

    def _reconciled_sql(self, asked=None):
        """What each receipt was reconciled with, by day: (receipt id, order id, day,
        amount, contract amount), in the receipt's currency and in the contract's; the
        order is empty for invoices of no contract.

        :param asked: as of :meth:`_sources_sql`
        """
        own = SQL("account_move_line")
        if asked is not None:
            own = SQL(
                """(SELECT l.id, l.move_id FROM %(asked)s a (id)
                      JOIN account_move v
                        ON v.origin_payment_id = a.id / 2 AND MOD(a.id, 2) = 0
                      JOIN account_move_line l ON l.move_id = v.id
                     UNION ALL
                    SELECT l.id, l.move_id FROM %(items)s l
                      JOIN account_move v
                        ON v.id = l.move_id AND v.origin_payment_id IS NULL)""",
                asked=asked,
                items=self._asked_sql(asked, "account_move_line"),
            )
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
                              i.move_id AS invoice_id, i.currency_id, x.day,
                              x.sign * x.mine_amount * %(liquid)s AS amount,
                              x.sign * x.other_amount * %(liquid)s AS invoice_amount,
                              x.sign * x.amount * %(liquid)s AS balance
                         FROM %(own)s l
                         JOIN (SELECT credit_move_id AS mine, debit_move_id AS other,
                                      1 AS sign, credit_amount_currency AS mine_amount,
                                      debit_amount_currency AS other_amount,
                                      amount, max_date AS day
                                 FROM account_partial_reconcile
                                UNION ALL
                               SELECT debit_move_id, credit_move_id, -1,
                                      debit_amount_currency, credit_amount_currency,
                                      amount, max_date
                                 FROM account_partial_reconcile) x ON x.mine = l.id
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
                         FROM %(payments)s p
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
            own=own,
            payments=self._asked_sql(asked, "account_payment"),
            liquid=self.env["contract.facts"]._liquid_sql(
                SQL("c.account_opening_move_id")
            ),
        )

    def _receipts_sql(self, cutoff=None):
        """SQL of the receipts with what was claimed and reconciled of them.

        :param cutoff: the day up to whose end things count; now if not given
        """
        facts = self.env["contract.facts.receipt"]
        return SQL(
            """SELECT k.*, k.order_id AS id, p.commercial_partner_id,
                      COALESCE(m.contract_running_account, FALSE) AS is_running
                 FROM (%s) k
                 LEFT JOIN res_partner p ON p.id = k.partner_id
                 LEFT JOIN res_partner m ON m.id = p.commercial_partner_id""",
            facts._kept_statement("orders", cutoff)
            if cutoff
            else facts._kept_sql("orders"),
            to_flush=facts._reads(
                ("res.partner", "commercial_partner_id contract_running_account")
            ),
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
                "SELECT * FROM (%s) r ORDER BY receipt_id, order_id, day",
                self._reconciled_sql(SQL("UNNEST(%s::int[])", list(self.ids))),
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
