from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..month.contract_facts import FLOWS


class ContractFacts(models.AbstractModel):
    """What the register and the report by month read besides what happened: what is
    unpaid since when, and which deliveries came in time. Kept like the days
    themselves, so that neither replays anything."""

    _inherit = "contract.facts"

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _kept_kinds(self):
        return {
            **super()._kept_kinds(),
            # in the contract's currency, as the ledger has it, and at the
            # contract's rate
            "unpaids": SQL(
                """(SELECT a.order_id, a.day, a.amount, a.booked,
                           a.amount / s.rate AS due
                      FROM ageing a JOIN scope s ON s.order_id = a.order_id
                     WHERE a.day IS NOT NULL)"""
            ),
            "promises": SQL("(%s)", self._punctual_sql()),
        }

    def _kept_indexes(self):
        return {
            **super()._kept_indexes(),
            "unpaids": [SQL("(order_id)")],
            "promises": [SQL("(order_id)"), SQL("(company_id, day)")],
        }

    def _punctual_sql(self):
        """SQL of deliveries that fell due, a row a contract, due day and product: how
        many (``promises``) and how many of them came in time (``punctual``), what they
        are worth (``due_delivery``) and what of it came in time
        (``on_time_delivery``), the same in the company's currency (``booked_…``).

        In time is what fulfilled the promise up to the agreed day; what came back
        later came in time all the same. What was given up isn't due.
        """
        return SQL(
            """SELECT order_id, day, product_id, COUNT(*) AS promises,
                      COUNT(*) FILTER (WHERE share = 1) AS punctual,
                      SUM(amount) AS due_delivery,
                      SUM(amount * share) AS on_time_delivery,
                      SUM(amount / rate) AS booked_due_delivery,
                      SUM(amount * share / rate) AS booked_on_time_delivery
                 FROM (SELECT s.order_id, p.date_due AS day, l.product_id, t.amount,
                              s.rate,
                              CASE WHEN COALESCE(SUM(h.quantity), 0) >= p.enough THEN 1
                                   ELSE LEAST(1, GREATEST(0,
                                        COALESCE(SUM(h.quantity), 0) - p.before)
                                        / p.quantity) END AS share
                         FROM promised p
                         JOIN term t ON t.term_id = p.term_id
                         JOIN scope s ON s.order_id = t.order_id
                         LEFT JOIN line l ON l.line_id = p.line_id
                         LEFT JOIN held h
                           ON h.line_id = p.line_id AND h.day <= p.date_due
                        WHERE p.date_due <= s.cutoff AND p.quantity > 0
                          AND NOT t.is_waived
                        GROUP BY s.order_id, p.term_id, p.date_due, l.product_id,
                              t.amount, s.rate, p.enough, p.before, p.quantity) d
                GROUP BY order_id, day, product_id"""
        )

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    @api.model
    def _period_sql(self):
        """SQL of a row a company: its day (``today``), and the days on which the month
        and the year of its monthly records began (``month``, ``month_from``,
        ``year_from``)."""
        today = fields.Datetime.now().date()
        return SQL(
            """SELECT c.company_id, c.today, c.tz, c.now AS month,
                      MIN(c.day) FILTER (WHERE c.month = c.now) AS month_from,
                      MIN(c.day) FILTER (WHERE date_part('year', c.month)
                                             = date_part('year', c.now)) AS year_from
                 FROM (SELECT d.*, y.today, z.contract_tz AS tz,
                              MAX(d.month) OVER (PARTITION BY d.company_id) AS now
                         FROM (%(calendar)s) d
                         JOIN (%(companies)s) y ON y.id = d.company_id
                         JOIN res_company z ON z.id = d.company_id
                        WHERE d.day <= y.today
                          -- where a month or a year can begin
                          AND (d.day > y.today - 62
                               OR date_part('month', d.day) IN (12, 1))) c
                GROUP BY c.company_id, c.today, c.tz, c.now""",
            calendar=self._calendar_sql(
                today - timedelta(days=400), today + timedelta(days=1)
            ),
            companies=self._companies_sql(),
            to_flush=self._reads(("res.company", "contract_tz")),
        )

    @api.model
    def _days_sums_sql(self, condition, suffix=""):
        """SQL of columns that add up kept days ``d``: of each figure its amount, and
        ``booked_…`` in the company's currency.

        :param condition: SQL of which days count
        :param suffix: of the columns' names
        """
        return self._columns_sql(
            {
                f"{prefix}{figure}{suffix}": SQL(
                    "COALESCE(SUM(d.%s) FILTER (WHERE %s), 0)",
                    SQL.identifier(f"{prefix}{figure}"),
                    condition,
                )
                for prefix in ("", "booked_")
                for figure in FLOWS
            }
        )

    @api.model
    def _deviation_conditions(self):
        """SQL of which deviations ``d`` are told of the running month ``t``, by
        column."""
        ended = SQL(
            """(COALESCE(d.verified_on, d.ended_on) AT TIME ZONE 'UTC'
                AT TIME ZONE COALESCE(NULLIF(t.tz, ''), 'UTC'))::date""",
        )
        return {
            "deviations_new": SQL("d.date >= t.month_from AND d.state <> 'cancelled'"),
            "deviations_closed": SQL(
                "d.state IN ('closed', 'waived') AND %s >= t.month_from", ended
            ),
            "deviations_open": SQL("d.state NOT IN ('closed', 'waived', 'cancelled')"),
        }
