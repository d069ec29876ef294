from odoo import api, models
from odoo.tools import SQL

# Which fields the statement reads: flushed before it runs.
_READS = {
    "sale.order": None,
    "sale.order.line": None,
    "stock.move": [
        "state",
        "date",
        "quantity",
        "sale_line_id",
        "to_refund",
        "contract_rejected_quantity",
    ],
    "stock.picking": ["contract_receipt_date", "contract_bl_date"],
    "account.move": ["state", "move_type", "invoice_date", "amount_total"],
    "account.move.line": ["price_total", "balance", "amount_currency", "date_maturity"],
    "account.partial.reconcile": None,
    "account.payment": [
        "amount",
        "state",
        "date",
        "contract_instrument_id",
        "contract_bill_maturity",
        "contract_bill_state",
        "contract_bill_date",
    ],
    "contract.instrument": ["counts_on", "is_bill"],
    "contract.payment.claim": None,
    "contract.term": None,
    "contract.event": None,
    "contract.event.type": ["source"],
    "contract.history": None,
    "contract.frame": None,
    "contract.tracking.record": ["order_id", "state"],
    "contract.deviation": ["order_id", "frame_id", "state", "severity", "cured_on"],
    "res.currency": ["contract_tolerance"],
    "res.company": [
        "contract_tz",
        "contract_due_soon_days",
        "contract_tolerance_percent",
        "contract_fulfilment",
    ],
}

MANY_ORDERS = 40


