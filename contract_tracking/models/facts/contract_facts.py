from odoo import api, fields, models, tools
from odoo.tools import SQL, split_every

# The parts of the statement, each after those that it reads. Where a part stands:
# ledgers in this room, money in the room of money, promises in the room of terms.
CHAIN = (
    "scope", "lowered", "line", "moved", "by_hand", "undated", "clocked", "kit",
    "clock_row", "handover", "delivered", "held", "held_now", "price",
    "billed_elsewhere", "unbilled", "elsewhere", "document", "billing", "invoiced",
    "invoice_share", "receivable", "partial",
    # money
    "matched", "receipt_entry", "receipt", "money", "open_bill", "settled_item",
    "unmatched", "open_item", "credited", "instalment",
    # promises
    "agreed", "worth", "basis", "final", "term", "deposit", "money_in",
    "free_total", "deposit_total", "still_promised", "last_handover", "dispatched",
    "signed_for", "read_event", "recorded_event", "event", "batch", "matured_share",
    "working_time", "holiday", "fallen", "taken_back", "due",
    # who gets the money
    "claimed", "matured", "demand", "free_money", "allocated", "free_on", "paid_on",
    "next_due", "due_before", "needed_by", "paid_late", "free_receipt",
    "other_instrument",
    # what became of it
    "promised", "held_total", "fulfilled", "fulfilled_on", "outcome",
    "judged", "fact",
)  # fmt: skip
# How many contracts are read at once: beyond, the work and the memory of a statement
# grow faster than they do.
BATCH = 500


