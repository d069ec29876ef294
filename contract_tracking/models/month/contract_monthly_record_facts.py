from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ...tools.guard import unguarded
from ..facts.contract_facts import BATCH
from .contract_monthly_record_line import MOVING

# What the line takes from the row of the facts as it is.
FIGURES = (
    "total",
    *MOVING,
    "adjusted",
    "delivered_not_invoiced",
    "receivable",
    "matured",
    "overdue",
)


class ContractMonthlyRecord(models.Model):
    """What a record says, read from the facts as of its cut-off: one pass of their
    statement, a batch of contracts at a time, written as a set. What moved in the month
    is read once more as of the cut-off before.
    """

    _inherit = "contract.monthly.record"

    # ------------------------------------------------------------------
    # Making them
    # ------------------------------------------------------------------

    @api.model
    def _generate(self, company, month):
        """Make the records of a month: a draft for each office that has contracts, with
        a line for each contract that was open in it, moved in it or owes. Drafts that
        are there are read again, what was submitted stays.

        :param company: ``res.company``
        :param month: any day of the month
        :return: the records of the month that are drafts
        :raise UserError: if the month is not over yet
        """
        month = month.replace(day=1)
        for _left in self._generate_batches(company, month):
            pass
        return self._drafts(company, month)

    @api.model
    def _generate_batches(self, company, month):
        """Do it batch by batch: what is yielded is done. What was begun and not
        finished goes on where it stopped.

        :return: iterator of how many contracts are left
        """
        self._check_month(company, month)
        cutoff = self.env["contract.monthly.cutoff"]._open(company, month)
        if cutoff.run < 1 or cutoff.done_on:
            cutoff.write({"run": max(cutoff.run, 0) + 1, "done_on": False})
        for facts in (
            self.env["contract.facts"],
            self.env["contract.facts.frame"],
        ):
            todo = self._candidates(facts, cutoff, cutoff.run)
            left = len(todo)
            for batch in split_every(BATCH, todo, list):
                self._read_lines(facts, cutoff, batch)
                left -= len(batch)
                yield left
        drafts = self._drafts(company, month)
        Line = unguarded(self.env["contract.monthly.record.line"].sudo())
        drafts._read_heads(
            cutoff,
            Line.search([("record_id", "in", drafts.ids), ("run", "!=", cutoff.run)]),
        )
        cutoff.write({"done_on": fields.Datetime.now()})
        yield 0

    def _refresh(self, company, month):
        """Read these drafts of a month again, and nothing of other offices."""
        cutoff = self.env["contract.monthly.cutoff"]._open(company, month)
        drafts = unguarded(self.sudo()).filtered(lambda r: r.state == "draft")
        # records of single offices don't begin the month for all
        if not cutoff.run:
            cutoff.run = -1
        teams = {draft.team_id.id or None for draft in drafts}
        upto = company._contract_period(month)[1]
        kept = drafts.line_ids.browse()
        for facts in (
            self.env["contract.facts"],
            self.env["contract.facts.frame"],
        ):
            ids = [
                row["id"]
                for row in self._offices(facts, self._candidates(facts, cutoff), upto)
                if row["office"] in teams
            ]
            for batch in split_every(BATCH, ids, list):
                self._read_lines(facts, cutoff, batch)
            kept |= drafts.line_ids.search(
                [
                    ("record_id", "in", drafts.ids),
                    (facts._subject().code, "in", ids),
                ]
            )
        drafts.invalidate_recordset(["line_ids"])
        drafts._read_heads(cutoff, drafts.line_ids - kept)

    @api.model
    def _cron_generate(self):
        """Make the records of the months that are over and have none, company by
        company; once a company has records, every month since its first one."""
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([]):
            if not company.contract_monthly_auto:
                continue
            for month in self._months_due(company):
                for left in self._generate_batches(company, month):
                    if not cron._commit_progress(1, remaining=left + 1):
                        return
        cron._commit_progress(remaining=0)

    @api.model
    def _months_due(self, company):
        """The months of a company that are over and whose records aren't all made:
        those that were begun, and those since the first."""
        last = self._last_month(company)
        cutoffs = self._cutoffs_used(company)
        done = cutoffs.filtered("done_on")
        due = set((cutoffs - done).mapped("month"))
        month = self._first_month(company)
        while month <= last:
            due.add(month)
            month += relativedelta(months=1)
        yield from sorted(due - set(done.mapped("month")))

    @api.model
    def _first_month(self, company):
        """The month from which on the records of a company are due: the first that has
        some, a year ago at most. Somebody who wants one of long ago doesn't ask all
        offices for hundreds."""
        last = self._last_month(company)
        first = self._cutoffs_used(company)[:1].month or last
        return max(min(first, last), last - relativedelta(years=1))

    @api.model
    def _last_month(self, company):
        """The last month of a company that is over."""
        month = company._contract_month(company._contract_today())
        return month - relativedelta(months=1)

    @api.model
    def _cutoffs_used(self, company):
        """The cut-offs of a company that have records, the first one first."""
        return (
            self.env["contract.monthly.cutoff"]
            .sudo()
            .search([("company_id", "=", company.id), ("run", ">", 0)], order="month")
        )

    @api.model
    def _drafts(self, company, month):
        """The drafts of a month, with the addon's own rights."""
        return unguarded(self.sudo()).search(
            [
                ("company_id", "=", company.id),
                ("month", "=", month),
                ("state", "=", "draft"),
            ]
        )

    @api.model
    def _candidates(self, facts, cutoff, run=-1):
        """The ids of the contracts, or frame agreements, that the month speaks of and
        that weren't read in the reading ``run``: what is kept of them says that
        they were open in it, that something happened since its first day, that they
        owe, or that they are not what the last confirmed record said."""
        since, upto = cutoff.company_id._contract_period(cutoff.month)
        self.env.flush_all()
        facts._prepare()
        rows = self.env.execute_query(
            SQL(
                """SELECT k.order_id
                     FROM (%(kept)s) k
                     JOIN %(table)s o ON o.id = k.order_id
                     LEFT JOIN LATERAL (%(frozen)s) z ON TRUE
                     LEFT JOIN LATERAL (%(ended)s) e ON TRUE
                    WHERE k.company_id = %(company)s
                      AND (%(open)s
                       OR ABS(k.receivable) >= 0.005 OR k.overdue > 0
                       OR k.order_id IN (
                          SELECT d.order_id FROM (%(days)s) d
                           WHERE d.company_id = %(company)s AND d.day >= %(since)s)
                       OR z.id IS NOT NULL AND (z.delivered, z.invoiced, z.received)
                          IS DISTINCT FROM (k.delivered, k.invoiced, k.received))
                      AND NOT EXISTS (
                          SELECT FROM contract_monthly_record_line l
                           WHERE l.company_id = %(company)s AND l.month = %(month)s
                             AND l.%(subject)s = k.order_id
                             AND l.run = %(run)s)
                    ORDER BY k.order_id""",
                kept=facts._kept_sql("orders"),
                days=facts._kept_sql("days"),
                table=facts._monthly_table(),
                subject=facts._subject(),
                frozen=self._frozen_sql(facts, cutoff.month, SQL("k.order_id")),
                ended=self._ended_sql(facts, SQL("k.order_id")),
                open=facts._monthly_open_sql(since, upto),
                company=cutoff.company_id.id,
                month=cutoff.month,
                since=since,
                run=run,
            )
        )
        return [order_id for (order_id,) in rows]

    @api.model
    def _frozen_sql(self, facts, month, contract, since=None):
        """SQL of the line of ``contract`` in the latest confirmed record of a month
        before ``month``, and from ``since`` on, whichever office it was of."""
        return SQL(
            """SELECT l.* FROM contract_monthly_record_line l
                 JOIN contract_monthly_record r ON r.id = l.record_id
                WHERE l.%s = %s AND l.month < %s AND l.month >= %s
                  AND r.state = 'confirmed'
                ORDER BY l.month DESC LIMIT 1""",
            facts._subject(),
            contract,
            month,
            since or date.min,
        )

    @api.model
    def _ended_sql(self, facts, contract):
        """SQL of the last ``day`` on which ``contract`` was ended."""
        return SQL(
            """SELECT MAX(h.date) AS day FROM contract_history h
                WHERE h.%s = %s AND h.kind = 'state'
                  AND h.new_value IN ('completed', 'terminated', 'cancelled',
                                      'closed')""",
            facts._subject(),
            contract,
        )

    @api.model
    def _first_known_day(self, company, month):
        """The first day of the first confirmed record before a month: what happened
        from then on and was in none of them became known later. None without one."""
        first = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("month", "<", month),
                ("state", "=", "confirmed"),
            ],
            order="month",
            limit=1,
        )
        return first.date_from or None

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    @api.model
    def _read_lines(self, facts, cutoff, ids):
        """Write the lines of a batch of contracts anew."""
        company, month = cutoff.company_id, cutoff.month
        since, upto = company._contract_period(month)
        offices = self._offices(facts, ids, upto)
        self._make(company, month, {row["office"] for row in offices})
        drafts = {
            draft.team_id.id or None: draft.id for draft in self._drafts(company, month)
        }
        # of an office whose record was submitted nothing is read
        records = {
            row["id"]: drafts[row["office"]]
            for row in offices
            if row["office"] in drafts
        }
        self.env.flush_all()
        moved = self._insert_lines(facts, cutoff, records) if records else []
        if moved:
            self._split_lines(facts, cutoff, moved, since + relativedelta(days=-1))
        if facts._name == "contract.facts":
            self._read_risks(cutoff, ids, upto)
        self.env["contract.monthly.record.line"].invalidate_model()

    @api.model
    def _offices(self, facts, ids, day):
        """The office of each contract as of a day: list of dicts ``id``, ``office``."""
        return self.env.execute_query_dict(
            SQL(
                "SELECT id, %s AS office FROM %s o WHERE id = ANY(%s)",
                facts._monthly_office_sql(day),
                facts._monthly_table(),
                ids,
            )
        )

    def _insert_lines(self, facts, cutoff, records):
        """Write what the contracts are as of the cut-off, as if nothing had happened in
        the month.

        :param records: ``{id of the contract: id of its record}``
        :return: ids of those of which something did
        """
        company, month = cutoff.company_id, cutoff.month
        since, upto = company._contract_period(month)
        january = month.replace(month=1)
        year = company._contract_period(january)[0]
        first = self._first_known_day(company, month)
        following = company._contract_cutoff(month + relativedelta(months=1))
        columns = {
            "record_id": SQL("r.id"),
            "company_id": SQL("r.company_id"),
            "team_id": SQL("r.team_id"),
            "month": SQL("r.month"),
            str(facts._subject().code): SQL("m.order_id"),
            "made_on": SQL("%s::timestamp", fields.Datetime.now()),
            "run": SQL("%s", cutoff.run),
            "is_moved": SQL("m.is_moved"),
            "currency_id": SQL("m.currency_id"),
            "company_currency_id": SQL("m.home_currency_id"),
            "rate": SQL("m.rate"),
            **facts._monthly_names(company),
            **{name: SQL("m.%s", SQL.identifier(name)) for name in FIGURES},
            **{
                name: SQL("m.%s", SQL.identifier(name))
                for name in (
                    *(f"booked_{name}" for name in FIGURES),
                    "booked_deposits",
                    "booked_uncounted",
                    "booked_unposted",
                    "booked_opening",
                )
            },
            "planned_delivery": SQL("COALESCE(b.plan_delivery, 0)"),
            "planned_collection": SQL("COALESCE(b.plan_collection, 0)"),
            "booked_planned_delivery": SQL("COALESCE(b.booked_plan_delivery, 0)"),
            "booked_planned_collection": SQL("COALESCE(b.booked_plan_collection, 0)"),
            "plan_delivery": SQL("m.plan_delivery"),
            "plan_collection": SQL("m.plan_collection"),
            "booked_plan_delivery": SQL(
                "ROUND(m.plan_delivery / m.rate, m.home_decimals)"
            ),
            "booked_plan_collection": SQL(
                "ROUND(m.plan_collection / m.rate, m.home_decimals)"
            ),
            "collection_rate": SQL(
                """CASE WHEN m.matured <= 0 THEN 0
                        ELSE GREATEST(m.matured - m.due, 0) / m.matured END"""
            ),
            "collection_rate_year": SQL(
                """CASE WHEN m.matured_year <= 0 THEN 0
                        ELSE GREATEST(m.matured_year - m.due_year, 0)
                             / m.matured_year END"""
            ),
            "completion": SQL(
                "CASE WHEN m.total = 0 THEN 0 ELSE m.delivered / m.total END"
            ),
            **self._deviation_columns(facts, since, upto, company),
        }
        for name in MOVING:
            for prefix in ("", "booked_"):
                column = SQL.identifier(f"{prefix}{name}")
                now = SQL("m.%s", column)
                early = SQL.identifier("m", f"{prefix}{name}_early")
                opening = SQL("COALESCE(z.%s, %s)", column, early if first else now)
                columns |= {
                    f"{prefix}{name}_opening": opening,
                    f"{prefix}{name}_month": SQL(
                        "m.%s", SQL.identifier(f"{prefix}{name}_opened")
                    ),
                    f"{prefix}{name}_adjustment": SQL("%s - %s", now, opening),
                    f"{prefix}{name}_year": SQL(
                        "CASE WHEN y.id IS NULL THEN m.%s ELSE %s - y.%s END",
                        SQL.identifier(f"{prefix}{name}_year"),
                        now,
                        column,
                    ),
                }
        kept = {"plan_delivery", "plan_collection"}
        kept |= {f"booked_{name}" for name in kept}
        facts._prepare()
        rows = self.env.execute_query(
            SQL(
                """WITH m AS MATERIALIZED (%(rows)s)
                   INSERT INTO contract_monthly_record_line AS l (%(names)s)
                   SELECT %(values)s
                     FROM UNNEST(%(ids)s::int[], %(records)s::int[]) i (id, record_id)
                     JOIN m ON m.order_id = i.id
                     JOIN %(table)s o ON o.id = i.id
                     JOIN contract_monthly_record r ON r.id = i.record_id
                     LEFT JOIN res_partner p ON p.id = o.partner_id
                     LEFT JOIN LATERAL (%(frozen)s) z ON TRUE
                     LEFT JOIN LATERAL (%(last_year)s) y ON TRUE
                     LEFT JOIN LATERAL (%(before)s) b ON TRUE
                     LEFT JOIN LATERAL (%(ended)s) e ON TRUE
                    CROSS JOIN LATERAL (SELECT m.payment_terms) k
                    -- read late, a month knows nothing of what came after it
                    WHERE %(open)s OR m.is_told
                       OR ABS(m.receivable) >= 0.005 OR m.overdue > 0
                       OR z.id IS NOT NULL AND (z.delivered, z.invoiced, z.received)
                          IS DISTINCT FROM (m.delivered, m.invoiced, m.received)
                       ON CONFLICT (record_id, %(subject)s)
                          WHERE %(subject)s IS NOT NULL
                       DO UPDATE SET %(updates)s
                   RETURNING %(subject)s, is_moved""",
                names=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(columns.values()),
                rows=facts._monthly_rows_sql(
                    list(records), since, upto, year, following, first or since
                ),
                ids=list(records),
                records=list(records.values()),
                table=facts._monthly_table(),
                subject=facts._subject(),
                frozen=self._frozen_sql(facts, month, SQL("m.order_id")),
                ended=self._ended_sql(facts, SQL("m.order_id")),
                open=facts._monthly_open_sql(since, upto),
                last_year=self._frozen_sql(
                    facts,
                    january,
                    SQL("m.order_id"),
                    january - relativedelta(months=1),
                ),
                before=SQL(
                    """SELECT x.* FROM contract_monthly_record_line x
                         JOIN contract_monthly_record t ON t.id = x.record_id
                        WHERE x.%s = m.order_id AND x.month = %s
                          AND t.state <> 'replaced'
                        ORDER BY t.state = 'confirmed' DESC, t.id DESC LIMIT 1""",
                    facts._subject(),
                    month - relativedelta(months=1),
                ),
                updates=SQL(", ").join(
                    SQL(
                        "%(name)s = CASE WHEN l.is_planned THEN l.%(name)s"
                        " ELSE EXCLUDED.%(name)s END"
                        if name in kept
                        else "%(name)s = EXCLUDED.%(name)s",
                        name=SQL.identifier(name),
                    )
                    for name in columns
                ),
            )
        )
        return [contract for contract, is_moved in rows if is_moved]

    def _split_lines(self, facts, cutoff, ids, before):
        """Say what of these lines happened in the month and what became known of
        earlier ones: they are read as of the cut-off before, ``before``."""
        updates = {}
        first = self._first_known_day(cutoff.company_id, cutoff.month)
        for name in MOVING:
            for prefix in ("", "booked_"):
                column = f"{prefix}{name}"
                # opening figures belong to no month
                base = SQL(
                    "(m.%s + l.%s)",
                    SQL.identifier(column),
                    SQL.identifier(f"{column}_month"),
                )
                opening = SQL.identifier("l", f"{column}_opening") if first else base
                values = {"column": SQL.identifier(column), "base": base}
                values["opening"] = SQL(
                    "COALESCE(z.%s, %s)", SQL.identifier(column), opening
                )
                updates |= {
                    f"{column}_opening": values["opening"],
                    f"{column}_month": SQL("l.%(column)s - %(base)s", **values),
                    f"{column}_adjustment": SQL("%(base)s - %(opening)s", **values),
                }
        self.env.cr.execute(
            SQL(
                """UPDATE contract_monthly_record_line l SET %(updates)s
                     FROM (%(rows)s) m
                     LEFT JOIN LATERAL (%(frozen)s) z ON TRUE
                    WHERE l.%(subject)s = m.order_id AND l.month = %(month)s
                      AND l.record_id IN (
                          SELECT id FROM contract_monthly_record
                           WHERE company_id = %(company)s AND month = %(month)s
                             AND state = 'draft')""",
                updates=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), value)
                    for name, value in updates.items()
                ),
                rows=facts._monthly_base_sql(ids, before),
                frozen=self._frozen_sql(facts, cutoff.month, SQL("m.order_id")),
                subject=facts._subject(),
                month=cutoff.month,
                company=cutoff.company_id.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE contract_monthly_record_line
                      SET delivery_achieved = CASE WHEN planned_delivery > 0
                              THEN delivered_month / planned_delivery ELSE 0 END,
                          collection_achieved = CASE WHEN planned_collection > 0
                              THEN received_month / planned_collection ELSE 0 END
                    WHERE record_id = ANY(%s) AND %s = ANY(%s)""",
                self._drafts(cutoff.company_id, cutoff.month).ids,
                facts._subject(),
                ids,
            )
        )

    def _read_risks(self, cutoff, ids, upto):
        """Write what is open on risk of those of a batch that have permission."""
        Risk = self.env["contract.risk.shipment"].sudo()
        groups = Risk._read_group([("order_id", "in", ids)], ["order_id"])
        orders = self.env["sale.order"].sudo().union(*(order for (order,) in groups))
        amounts = Risk._outstanding_on(orders, upto) if orders else {}
        self.env.cr.execute(
            SQL(
                """UPDATE contract_monthly_record_line l
                      SET risk_outstanding = COALESCE(v.amount, 0),
                          booked_risk_outstanding = ROUND(
                              COALESCE(v.amount, 0) / l.rate::numeric,
                              (SELECT decimal_places FROM res_currency
                                WHERE id = l.company_currency_id))
                     FROM UNNEST(%s::int[]) i (id)
                     LEFT JOIN UNNEST(%s::int[], %s::numeric[]) v (id, amount)
                       ON v.id = i.id
                    WHERE l.order_id = i.id AND l.month = %s
                      AND l.record_id IN (SELECT id FROM contract_monthly_record
                                           WHERE company_id = %s AND month = %s
                                             AND state = 'draft')""",
                ids,
                list(amounts),
                list(amounts.values()),
                cutoff.month,
                cutoff.company_id.id,
                cutoff.month,
            )
        )

    @api.model
    def _deviation_columns(self, facts, since, upto, company):
        """SQL of how many deviations of a contract were found and ended in the month,
        and were open at its end."""
        ended = SQL(
            """(SELECT COALESCE(d.verified_on, d.ended_on) AT TIME ZONE 'UTC'
                       AT TIME ZONE %s)::date""",
            company.sudo().contract_tz or "UTC",
        )
        conditions = {
            "deviations_new": SQL(
                """d.date BETWEEN %s AND %s
                   AND (d.state <> 'cancelled' OR %s > %s)""",
                since,
                upto,
                ended,
                upto,
            ),
            "deviations_closed": SQL(
                "d.state IN ('closed', 'waived') AND %s BETWEEN %s AND %s",
                ended,
                since,
                upto,
            ),
            "deviations_open": SQL(
                """d.date <= %s AND (d.state NOT IN ('closed', 'waived', 'cancelled')
                                     OR %s > %s)""",
                upto,
                ended,
                upto,
            ),
        }
        return {
            name: SQL(
                """(SELECT COUNT(*) FROM contract_deviation d
                     WHERE d.%s = m.order_id AND %s)""",
                facts._subject(),
                condition,
            )
            for name, condition in conditions.items()
        }

    # ------------------------------------------------------------------
    # Heads
    # ------------------------------------------------------------------

    def _read_heads(self, cutoff, stale):
        """Finish the drafts of a month: names and the bridge are of now.

        :param stale: lines that no longer belong to them
        """
        since, upto = cutoff.company_id._contract_period(cutoff.month)
        unguarded(stale.sudo()).unlink()
        # made for contracts of which the month knows nothing
        empty = self.filtered(lambda r: not r.generated_on and not r.line_ids)
        empty.unlink()
        records = self - empty
        for record in records:
            user = record._in_charge()
            record.write(
                {
                    "date_from": since,
                    "date": upto,
                    "generated_on": fields.Datetime.now(),
                    "user_id": user.id,
                    "user_name": user.name,
                    "company_name": record.company_id.name,
                    "team_name": record.team_id.name,
                }
            )
        records._read_bridges()
        records._ask_office()

    def _in_charge(self):
        """Who writes the record's words: the office's leader, else the head of the
        business office."""
        self.ensure_one()
        return (
            self.team_id.user_id or self.company_id.contract_business_office_id.head_id
        )
