from odoo import api, models
from odoo.tools import SQL

# Which rows a figure adds up, and how: by its column of the statement.
FIGURES = {
    "delivered": {"delivery": 1},
    "invoiced": {"goods": 1, "fee": 1},
    "received": {"receipt": 1},
    "adjusted": {"adjustment": 1},
    "receivable": {"goods": 1, "fee": 1, "receipt": -1, "adjustment": -1},
    "delivered_not_invoiced": {"delivery": 1, "goods": -1},
    "delivered_unpaid": {"delivery": 1, "fee": 1, "receipt": -1},
    "exposure": {
        "delivery": 1,
        "fee": 1,
        "receipt": -1,
        "adjustment": -1,
        "counted": 1,
    },
    "bills": {"bill": 1},
    "matured": {"due": 1},
    "overdue": {"unpaid": 1},
}
# What a row says, where its part says nothing else.
COLUMNS = {
    "order_id": "order_id",
    "day": "day",
    "res_model": "NULL",
    "res_id": "NULL::int",
    "description": "NULL",
    "quantity": "NULL::numeric",
    "uom_id": "NULL::int",
    "share": "NULL::numeric",
    "amount": "amount",
}

# What credit notes take back of instalments that fell due, each on its own day, of
# contracts without payment terms: of the one that it was reconciled with; the rest
# on the day of the last.
TAKEN_BACK = """
    SELECT p.order_id, GREATEST(o.date_maturity, r.invoice_date) AS day, p.amount
      FROM partial p
      JOIN receivable r ON r.order_id = p.order_id AND r.item_id = p.item_id
       AND r.sign = -1
      JOIN open_item o ON o.order_id = p.order_id AND o.item_id = p.counterpart_id
     WHERE o.date_maturity <= o.cutoff
       AND o.order_id NOT IN (SELECT order_id FROM term WHERE is_payment)
    UNION ALL
    SELECT n.order_id, b.day, n.matured - o.amount
      FROM instalment n
      JOIN (SELECT o.order_id, SUM(o.amount - COALESCE(c.amount, 0)) AS amount
              FROM open_item o
              LEFT JOIN credited c ON c.order_id = o.order_id
               AND c.item_id = o.item_id
             WHERE o.date_maturity <= o.cutoff
             GROUP BY o.order_id) o ON o.order_id = n.order_id
      LEFT JOIN (SELECT order_id, MAX(invoice_date) AS day FROM receivable
                  WHERE (sign = -1 OR share < 0) AND invoice_date <= cutoff
                  GROUP BY order_id) b ON b.order_id = n.order_id
     WHERE n.matured <> o.amount
       AND n.order_id NOT IN (SELECT order_id FROM term WHERE is_payment)"""