class ContractFacts(models.AbstractModel):
    """What became of the promises, read from the ERP's own rows in one statement.

    Every figure of a contract or of a term comes from here: on screens, in filters
    and groups, in tracking records, live or as of a day. Amounts include taxes, in
    the contract's currency; quantities are in the order line's unit; days are days
    in the company's time zone (``res.company.contract_tz``). Serves D7 §1–3, D9 §3.

    The statement is a chain of common table expressions, one method each
    (``_cte_<name>``, whose docstring says what a row is)::

        scope ─► lowered ─► line
        scope ─► line ─► moved ─► clocked ─► kit ─► clock_row ─► handover ─► delivered
          │        │       └─► undated ◄─ by_hand ───►┘             └──────► held
          │        ├───► billed_elsewhere, unbilled, price ─► elsewhere ─► invoiced
          │        └───► document ─► billing ─► invoiced
          │                 └─────► invoice_share ─► receivable ─► partial ─► matched
          │                                              │                      │
          │                          receipt_entry ◄─────┼──────────────────────┘
          │                                └─► receipt ─► money, open_bill
          │                                                 ├─► instalment
          └─► agreed ─► final ─► term ─► money_in ─► free_total, deposit_total
                ├─► worth ◄─ price;  worth ─► batch;  basis
                │        still_promised, last_handover ─► dispatched, signed_for
                │        read_event, recorded_event ─► event
                ├─► fallen ◄─ event, matured_share ◄─ batch ◄─ handover, invoiced
                │    ▲──── working_time, holiday
                ├─► due ◄─ fallen, taken_back ◄─ invoiced
                ├─► matured ─► demand ─► allocated ◄─ free_money ◄─ money_in
                │       └─► free_on, paid_on, next_due, paid_late, other_instrument
                ├─► promised ─► fulfilled, fulfilled_on ◄─ held_total, held_now ◄─ held
                └─► outcome ─► judged ─► fact

    A room above adds parts and columns to the figures of a contract
    (:meth:`_order_parts`, :meth:`_order_columns`, :meth:`_order_results`).
    """

    _name = "contract.facts"
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
        if not cutoff:
            rows = self._read_kept("terms", orders._origin.ids)
            return {row["term_id"]: row for row in rows}
        return {
            row["term_id"]: row
            for batch in self._batches(orders)
            for row in self._execute(self._terms_sql(batch, cutoff))
        }

    @api.model
    def _read_orders(self, orders, cutoff=None):
        """Return the figures of ``orders``: ``{order id: row dict}``."""
        if not cutoff:
            rows = self._read_kept("orders", orders._origin.ids)
            return {row["order_id"]: row for row in rows}
        return {
            row["order_id"]: row
            for batch in self._batches(orders)
            for row in self._execute(self._orders_sql(batch, cutoff))
        }

    @api.model
    def _late_order_ids(self, orders):
        """The ids of those ``orders`` of which a term is late today."""
        terms = self._read_terms(orders)
        return {row["order_id"] for row in terms.values() if row["is_late"]}

    @api.model
    def _read_invoices(self, orders, cutoff=None):
        """Return the posted invoices of ``orders``: ``{order id: [{name, day, amount,
        deposit}, …]}``, amounts of this contract's lines. They add up to what is
        invoiced: down payments and their deductions stand apart (``deposit``), and what
        was invoiced before the contract was kept here, or elsewhere, has no name."""
        result = {}
        for batch in self._batches(orders):
            for row in self._execute(self._invoices_sql(batch, cutoff)):
                result.setdefault(row["order_id"], []).append(row)
        return result

    def _invoices_sql(self, orders, cutoff):
        return SQL(
            """%s SELECT b.order_id, v.name, b.invoice_date AS day,
                         COALESCE(SUM(b.amount) FILTER (
                             WHERE NOT b.is_downpayment), 0) AS amount,
                         COALESCE(SUM(b.amount) FILTER (
                             WHERE b.is_downpayment), 0) AS deposit, b.move_id
                    FROM billing b JOIN account_move v ON v.id = b.move_id
                   WHERE b.invoice_date <= b.cutoff
                   GROUP BY b.order_id, b.move_id, v.name, b.invoice_date
                   UNION ALL
                  SELECT order_id, NULL, opening_date, opening_invoiced, 0, 0
                    FROM scope WHERE opening_invoiced <> 0
                   UNION ALL
                  SELECT order_id, NULL, day, SUM(amount), 0, 0
                    FROM elsewhere GROUP BY order_id, day
                   ORDER BY day NULLS FIRST, move_id""",
            self._with_sql(self._scope(orders), cutoff),
            to_flush=self._reads(("account.move", "name")),
        )

    @api.model
    def _read_delivered(self, orders):
        """Return what was delivered of the lines of ``orders``: ``{line id: (quantity
        in the line's unit, amount)}``. Core's ``qty_delivered`` follows later edits of
        kits and units."""
        return {
            row["line_id"]: (float(row["quantity"]), float(row["amount"]))
            for batch in self._batches(orders)
            for row in self._execute(
                SQL(
                    """%s SELECT line_id, SUM(quantity) AS quantity,
                             SUM(amount) AS amount
                        FROM worth WHERE clock = 'dispatch' GROUP BY line_id""",
                    self._with_sql(self._scope(batch), None),
                )
            )
        }

    @api.model
    def _read_undated(self, orders):
        """Return what core counts today as delivered and invoiced and neither documents
        nor history date: ``{(line id, kind of the history): (what the history dates,
        the difference)}``."""
        return {
            (row["line_id"], row["kind"]): (row["known"], row["quantity"])
            for batch in self._batches(orders)
            for row in self._execute(
                SQL(
                    """%s SELECT line_id, 'delivered' AS kind, known, quantity
                            FROM undated WHERE quantity <> 0
                          UNION ALL
                          SELECT line_id, 'invoiced', known, quantity
                            FROM unbilled WHERE quantity <> 0""",
                    self._with_sql(self._scope(batch), None),
                )
            )
        }

    @api.model
    def _changed(self):
        """Let go of the figures that are in memory: a row that they are read from was
        written. Costs no query."""
        for model, names in self._fact_fields():
            self.env[model].invalidate_model(names, flush=False)

    @api.model
    @tools.ormcache()
    def _fact_fields(self):
        """The fields that are computed from the facts: ``[(model, names)]``."""
        return [
            (name, fnames)
            for name, model in self.env.items()
            if (
                fnames := [
                    fname
                    for fname, field in model._fields.items()
                    if field.compute in getattr(model, "_contract_fact_computes", ())
                ]
            )
        ]

    def _batches(self, orders):
        """``orders`` by their ids, in parts that one statement reads well."""
        return map(orders.browse, split_every(BATCH, sorted(orders._origin.ids)))

    def _execute(self, sql):
        # compiling the plan takes longer than running it
        return self.env.execute_query_dict(SQL("SET LOCAL jit = off; %s", sql))

    def _prepare(self):
        """Before the statement is joined to a query of the ORM."""
        self.env.cr.execute("SET LOCAL jit = off")

    @api.model
    def _reads(self, *models_and_fields):
        """The fields that a part of the statement reads: flushed before it runs.

        :param models_and_fields: (model, names of its stored fields in one string)
        """
        return [
            self.env[model]._fields[name]
            for model, names in models_and_fields
            for name in names.split()
        ]

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    @api.model
    def _terms_sql(self, orders=None, cutoff=None):
        """SQL of one row a term: agreed, actual, variance, due date, status.

        :param orders: ``sale.order`` records, or None for all contracts, ended ones
            included
        """
        return SQL("%s SELECT * FROM fact", self._with_sql(self._scope(orders), cutoff))

    @api.model
    def _orders_sql(self, orders=None, cutoff=None):
        """SQL of one row a contract: figures to date and the state of its terms."""
        return SQL(
            "%s, %s SELECT *, %s FROM figure",
            self._with_sql(self._scope(orders), cutoff),
            self._figure_sql(),
            self._columns_sql(self._order_results()),
        )

    def _figure_sql(self):
        """The chain goes on to one row a contract (``figure``), without what is made of
        its own columns."""
        parts = self._order_parts()
        return SQL(
            """%(parts)s,
            figure AS MATERIALIZED (SELECT %(columns)s FROM scope s %(joins)s)""",
            parts=SQL(", ").join(
                SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), sql)
                for name, sql in parts.items()
                if sql
            ),
            columns=self._columns_sql(self._order_columns()),
            joins=SQL(" ").join(
                SQL(
                    "LEFT JOIN %(part)s ON %(part)s.order_id = s.order_id",
                    part=SQL.identifier(name),
                )
                for name in parts
            ),
        )

    @api.model
    def _columns_sql(self, columns):
        return SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
        )

    def _order_parts(self):
        """Parts with one row a contract (``order_id``) that its figures are made of.

        :return: ``{name: SQL}``; None for a part that the statement has already
        """
        return {
            "basis": None,
            "shipped": SQL(
                """SELECT order_id, SUM(amount) AS delivered,
                          MAX(day) FILTER (WHERE quantity > 0) AS last_delivery
                     FROM worth WHERE clock = 'dispatch' GROUP BY order_id"""
            ),
            "billed": SQL(
                """SELECT order_id, SUM(amount) AS invoiced,
                          SUM(amount) FILTER (WHERE is_goods) AS invoiced_goods
                     FROM invoiced GROUP BY order_id"""
            ),
            "cash": SQL(
                """SELECT order_id, SUM(received) AS received,
                          SUM(adjusted) AS adjusted
                     FROM money GROUP BY order_id"""
            ),
            "promise": SQL(
                """SELECT order_id,
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
                              / NULLIF(SUM(weight) FILTER (
                                  WHERE kind = 'milestone'), 0) AS milestones
                     FROM fact GROUP BY order_id"""
            ),
            "instalment": None,
            "open_bill": None,
        }

    def _order_columns(self):
        """Columns of a contract's figures, over ``scope`` (``s``) and the parts:
        ``{name: SQL}``."""
        by_terms = SQL("COALESCE(promise.payment_terms, 0) > 0")
        columns = {
            name: SQL("s.%s", SQL.identifier(name))
            for name in ("order_id", "cutoff", "total", "decimals", "tolerance")
        }
        columns["is_running"] = SQL("s.contract_state IN ('active', 'suspended')")
        for part, names in (
            ("cash", ("received", "adjusted")),
            (
                "promise",
                (
                    "payment_terms",
                    "late_deliveries",
                    "late_others",
                    "due_soon",
                    "waiting",
                    "mismatches",
                ),
            ),
        ):
            for name in names:
                columns[name] = SQL("COALESCE(%s, 0)", SQL.identifier(part, name))
        return {
            **columns,
            # shares of a rebate end somewhere
            "goods_total": SQL("ROUND(COALESCE(basis.goods_total, 0), s.decimals)"),
            "delivered": SQL("ROUND(COALESCE(shipped.delivered, 0), s.decimals)"),
            "last_delivery": SQL("shipped.last_delivery"),
            "invoiced": SQL("COALESCE(billed.invoiced, 0) + s.opening_invoiced"),
            "invoiced_goods": SQL(
                "COALESCE(billed.invoiced_goods, 0) + s.opening_invoiced"
            ),
            "matured": SQL(
                """CASE WHEN %s THEN COALESCE(promise.matured, 0)
                        ELSE COALESCE(instalment.matured, 0) END""",
                by_terms,
            ),
            "overdue": SQL(
                """CASE WHEN %s THEN COALESCE(promise.overdue, 0)
                        ELSE COALESCE(instalment.overdue, 0) END""",
                by_terms,
            ),
            "late_payments": SQL(
                """CASE WHEN %s THEN promise.late_payments
                        ELSE (COALESCE(instalment.overdue, 0) > s.tolerance)::int
                        END""",
                by_terms,
            ),
            "next_due": SQL("promise.next_due"),
            "next_term_id": SQL("promise.next_term_id"),
            "milestones": SQL("promise.milestones"),
            "bills": SQL("COALESCE(open_bill.amount, 0)"),
            "counted_bills": SQL("COALESCE(open_bill.counted, 0)"),
        }

    def _order_results(self):
        """Columns that are made of the figures' own columns: ``{name: SQL}``."""
        return {
            "delivered_not_invoiced": SQL("delivered - invoiced_goods"),
            # a fee is delivered when it is invoiced
            "delivered_unpaid": SQL("delivered + invoiced - invoiced_goods - received"),
            "receivable": SQL("invoiced - received - adjusted"),
            "exposure": SQL(
                """delivered + invoiced - invoiced_goods - received - adjusted
                   + counted_bills"""
            ),
            "delivery_progress": SQL(
                "CASE WHEN goods_total = 0 THEN 0 ELSE delivered / goods_total END"
            ),
            "payment_progress": SQL(
                "CASE WHEN total = 0 THEN 0 ELSE received / total END"
            ),
            "collection_rate": SQL(
                """CASE WHEN matured = 0 THEN NULL
                        ELSE GREATEST(matured - overdue, 0) / matured END"""
            ),
        }

    def _scope(self, orders=None):
        """SQL of the condition which contracts are asked for."""
        if orders is None:
            return self._scope_all()
        return SQL("%s = ANY(%s)", self._scope_id(), list(orders._origin.ids))

    def _scope_id(self):
        return SQL("so.id")

    def _scope_all(self):
        # ended ones keep owing
        return SQL("so.contract_state <> 'draft'")

    def _now_sql(self):
        """SQL of the time."""
        return SQL("%s", fields.Datetime.now())

    def _with_sql(self, scope, cutoff):
        """The chain of common table expressions up to one row a term (``fact``)."""
        asked = {"scope": (scope, cutoff)}
        return SQL(
            "WITH %s",
            SQL(", ").join(
                SQL(
                    # joined into each other they are computed again for each row
                    "%s AS MATERIALIZED (%s)",
                    SQL.identifier(name),
                    getattr(self, f"_cte_{name}")(*asked.get(name, ())),
                )
                for name in CHAIN
            ),
        )

    def _subject(self):
        """The column by which terms, events and claims belong to the contract."""
        return SQL("order_id")

    def _agreed_total_sql(self, subject, alias, cutoff, now):
        """The agreed total as of a day.

        :param now: SQL of the total that is agreed now
        """
        return now
