from odoo import models
from odoo.tools import SQL

from ..facts.contract_facts_plan import CHUNK


class ContractFactsReceipt(models.AbstractModel):
    """What was claimed and reconciled of each receipt and what is left, kept as what
    is said of contracts: whose ``order_id`` is here the id of the receipt.

    Without a cut-off nothing of it depends on the day.
    """

    _name = "contract.facts.receipt"
    _inherit = "contract.facts"
    _description = "Contract Facts of Receipts"

    def _subject(self):
        return SQL("receipt_id")

    def _scope_id(self):
        return SQL("a.id")

    def _scope_all(self):
        return SQL("TRUE")

    def _kept_kinds(self):
        return {"orders": SQL("receipt")}

    def _kept_rows_sql(self, kind):
        return SQL("SELECT * FROM %s", self._kept_kinds()[kind])

    def _kept_today(self):
        return {}

    def _kept_indexes(self):
        return {"orders": [*self._head_indexes(), SQL("(entry_id)")]}

    def _coming_days(self):
        return [SQL("SELECT NULL::int, NULL::date WHERE FALSE")]

    def _note_others(self):
        """A receipt is whose claims or reconciliations say, whatever paid what; whether
        an order is a contract says whose money paid its invoices."""
        return SQL(
            """WITH invoice AS MATERIALIZED (
                    SELECT DISTINCT i.move_id AS id FROM note n
                      JOIN sale_order_line l ON l.order_id = n.key
                      JOIN sale_order_line_invoice_rel b
                        ON b.order_line_id = l.id
                      JOIN account_move_line i ON i.id = b.invoice_line_id
                     WHERE n.kind = 'order'
                ),
                entry AS MATERIALIZED (
                    SELECT id FROM noted_entry
                     UNION
                    SELECT id FROM invoice
                     UNION
                    SELECT x.move_id FROM invoice n
                      JOIN account_move_line i ON i.move_id = n.id
                       AND i.display_type = 'payment_term'
                      JOIN account_partial_reconcile p
                        ON i.id IN (p.debit_move_id, p.credit_move_id)
                      JOIN account_move_line x
                        ON x.id IN (p.debit_move_id, p.credit_move_id)
                )
                SELECT key * 2 FROM note WHERE kind = 'payment'
                 UNION ALL
                SELECT p.id * 2 FROM entry n
                  JOIN account_payment p ON p.move_id = n.id
                 UNION ALL
                SELECT k.payment_id * 2 FROM entry n
                  JOIN account_move__account_payment k
                    ON k.invoice_id = n.id
                 UNION ALL
                SELECT v.origin_payment_id * 2 FROM entry n
                  JOIN account_move v ON v.id = n.id
                 UNION ALL
                SELECT i.id * 2 + 1 FROM entry n
                  JOIN account_move v ON v.id = n.id
                  JOIN account_move_line i ON i.move_id = v.id
                  JOIN account_account a ON a.id = i.account_id
                   AND a.account_type = 'asset_receivable'
                 WHERE v.statement_line_id IS NOT NULL OR v.id IN (
                       SELECT account_opening_move_id FROM res_company)
                 UNION ALL
                -- also of items that are gone
                SELECT k.order_id FROM entry n
                  JOIN contract_kept_receipt k ON k.entry_id = n.id"""
        )

    def _kept_sql(self, kind):
        # of many, reading all beats a replay of each
        if len(self._stale_ids()) > CHUNK:
            return self._kept_statement(kind)
        return super()._kept_sql(kind)

    def _kept_statement(self, kind, cutoff=None):
        return SQL("%s %s", self._kept_with_sql(cutoff), self._kept_rows_sql(kind))

    def _asked(self):
        return SQL("asked") if self._is_planned() else None

    def _cte_scope(self, scope, cutoff):
        """A row is a receipt itself."""
        return SQL(
            """SELECT s.id AS order_id, 'receipt' AS contract_state, c.today,
                      COALESCE(%(cutoff)s::date, c.today) AS cutoff, s.*
                 FROM (%(sources)s) s JOIN (%(companies)s) c ON c.id = s.company_id
                WHERE %(scope)s
                  AND (%(cutoff)s::date IS NULL OR s.date <= %(cutoff)s::date)""",
            sources=self.env["contract.receipt"]._sources_sql(self._asked()),
            companies=self._companies_sql(),
            scope=scope,
            cutoff=cutoff,
        )

    def _kept_with_sql(self, cutoff=None):
        Receipt = self.env["contract.receipt"]
        asked = SQL()
        claims = SQL("contract_payment_claim")
        if self._is_planned():
            asked = SQL(
                """asked AS MATERIALIZED (
                    SELECT a.id FROM UNNEST($1) a (id) WHERE %s
                ),""",
                self._scope(),
            )
            claims = SQL(
                """(SELECT k.* FROM asked a
                      JOIN contract_payment_claim k
                        ON MOD(a.id, 2) = 0 AND k.payment_id = a.id / 2
                     UNION ALL
                    SELECT k.* FROM asked a
                      JOIN contract_payment_claim k
                        ON MOD(a.id, 2) = 1 AND k.move_line_id = a.id / 2
                       AND k.payment_id IS NULL)"""
            )
        return SQL(
            """WITH %(asked)s scope AS (%(scope)s),
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
                  FROM %(claims)s k
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
                  FROM scope s
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
            ),
            receipt AS (
                SELECT j.order_id, j.company_id, j.contract_state AS state, j.kind,
                       j.payment_id, j.move_line_id, j.entry_id, j.name, j.reference,
                       j.date, j.currency_id, j.partner_id,
                       COALESCE(j.payer_id, j.partner_id) AS payer_id,
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
                       ABS(u.unclaimed) >= COALESCE(c.rounding, 0.01) / 2
                           AS is_unclaimed,
                       j.is_conflict
                  FROM judged j
                  CROSS JOIN LATERAL (
                       SELECT SIGN(j.uncounted) * GREATEST(0, SIGN(j.uncounted)
                              * (j.uncounted - j.to_confirm)) AS unclaimed) u
                  LEFT JOIN res_currency c ON c.id = j.currency_id
                  LEFT JOIN contract_instrument i ON i.id = j.instrument_id
            )""",
            asked=asked,
            scope=self._cte_scope(SQL("TRUE"), cutoff),
            reconciled=Receipt._reconciled_sql(self._asked()),
            claims=claims,
            cutoff=cutoff,
            before=SQL("j.bill_date > %s::date", cutoff),
            to_flush=Receipt._source_fields(),
        )
