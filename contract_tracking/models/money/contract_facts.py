from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The money of the facts statement: receipts by claim, by reconciliation or by
    link, when their instruments count, and what is adjusted without being money."""

    _inherit = "contract.facts"

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_payment_claim": {
                "order": ["order_id"],
                "frame": ["frame_id"],
                "payment": ["payment_id"],
                "item": ["move_line_id"],
            },
            "account_bank_statement_line": {"entry": ["move_id"]},
            "res_partner": {"partner": ["id"]},
        }

    def _note_columns(self):
        """Whose company somebody is says whether he may pay for it."""
        return {**super()._note_columns(), "res_partner": ["commercial_partner_id"]}

    def _epoch_sources(self):
        return {
            **super()._epoch_sources(),
            "contract_instrument": ["is_bill", "counts_on", "name"],
        }

    def _kept_models(self):
        return [*super()._kept_models(), self.env["contract.facts.receipt"]]

    def _note_parts(self):
        """A claim is worth what its receipt is; what its receipt pays counts by it."""
        return [
            *super()._note_parts(),
            SQL(
                """SELECT k.order_id, k.frame_id FROM note n
                     JOIN contract_payment_claim k ON k.payment_id = n.key
                    WHERE n.kind = 'payment'"""
            ),
            SQL(
                """SELECT k.order_id, k.frame_id FROM noted_entry n
                     JOIN account_payment p ON p.move_id = n.id
                     JOIN contract_payment_claim k ON k.payment_id = p.id"""
            ),
            SQL(
                """SELECT k.order_id, k.frame_id FROM noted_entry n
                     JOIN account_move_line i ON i.move_id = n.id
                     JOIN contract_payment_claim k ON k.move_line_id = i.id"""
            ),
            # a third party's money, and the papers that allow it to pay
            SQL(
                """SELECT k.order_id, k.frame_id FROM note n
                     JOIN contract_payment_claim k ON k.payer_id = n.key
                    WHERE n.kind = 'partner' AND k.is_third_party"""
            ),
            SQL(
                """SELECT d.order_id, d.frame_id FROM note n
                     JOIN contract_document_res_partner_rel r
                       ON r.res_partner_id = n.key
                     JOIN contract_document d ON d.id = r.contract_document_id
                    WHERE n.kind = 'partner'"""
            ),
            SQL(
                """SELECT k.order_id, NULL
                     FROM (SELECT key AS frame_id FROM note WHERE kind = 'frame_papers'
                           UNION
                           SELECT d.frame_id FROM note n
                             JOIN contract_document d ON d.id = n.key
                            WHERE n.kind = 'paper'
                           UNION
                           SELECT d.frame_id FROM note n
                             JOIN contract_document_res_partner_rel r
                               ON r.res_partner_id = n.key
                             JOIN contract_document d ON d.id = r.contract_document_id
                            WHERE n.kind = 'partner') f
                     JOIN sale_order so ON so.contract_frame_id = f.frame_id
                     JOIN contract_payment_claim k ON k.order_id = so.id
                    WHERE k.is_third_party"""
            ),
        ]

    def _coming_days(self):
        subject = self._subject()
        return [
            *super()._coming_days(),
            SQL(
                """SELECT s.order_id, k.date FROM scope s
                     JOIN contract_payment_claim k ON k.%s = s.order_id""",
                subject,
            ),
            # claims of others take what was reconciled with our invoices
            SQL(
                """SELECT m.order_id, k.date FROM matched m
                     JOIN contract_payment_claim k ON k.payment_id = m.payment_id"""
            ),
            SQL(
                """SELECT m.order_id, k.date FROM matched m
                     JOIN account_move_line x ON x.move_id = m.entry_id
                     JOIN contract_payment_claim k ON k.move_line_id = x.id"""
            ),
            SQL(
                """SELECT b.order_id, UNNEST(ARRAY[q.date, k.date])
                     FROM invoice_share b
                     JOIN account_move__account_payment r ON r.invoice_id = b.move_id
                     JOIN account_payment q ON q.id = r.payment_id
                     LEFT JOIN contract_payment_claim k ON k.payment_id = q.id
                    WHERE q.move_id IS NULL"""
            ),
            SQL(
                """SELECT e.order_id, UNNEST(ARRAY[e.day, p.contract_bill_date,
                                                   p.contract_bill_passed_date])
                     FROM receipt e JOIN account_payment p ON p.id = e.payment_id"""
            ),
            SQL(
                """SELECT order_id, UNNEST(ARRAY[date_maturity, date_maturity + 1])
                     FROM open_item"""
            ),
        ]

    def _cte_matched(self):
        """A row is a reconciliation with the part of it that is money (``liquid``): a
        payment of 900 with a write-off of 100 closes 1,000. ``is_claimed``: its receipt
        has claims, and counts by them alone.
        """
        return SQL(
            """SELECT m.order_id, m.item_id, m.day, m.cutoff, m.amount, m.booked,
                      c.liquid, v.origin_payment_id AS payment_id, v.id AS entry_id,
                      EXISTS (SELECT FROM contract_payment_claim k
                               WHERE k.payment_id = v.origin_payment_id
                                 AND k.state = 'claimed' AND k.date <= m.cutoff)
                      OR EXISTS (SELECT FROM contract_payment_claim k
                                  WHERE k.move_line_id = x.id
                                    AND k.state = 'claimed' AND k.date <= m.cutoff)
                      -- the bank statement of a claimed payment without an entry
                      OR v.statement_line_id IS NOT NULL AND EXISTS (
                         SELECT FROM account_move__account_payment r
                           JOIN account_payment q ON q.id = r.payment_id
                            AND q.move_id IS NULL AND q.amount = m.partial_amount
                           JOIN contract_payment_claim k ON k.payment_id = q.id
                            AND k.state = 'claimed' AND k.date <= m.cutoff
                          WHERE r.invoice_id = m.move_id) AS is_claimed
                 FROM partial m
                 JOIN account_move_line x ON x.id = m.counterpart_id
                 JOIN account_move v ON v.id = x.move_id
                 LEFT JOIN account_payment pay ON pay.id = v.origin_payment_id
                 LEFT JOIN account_journal j ON j.id = v.journal_id
                 CROSS JOIN LATERAL (SELECT %(liquid)s AS liquid) c""",
            liquid=self._liquid_sql(SQL("m.opening_move_id")),
            to_flush=self._reads(
                ("contract.payment.claim", "state date payment_id move_line_id"),
                ("account.move", "origin_payment_id statement_line_id journal_id"),
                ("account.payment", "amount move_id"),
                ("account.account", "account_type"),
                ("account.journal", "default_account_id"),
            ),
        )

    def _liquid_sql(self, opening):
        """SQL of the part of a reconciliation that is money, over the entry ``v``, its
        payment ``pay`` and its journal ``j``. A bank line counts for what it paid of
        the receivable, no more: what else it brought is no money of the customer's.

        :param opening: SQL of the id of the company's opening entry
        """
        return SQL(
            """COALESCE(CASE
                      WHEN v.id = %(opening)s THEN 1
                      WHEN pay.id IS NOT NULL THEN (
                           SELECT pay.amount / NULLIF(ABS(SUM(k.amount_currency)), 0)
                             FROM account_move_line k
                             JOIN account_account a ON a.id = k.account_id
                            WHERE k.move_id = v.id AND a.account_type IN (
                                  'asset_receivable', 'liability_payable'))
                      WHEN v.statement_line_id IS NOT NULL THEN (%(bank)s)
                      END, 0)""",
            opening=opening,
            bank=self._bank_liquid_sql(),
        )

    def _bank_liquid_sql(self):
        """SQL of the part of the receivable of a bank line's entry ``v`` that is money:
        fees are none."""
        return SQL(
            """SELECT LEAST(1, ABS(SUM(k.balance) FILTER (
                              WHERE k.account_id = j.default_account_id))
                          / NULLIF(ABS(SUM(k.balance) FILTER (
                              WHERE a.account_type = 'asset_receivable')), 0))
                 FROM account_move_line k
                 JOIN account_account a ON a.id = k.account_id
                WHERE k.move_id = v.id"""
        )

    def _cte_receipt_entry(self):
        """A row is money that came in for a contract: by a claim, by a reconciliation,
        by a link without journal entry, or before the contract was kept here;
        ``booked`` as the ledger has it.
        """
        return SQL(
            """SELECT order_id, cutoff, item_id, NULL::int AS term_id, payment_id,
                      entry_id, 'match' AS source, day, amount * liquid AS amount,
                      booked * liquid AS booked
                 FROM matched WHERE NOT is_claimed AND liquid <> 0
               UNION ALL
               %(claims)s
               UNION ALL
               -- payments without a journal entry, until the bank statement is
               -- reconciled with their invoice
               SELECT b.order_id, b.cutoff, NULL, NULL, q.id, NULL, 'link', q.date,
                      b.sign * b.share * b.amount_total / w.amount_total
                      * CASE WHEN q.currency_id = b.currency_id THEN q.amount
                             ELSE ABS(q.amount_company_currency_signed) * b.rate END,
                      b.sign * b.share * b.amount_total / w.amount_total
                      * ABS(q.amount_company_currency_signed)
                 FROM invoice_share b
                 JOIN account_move__account_payment r ON r.invoice_id = b.move_id
                 JOIN account_payment q ON q.id = r.payment_id
                 CROSS JOIN LATERAL (
                      SELECT SUM(v.amount_total) AS amount_total
                        FROM account_move__account_payment o
                        JOIN account_move v ON v.id = o.invoice_id
                       WHERE o.payment_id = q.id) w
                WHERE q.move_id IS NULL AND q.state IN ('in_process', 'paid')
                  AND q.date <= b.cutoff AND w.amount_total <> 0
                  AND NOT EXISTS (SELECT FROM contract_payment_claim k
                                   WHERE k.payment_id = q.id
                                     AND k.state = 'claimed' AND k.date <= b.cutoff)
                  AND NOT EXISTS (SELECT FROM partial m
                                   WHERE m.move_id = b.move_id
                                     AND m.partial_amount = q.amount)
               UNION ALL
               SELECT order_id, cutoff, NULL, NULL, NULL, NULL, 'opening',
                      opened_on, opening_received, opening_received / rate
                 FROM scope WHERE opening_received <> 0""",
            claims=self._claims_sql(),
            to_flush=self._reads(
                (
                    "contract.payment.claim",
                    "state date order_id frame_id term_id payment_id move_line_id "
                    "amount contract_amount",
                ),
                (
                    "account.payment",
                    "state date amount currency_id amount_company_currency_signed "
                    "move_id",
                ),
                ("contract.term", "valid_from valid_to predecessor_id"),
                ("account.move.line", "move_id parent_state"),
            ),
        )

    def _cte_receipt(self):
        """A row is money that came in, its instrument and what became of the bill."""
        return SQL(
            """SELECT e.*, t.is_bill, t.counts_on, t.name IS NOT NULL AS has_way,
                      p.contract_instrument_id AS instrument_id,
                      p.contract_bill_maturity AS maturity,
                      CASE WHEN p.contract_bill_date <= e.cutoff
                           THEN p.contract_bill_state
                           WHEN p.contract_bill_passed_date <= e.cutoff
                           THEN p.contract_bill_passed_state END AS outcome,
                      GREATEST(p.contract_bill_date, e.day) AS outcome_day,
                      GREATEST(p.contract_bill_passed_date,
                          CASE WHEN p.contract_bill_passed_date IS NOT NULL
                               THEN e.day END) AS passed_day
                 FROM receipt_entry e
                 LEFT JOIN account_payment p ON p.id = e.payment_id
                 LEFT JOIN contract_instrument t ON t.id = p.contract_instrument_id""",
            to_flush=self._reads(
                (
                    "account.payment",
                    "contract_instrument_id contract_bill_maturity "
                    "contract_bill_state contract_bill_date "
                    "contract_bill_passed_state contract_bill_passed_date",
                ),
                ("contract.instrument", "is_bill counts_on name"),
            ),
        )

    def _cte_money(self):
        """A row is an amount received or adjusted on a day.

        A bill counts when we get it or when it is honoured, endorsed or discounted, as
        its instrument says; one that is dishonoured is taken back on that day. What is
        no money (write-offs, credit notes, exchange differences) is adjusted, and what
        was invoiced elsewhere, which is no receivable of the ledger. ``booked`` is
        either in the company's currency.
        """
        return SQL(
            """SELECT e.order_id, e.item_id, e.term_id, e.payment_id, e.entry_id,
                      e.source, d.day, e.amount * d.sign AS received,
                      0::numeric AS adjusted, e.booked * d.sign AS booked
                 FROM receipt e
                 CROSS JOIN LATERAL (VALUES
                      (CASE WHEN e.counts_on = 'honoured' AND e.is_bill
                            THEN COALESCE(e.passed_day,
                                 CASE WHEN e.outcome <> 'dishonoured'
                                      THEN e.outcome_day END)
                            ELSE e.day END, 1),
                      (CASE WHEN e.outcome = 'dishonoured'
                                 AND (e.passed_day IS NOT NULL
                                  OR NOT (e.counts_on = 'honoured' AND e.is_bill))
                            THEN e.outcome_day END, -1)) AS d (day, sign)
                WHERE d.day <= e.cutoff
               UNION ALL
               SELECT order_id, item_id, NULL, payment_id, entry_id, 'adjust', day, 0,
                      amount * (1 - liquid), booked * (1 - liquid)
                 FROM matched WHERE liquid <> 1
               UNION ALL
               SELECT order_id, NULL, NULL, NULL, NULL, 'elsewhere', day, 0, amount, 0
                 FROM elsewhere""",
        )

    def _cte_open_bill(self):
        """A row is a contract with bills of which the outcome is open: paper, no money
        yet.
        """
        return SQL(
            """SELECT order_id, SUM(amount) AS amount,
                      SUM(amount) FILTER (WHERE counts_on = 'receipt') AS counted
                 FROM receipt
                WHERE is_bill AND outcome IS NULL AND day <= cutoff
                GROUP BY order_id""",
        )

    def _cte_settled_item(self):
        """A row is an instalment: what was reconciled with it."""
        return SQL(
            """SELECT order_id, item_id, SUM(received + adjusted) AS amount
                 FROM money WHERE item_id IS NOT NULL GROUP BY order_id, item_id""",
        )

    def _cte_unmatched(self):
        """A row is a contract: what lowers its invoices without being reconciled with
        them. That is claimed money, open credit notes and what it has of an invoice of
        several contracts below zero (a rebate alone), and what was received before the
        contract was kept here beyond what was invoiced then.
        """
        return SQL(
            """SELECT order_id, SUM(amount) AS amount
                 FROM (SELECT order_id, received AS amount
                         FROM money WHERE source IN ('claim', 'link')
                       UNION ALL
                       SELECT order_id, GREATEST(opening_received - opening_invoiced, 0)
                         FROM scope
                       UNION ALL
                       SELECT order_id, -item_amount
                         FROM receivable
                        WHERE (sign = -1 OR share < 0) AND invoice_date <= cutoff
                       UNION ALL
                       SELECT p.order_id, p.amount
                         FROM partial p
                         JOIN receivable r ON r.order_id = p.order_id
                          AND r.item_id = p.item_id AND (r.sign = -1 OR r.share < 0)
                      ) u GROUP BY order_id""",
        )

    def _cte_open_item(self):
        """A row is an instalment: what is open of it, and of all up to it."""
        return SQL(
            """SELECT r.order_id, r.item_id, r.cutoff, r.date_maturity,
                      r.amount, r.amount - COALESCE(s.amount, 0) AS residual,
                      SUM(GREATEST(0, r.amount - COALESCE(s.amount, 0))) OVER (
                          PARTITION BY r.order_id
                          ORDER BY r.date_maturity, r.item_id) AS reach
                 FROM (SELECT order_id, item_id, cutoff, date_maturity,
                              item_amount AS amount
                         FROM receivable WHERE sign = 1 AND share > 0) r
                 LEFT JOIN settled_item s ON s.order_id = r.order_id
                                    AND s.item_id = r.item_id""",
        )

    def _cte_credited(self):
        """A row is an instalment: what the contract's own credit notes close of it."""
        return SQL(
            """SELECT p.order_id, p.counterpart_id AS item_id, -SUM(p.amount) AS amount
                 FROM partial p
                 JOIN receivable r ON r.order_id = p.order_id
                  AND r.item_id = p.item_id AND r.sign = -1
                GROUP BY p.order_id, p.counterpart_id""",
        )

    def _cte_instalment(self):
        """A row is a contract: due and overdue by its invoices' own instalments, for
        contracts without payment terms. Money that is not reconciled fills them oldest
        first. A credit note takes back what fell due of the invoice that it was
        reconciled with, else the oldest, but nothing that is overdue.
        """
        return SQL(
            """SELECT order_id, overdue,
                      GREATEST(fell - credited, overdue, 0) AS matured
                 FROM (SELECT o.order_id,
                              SUM(o.amount - COALESCE(c.amount, 0))
                                  FILTER (WHERE o.date_maturity <= o.cutoff) AS fell,
                              COALESCE(MAX(b.amount), 0)
                                  - COALESCE(SUM(c.amount), 0) AS credited,
                              SUM(LEAST(o.residual, GREATEST(0,
                                      o.reach - COALESCE(l.amount, 0))))
                                  FILTER (WHERE o.date_maturity < o.cutoff
                                            AND o.residual > 0) AS overdue
                         FROM open_item o
                         LEFT JOIN unmatched l ON l.order_id = o.order_id
                         LEFT JOIN credited c ON c.order_id = o.order_id
                          AND c.item_id = o.item_id
                         LEFT JOIN (SELECT order_id, -SUM(item_amount) AS amount
                                      FROM receivable
                                     WHERE (sign = -1 OR share < 0)
                                       AND invoice_date <= cutoff
                                     GROUP BY order_id) b ON b.order_id = o.order_id
                        GROUP BY o.order_id) i""",
        )

    def _claims_sql(self):
        """The claims of the contracts, as rows of ``entry``. A claim counts as long as
        its receipt stands. Where a re-agreement replaced the term that it names, or
        opened it later, it names the one that held instead, and none if there was none.
        In the company's currency it is its part of what the receipt is in the ledger,
        after exchange differences.
        """
        return SQL(
            """SELECT s.order_id, s.cutoff, NULL::int,
                      CASE WHEN n.id IS NULL THEN k.term_id ELSE (
                           WITH RECURSIVE heir AS (
                                SELECT n.id, n.valid_from, n.valid_to, n.predecessor_id,
                                       COALESCE(n.valid_from > s.cutoff, FALSE)
                                           AS back
                                 UNION ALL
                                SELECT t.id, t.valid_from, t.valid_to, t.predecessor_id,
                                       heir.back
                                  FROM heir
                                  JOIN contract_term t
                                    ON heir.back AND t.id = heir.predecessor_id
                                    OR NOT heir.back AND t.predecessor_id = heir.id
                                       AND t.valid_from <= s.cutoff)
                           SELECT MAX(id) FROM heir
                            WHERE (valid_to IS NULL OR valid_to > s.cutoff)
                              AND (valid_from IS NULL OR valid_from <= s.cutoff)) END,
                      k.payment_id, x.move_id, 'claim', k.date, k.contract_amount,
                      CASE WHEN k.currency_id = s.home_currency_id THEN k.amount
                           ELSE COALESCE((%(booked)s), k.contract_amount / s.rate) END
                 FROM scope s
                 JOIN contract_payment_claim k ON k.%(subject)s = s.order_id
                 LEFT JOIN contract_term n ON n.id = k.term_id
                  AND (n.valid_to <= s.cutoff OR n.valid_from > s.cutoff)
                 LEFT JOIN account_payment q ON q.id = k.payment_id
                 LEFT JOIN account_move qm ON qm.id = q.move_id
                 LEFT JOIN account_move_line x ON x.id = k.move_line_id
                WHERE k.state = 'claimed' AND k.date <= s.cutoff
                  AND (x.parent_state = 'posted'
                       OR q.state IN ('in_process', 'paid')
                          AND COALESCE(qm.state, 'posted') = 'posted')""",
            subject=self._subject(),
            booked=self._claim_booked_sql(),
        )

    def _claim_booked_sql(self):
        """SQL of what a claim ``k`` is in the company's currency: of the entry of its
        receipt, exchange differences of it included, or of the payment ``q`` without
        one. Claims of a receipt are rounded on their running sum."""
        return SQL(
            """SELECT ROUND(w.upto * r.rate, s.home_decimals)
                      - ROUND((w.upto - k.amount) * r.rate, s.home_decimals)
                 FROM (SELECT CASE WHEN q.id IS NOT NULL AND q.move_id IS NULL
                                   THEN ABS(q.amount_company_currency_signed)
                                        / NULLIF(q.amount, 0)
                                   ELSE (
                              SELECT SUM(l.balance + COALESCE(e.amount, 0))
                                     / NULLIF(SUM(l.amount_currency), 0)
                                FROM account_move_line l
                                JOIN account_account a ON a.id = l.account_id
                                LEFT JOIN LATERAL (
                                     SELECT SUM(CASE WHEN p.credit_move_id = l.id
                                                     THEN p.amount
                                                     ELSE -p.amount END) AS amount
                                       FROM account_partial_reconcile p
                                      WHERE l.id IN (p.credit_move_id, p.debit_move_id)
                                        AND p.debit_amount_currency = 0
                                        AND p.credit_amount_currency = 0
                                        AND p.max_date <= s.cutoff) e ON TRUE
                               WHERE a.account_type = 'asset_receivable'
                                 AND (l.id = k.move_line_id
                                      OR l.move_id = q.move_id)) END AS rate) r
                 CROSS JOIN (SELECT SUM(o.amount) AS upto
                               FROM contract_payment_claim o
                              WHERE o.state = 'claimed' AND o.id <= k.id
                                AND (o.payment_id = k.payment_id
                                     OR o.move_line_id = k.move_line_id)) w""",
            to_flush=self._reads(
                ("contract.payment.claim", "currency_id"),
                ("account.move.line", "account_id"),
            ),
        )
