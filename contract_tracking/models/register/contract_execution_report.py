from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# No contract that is kept here did anything before.
FIRST = date(1990, 1, 1)
AMOUNTS = (
    "contracted", "delivered", "invoiced", "received", "adjusted", "matured",
    "collected", "overdue", "due_delivery", "on_time_delivery", "planned_delivery",
    "planned_collection",
)  # fmt: skip
COUNTS = ("contracts", "promises", "punctual", "deviations", "deviations_closed")


def _amount(string, help_text):
    return fields.Monetary(
        string=string,
        currency_field="company_currency_id",
        readonly=True,
        help=help_text,
    )


def _share(string, help_text):
    return fields.Float(
        string=string, readonly=True, digits=0, aggregator="avg", help=help_text
    )


def _count(string, help_text):
    return fields.Integer(string=string, readonly=True, help=help_text)


class ContractExecutionReport(models.Model):
    """What was contracted, delivered, invoiced and received month by month, and how
    much of it in time: for pivot and graph.

    Amounts with taxes in the company's currency: invoiced, received and overdue as the
    ledger has them, the others at the contract's rate. A month ends on the cut-off of
    its monthly record. Opening figures are of no month. A row is a day of a contract or
    of a frame agreement's own money, read from what is kept of the facts: nothing is
    replayed. Shares are shares of sums. Serves D9 §3.2 and D7 §1.
    """

    _name = "contract.execution.report"
    _inherit = ["contract.rate.mixin"]
    _description = "Execution Report"
    _auto = False
    _rec_name = "number"
    _order = "month desc, id"
    _contract_rates = {
        "on_time_rate": ("on_time_delivery", "due_delivery"),
        "collection_rate": ("collected", "matured"),
        "delivery_achieved": ("delivered", "planned_delivery"),
        "collection_achieved": ("received", "planned_collection"),
    }

    month = fields.Date(readonly=True, help="First day of the month.")
    period = fields.Selection(
        [
            ("now", "This month"),
            ("last", "Last month"),
            ("before", "Earlier"),
            ("coming", "Later"),
        ],
        readonly=True,
        help="As the company's months end, seen from today.",
    )
    day = fields.Date(readonly=True, help="Empty where it is of the whole month.")
    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    frame_id = fields.Many2one(
        "contract.frame", string="Frame Agreement", readonly=True
    )
    number = fields.Char(string="Contract No.", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    owner_id = fields.Many2one("res.users", string="Contract Owner", readonly=True)
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", readonly=True
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Office",
        readonly=True,
        help="The office that the contract had at the end of the month.",
    )
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one(
        "product.category",
        string="Product Category",
        readonly=True,
        help="Of what was delivered, fell due for delivery or was invoiced.",
    )
    deviation_kind = fields.Selection(
        selection=lambda self: (
            self.env["contract.deviation"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        string="Kind of Deviation",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    contracts = _count("New Contracts", "Contracts that took effect in the month.")
    contracted = _amount(
        "Contracted", "Agreed totals of the contracts that took effect in the month."
    )
    delivered = _amount(
        "Delivered", "What left in the month minus what came back to be credited."
    )
    invoiced = _amount(
        "Invoiced", "Posted invoices minus credit notes, without down payments."
    )
    received = _amount("Received", "Money that came in, refunds subtracted.")
    adjusted = _amount("Adjusted", "What closed the receivable without being money.")
    matured = _amount("Fallen Due", "Payment terms that fell due in the month.")
    collected = _amount(
        "Paid of What Fell Due",
        "Of what fell due in the month, what is paid today, whenever it came in.",
    )
    overdue = _amount(
        "Overdue Amount",
        "Of what fell due in the month, what is overdue today: over all months, what "
        "is overdue.",
    )
    promises = _count("Deliveries Due", "Delivery terms of which the day has passed.")
    punctual = _count("Deliveries on Time", "Those that were all there on that day.")
    due_delivery = _amount(
        "Due for Delivery", "Agreed for a day of the month that has passed."
    )
    on_time_delivery = _amount(
        "Delivered on Time", "What of it was there on or before the agreed day."
    )
    planned_delivery = _amount(
        "Planned Delivery", "What the record of the month before planned."
    )
    planned_collection = _amount(
        "Planned Collection", "What the record of the month before planned."
    )
    deviations = _count("New Deviations", "Found or reported in the month.")
    deviations_closed = _count("Closed Deviations", "Closed or waived in the month.")
    on_time_rate = _share("On-Time Rate", "Delivered on time ÷ due for delivery.")
    collection_rate = _share(
        "Collection Rate", "Of what fell due in the month: which share is paid today."
    )
    delivery_achieved = _share(
        "Delivery Plan Achieved", "Delivered ÷ planned for delivery."
    )
    collection_achieved = _share(
        "Collection Plan Achieved", "Received ÷ planned to come in."
    )

    @property
    def _table_query(self):
        Facts = self.env["contract.facts"]
        Frame = self.env["contract.facts.frame"]
        today = fields.Datetime.now().date()
        # what money of a frame agreement covers of its call-offs
        ctes, *_rows = Facts._balances_parts()
        return SQL(
            """%(ctes)s,
            calendar AS MATERIALIZED (%(calendar)s),
            period AS MATERIALIZED (%(period)s),
            -- of several versions of a record the confirmed one
            planned AS MATERIALIZED (
                SELECT DISTINCT ON (company_id, team_id, month) id,
                       (month + interval '1 month')::date AS month
                  FROM contract_monthly_record WHERE state <> 'replaced'
                 ORDER BY company_id, team_id, month, state = 'confirmed' DESC, id DESC
            )
            -- what nobody asks of a union inside is not reckoned
            SELECT * FROM (%(contracts)s UNION ALL %(frames)s) r""",
            ctes=ctes,
            calendar=Facts._calendar_sql(FIRST, today + timedelta(days=62)),
            period=Facts._period_sql(),
            contracts=self._rows_sql(
                Facts,
                "sale_order",
                {
                    "number": "COALESCE(o.contract_number, o.name)",
                    "user_id": "o.user_id",
                    "owner_id": "o.contract_owner_id",
                    "supervisor_id": "o.contract_supervisor_id",
                },
            ),
            frames=self._rows_sql(
                Frame,
                "contract_frame",
                {
                    "number": "o.name",
                    "user_id": "o.owner_id",
                    "owner_id": "o.owner_id",
                    "supervisor_id": "o.supervisor_id",
                },
            ),
            to_flush=Facts._reads(("contract.monthly.record", "company_id state")),
        )

    def _rows_sql(self, facts, table, columns):
        """SQL of the rows of the contracts, or frame agreements, of ``facts``."""
        names = {
            "order_id": "o.id" if table == "sale_order" else "NULL::int",
            "frame_id": "o.id" if table == "contract_frame" else "NULL::int",
            "month": "x.month",
            "period": """CASE WHEN x.month = n.month THEN 'now'
                              WHEN x.month > n.month THEN 'coming'
                              WHEN x.month >= n.month - interval '1 month' THEN 'last'
                              ELSE 'before' END""",
            "day": "x.day",
            "partner_id": "p.commercial_partner_id",
            "product_id": "x.product_id",
            "categ_id": "t.categ_id",
            "deviation_kind": "x.deviation_kind",
            "company_id": "o.company_id",
            "company_currency_id": "y.currency_id",
            **columns,
        }
        rates = {
            rate: self._rate_sql(
                SQL("x.%s", SQL.identifier(part)), SQL("x.%s", SQL.identifier(whole))
            )
            for rate, (part, whole) in self._contract_rates.items()
        }
        return SQL(
            """SELECT %(id)s AS id, %(columns)s
                 FROM (%(rows)s) x
                 JOIN %(table)s o ON o.id = x.order_id
                 JOIN period n ON n.company_id = o.company_id
                 LEFT JOIN res_partner p ON p.id = o.partner_id
                 LEFT JOIN res_company y ON y.id = o.company_id
                 LEFT JOIN product_product v ON v.id = x.product_id
                 LEFT JOIN product_template t ON t.id = v.product_tmpl_id""",
            # the same at each reading; whole numbers up to here are exact in a browser
            id=SQL(
                """hashtextextended(CONCAT_WS(',', %s, x.part, x.order_id, x.day,
                       x.month, x.product_id, x.row_id), 0) & (2::bigint ^ 53)::bigint
                   - 1""",
                table,
            ),
            columns=facts._columns_sql(
                {
                    **{name: SQL(text) for name, text in names.items()},
                    "team_id": SQL(
                        """CASE WHEN o.id IN (SELECT %s FROM contract_history
                                               WHERE kind = 'office'
                                                 AND old_value IS NOT NULL)
                                THEN %s ELSE o.team_id END""",
                        facts._subject(),
                        facts._monthly_office_sql(SQL("x.upto")),
                    ),
                    **{
                        name: SQL("x.%s", SQL.identifier(name))
                        for name in (*AMOUNTS, *COUNTS)
                    },
                    **rates,
                }
            ),
            rows=SQL(" UNION ALL ").join(self._parts(facts, table).values()),
            table=SQL.identifier(table),
        )

    def _parts(self, facts, table):
        """SQL of the rows of each kind: ``{part: SQL}``."""
        subject = facts._subject()
        on_day = SQL("JOIN calendar c ON c.company_id = d.company_id AND c.day = d.day")
        parts = {
            "day": self._part_sql(
                "day",
                SQL("(%s) d %s", facts._kept_sql("days"), on_day),
                product_id="d.product_id",
                delivered="d.booked_delivered",
                invoiced="d.booked_invoiced",
                received="d.booked_received",
                adjusted="d.booked_adjusted",
                matured="d.booked_matured",
                collected="d.booked_matured",
            ),
            "due": self._part_sql(
                "due",
                SQL("(%s) d %s", self._unpaid_sql(facts), on_day),
                collected="-d.due",
                overdue="d.overdue",
            ),
            "deviation": self._part_sql(
                "deviation",
                SQL(
                    """(SELECT id, %s AS order_id, company_id, date AS day, kind
                          FROM contract_deviation
                         WHERE state <> 'cancelled') d %s""",
                    subject,
                    on_day,
                ),
                row_id="d.id",
                deviation_kind="d.kind",
                deviations="1",
            ),
            "ended": self._part_sql(
                "ended",
                SQL(
                    """(SELECT v.id, %s AS order_id, v.company_id, v.kind,
                               (COALESCE(v.verified_on, v.ended_on) AT TIME ZONE 'UTC'
                                AT TIME ZONE COALESCE(NULLIF(z.contract_tz, ''), 'UTC')
                               )::date AS day
                          FROM contract_deviation v
                          JOIN res_company z ON z.id = v.company_id
                         WHERE v.state IN ('closed', 'waived')) d %s""",
                    subject,
                    on_day,
                ),
                row_id="d.id",
                deviation_kind="d.kind",
                deviations_closed="1",
            ),
            "plan": self._part_sql(
                "plan",
                SQL(
                    """(SELECT l.id, l.%s AS order_id, l.company_id, NULL::date AS day,
                               l.booked_plan_delivery, l.booked_plan_collection,
                               n.month
                          FROM planned n
                          JOIN contract_monthly_record_line l ON l.record_id = n.id
                         WHERE l.booked_plan_delivery <> 0
                            OR l.booked_plan_collection <> 0) d
                       JOIN (SELECT DISTINCT company_id, month, upto FROM calendar) c
                         ON c.company_id = d.company_id AND c.month = d.month""",
                    subject,
                ),
                row_id="d.id",
                planned_delivery="d.booked_plan_delivery",
                planned_collection="d.booked_plan_collection",
            ),
        }
        if table == "sale_order":
            parts["contract"] = self._part_sql(
                "contract",
                SQL(
                    """(SELECT f.order_id, s.company_id,
                               s.contract_effective_date AS day,
                               f.total
                               / COALESCE(NULLIF(s.currency_rate, 0), 1)::numeric
                               AS total
                          FROM (%s) f JOIN sale_order s ON s.id = f.order_id) d %s""",
                    facts._kept_sql("orders"),
                    on_day,
                ),
                contracts="1",
                contracted="d.total",
            )
            parts["promise"] = self._part_sql(
                "promise",
                SQL(
                    """(SELECT k.* FROM (%s) k
                          JOIN (%s) t ON t.id = k.company_id AND k.day < t.today) d
                       %s""",
                    facts._kept_sql("promises"),
                    facts._companies_sql(),
                    on_day,
                ),
                product_id="d.product_id",
                promises="d.promises",
                punctual="d.punctual",
                due_delivery="d.booked_due_delivery",
                on_time_delivery="d.booked_on_time_delivery",
            )
        return parts

    def _part_sql(self, part, source, **columns):
        """SQL of the rows of a kind: over ``d`` of ``source``, of a day or month ``c``
        of the calendar.

        :param columns: SQL of ours of those that aren't empty
        """
        empty = {
            "product_id": "NULL::int",
            "deviation_kind": "NULL::varchar",
            "row_id": "NULL::int",
            **dict.fromkeys(AMOUNTS, "0::numeric"),
            **dict.fromkeys(COUNTS, "0::bigint"),
        }
        return SQL(
            """SELECT %s AS part, d.order_id, c.month, c.upto, d.day, %s
                 FROM %s WHERE d.order_id IS NOT NULL""",
            part,
            self.env["contract.facts"]._columns_sql(
                {name: SQL(text) for name, text in (empty | columns).items()}
            ),
            source,
        )

    @api.model
    def _unpaid_sql(self, facts):
        """SQL of what is unpaid of what fell due on a day (``due``, at the contract's
        rate), and overdue (``overdue``, as the ledger has it). Of call-offs what money
        of their frame agreement doesn't cover."""
        rows = SQL(
            """SELECT k.order_id, k.company_id, k.day, k.due,
                      CASE WHEN k.day < t.today THEN k.booked ELSE 0 END AS overdue
                 FROM (%s) k JOIN (%s) t ON t.id = k.company_id""",
            facts._kept_sql("unpaids"),
            facts._companies_sql(),
        )
        if facts._name != "contract.facts":
            return rows
        return SQL(
            """%s WHERE k.order_id NOT IN (SELECT order_id FROM relief)
               UNION ALL
               SELECT w.order_id, s.company_id, w.day,
                      w.amount / COALESCE(NULLIF(s.currency_rate, 0), 1)::numeric,
                      CASE WHEN w.day < w.cutoff THEN w.booked ELSE 0 END
                 FROM owed w JOIN sale_order s ON s.id = w.order_id
                WHERE w.day IS NOT NULL""",
            rows,
        )

    @api.depends("number")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.number

    @api.readonly
    def action_open_order(self):
        """Open the contract or the frame agreement."""
        self.ensure_one()
        return (self.order_id or self.frame_id)._contract_form_action()
