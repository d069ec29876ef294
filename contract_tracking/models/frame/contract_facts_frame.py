from odoo import models
from odoo.tools import SQL

from ...tools.values import DAYS


class ContractFactsFrame(models.AbstractModel):
    """The same facts for the promises of frame agreements: their own payment terms,
    milestones and papers. Their money is what was claimed for the agreement as a
    whole; what was delivered and invoiced belongs to the call-offs.

    That money goes to the agreement's own terms that fell due, and to those that a
    claim names; what is left (``spare``) relieves what is overdue of its call-offs.

    The statement is that of :mod:`contract.facts`, whose ``order_id`` is here the id
    of the frame agreement.
    """

    _name = "contract.facts.frame"
    _inherit = "contract.facts"
    _description = "Contract Facts of Frame Agreements"

    def _coming_days(self):
        """Without a day of its own an agreement has the rate of today."""
        return [
            *super()._coming_days(),
            SQL(
                """SELECT s.order_id, s.today + 1
                     FROM scope s JOIN contract_frame f ON f.id = s.order_id
                    WHERE f.date_start IS NULL AND f.effective_date IS NULL
                      AND s.currency_id <> s.home_currency_id"""
            ),
        ]

    def _scope_id(self):
        return SQL("f.id")

    def _scope_all(self):
        return SQL("f.state <> 'draft'")

    def _kept_scope_sql(self, kind, scope):
        return SQL(
            """SELECT k.* FROM (%s) k
                 JOIN contract_frame f ON f.id = k.order_id WHERE %s""",
            self._kept_sql(kind),
            scope,
        )

    def _order_parts(self):
        return {**super()._order_parts(), "own": self._spare_sql()}

    def _order_columns(self):
        return {**super()._order_columns(), "spare": SQL("COALESCE(own.spare, 0)")}

    def _spare_sql(self):
        """SQL of one row an agreement: its money that its own terms leave."""
        return SQL(
            """SELECT i.order_id, GREATEST(0, i.amount - COALESCE(t.taken, 0)) AS spare
                 FROM (SELECT order_id, SUM(amount) AS amount
                         FROM money_in GROUP BY order_id) i
                 LEFT JOIN (SELECT m.order_id, SUM(COALESCE(f.got_matured, 0)
                                   + m.named - LEAST(m.matured, m.named)) AS taken
                              FROM matured m
                              LEFT JOIN allocated f ON f.term_id = m.term_id
                             GROUP BY m.order_id) t ON t.order_id = i.order_id"""
        )

    def _subject(self):
        return SQL("frame_id")

    def _orders_scope(self):
        return SQL("(SELECT * FROM scope WHERE FALSE)")

    def _cte_scope(self, scope, cutoff):
        """A row is a frame agreement asked for, as a contract is elsewhere."""
        return SQL(
            """SELECT f.id AS order_id, f.company_id, f.state AS contract_state,
                       COALESCE(r.rate, 1)::numeric AS rate, f.currency_id,
                       c.currency_id AS home_currency_id,
                       COALESCE(home.decimal_places, 2) AS home_decimals,
                       COALESCE(NULLIF(c.contract_tz, ''), 'UTC') AS tz,
                       COALESCE(%(cutoff)s::date, d.today) AS cutoff, d.today,
                       f.signing_date,
                       CASE WHEN f.effective_date IS NOT NULL
                            THEN COALESCE(f.date_start, f.effective_date)
                       END AS effective_date,
                       COALESCE(%(total)s, 0) AS total,
                       NULL::timestamp AS commitment_date,
                       NULL::timestamp AS date_order, NULL::date AS opening_date,
                       NULL::date AS opened_on,
                       0::numeric AS opening_received, 0::numeric AS opening_invoiced,
                       'dispatch' AS fulfilment, 0 AS deemed_days,
                       LEAST(COALESCE(c.contract_due_soon_days, 0), %(most)s)
                           AS soon_days,
                       COALESCE(c.contract_tolerance_percent, 0) AS tolerance_percent,
                       COALESCE(cur.decimal_places, 2) AS decimals,
                       GREATEST(COALESCE(cur.contract_tolerance, 0),
                                COALESCE(cur.rounding, 0.01) / 2) AS tolerance,
                       c.resource_calendar_id AS calendar_id,
                       NULL::int AS discount_product_id, NULL::int AS opening_move_id,
                       c.account_price_include
                  FROM contract_frame f
                  JOIN res_company c ON c.id = f.company_id
                  LEFT JOIN res_currency cur ON cur.id = f.currency_id
                  LEFT JOIN res_currency home ON home.id = c.currency_id
                  CROSS JOIN LATERAL (SELECT (%(now)s::timestamp AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date
                       AS today) d
                  -- what the company's currency buys when the agreement begins
                  LEFT JOIN LATERAL (%(rate)s) r ON f.currency_id <> c.currency_id
                 WHERE %(scope)s""",
            total=self._agreed_total_sql(
                SQL("frame_id"), "f", cutoff, SQL("f.amount_total")
            ),
            cutoff=cutoff,
            now=self._now_sql(),
            rate=self._rate_sql(),
            most=DAYS,
            scope=scope,
            to_flush=self._reads(
                (
                    "contract.frame",
                    "company_id state currency_id signing_date effective_date "
                    "date_start amount_total",
                ),
                (
                    "res.company",
                    "contract_tz contract_due_soon_days contract_tolerance_percent "
                    "resource_calendar_id account_price_include currency_id",
                ),
                ("res.currency", "rounding contract_tolerance"),
                ("res.currency.rate", "currency_id company_id name rate"),
            ),
        )

    def _rate_sql(self):
        """SQL of the rate of the agreement ``f`` in its company ``c``, as core finds
        it: the newest up to the day, else the first."""
        return SQL(
            """SELECT MAX(x.rate) FILTER (WHERE x.currency_id = f.currency_id)
                      / COALESCE(MAX(x.rate) FILTER (
                          WHERE x.currency_id = c.currency_id), 1) AS rate
                 FROM (SELECT DISTINCT ON (x.currency_id) x.currency_id, x.rate
                         FROM res_currency_rate x
                        WHERE x.currency_id IN (f.currency_id, c.currency_id)
                          AND (x.company_id IS NULL OR x.company_id
                               = SPLIT_PART(c.parent_path, '/', 1)::int)
                        ORDER BY x.currency_id, x.company_id IS NULL, x.name
                                 > COALESCE(f.date_start, f.effective_date, d.today),
                                 ABS(x.name - COALESCE(
                                     f.date_start, f.effective_date, d.today))) x"""
        )
