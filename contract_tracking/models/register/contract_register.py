from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.windows import window

# What is told of the month, of the year and to date.
MOVING = ("delivered", "invoiced", "received")
SPANS = ("_month", "_year")
TODAY = "As of today, with taxes; of a month or year: what is dated in it."


def _amount(string, help_text=None):
    return fields.Monetary(
        string=string,
        currency_field="company_currency_id",
        readonly=True,
        help=help_text or TODAY,
    )


def _contract_amount(string):
    return fields.Monetary(
        string=f"{string} (Contract Currency)", readonly=True, help=TODAY
    )


def _share(string, help_text):
    return fields.Float(
        string=string, readonly=True, digits=0, aggregator="avg", help=help_text
    )


def _count(string, help_text):
    return fields.Integer(string=string, readonly=True, help=help_text)


class ContractRegister(models.Model):
    """台账 The register: a row a contract in effect or ended, and a row a frame
    agreement, with the columns of 附表5 as of today.

    Amounts with taxes: ``booked_…`` in the company's currency, so that contracts in
    several currencies add up (agreed, delivered and fallen due at the contract's rate,
    invoiced and received as the ledger has them), the others in the contract's. A frame
    agreement has its own money only: what was agreed, delivered and invoiced stands in
    the rows of its call-offs, so that sums count nothing twice; receivable and overdue
    are those of the ageing. Months and years end as the company's months do. Serves D5
    §5.1 and D9 §3.2.
    """

    _name = "contract.register"
    _inherit = ["contract.rate.mixin"]
    _description = "Contract Register"
    _auto = False
    _rec_name = "number"
    _order = "signing_date desc, number, id"
    _contract_rates = {
        "collection_rate_year": ("booked_collected_year", "booked_matured_year"),
        "collection_rate": ("booked_collected", "booked_matured"),
        "completion": ("booked_delivered", "booked_total"),
    }

    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    frame_id = fields.Many2one(
        "contract.frame", string="Frame Agreement", readonly=True
    )
    kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
            ("frame", "Frame agreement"),
        ],
        readonly=True,
    )
    number = fields.Char(string="Contract No.", readonly=True)
    state = fields.Selection(
        selection=lambda self: (
            self.env["sale.order"]
            ._fields["contract_state"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    health = fields.Selection(
        selection=lambda self: (
            self.env["sale.order"]
            ._fields["contract_health"]
            ._description_selection(self.env)
        ),
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    product_id = fields.Many2one(
        "product.product",
        string="Main Product",
        readonly=True,
        help="The product of the order line that costs most.",
    )
    product_names = fields.Char(
        string="Products", compute="_compute_words", compute_sudo=True
    )
    payment_terms = fields.Char(compute="_compute_words", compute_sudo=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    owner_id = fields.Many2one("res.users", string="Contract Owner", readonly=True)
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", readonly=True
    )
    team_id = fields.Many2one("crm.team", string="Office", readonly=True)
    signing_date = fields.Date(string="Signed", readonly=True)
    effective_date = fields.Date(string="In Effect Since", readonly=True)
    end_date = fields.Date(string="Ends On", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", string="Contract Currency", readonly=True
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    late_deliveries = _count(
        "Late Deliveries",
        "Deliveries whose agreed day has passed before all of it was there.",
    )
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Days since the oldest overdue amount fell due.",
    )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    booked_total = _amount(
        "Contract Amount",
        "Agreed total. Of a frame agreement nothing: what was called off has rows of "
        "its own.",
    )
    booked_delivered_month = _amount("Delivered in Month")
    booked_delivered_year = _amount("Delivered This Year")
    booked_delivered = _amount("Delivered to Date")
    booked_invoiced_month = _amount("Invoiced in Month")
    booked_invoiced_year = _amount("Invoiced This Year")
    booked_invoiced = _amount("Invoiced to Date", "Without down payments.")
    booked_delivered_not_invoiced = _amount(
        "Delivered not Invoiced",
        "Delivered − invoiced for goods and services, at the contract's rate. "
        "Negative: invoiced in advance.",
    )
    booked_received_month = _amount("Received in Month")
    booked_received_year = _amount("Received This Year")
    booked_received = _amount("Received to Date")
    booked_adjusted = _amount(
        "Adjusted to Date", "What closed the receivable without being money."
    )
    booked_receivable = _amount(
        "Receivable", "Invoiced − received − adjusted. Negative: paid in advance."
    )
    booked_matured = _amount(
        "Fallen Due", "Payment terms that fell due up to today, at the contract's rate."
    )
    booked_overdue = _amount(
        "Overdue Amount",
        "Fell due before today and is not covered by money. What money of its frame "
        "agreement covers of a call-off is not overdue.",
    )
    booked_relieved = _amount(
        "Covered by the Frame Agreement",
        "Part of the receivable that money claimed for the frame agreement covers.",
    )
    booked_retention = _amount(
        "Retention Outstanding",
        "What is unpaid of the retention terms, due or not, at the contract's rate.",
    )
    retention_until = fields.Date(
        readonly=True,
        help="When the last of the retention falls due; empty as long as it waits for "
        "an event.",
    )
    booked_matured_year = _amount("Fallen Due This Year")
    booked_collected = _amount(
        "Paid of What Fell Due", "Fallen due − what is unpaid of it."
    )
    booked_collected_year = _amount(
        "Paid of What Fell Due This Year",
        "Fallen due this year − what is unpaid of it.",
    )
    booked_risk_outstanding = _amount(
        "Open on Risk",
        "What left, or was released, on an approved risk shipment and is not paid.",
    )
    total = _contract_amount("Contract Amount")
    delivered_month = _contract_amount("Delivered in Month")
    delivered_year = _contract_amount("Delivered This Year")
    delivered = _contract_amount("Delivered to Date")
    invoiced_month = _contract_amount("Invoiced in Month")
    invoiced_year = _contract_amount("Invoiced This Year")
    invoiced = _contract_amount("Invoiced to Date")
    delivered_not_invoiced = _contract_amount("Delivered not Invoiced")
    received_month = _contract_amount("Received in Month")
    received_year = _contract_amount("Received This Year")
    received = _contract_amount("Received to Date")
    adjusted = _contract_amount("Adjusted to Date")
    receivable = _contract_amount("Receivable")
    matured = _contract_amount("Fallen Due")
    overdue = _contract_amount("Overdue Amount")
    retention = _contract_amount("Retention Outstanding")
    risk_outstanding = _contract_amount("Open on Risk")
    collection_rate_year = _share(
        "Collection Rate This Year",
        "Of what fell due this year, the due day included: which share was received.",
    )
    collection_rate = _share(
        "Collection Rate",
        "Of what fell due to date, the due day included: which share was received.",
    )
    completion = _share("Completion", "Delivered to date ÷ contract amount.")
    deviations_new = _count("New Deviations", "Found or reported in the month.")
    deviations_closed = _count("Closed Deviations", "Closed or waived in the month.")
    deviations_open = _count("Open Deviations", "Neither closed nor waived.")

    @property
    def _table_query(self):
        Facts = self.env["contract.facts"]
        Frame = self.env["contract.facts.frame"]
        # what money of a frame agreement covers of its call-offs
        ctes, *_rows = Facts._balances_parts()
        return SQL(
            # what nobody asks of a union inside is not reckoned
            "%s, period AS MATERIALIZED (%s) SELECT * FROM (%s UNION ALL %s) r",
            ctes,
            Facts._period_sql(),
            self._rows_sql(
                Facts,
                "sale_order",
                SQL("contract_row b LEFT JOIN relief r ON r.order_id = b.order_id"),
                {
                    "id": "o.id * 2",
                    "order_id": "o.id",
                    "frame_id": "NULL::int",
                    "kind": "COALESCE(o.contract_kind, 'contract')",
                    "number": "COALESCE(o.contract_number, o.name)",
                    "state": "f.state",
                    "user_id": "o.user_id",
                    "owner_id": "o.contract_owner_id",
                    "supervisor_id": "o.contract_supervisor_id",
                    "signing_date": "o.contract_signing_date",
                    "effective_date": "o.contract_effective_date",
                    "end_date": "o.contract_end_date",
                    "product_id": """(
                        SELECT l.product_id FROM sale_order_line l
                         WHERE l.order_id = o.id AND l.product_id IS NOT NULL
                           AND NOT COALESCE(l.is_downpayment, FALSE)
                         ORDER BY l.price_total DESC, l.id LIMIT 1)""",
                    # what never took effect was never agreed
                    "total": """CASE WHEN o.contract_effective_date IS NOT NULL
                                     THEN f.total ELSE 0 END""",
                    "booked_total": """CASE WHEN o.contract_effective_date IS NOT NULL
                        THEN f.total / COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric
                        ELSE 0 END""",
                    "booked_delivered_not_invoiced": """f.delivered_not_invoiced
                        / COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric""",
                },
            ),
            self._rows_sql(
                Frame,
                "contract_frame",
                SQL("frame_row b LEFT JOIN relief r ON FALSE"),
                {
                    "id": "o.id * 2 + 1",
                    "order_id": "NULL::int",
                    "frame_id": "o.id",
                    "kind": "'frame'",
                    "number": "o.name",
                    "state": "CASE f.state WHEN 'closed' THEN 'completed' "
                    "ELSE f.state END",
                    # who follows a frame agreement is its owner
                    "user_id": "o.owner_id",
                    "owner_id": "o.owner_id",
                    "supervisor_id": "o.supervisor_id",
                    "signing_date": "o.signing_date",
                    "effective_date": "COALESCE(o.date_start, o.effective_date)",
                    "end_date": "o.date_end",
                    "product_id": "NULL::int",
                    "total": "0",
                    "booked_total": "0",
                    "booked_delivered_not_invoiced": "0",
                },
            ),
        )

    def _rows_sql(self, facts, table, balance, columns):
        """SQL of the rows of the contracts, or frame agreements, of ``facts``.

        :param balance: SQL of what they owe (``b``), and of what of it money of a frame
            agreement covers (``r``)
        :param columns: ``{column: SQL of ours}`` of those that differ
        """
        subject = facts._subject()
        # each is left out of the query where nothing of it is asked for
        parts = {
            "m": SQL(
                "SELECT %s FROM (%s) d WHERE d.order_id = f.order_id",
                SQL(", ").join(
                    facts._days_sums_sql(condition, suffix)
                    for suffix, condition in (
                        ("", SQL("TRUE")),
                        ("_month", SQL("d.day >= t.month_from")),
                        ("_year", SQL("d.day >= t.year_from")),
                    )
                ),
                facts._kept_sql("days"),
            ),
            "a": SQL(
                "SELECT %s FROM %s WHERE b.order_id = f.order_id",
                self._balance_columns(facts),
                balance,
            ),
            "u": SQL(
                """SELECT COALESCE(SUM(d.amount), 0) AS due FROM (%s) d
                    WHERE d.order_id = f.order_id AND d.day >= t.year_from""",
                facts._kept_sql("unpaids"),
            ),
            "v": SQL(
                "SELECT %s FROM contract_deviation d WHERE d.%s = f.order_id",
                facts._columns_sql(
                    {
                        name: SQL("COUNT(*) FILTER (WHERE %s)", condition)
                        for name, condition in facts._deviation_conditions().items()
                    }
                ),
                subject,
            ),
        }
        return SQL(
            """SELECT %(columns)s
                 FROM (%(kept)s) f
                 JOIN %(table)s o ON o.id = f.order_id
                 JOIN res_partner p ON p.id = o.partner_id
                 JOIN res_company y ON y.id = o.company_id
                 JOIN res_currency c ON c.id = o.currency_id
                 JOIN period t ON t.company_id = o.company_id
                 %(parts)s
                 LEFT JOIN (%(risk)s) k ON k.contract_id = f.order_id
                WHERE f.state <> 'confirmed'""",
            columns=facts._columns_sql(
                {
                    **self._columns(),
                    **{name: SQL(text) for name, text in columns.items()},
                }
            ),
            kept=facts._kept_sql("orders"),
            table=SQL.identifier(table),
            parts=SQL(" ").join(
                SQL("LEFT JOIN LATERAL (%s) %s ON TRUE", part, SQL.identifier(alias))
                for alias, part in parts.items()
            ),
            risk=self._risk_sql(subject),
        )

    def _columns(self):
        """``{column: SQL}`` of what is told of contracts and frame agreements alike,
        over what is kept of them (``f``), what moved (``m``), what they owe (``a``),
        their deviations (``v``) and permissions (``k``)."""

        def rounded(sql):
            return SQL("ROUND((%s)::numeric, c.decimal_places)", sql)

        figures = {
            f"{name}_{span}": rounded(SQL("m.%s", SQL.identifier(f"{name}_{span}")))
            for name in MOVING
            for span in ("month", "year")
        }
        figures |= {
            name: rounded(SQL("f.%s", SQL.identifier(name)))
            for name in (*MOVING, "adjusted", "delivered_not_invoiced", "matured")
        }
        figures |= {
            f"booked_{name}": SQL("m.%s", SQL.identifier(f"booked_{name}"))
            for name in (
                *(f"{name}{span}" for name in MOVING for span in ("", *SPANS)),
                "adjusted",
                "matured",
                "matured_year",
            )
        }
        collected = SQL("GREATEST(f.matured - a.due, 0) / NULLIF(f.matured, 0)")
        collected_year = SQL(
            """GREATEST(m.matured_year - LEAST(a.due, u.due), 0)
               / NULLIF(m.matured_year, 0)"""
        )
        return {
            "partner_id": SQL("p.commercial_partner_id"),
            "team_id": SQL("o.team_id"),
            "company_id": SQL("o.company_id"),
            "currency_id": SQL("o.currency_id"),
            "company_currency_id": SQL("y.currency_id"),
            "health": SQL("f.health"),
            "late_deliveries": SQL("f.late_deliveries"),
            **figures,
            "receivable": rounded(SQL("a.receivable")),
            "overdue": rounded(SQL("a.overdue")),
            "days_overdue": SQL("a.days"),
            "booked_receivable": SQL("a.booked_receivable"),
            "booked_overdue": SQL("a.booked_overdue"),
            "booked_relieved": SQL("a.booked_relieved"),
            "retention": rounded(SQL("f.retention")),
            "booked_retention": SQL("f.booked_retention"),
            "retention_until": SQL("f.retention_until"),
            "booked_collected": SQL("m.booked_matured * (%s)", collected),
            "booked_collected_year": SQL(
                "m.booked_matured_year * (%s)", collected_year
            ),
            "collection_rate": SQL("COALESCE(%s, 0)", collected),
            "collection_rate_year": SQL("COALESCE(%s, 0)", collected_year),
            "completion": SQL("COALESCE(f.delivered / NULLIF(f.total, 0), 0)"),
            "risk_outstanding": rounded(SQL("COALESCE(k.outstanding, 0)")),
            "booked_risk_outstanding": SQL("COALESCE(k.outstanding_company, 0)"),
            **{
                name: SQL("v.%s", SQL.identifier(name))
                for name in ("deviations_new", "deviations_closed", "deviations_open")
            },
        }

    def _balance_columns(self, facts):
        """SQL of what is owed, less what is covered by money of a frame agreement."""
        own = ("receivable", "booked_receivable")
        aged = ("due", "overdue", "booked_overdue")
        return facts._columns_sql(
            {
                **{name: SQL("MAX(b.%s)", SQL.identifier(name)) for name in own},
                **{
                    name: SQL(
                        """COALESCE(MAX(CASE WHEN r.order_id IS NULL THEN b.%(name)s
                                             ELSE COALESCE(r.%(name)s, 0) END), 0)""",
                        name=SQL.identifier(name),
                    )
                    for name in aged
                },
                "days": SQL(
                    """COALESCE(MAX(CASE WHEN r.order_id IS NULL THEN b.days
                                         ELSE b.cutoff - r.oldest END), 0)"""
                ),
                "booked_relieved": SQL("COALESCE(MAX(r.booked_relieved), 0)"),
            }
        )

    def _risk_sql(self, subject):
        """SQL of what is open on the permissions of a contract."""
        return SQL(
            """SELECT w.%(subject)s AS contract_id, SUM(x.outstanding) AS outstanding,
                      SUM(x.outstanding_company) AS outstanding_company
                 FROM (%(figures)s) x
                 JOIN contract_risk_shipment w ON w.id = x.application_id
                GROUP BY w.%(subject)s""",
            subject=subject,
            figures=self.env["contract.risk.shipment"]._figures_sql(SQL("TRUE")),
        )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("number", "order_id", "frame_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.number

    @api.depends_context("lang")
    @api.depends("order_id", "frame_id")
    def _compute_words(self):
        """What it sells and how it is paid, as the monthly record says it."""
        for row in self:
            order, frame = row.order_id, row.frame_id
            terms = (order.contract_term_ids or frame.term_ids).filtered(
                lambda term: term.kind == "payment" and not term.valid_to
            )
            lines = order.order_line.filtered(lambda line: line._contract_is_promise())
            products = lines.product_id or frame.line_ids.product_id
            row.payment_terms = (
                "; ".join(terms.mapped("name")) or order.payment_term_id.name
            )
            row.product_names = ", ".join(products.mapped("name"))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Rows are found first and reckoned then: a page of a list costs its own rows,
        not those of the whole register."""
        rows = super().search_fetch(domain, [], offset, limit, order)
        rows.fetch(field_names)
        return rows

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_order(self):
        """Open the contract or the frame agreement."""
        self.ensure_one()
        return (self.order_id or self.frame_id)._contract_form_action()

    def action_contract_figure(self):
        """Open the rows of the figure that the context names."""
        self.ensure_one()
        # call-offs have rows of their own
        frame = self.frame_id.with_context(contract_own_rows=True)
        return (self.order_id or frame).action_contract_figure()

    @api.readonly
    def action_view_deviations(self):
        """Open the deviations of the contract."""
        self.ensure_one()
        domain = [
            ("order_id", "=", self.order_id.id),
            ("frame_id", "=", self.frame_id.id),
        ]
        return window(self.env, "contract_deviation_action", domain=domain, context={})
