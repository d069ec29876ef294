from odoo import api, models
from odoo.tools import SQL

# What happens day by day and is added up: by its column of a contract's figures.
FLOWS = ("delivered", "invoiced", "received", "adjusted", "matured")


class ContractFacts(models.AbstractModel):
    """What happened to contracts day by day: what months add up.

    Kept beside the figures of each contract, with which it always agrees
    (:mod:`contract_facts_kept`): reports by month read plain rows and replay nothing.
    Which month a day belongs to is asked in reading (:meth:`_calendar_sql`), so that a
    moved cut-off day makes nothing stale.
    """

    _inherit = "contract.facts"

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _kept_kinds(self):
        return {
            **super()._kept_kinds(),
            "days": SQL(
                "(SELECT order_id, day, product_id, %s FROM (%s) f GROUP BY 1, 2, 3)",
                self._flow_sums_sql(),
                self._flow_sql(),
            ),
        }

    def _kept_indexes(self):
        return {
            **super()._kept_indexes(),
            "days": [SQL("(order_id)"), SQL("(company_id, day)")],
        }

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    @api.model
    def _flow_sums_sql(self, condition=None, suffix=""):
        """SQL of columns that add up rows of :meth:`_flow_sql`: of each figure
        its amount, and ``booked_…`` in the company's currency.

        :param condition: SQL of which rows count; all if not given
        :param suffix: what the columns are called besides
        """
        condition = condition or SQL("TRUE")
        return self._columns_sql(
            {
                f"{prefix}{figure}{suffix}": SQL(
                    "COALESCE(SUM(%s) FILTER (WHERE figure = %s AND %s), 0)",
                    column,
                    figure,
                    condition,
                )
                for prefix, column in (
                    ("", SQL("amount")),
                    ("booked_", SQL("booked")),
                )
                for figure in FLOWS
            }
        )

    @api.model
    def _flow_sql(self):
        """SQL of what happened, over the chain of the ageing: (order_id, figure, day,
        product_id, amount, booked). The rows of a figure add up to it.

        ``booked`` is in the company's currency: what was delivered and what fell due at
        the contract's rate, invoices and money as the ledger has them. Opening figures
        have no day: they are to date, never in a month.
        """
        return SQL(
            """SELECT w.order_id, 'delivered' AS figure,
                      CASE WHEN NOT w.is_opening THEN w.day END AS day, l.product_id,
                      w.amount, w.amount / s.rate AS booked
                 FROM worth w
                 JOIN line l ON l.line_id = w.line_id
                 JOIN scope s ON s.order_id = w.order_id
                WHERE w.clock = 'dispatch'
               UNION ALL
               SELECT b.order_id, 'invoiced', b.invoice_date, i.product_id, b.amount,
                      b.booked
                 FROM billing b JOIN account_move_line i ON i.id = b.line_id
                WHERE NOT b.is_downpayment AND b.invoice_date <= b.cutoff
               UNION ALL
               SELECT e.order_id, f.figure, e.day, NULL, e.amount, e.amount / s.rate
                 FROM elsewhere e
                 JOIN scope s ON s.order_id = e.order_id
                CROSS JOIN (VALUES ('invoiced'), ('adjusted')) f (figure)
               UNION ALL
               SELECT order_id, 'invoiced', NULL, NULL, opening_invoiced,
                      opening_invoiced / rate
                 FROM scope WHERE opening_invoiced <> 0
               UNION ALL
               SELECT order_id,
                      CASE source WHEN 'adjust' THEN 'adjusted' ELSE 'received' END,
                      CASE WHEN source <> 'opening' THEN day END, NULL,
                      received + adjusted, booked
                 FROM money WHERE source <> 'elsewhere'
               UNION ALL
               SELECT d.order_id, 'matured', d.day, NULL, d.amount, d.amount / s.rate
                 FROM (%(due)s) d JOIN scope s ON s.order_id = d.order_id""",
            due=self._row_parts()["due"],
            to_flush=self._reads(("account.move.line", "product_id")),
        )

    @api.model
    def _calendar_sql(self, first, last):
        """SQL of the month that each day belongs to, by the cut-off days of its company
        (company_id, day, month, ``upto``: the month's last day): from the day ``first``
        to the day ``last``."""
        return SQL(
            """SELECT p.company_id, d.day::date AS day, p.month, p.upto
                 FROM (SELECT c.id AS company_id, p.month,
                              COALESCE(o.date, %(cutoff)s) AS upto,
                              LAG(COALESCE(o.date, %(cutoff)s)) OVER (
                                  PARTITION BY c.id ORDER BY p.month) + 1 AS since
                         FROM res_company c
                        CROSS JOIN (
                              SELECT n::date AS month FROM generate_series(
                                  date_trunc('month', %(first)s::date)
                                      - interval '2 months',
                                  %(last)s::date + interval '1 month',
                                  interval '1 month') n) p
                         LEFT JOIN contract_monthly_cutoff o
                           ON o.company_id = c.id AND o.month = p.month) p
                CROSS JOIN generate_series(p.since, p.upto, interval '1 day') d (day)
                WHERE d.day BETWEEN %(first)s::date AND %(last)s::date""",
            first=first,
            last=last,
            cutoff=self._cutoff_sql(),
            to_flush=self._cutoff_fields(),
        )

    def _cutoff_sql(self):
        """SQL of the last day of a month ``p`` of a company ``c`` by its setting."""
        return SQL(
            """((date_trunc('month', p.month) + make_interval(
                    months => 1, days => -1))::date - GREATEST(0, EXTRACT(day FROM
                (date_trunc('month', p.month) + make_interval(
                    months => 1, days => -1)))::int
                - COALESCE(NULLIF(c.contract_cutoff_day, 0), 31)))"""
        )

    def _cutoff_fields(self):
        return self._reads(
            ("res.company", "contract_cutoff_day"),
            ("contract.monthly.cutoff", "company_id month date"),
        )

    @api.model
    def _month_sql(self, company_id, day):
        """SQL of the first day of the month to which ``day`` belongs in a company: as
        :meth:`res.company._contract_month` finds it."""
        return SQL(
            """(SELECT p.month FROM (
                    SELECT (date_trunc('month', %(day)s) + make_interval(months => n))
                               ::date AS month
                      FROM generate_series(-1, 2) n) p
                  JOIN res_company c ON c.id = %(company_id)s
                  LEFT JOIN contract_monthly_cutoff o
                    ON o.company_id = c.id AND o.month = p.month
                 WHERE COALESCE(o.date, %(cutoff)s) >= %(day)s
                 ORDER BY p.month LIMIT 1)""",
            day=day,
            company_id=company_id,
            cutoff=self._cutoff_sql(),
            to_flush=self._cutoff_fields(),
        )