class ContractFacts(models.AbstractModel):
    """The rows behind a figure: deliveries, invoices, money, parts that fell due. They
    are read from the parts that the figure is made of, and add up to it."""

    _inherit = "contract.facts"

    @api.model
    def _read_rows(self, orders, figure, cutoff=None):
        """Return the rows of a figure of ``orders``, by contract and day.

        :param figure: a key of ``FIGURES``
        :param cutoff: the day up to which facts count; today if not given
        :return: list of dicts ``order_id``, ``kind``, ``day``, ``res_model`` and
            ``res_id`` (of the document, if there is one), ``description``, ``quantity``
            and ``uom_id`` (of goods), ``share`` (the contract's part of the document,
            where both are in one currency), ``amount`` in the contract's currency
        """
        parts = self._row_parts()
        signed = [
            SQL("SELECT *, amount * %s AS part FROM (%s) r", sign, parts[name])
            for name, sign in FIGURES[figure].items()
        ]
        return [
            row
            for batch in self._batches(orders)
            for row in self._execute_rows(batch, cutoff, signed)
        ]

    @api.model
    def _read_paid_rows(self, term, cutoff=None):
        """Return the rows of what was paid for a payment term: what claims name for
        it, then the free money that reaches it (:meth:`_cte_allocated`), one after the
        other."""
        parts = self._row_parts()
        paid = SQL(
            """SELECT r.*, CASE WHEN r.named_term = %(term)s THEN r.named ELSE 0 END + (
                      SELECT COALESCE(SUM(
                             LEAST(u.amount, GREATEST(0, r.running - reach + u.amount))
                             - LEAST(u.amount, GREATEST(0,
                                   r.running - r.free - reach + u.amount))), 0)
                        FROM demand u WHERE u.term_id = %(term)s) AS part
                 FROM (SELECT r.*, amount - named AS free,
                              SUM(amount - named) OVER (ORDER BY day, number) AS running
                         FROM (SELECT r.*, t.term_id AS named_term,
                                      CASE WHEN t.term_id IS NULL THEN 0
                                           ELSE LEAST(t.amount, SUM(r.amount) OVER w)
                                              - LEAST(t.amount, SUM(r.amount) OVER w
                                                                - r.amount) END AS named
                                 FROM (SELECT *, ROW_NUMBER() OVER (
                                                     ORDER BY day, res_id) AS number
                                         FROM (%(receipts)s UNION ALL %(adjustments)s) m
                                      ) r
                                 LEFT JOIN term t ON t.term_id = r.term_id
                                  AND t.is_payment AND NOT t.is_waived
                               WINDOW w AS (PARTITION BY t.term_id
                                            ORDER BY r.day, r.number)) r) r""",
            term=term.id,
            receipts=parts["receipt"],
            adjustments=parts["adjustment"],
        )
        return self._execute_rows(term._contract_parent(), cutoff, [paid])

    def _execute_rows(self, orders, cutoff, parts):
        columns = SQL(", ").join(map(SQL.identifier, ("kind", *COLUMNS)[:-1]))
        rows = SQL(" UNION ALL ").join(
            SQL("SELECT %s, part FROM (%s) p", columns, part) for part in parts
        )
        return self._execute(
            SQL(
                """%s SELECT %s, part AS amount FROM (%s) r WHERE part <> 0
                       ORDER BY order_id, day NULLS FIRST, kind, res_id, description""",
                self._ageing_with_sql(self._scope(orders), cutoff),
                columns,
                rows,
                to_flush=self._reads(
                    ("sale.order.line", "name product_uom_id"),
                    ("account.move", "amount_total currency_id move_type"),
                    ("account.payment", "memo amount currency_id contract_bill_number"),
                    (
                        "account.bank.statement.line",
                        "move_id amount currency_id payment_ref",
                    ),
                ),
            )
        )

    def _row_parts(self):
        """SQL of the rows that figures are made of: ``{part: SQL}``."""
        return {
            "delivery": self._row_sql(
                "CASE WHEN is_opening THEN 'opening' ELSE 'delivery' END",
                """worth w JOIN sale_order_line l ON l.id = w.line_id
                   WHERE w.clock = 'dispatch'""",
                order_id="w.order_id",
                res_model="'stock.picking'",
                res_id="picking_id",
                description="l.name",
                quantity="quantity",
                uom_id="l.product_uom_id",
            ),
            "goods": SQL(
                "%s UNION ALL %s UNION ALL %s",
                self._row_invoices("b.is_goods"),
                # invoiced without a customer invoice (Point of Sale)
                self._row_sql("'invoice'", "elsewhere"),
                self._row_sql(
                    "'opening'", "scope", day="opened_on", amount="opening_invoiced"
                ),
            ),
            "fee": self._row_invoices("NOT b.is_goods"),
            "receipt": self._row_money("'receipt'", "received"),
            "adjustment": self._row_money("'adjustment'", "adjusted"),
            "bill": self._row_bills(""),
            "counted": self._row_bills("AND r.counts_on = 'receipt'"),
            "due": SQL(
                "%s UNION ALL %s UNION ALL %s",
                # what is taken back of a term before it fell due lowers what falls
                self._row_sql(
                    "'due'",
                    """(SELECT d.*, SUM(d.amount) OVER (PARTITION BY d.term_id
                                        ORDER BY d.day, d.amount DESC
                                        ROWS UNBOUNDED PRECEDING) AS running
                          FROM due d JOIN term t ON t.term_id = d.term_id
                         WHERE t.is_payment AND NOT t.is_waived
                           AND d.day <= t.cutoff) d""",
                    res_model="'contract.term'",
                    res_id="term_id",
                    amount="GREATEST(running, 0) - GREATEST(running - amount, 0)",
                ),
                self._row_sql(
                    "'due'",
                    """open_item o JOIN account_move_line x ON x.id = o.item_id
                       WHERE o.date_maturity <= o.cutoff AND o.order_id NOT IN (
                             SELECT order_id FROM term WHERE is_payment)""",
                    day="o.date_maturity",
                    res_model="'account.move'",
                    res_id="x.move_id",
                ),
                # what credit notes take back of it
                self._row_sql("'adjustment'", f"({TAKEN_BACK}) b"),
            ),
            "unpaid": self._row_sql(
                "'unpaid'",
                """unpaid u LEFT JOIN account_move_line x ON x.id = u.item_id
                   WHERE u.day < u.cutoff""",
                res_model="""CASE WHEN u.term_id IS NULL THEN 'account.move'
                                  ELSE 'contract.term' END""",
                res_id="COALESCE(u.term_id, x.move_id)",
            ),
        }

    def _row_sql(self, kind, source, **columns):
        """SQL of rows: of which kind, from where, and what they say else."""
        return SQL(
            "SELECT %s FROM %s",
            self._columns_sql(
                {
                    name: SQL(text)
                    for name, text in {"kind": kind, **COLUMNS, **columns}.items()
                }
            ),
            SQL(source),
        )

    def _row_invoices(self, which):
        """SQL of what invoices of a contract say, without down payments."""
        return self._row_sql(
            "'invoice'",
            f"""(SELECT order_id, move_id, invoice_date, SUM(amount) AS amount
                   FROM billing b
                  WHERE NOT is_downpayment AND invoice_date <= cutoff AND {which}
                  GROUP BY order_id, move_id, invoice_date) b
                JOIN invoice_share i ON i.order_id = b.order_id
                 AND i.move_id = b.move_id""",
            order_id="b.order_id",
            day="b.invoice_date",
            res_model="'account.move'",
            res_id="b.move_id",
            share="i.share",
        )

    def _row_money(self, kind, column):
        """SQL of what was received, or adjusted. The document is the payment, or the
        entry of the bank statement or of the credit note: one that closes an invoice
        of its own contract adjusts nothing."""
        return self._row_sql(
            f"CASE WHEN m.source = 'opening' THEN 'opening' ELSE {kind} END",
            f"""(SELECT m.order_id, m.term_id, m.day, m.source, m.payment_id,
                        CASE WHEN v.move_type = 'out_invoice' THEN x.move_id
                             ELSE m.entry_id END AS entry_id, SUM({column}) AS amount
                   FROM money m
                   LEFT JOIN account_move v ON v.id = m.entry_id
                   LEFT JOIN account_move_line x ON x.id = m.item_id
                  GROUP BY m.order_id, m.term_id, m.day, m.source, m.payment_id, 6
                 HAVING SUM({column}) <> 0) m
                JOIN scope s ON s.order_id = m.order_id
                LEFT JOIN account_payment p ON p.id = m.payment_id
                LEFT JOIN account_move v ON v.id = m.entry_id
                LEFT JOIN account_bank_statement_line b ON b.move_id = m.entry_id""",
            order_id="m.order_id",
            term_id="m.term_id",
            day="m.day",
            res_model="""CASE WHEN m.payment_id IS NULL THEN 'account.move'
                              ELSE 'account.payment' END""",
            res_id="COALESCE(m.payment_id, m.entry_id)",
            description="COALESCE(p.contract_bill_number, p.memo, b.payment_ref)",
            share="""ABS(m.amount) / NULLIF(CASE
                         WHEN v.move_type <> 'entry' AND v.currency_id = s.currency_id
                         THEN v.amount_total
                         WHEN m.source = 'adjust' THEN NULL
                         WHEN p.currency_id = s.currency_id THEN p.amount
                         WHEN b.currency_id = s.currency_id THEN ABS(b.amount)
                     END, 0)""",
            amount="m.amount",
        )

    def _row_bills(self, which):
        """SQL of bills of which the outcome is open."""
        return self._row_sql(
            "'bill'",
            f"""receipt r
                JOIN scope s ON s.order_id = r.order_id
                JOIN account_payment p ON p.id = r.payment_id
                WHERE r.is_bill AND r.outcome IS NULL AND r.day <= r.cutoff {which}""",
            order_id="r.order_id",
            day="r.day",
            res_model="'account.payment'",
            res_id="r.payment_id",
            description="COALESCE(p.contract_bill_number, p.memo)",
            share="""CASE WHEN p.currency_id = s.currency_id
                          THEN ABS(r.amount) / NULLIF(p.amount, 0) END""",
            amount="r.amount",
        )