class ContractFacts(models.AbstractModel):
    """What became of the promises, read from the ERP's own rows in one statement.

    Every figure of a contract or of a term comes from here: on screens, in filters
    and groups, in tracking records, live or as of a day. Amounts include taxes, in
    the contract's currency; quantities are in the order line's unit; days are days
    in the company's time zone (``res.company.contract_tz``).

    The statement is a chain of common table expressions, ledgers first (what was
    delivered, invoiced, received, day by day), then the days on which the promises
    fell due, then who gets the money, then the status. Serves D7 §1.2, §1.3 and D9 §3.
    """

    _name = "contract.facts"
    _inherit = [
        "contract.facts.ledger",
        "contract.facts.money",
        "contract.facts.promise",
        "contract.facts.payment",
    ]
    _description = "Contract Facts"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _read_terms(self, orders, cutoff=None):
        """Return the facts of the terms of ``orders``: ``{term id: row dict}``.

        :param orders: ``sale.order`` records; not filtered by access
        :param cutoff: the day up to which facts count; today if not given
        """
        rows = self._execute(self._terms_sql(orders, cutoff), orders)
        return {row["term_id"]: row for row in rows}

    @api.model
    def _read_orders(self, orders, cutoff=None):
        """Return the figures of ``orders``: ``{order id: row dict}``."""
        rows = self._execute(self._orders_sql(orders, cutoff), orders)
        return {row["order_id"]: row for row in rows}

    @api.model
    def _late_order_ids(self, orders):
        """The ids of those ``orders`` of which a term is late today."""
        if not orders:
            return set()
        rows = self._execute(
            SQL(
                "SELECT DISTINCT order_id FROM (%s) facts WHERE is_late",
                self._terms_sql(orders),
            ),
            orders,
        )
        return {row["order_id"] for row in rows}

    @api.model
    def _read_invoices(self, orders, cutoff=None):
        """Return the posted invoices of ``orders``, down payments included:
        ``{order id: [{name, day, amount}, …]}``, amounts of this contract's lines."""
        rows = self._execute(
            SQL(
                """%s SELECT b.order_id, v.name, b.invoice_date AS day,
                         SUM(b.price_total
                             * CASE b.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                             * CASE WHEN b.line_currency_id = b.currency_id THEN 1
                                    ELSE b.rate / COALESCE(
                                         NULLIF(b.invoice_currency_rate, 0), 1) END)
                         AS amount
                    FROM billing b JOIN account_move v ON v.id = b.move_id
                   WHERE b.invoice_date <= b.cutoff
                   GROUP BY b.order_id, b.move_id, v.name, b.invoice_date
                   ORDER BY b.invoice_date, b.move_id""",
                self._with_sql(self._scope(orders), cutoff),
            ),
            orders,
        )
        result = {}
        for row in rows:
            result.setdefault(row["order_id"], []).append(row)
        return result

    def _execute(self, sql, orders):
        self._flush()
        # Compiling the plan takes longer than running it. And the planner believes
        # that intermediate results have one row: right for a form, not for many.
        many = len(orders) > MANY_ORDERS
        self.env.cr.execute(
            SQL(
                "SET LOCAL jit = off; %s %s",
                SQL("SET LOCAL enable_nestloop = off;") if many else SQL(),
                sql,
            )
        )
        rows = self.env.cr.dictfetchall()
        if many:
            self.env.cr.execute("SET LOCAL enable_nestloop = on")
        return rows

    def _prepare(self):
        """Before the statement is joined to a query of the ORM."""
        self._flush()
        self.env.cr.execute("SET LOCAL jit = off")

    def _flush(self):
        for model, fnames in _READS.items():
            self.env[model].flush_model(fnames)

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    @api.model
    def _terms_sql(self, orders=None, cutoff=None):
        """SQL of one row a term: agreed, actual, variance, due date, status.

        :param orders: ``sale.order`` records, or None for all open contracts
        """
        return SQL("%s SELECT * FROM fact", self._with_sql(self._scope(orders), cutoff))

    @api.model
    def _orders_sql(self, orders=None, cutoff=None):
        """SQL of one row a contract: figures to date and the state of its terms."""
        return SQL(
            """%(ctes)s,
            goods AS (
                SELECT order_id, SUM(price_total) AS goods_total
                  FROM line GROUP BY order_id
            ),
            shipped AS (
                SELECT d.order_id, SUM(d.quantity * l.unit_total) AS delivered,
                       MAX(d.day) FILTER (WHERE d.quantity > 0) AS last_delivery
                  FROM delivered d JOIN line l ON l.line_id = d.line_id
                 GROUP BY d.order_id
            ),
            billed AS (
                SELECT order_id, SUM(amount) AS invoiced,
                       SUM(amount) FILTER (WHERE is_goods) AS invoiced_goods
                  FROM invoiced GROUP BY order_id
            ),
            cash AS (
                SELECT order_id, SUM(received) AS received, SUM(adjusted) AS adjusted
                  FROM money GROUP BY order_id
            ),
            promise AS (
                SELECT order_id,
                       COUNT(*) FILTER (WHERE kind = 'payment') AS payment_terms,
                       SUM(matured) FILTER (WHERE kind = 'payment') AS matured,
                       SUM(overdue) FILTER (WHERE kind = 'payment') AS overdue,
                       COUNT(*) FILTER (WHERE is_late AND kind = 'delivery')
                           AS late_deliveries,
                       COUNT(*) FILTER (WHERE is_late AND kind = 'payment')
                           AS late_payments,
                       COUNT(*) FILTER (WHERE is_late AND kind NOT IN
                           ('delivery', 'payment')) AS late_others,
                       COUNT(*) FILTER (WHERE status = 'due_soon') AS due_soon,
                       COUNT(*) FILTER (WHERE status = 'waiting') AS waiting,
                       COUNT(*) FILTER (WHERE is_mismatch) AS mismatches,
                       MIN(date_due) FILTER (WHERE is_open) AS next_due,
                       (ARRAY_AGG(term_id ORDER BY date_due, term_id)
                           FILTER (WHERE is_open AND date_due IS NOT NULL))[1]
                           AS next_term_id,
                       SUM(weight * progress) FILTER (WHERE kind = 'milestone')
                           / NULLIF(SUM(weight) FILTER (WHERE kind = 'milestone'), 0)
                           AS milestones
                  FROM fact GROUP BY order_id
            ),
            awaiting AS (
                -- delivered, and a promise waits for the customer's acceptance
                SELECT DISTINCT t.order_id
                  FROM term t
                  JOIN contract_event_type y ON y.source = 'acceptance'
                   AND y.id IN (t.event_type_id, t.alt_event_type_id)
                  JOIN reached d ON d.order_id = t.order_id AND d.clock = 'dispatch'
                   AND d.day IS NOT NULL
                 WHERE t.due_mode = 'event'
                   AND (t.waived_on IS NULL OR t.waived_on > t.cutoff)
                   AND NOT EXISTS (SELECT FROM event e
                                    WHERE e.order_id = t.order_id AND e.type_id = y.id)
            ),
            flaw AS (
                SELECT s.order_id, COUNT(*) AS number,
                       BOOL_OR(d.severity <> 'minor' AND d.cured_on IS NULL) AS is_grave
                  FROM scope s JOIN contract_deviation d ON d.%(subject)s = s.order_id
                 WHERE d.state NOT IN ('closed', 'waived', 'cancelled')
                 GROUP BY s.order_id
            ),
            figure AS (
                SELECT s.order_id, s.cutoff, s.total, s.decimals, s.tolerance,
                       s.contract_state IN ('active', 'suspended') AS is_running,
                       COALESCE(v.number, 0) AS open_deviations,
                       COALESCE(v.is_grave, FALSE) AS is_grave,
                       COALESCE(g.goods_total, 0) AS goods_total,
                       COALESCE(sh.delivered, 0) AS delivered, sh.last_delivery,
                       COALESCE(b.invoiced, 0) + s.opening_invoiced AS invoiced,
                       COALESCE(b.invoiced_goods, 0) + s.opening_invoiced
                           AS invoiced_goods,
                       COALESCE(c.received, 0) AS received,
                       COALESCE(c.adjusted, 0) AS adjusted,
                       CASE WHEN COALESCE(p.payment_terms, 0) > 0
                            THEN COALESCE(p.matured, 0) ELSE COALESCE(i.matured, 0)
                       END AS matured,
                       CASE WHEN COALESCE(p.payment_terms, 0) > 0
                            THEN COALESCE(p.overdue, 0) ELSE COALESCE(i.overdue, 0)
                       END AS overdue,
                       COALESCE(p.payment_terms, 0) AS payment_terms,
                       COALESCE(p.late_deliveries, 0) AS late_deliveries,
                       CASE WHEN COALESCE(p.payment_terms, 0) > 0
                            THEN p.late_payments
                            ELSE (COALESCE(i.overdue, 0) > s.tolerance)::int
                       END AS late_payments,
                       COALESCE(p.late_others, 0) AS late_others,
                       COALESCE(p.due_soon, 0) AS due_soon,
                       COALESCE(p.waiting, 0) AS waiting,
                       p.next_due, p.next_term_id, p.milestones,
                       COALESCE(p.mismatches, 0) AS mismatches,
                       COALESCE(w.amount, 0) AS bills,
                       COALESCE(w.counted, 0) AS counted_bills,
                       a.order_id IS NOT NULL AS awaits_acceptance
                  FROM scope s
                  LEFT JOIN goods g ON g.order_id = s.order_id
                  LEFT JOIN shipped sh ON sh.order_id = s.order_id
                  LEFT JOIN billed b ON b.order_id = s.order_id
                  LEFT JOIN cash c ON c.order_id = s.order_id
                  LEFT JOIN promise p ON p.order_id = s.order_id
                  LEFT JOIN instalment i ON i.order_id = s.order_id
                  LEFT JOIN bill w ON w.order_id = s.order_id
                  LEFT JOIN awaiting a ON a.order_id = s.order_id
                  LEFT JOIN flaw v ON v.order_id = s.order_id
            )
            SELECT *,
                   CASE WHEN NOT is_running THEN NULL
                        WHEN is_grave THEN 'at_risk'
                        WHEN open_deviations > 0 OR late_deliveries > 0
                             OR late_payments > 0 OR late_others > 0 OR due_soon > 0
                        THEN 'attention' ELSE 'on_track' END AS health,
                   delivered - invoiced_goods AS delivered_not_invoiced,
                   delivered - received AS delivered_unpaid,
                   invoiced - received - adjusted AS receivable,
                   delivered - received - adjusted + counted_bills AS exposure,
                   CASE WHEN goods_total = 0 THEN 0
                        ELSE delivered / goods_total END AS delivery_progress,
                   CASE WHEN total = 0 THEN 0
                        ELSE received / total END AS payment_progress,
                   CASE WHEN matured = 0 THEN NULL
                        ELSE GREATEST(matured - overdue, 0) / matured
                        END AS collection_rate,
                   (SELECT COUNT(*) FROM contract_tracking_record r
                     WHERE r.%(subject)s = figure.order_id AND r.state <> 'void')
                        AS record_count
              FROM figure""",
            ctes=self._with_sql(self._scope(orders), cutoff),
            subject=self._subject(),
        )

    def _scope(self, orders):
        if orders is None:
            return SQL("so.contract_state IN ('active', 'suspended')")
        return SQL("so.id = ANY(%s)", list(orders._origin.ids))

    def _with_sql(self, scope, cutoff):
        """The chain of common table expressions up to one row a term (``fact``)."""
        return SQL(
            "WITH %s",
            SQL(", ").join(
                [
                    self._cte_scope(scope, cutoff),
                    self._cte_line(),
                    self._cte_delivered(scope),
                    self._cte_invoiced(),
                    self._cte_money(),
                    self._cte_instalment(),
                    self._cte_term(),
                    self._cte_event(),
                    self._cte_due(),
                    self._cte_payment(),
                    self._cte_delivery(),
                    self._cte_fact(),
                ]
            ),
        )
