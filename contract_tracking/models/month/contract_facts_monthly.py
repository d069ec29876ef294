from odoo import models
from odoo.tools import SQL

from .contract_facts import FLOWS


class ContractFacts(models.AbstractModel):
    """What a month's record says of contracts: their figures as of the cut-off, and how
    much of them stood there already as of the one before."""

    _inherit = "contract.facts"

    def _monthly_table(self):
        return SQL("sale_order")

    def _monthly_open_sql(self, since, upto):
        """SQL of whether a contract ``o`` was open at any time from ``since`` to
        ``upto``: it had taken effect, and ended later if at all. ``e.day`` is the last
        day on which it was ended."""
        return SQL(
            """(o.contract_effective_date <= %s
                AND (o.contract_state IN ('active', 'suspended')
                     OR o.contract_state IN ('completed', 'terminated', 'cancelled')
                        AND e.day >= %s))""",
            upto,
            since,
            to_flush=self._reads(
                ("sale.order", "contract_effective_date contract_state")
            ),
        )

    def _monthly_office_sql(self, day):
        """SQL of the office of a contract ``o`` as of a day: by its history."""
        rows = SQL(
            "SELECT * FROM contract_history h WHERE h.%s = o.id AND h.kind = 'office'",
            self._subject(),
            to_flush=self._reads(
                (
                    "contract.history",
                    "order_id frame_id kind date record_id old_record_id old_value",
                )
            ),
        )
        return SQL(
            """(SELECT NULLIF(COALESCE(
                    (SELECT COALESCE(record_id, 0) FROM (%(rows)s) h
                      WHERE date <= %(day)s ORDER BY date DESC, id DESC LIMIT 1),
                    (SELECT CASE WHEN old_value IS NULL THEN 0 ELSE old_record_id END
                       FROM (%(rows)s) h
                      WHERE date > %(day)s ORDER BY date, id LIMIT 1),
                    o.team_id), 0))""",
            rows=rows,
            day=day,
        )

    def _monthly_names(self, company):
        """SQL of what a line calls a contract ``o`` of the customer ``p``."""
        lang = company.sudo().partner_id.lang or "en_US"
        return {
            "number": SQL("COALESCE(o.contract_number, o.name)"),
            "partner_id": SQL("p.commercial_partner_id"),
            "partner_name": SQL(
                """(SELECT c.name FROM res_partner c
                     WHERE c.id = p.commercial_partner_id)"""
            ),
            "product_names": self._monthly_products_sql(lang),
            "user_id": SQL("o.user_id"),
            "user_name": SQL(
                """(SELECT n.name FROM res_users u
                      JOIN res_partner n ON n.id = u.partner_id
                     WHERE u.id = o.user_id)"""
            ),
            "signing_date": SQL("o.contract_signing_date"),
            "payment_terms": SQL(
                """COALESCE((%(promised)s),
                    (SELECT COALESCE(y.name->>%(lang)s, y.name->>'en_US')
                       FROM account_payment_term y WHERE y.id = o.payment_term_id))""",
                promised=self._monthly_terms_sql(lang),
                lang=lang,
            ),
        }

    def _monthly_terms_sql(self, lang):
        return SQL(
            """SELECT STRING_AGG(COALESCE(t.name->>%s, t.name->>'en_US'), '; '
                                 ORDER BY t.sequence, t.id)
                 FROM contract_term t
                WHERE t.%s = o.id AND t.kind = 'payment' AND t.valid_to IS NULL""",
            lang,
            self._subject(),
        )

    def _monthly_products_sql(self, lang):
        return SQL(
            """(SELECT STRING_AGG(n.name, ', ' ORDER BY n.first)
                  FROM (SELECT COALESCE(t.name->>%(lang)s, t.name->>'en_US') AS name,
                               MIN(l.sequence * 100000.0 + l.id) AS first
                          FROM sale_order_line l
                          JOIN product_product v ON v.id = l.product_id
                          JOIN product_template t ON t.id = v.product_tmpl_id
                         WHERE l.order_id = o.id AND l.product_uom_qty > 0
                           AND NOT COALESCE(l.is_downpayment, FALSE)
                         GROUP BY 1 ORDER BY 2 LIMIT 4) n)""",
            lang=lang,
        )

    def _monthly_rows_sql(self, ids, since, upto, year, following, first):
        """SQL of a row a contract, as of the cut-off ``upto``.

        Its figures, the same in the company's currency (``booked_…``), what of them has
        no day and is new since ``since`` (``…_opened``), what happened from the day
        ``year`` on (``…_year``) and before ``first`` (``…_early``), what is unpaid of
        what fell due (``due``, ``due_year``), what should be delivered and come in up
        to the day ``following``, whether anything may have changed since ``since``
        (``is_moved``) and whether anything happened or fell due (``is_told``).

        :param ids: ids of the contracts
        """
        scope = SQL("%s = ANY(%s)", self._scope_id(), list(ids))
        flows = [
            self._flow_sums_sql(),
            self._flow_sums_sql(SQL("day >= %s", year), suffix="_year"),
            self._flow_sums_sql(
                SQL("(day IS NULL OR day < %s)", first), suffix="_early"
            ),
            self._flow_sums_sql(
                SQL(
                    """day IS NULL AND order_id IN (
                           SELECT order_id FROM scope WHERE opened_on >= %s)""",
                    since,
                ),
                suffix="_opened",
            ),
        ]
        flow_names = [
            f"{prefix}{name}{suffix}"
            for suffix in ("", "_year", "_early", "_opened")
            for prefix in ("", "booked_")
            for name in FLOWS
        ]
        rounded = self._columns_sql(
            {
                name: SQL(
                    "ROUND(COALESCE(x.%s, 0), s.%s)",
                    SQL.identifier(name),
                    SQL("home_decimals")
                    if name.startswith("booked_")
                    else SQL("decimals"),
                )
                for name in flow_names
                # figures are as the contract says them
                if name not in FLOWS
            }
        )
        return SQL(
            """%(ctes)s, %(figure)s,
            month_flow AS MATERIALIZED (%(flow)s),
            month_flows AS MATERIALIZED (
                SELECT order_id, %(sums)s,
                       BOOL_OR(day BETWEEN %(since)s AND %(upto)s
                               AND (amount <> 0 OR booked <> 0)) AS is_told
                  FROM month_flow GROUP BY order_id
            ),
            month_owing AS MATERIALIZED (%(owing)s),
            month_coming AS MATERIALIZED (
                -- what falls due by the next cut-off, by terms or by invoices
                SELECT order_id, SUM(amount) AS amount
                  FROM (SELECT d.order_id, d.amount FROM due d
                          JOIN term t ON t.term_id = d.term_id
                           AND t.is_payment AND NOT t.is_waived
                         WHERE d.day > t.cutoff AND d.day <= %(following)s
                        UNION ALL
                        SELECT order_id, residual FROM open_item
                         WHERE date_maturity > cutoff AND date_maturity <= %(following)s
                           AND order_id NOT IN (SELECT order_id FROM term
                                                 WHERE is_payment)) n
                 GROUP BY order_id
            ),
            month_promised_goods AS MATERIALIZED (
                SELECT order_id,
                       SUM(GREATEST(agreed_amount - actual_amount, 0)) AS amount
                  FROM fact
                 WHERE kind = 'delivery' AND is_open AND date_due <= %(following)s
                 GROUP BY order_id
            ),
            month_unpaid_year AS MATERIALIZED (
                SELECT order_id, SUM(amount) AS amount FROM unpaid
                 WHERE day >= %(year)s AND day <= cutoff GROUP BY order_id
            ),
            month_paper AS MATERIALIZED (
                -- a deposit is no invoice here, and of a bill comes money or not
                SELECT s.order_id,
                       ROUND(s.opening_invoiced / s.rate - COALESCE(c.opening, 0),
                             s.home_decimals) AS booked_opening,
                       ROUND(COALESCE(c.unposted, 0), s.home_decimals)
                           AS booked_unposted,
                       ROUND(COALESCE(r.booked, 0) - COALESCE(c.booked, 0),
                             s.home_decimals) AS booked_uncounted,
                       ROUND(COALESCE(d.booked, 0), s.home_decimals)
                           AS booked_deposits
                  FROM scope s
                  LEFT JOIN (SELECT order_id,
                                    SUM(booked) FILTER (
                                        WHERE source = 'opening') AS opening,
                                    SUM(booked) FILTER (
                                        WHERE source = 'link') AS unposted,
                                    SUM(booked) FILTER (WHERE source IN
                                        ('match', 'claim', 'link')) AS booked
                               FROM money GROUP BY order_id) c
                    ON c.order_id = s.order_id
                  LEFT JOIN (SELECT order_id, SUM(booked) AS booked FROM receipt
                              WHERE source <> 'opening' AND day <= cutoff
                              GROUP BY order_id) r ON r.order_id = s.order_id
                  LEFT JOIN (SELECT order_id, SUM(amount) * SUM(booked) FILTER (
                                        WHERE amount > 0)
                                    / NULLIF(SUM(amount) FILTER (WHERE amount > 0), 0)
                                        AS booked
                               FROM billing
                              WHERE is_downpayment AND invoice_date <= cutoff
                              GROUP BY order_id) d ON d.order_id = s.order_id
            ),
            month_moved AS MATERIALIZED (
                SELECT DISTINCT order_id FROM (%(days)s) d (order_id, day)
                 WHERE day BETWEEN %(since)s AND %(upto)s
            )
            SELECT f.*, s.rate, s.currency_id, s.home_currency_id,
                   s.home_decimals, %(rounded)s,
                   ROUND(s.total / s.rate, s.home_decimals) AS booked_total,
                   ROUND((f.delivered - f.invoiced_goods) / s.rate, s.home_decimals)
                       AS booked_delivered_not_invoiced,
                   o.booked_receivable, o.booked_overdue, o.due,
                   a.booked_opening, a.booked_unposted, a.booked_uncounted,
                   a.booked_deposits,
                   COALESCE(u.amount, 0) AS due_year,
                   v.order_id IS NOT NULL AS is_moved,
                   COALESCE(x.is_told, FALSE) AS is_told,
                   ROUND(COALESCE(g.amount, 0), s.decimals) AS plan_delivery,
                   -- money that fell due on nothing yet pays what comes
                   ROUND(o.due + GREATEST(0, COALESCE(c.amount, 0) - GREATEST(0,
                       f.received + f.adjusted - f.matured + o.due)), s.decimals)
                       AS plan_collection
              FROM (SELECT *, %(results)s FROM figure) f
              JOIN scope s ON s.order_id = f.order_id
              LEFT JOIN month_flows x ON x.order_id = f.order_id
              LEFT JOIN month_owing o ON o.order_id = f.order_id
              LEFT JOIN month_paper a ON a.order_id = f.order_id
              LEFT JOIN month_coming c ON c.order_id = f.order_id
              LEFT JOIN month_promised_goods g ON g.order_id = f.order_id
              LEFT JOIN month_unpaid_year u ON u.order_id = f.order_id
              LEFT JOIN month_moved v ON v.order_id = f.order_id""",
            ctes=self._ageing_with_sql(scope, upto),
            figure=self._figure_sql(),
            flow=self._flow_sql(),
            sums=SQL(", ").join(flows),
            owing=self._balance_rows_sql(),
            days=SQL(" UNION ALL ").join(self._coming_days()),
            results=self._columns_sql(
                {
                    name: self._order_results()[name]
                    for name in ("delivered_not_invoiced", "receivable")
                }
            ),
            rounded=rounded,
            since=since,
            upto=upto,
            year=year,
            following=following,
        )

    def _monthly_base_sql(self, ids, before):
        """SQL of a row a contract: what of its figures stood there as of the day
        ``before``."""
        scope = SQL("%s = ANY(%s)", self._scope_id(), list(ids))
        return SQL(
            """%(ctes)s
            SELECT s.order_id, %(columns)s
              FROM scope s
              LEFT JOIN (SELECT order_id, %(sums)s FROM (%(flow)s) f
                          GROUP BY order_id) x ON x.order_id = s.order_id""",
            ctes=self._ageing_with_sql(scope, before),
            columns=self._columns_sql(
                {
                    f"{prefix}{name}": SQL(
                        "ROUND(COALESCE(x.%s, 0), s.%s)",
                        SQL.identifier(f"{prefix}{name}"),
                        decimals,
                    )
                    for prefix, decimals in (
                        ("", SQL("decimals")),
                        ("booked_", SQL("home_decimals")),
                    )
                    for name in FLOWS
                }
            ),
            sums=self._flow_sums_sql(),
            flow=self._flow_sql(),
        )


class ContractFactsFrame(models.AbstractModel):
    """The same of frame agreements that have money or payment terms of their own."""

    _inherit = "contract.facts.frame"

    def _monthly_table(self):
        return SQL("contract_frame")

    def _monthly_open_sql(self, since, upto):
        # its call-offs tell the rest
        return SQL(
            """(o.effective_date <= %s AND k.payment_terms > 0
                AND (o.state IN ('active', 'suspended') OR e.day >= %s))""",
            upto,
            since,
            to_flush=self._reads(("contract.frame", "effective_date state")),
        )

    def _monthly_names(self, company):
        return {
            **super()._monthly_names(company),
            "number": SQL("o.name"),
            "user_id": SQL("o.owner_id"),
            "user_name": SQL(
                """(SELECT n.name FROM res_users u
                      JOIN res_partner n ON n.id = u.partner_id
                     WHERE u.id = o.owner_id)"""
            ),
            "signing_date": SQL("o.signing_date"),
            "payment_terms": SQL(
                "(%s)", self._monthly_terms_sql(company.sudo().partner_id.lang)
            ),
        }

    def _monthly_products_sql(self, lang):
        return SQL("NULL")
