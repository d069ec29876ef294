from odoo import api, fields, models
from odoo.tools import SQL

from ..facts.contract_facts_mixin import fact_field


def _amount(column, string, help_text, **attrs):
    return fact_field(
        fields.Monetary,
        column,
        string=string,
        compute="_compute_figures",
        compute_sudo=True,
        aggregator="sum",
        help=help_text,
        **attrs,
    )


class ContractRiskShipment(models.Model):
    """What of the permissions is still open: read from real money, never stored.

    What an application takes on (``taken``) is its share of what was at stake, by what
    left of it. Of the contract's uncovered money the newest applications bear theirs
    first: money that comes in pays the oldest.
    """

    _name = "contract.risk.shipment"
    _inherit = ["contract.risk.shipment", "contract.facts.mixin"]

    _contract_fact_computes = ("_compute_figures",)

    taken_amount = _amount(
        "taken",
        "Risk Taken",
        "What was at stake of what left on this permission.",
    )
    outstanding = _amount(
        "outstanding",
        "Open on Risk",
        "What of the risk taken is still not covered by money received or adjusted.",
    )
    outstanding_company = _amount(
        "outstanding_company",
        "Open on Risk (Company Currency)",
        "The same at the contract's rate.",
        currency_field="company_currency_id",
    )
    left_amount = _amount(
        "left_amount",
        "Left to Use",
        "What may still leave on this permission: approved and not used, as long as it "
        "is valid.",
    )
    late_amount = _amount(
        "late",
        "Overdue Repayment",
        "Promised for a day before today and still open.",
    )
    next_repayment_date = fact_field(
        fields.Date,
        "next_date",
        string="Next Repayment",
        compute="_compute_figures",
        compute_sudo=True,
        help="Day of the first promise that is not kept yet.",
    )

    @api.depends("state", "used_amount", "approved_until", "revoked_on", "order_id")
    def _compute_figures(self):
        rows = {}
        if orders := self.order_id.ids:
            scope = SQL("s.order_id = ANY(%s)", orders)
            found = self.env.execute_query_dict(self._figures_sql(scope))
            rows = {row["application_id"]: row for row in found}
        self._contract_set_facts(
            [rows.get(application._origin.id, {}) for application in self]
        )

    def _contract_fact_sql(self):
        return self._figures_sql(SQL("TRUE")), "application_id"

    @api.model
    def _outstanding_on(self, orders, day):
        """What of the risk taken was not covered by money at the end of ``day``:
        ``{order id: amount in the contract's currency}``. What came back since counts
        as never having left: nobody dated it."""
        sql = self._figures_sql(SQL("s.order_id = ANY(%s)", orders.ids), orders, day)
        return {
            row["order_id"]: row["amount"]
            for row in self.env.execute_query_dict(
                SQL(
                    """SELECT s.order_id, SUM(f.outstanding) AS amount
                         FROM (%s) f
                         JOIN contract_risk_shipment s ON s.id = f.application_id
                        GROUP BY s.order_id""",
                    sql,
                )
            )
        }

    @api.model
    def _figures_sql(self, scope, orders=None, day=None):
        """SQL of a row an application that is approved: its figures of now.

        :param scope: condition on the applications ``s``: whole contracts
        :param orders: the contracts, where it is asked as of a ``day``; closed ones
            count then too
        """
        Facts = self.env["contract.facts"]
        return SQL(
            """SELECT b.application_id, b.taken, b.left_amount, b.outstanding,
                      b.outstanding / b.rate AS outstanding_company,
                      LEAST(GREATEST(COALESCE(p.before, 0) - b.taken + b.outstanding,
                                     0), b.outstanding) AS late,
                      CASE WHEN b.outstanding > 0 THEN
                      (SELECT MIN(d.date)
                         FROM (SELECT r.date, SUM(r.amount) OVER (ORDER BY r.date, r.id)
                                      AS upto
                                 FROM contract_risk_repayment r
                                WHERE r.application_id = b.application_id) d
                        WHERE d.upto > b.taken - b.outstanding) END AS next_date
                 FROM (SELECT a.*,
                              LEAST(GREATEST(a.uncovered - a.newer, 0), a.taken)
                              AS outstanding
                         FROM (SELECT t.*, COALESCE(SUM(t.taken) OVER (
                                        PARTITION BY t.order_id
                                        ORDER BY t.decided_on DESC, t.id DESC
                                        ROWS BETWEEN UNBOUNDED PRECEDING
                                             AND 1 PRECEDING), 0) AS newer
                                 FROM (%(taken)s) t) a) b
                 LEFT JOIN LATERAL (
                      SELECT SUM(r.amount) AS before FROM contract_risk_repayment r
                       WHERE r.application_id = b.application_id
                         AND r.date < b.today) p ON TRUE""",
            taken=self._taken_sql(scope, Facts, orders, day),
        )

    @api.model
    def _taken_sql(self, scope, facts, orders=None, day=None):
        """SQL of a row an approved application: what it takes on, and what of its
        contract is not covered by money, by its own measure."""
        if day:
            sources = {
                "used": SQL(
                    """COALESCE((SELECT SUM(u.amount - u.returned_amount)
                         FROM contract_risk_use u
                         LEFT JOIN stock_move m ON m.id = u.move_id
                        WHERE u.application_id = s.id
                          AND (COALESCE(m.date, u.create_date) AT TIME ZONE 'UTC'
                               AT TIME ZONE COALESCE(NULLIF(y.contract_tz, ''), 'UTC')
                              )::date <= %s), 0)""",
                    day,
                ),
                "state": SQL("s.state IN ('approved', 'closed')"),
                "companies": SQL("SELECT id, %s::date AS today FROM res_company", day),
                "facts": facts._orders_sql(orders, day),
                "released": SQL("k.contract_documents_date <= %s", day),
            }
        else:
            sources = {
                "used": SQL("s.used_amount"),
                "state": SQL("s.state = 'approved'"),
                "companies": facts._companies_sql(),
                "facts": facts._kept_sql("orders"),
                "released": SQL("k.contract_documents_date IS NOT NULL"),
            }
        return SQL(
            """SELECT s.id, s.id AS application_id, s.order_id, s.decided_on, c.today,
                      COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric AS rate,
                      LEAST(n.used, s.risk_amount * n.used / NULLIF(s.amount, 0))
                      AS taken,
                      CASE WHEN s.revoked_on IS NULL AND s.approved_until >= c.today
                           THEN LEAST(s.approved_amount - s.used_amount,
                                      (SELECT SUM(GREATEST(l.approved_quantity
                                                           - l.used_quantity, 0)
                                                  * l.amount / NULLIF(l.quantity, 0))
                                         FROM contract_risk_shipment_line l
                                        WHERE l.application_id = s.id))
                           ELSE 0 END AS left_amount,
                      GREATEST(CASE WHEN s.reason_codes = 'money'
                           THEN f.gate_production
                                + CASE WHEN s.kind = 'supply' THEN 0
                                       ELSE f.gate_first + f.gate_shipment * p.share
                                  END
                                + f.gate_documents * d.share
                                - f.received - f.adjusted
                           ELSE f.exposure END, 0)::numeric AS uncovered
                 FROM contract_risk_shipment s
                 JOIN sale_order o ON o.id = s.order_id
                 JOIN (%(companies)s) c ON c.id = s.company_id
                  JOIN res_company y ON y.id = s.company_id
                 JOIN (%(facts)s) f ON f.order_id = s.order_id
                CROSS JOIN LATERAL (
                      SELECT CASE WHEN f.gate_shipped > 0 AND y.contract_gate_whole
                                  THEN GREATEST(1, n.part) ELSE n.part END AS share
                        FROM (SELECT COALESCE(f.gate_shipped / NULLIF(f.total, 0), 1)
                                     AS part) n) p
                CROSS JOIN LATERAL (%(share)s) d
                CROSS JOIN LATERAL (SELECT %(used)s AS used) n
                WHERE %(state)s AND %(scope)s""",
            **sources,
            scope=scope,
            share=self._released_sql(sources["released"]),
            to_flush=facts._reads(
                (
                    "contract.risk.shipment",
                    "order_id company_id state kind decided_on used_amount risk_amount "
                    "amount approved_amount approved_until revoked_on reason_codes",
                ),
                (
                    "contract.risk.shipment.line",
                    "application_id quantity amount approved_quantity used_quantity",
                ),
                ("contract.risk.repayment", "application_id date amount"),
                ("sale.order", "currency_rate"),
                ("res.company", "contract_gate_whole"),
                ("stock.picking", "contract_documents_date"),
                (
                    "stock.move",
                    "sale_line_id picking_id state quantity contract_kit product_id "
                    "contract_line_units",
                ),
                (
                    "sale.order.line",
                    "order_id contract_unit_total price_total product_uom_qty",
                ),
            ),
        )

    @api.model
    def _released_sql(self, released):
        """SQL of one row: the ``share`` of the contract ``f`` whose documents were
        released, 0 where they don't matter to the application ``s``. Of a kit as much
        as the component of which most left.

        :param released: SQL of whether those of a delivery ``k`` were
        """
        return SQL(
            """SELECT COALESCE(SUM(q.quantity * COALESCE(
                               NULLIF(l.contract_unit_total, 0)::numeric,
                               l.price_total / NULLIF(l.product_uom_qty, 0), 0))
                               / NULLIF(f.total, 0), 0) AS share
                 FROM (SELECT n.line_id, MAX(n.quantity) AS quantity
                         FROM (SELECT m.sale_line_id AS line_id,
                                      SUM(m.quantity * m.contract_line_units)
                                      AS quantity
                                 FROM sale_order_line sl
                                 JOIN stock_move m
                                   ON m.sale_line_id = sl.id AND m.state = 'done'
                                 JOIN stock_picking k
                                   ON k.id = m.picking_id
                                  AND %s
                                WHERE sl.order_id = s.order_id
                                  AND s.kind = 'documents'
                                GROUP BY m.sale_line_id,
                                      CASE WHEN m.contract_kit IS NULL THEN 0
                                           ELSE m.product_id END) n
                        GROUP BY n.line_id) q
                 JOIN sale_order_line l ON l.id = q.line_id""",
            released,
        )

    def _promises(self):
        """What of the repayment plan came in and what is owed now, of what has left:
        ``{repayment: (paid, owed)}``; the oldest promise first."""
        self.ensure_one()
        closed = self.state == "closed"
        taken = self.repaid_amount if closed else self.taken_amount
        repaid = taken if closed else taken - self.outstanding
        result, before = {}, 0.0
        for row in self.repayment_ids._origin.sorted(lambda r: (r.date, r.id)):
            paid, due = (
                self.currency_id.round(min(row.amount, max(0.0, amount - before)))
                for amount in (repaid, taken)
            )
            result[row] = paid, self.currency_id.round(due - paid)
            before += row.amount
        return result

    def _departure(self):
        """The promise that wasn't kept, as a row of the search for deviations."""
        self.ensure_one()
        day, today = self.next_repayment_date, self.order_id._contract_today()
        promised = sum(row.amount for row in self.repayment_ids if row.date < today)
        return {
            "kind": "risk_overdue",
            "detect_key": f"risk:{self.id}",
            "order_id": self.order_id.id,
            "agreed_date": str(day),
            "agreed_amount": promised,
            "actual_amount": promised - self.late_amount,
            "impact_amount": self.late_amount,
            "impact_days": (today - day).days,
            "data": {"application": self.display_name},
        }
