import functools
import hashlib
import json
import logging
from collections import defaultdict
from contextlib import contextmanager
from datetime import date

from psycopg2 import ProgrammingError

from odoo import api, fields, models, tools
from odoo.tools import SQL, split_every

from .contract_facts_plan import CHUNK

_logger = logging.getLogger(__name__)
# How many notes, or contracts, are folded in at once.
NOTES = 1000
# The advisory lock of who folds in.
LOCK = 0x636F6E74
NEVER = date(9999, 12, 31)


class ContractFacts(models.AbstractModel):
    """What the facts statement said of each contract, kept as plain indexed rows.

    A contract's rows are valid from the day on which they were made until the first
    day on which time alone changes them (``holds_until``), as long as no note is about
    it (:mod:`contract_facts_notes`) and no epoch is newer. Who reads asks which are
    stale, replays those, and reads the others as they are: what he sees is what a full
    replay says, in his own transaction too. Reading writes nothing. A scheduled action
    folds in what is stale, one at a time, and deletes exactly the notes that it saw.

    Tables are made of the statement's own columns: ``contract_kept_order`` (a row a
    contract, the head of its other rows), ``contract_kept_order_term`` and so on, and
    the same of frame agreements.
    """

    _inherit = "contract.facts"

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def _kept_models(self):
        """The models of facts: of contracts, and of what else has promises."""
        return [self.env["contract.facts"]]

    def _kept_with_sql(self):
        """The chain of common table expressions that what is kept is read from."""
        return SQL("%s, %s", self._with_sql(self._scope(), None), self._figure_sql())

    def _kept_kinds(self):
        """What is kept, over the chain: ``{kind: SQL of a row source}``; a row has its
        contract (``order_id``)."""
        return {
            "orders": SQL(
                "(SELECT *, %s FROM figure)", self._columns_sql(self._order_results())
            ),
            "terms": SQL("fact"),
        }

    def _kept_rows_sql(self, kind):
        return SQL(
            """SELECT s.company_id, s.contract_state AS state, f.*
                 FROM %s f JOIN scope s ON s.order_id = f.order_id""",
            self._kept_kinds()[kind],
        )

    def _kept_head(self):
        """What the head of a contract's rows says besides: ``{column: (type, SQL)}``,
        over ``h`` (``order_id``, ``holds_until``, ``made_on``, ``epoch``); NULL for
        what somebody else writes after the row was folded in."""
        return {
            "made_on": ("date", SQL("h.made_on")),
            "holds_until": ("date", SQL("h.holds_until")),
            "epoch": ("bigint", SQL("h.epoch")),
        }

    def _kept_today(self):
        """What counts days from today (``c.today``), of a kept row ``k``: ``{kind:
        {column: SQL}}``."""
        return {
            "orders": {"cutoff": SQL("c.today")},
            "terms": {
                "variance_days": SQL(
                    """CASE WHEN k.is_late THEN c.today - k.date_due
                            ELSE k.variance_days END"""
                )
            },
        }

    def _kept_indexes(self):
        """``{kind: [SQL of an index's columns and condition]}``."""
        return {
            "orders": [
                *self._head_indexes(),
                # what lists are filtered by
                SQL("(late_deliveries) WHERE late_deliveries > 0"),
                SQL("(late_payments) WHERE late_payments > 0"),
                SQL("(overdue)"),
                SQL("(next_due)"),
            ],
            "terms": [
                SQL("(order_id)"),
                SQL("(term_id)"),
                SQL("(status)"),
                SQL("(date_due)"),
            ],
        }

    def _head_indexes(self):
        """SQL of the indexes by which is asked what is stale."""
        return [
            SQL("(order_id)"),
            SQL("(company_id, holds_until)"),
            SQL("(company_id, made_on)"),
            SQL("(company_id, epoch)"),
        ]

    def _kept_table(self, kind):
        name = self._subject().code.removesuffix("_id")
        suffix = "" if kind == "orders" else f"_{kind.removesuffix('s')}"
        return f"contract_kept_{name}{suffix}"

    def _holds_sql(self):
        """SQL of the first day on which time alone changes the figures of a contract:
        ``holds_until``."""
        return SQL(
            """SELECT s.order_id, COALESCE(MIN(d.day), %s) AS holds_until
                 FROM scope s
                 LEFT JOIN (%s) d (order_id, day)
                   ON d.order_id = s.order_id AND d.day > s.cutoff
                GROUP BY s.order_id""",
            NEVER,
            SQL(" UNION ALL ").join(self._coming_days()),
        )

    def _coming_days(self):
        """Days on which a comparison with the day of the statement may turn out
        otherwise: SQL rows (order_id, day). Those that are past don't matter. Of a row
        that the day keeps out of the statement it is the row's own day: what follows
        from it is computed anew then."""
        return [
            SQL("SELECT order_id, opened_on FROM scope"),
            SQL("SELECT order_id, day FROM clock_row"),
            # nobody dated it: it is of whatever day it is
            SQL("SELECT order_id, today + 1 FROM undated WHERE quantity <> 0"),
            SQL("SELECT order_id, today + 1 FROM unbilled WHERE quantity <> 0"),
            SQL("SELECT order_id, day FROM billed_elsewhere"),
            SQL("SELECT order_id, invoice_date FROM billing"),
            SQL(
                """SELECT r.order_id, p.max_date
                     FROM receivable r
                     JOIN account_partial_reconcile p ON p.debit_move_id = r.item_id"""
            ),
            SQL(
                """SELECT r.order_id, p.max_date
                     FROM receivable r
                     JOIN account_partial_reconcile p ON p.credit_move_id = r.item_id"""
            ),
        ]

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _kept_sql(self, kind):
        """SQL of the rows of all contracts but drafts, true now: what is kept, and of
        the stale ones what a replay said before. Stands in a query like a table."""
        table = SQL.identifier(self._kept_table(kind))
        kept = SQL("SELECT * FROM %s", table)
        if stale := self._stale_ids():
            kept = SQL(
                """SELECT * FROM %(table)s WHERE order_id <> ALL(%(stale)s)
                    UNION ALL
                   SELECT * FROM jsonb_populate_recordset(
                       NULL::%(table)s, %(rows)s::jsonb)""",
                table=table,
                stale=sorted(stale),
                rows=json.dumps(self._replay_stale(kind, stale), default=str),
            )
        today = self._kept_today().get(kind, {})
        return SQL(
            """SELECT %s FROM (%s) k LEFT JOIN (%s) c ON c.id = k.company_id
                WHERE k.state <> 'draft'""",
            self._columns_sql(
                {
                    name: today.get(name, SQL.identifier("k", name))
                    for name in self._kept_columns(kind)
                }
            ),
            kept,
            self._companies_sql(),
        )

    @api.model
    def _read_kept(self, kind, ids):
        """Return the rows of some contracts, true now: list of dicts. One query where
        nothing is stale."""
        ids = sorted(ids)
        today = self._kept_today().get(kind, {})
        found = self.env.execute_query_dict(
            SQL(
                """SELECT n.*, i.id AS contract_id, c.today, c.epoch,
                          COALESCE(h.made_on <= c.today AND c.today < h.holds_until
                                   AND h.epoch = c.epoch, FALSE) AS is_valid,
                          k.order_id IS NOT NULL AS is_row, %(columns)s
                     FROM UNNEST(%(ids)s::int[]) i (id)
                    CROSS JOIN (%(notes)s) n
                     LEFT JOIN %(head)s h ON h.order_id = i.id
                     LEFT JOIN (%(companies)s) c ON c.id = h.company_id
                     LEFT JOIN %(table)s k ON k.order_id = h.order_id""",
                ids=ids,
                columns=self._columns_sql(
                    {
                        f"k_{name}": today.get(name, SQL.identifier("k", name))
                        for name in self._kept_columns(kind)
                    }
                ),
                notes=self._notes_sql(),
                head=SQL.identifier(self._kept_table("orders")),
                table=SQL.identifier(self._kept_table(kind)),
                companies=self._companies_sql(),
                to_flush=self._kept_fields(),
            )
        )
        if not found:
            return []
        noted = self._noted_ids(found[0])
        stale = {
            row["contract_id"]
            for row in found
            if not row["is_valid"] or row["contract_id"] in noted
        }
        rows = [
            {name.removeprefix("k_"): row[name] for name in row if name[:2] == "k_"}
            for row in found
            if row["is_row"] and row["contract_id"] not in stale
        ]
        return rows + (self._replay_stale(kind, stale) if stale else [])

    @api.model
    def _stale_ids(self):
        """The ids of the contracts whose rows aren't true now: noted ones, and those
        that time or an epoch made stale. Asked for again, it costs a query only if
        there was another one since."""
        cr = self.env.cr
        self.env.flush_query(SQL("", to_flush=self._kept_fields()))
        memory = self._memory()
        if memory.get("asked") != (cr.sql_log_count, self._minute()):
            models = self._kept_models()
            found = self.env.execute_query_dict(
                SQL(
                    # hardly any is expired, and the planner expects a third
                    """SET LOCAL jit = off; SET LOCAL enable_seqscan = off;
                       SELECT n.*, %(expired)s,
                              set_config('enable_seqscan', 'on', TRUE)
                         FROM (%(companies)s OFFSET 0) c CROSS JOIN (%(notes)s) n""",
                    expired=self._columns_sql(
                        {facts._table: facts._expired_sql() for facts in models}
                    ),
                    companies=self._companies_sql(),
                    notes=self._notes_sql(),
                )
            )
            memory = self._remember(found[0])
            memory["stale"] = {
                facts._name: facts._noted_ids(found[0]).union(
                    *(row[facts._table] for row in found)
                )
                for facts in models
            }
            memory["asked"] = (cr.sql_log_count, self._minute())
        return memory["stale"][self._name]

    def _expired_sql(self):
        """SQL of contracts of the company ``c`` that time or an epoch made stale."""
        # by an index each
        return SQL(
            """ARRAY(SELECT order_id FROM %(head)s
                      WHERE company_id = c.id AND holds_until <= c.today
                     UNION ALL
                     SELECT order_id FROM %(head)s
                      WHERE company_id = c.id AND made_on > c.today
                     UNION ALL
                     SELECT order_id FROM %(head)s
                      WHERE company_id = c.id AND epoch < c.epoch)""",
            head=SQL.identifier(self._kept_table("orders")),
        )

    def _notes_sql(self):
        """SQL of one row: what can be seen of the notes, in which snapshot."""
        return SQL(
            """SELECT pg_current_snapshot()::text AS snapshot,
                      (SELECT MAX(id) FROM contract_note) AS last_note,
                      (SELECT COUNT(*) FROM contract_epoch) AS epochs"""
        )

    def _kept_scope_sql(self, kind, scope):
        """SQL of the rows of the contracts of a ``scope``, true now."""
        return SQL(
            """SELECT k.* FROM (%s) k
                 JOIN sale_order so ON so.id = k.order_id WHERE %s""",
            self._kept_sql(kind),
            scope,
        )

    def _companies_sql(self):
        """SQL of a row a company: its day and its epoch."""
        return SQL(
            """SELECT y.id, (%s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE
                      COALESCE(NULLIF(y.contract_tz, ''), 'UTC'))::date AS today,
                      (SELECT COUNT(*) FROM contract_epoch e
                        WHERE e.source <> ALL(%s)
                          AND (e.company_id IS NULL OR e.company_id = y.id)) AS epoch
                 FROM res_company y""",
            self._now_sql(),
            sorted(self._other_sources()),
        )

    def _noted_ids(self, state):
        """The ids of the contracts that notes are about."""
        memory = self._remember(state)
        if not state["last_note"]:
            return frozenset()
        if memory["noted"] is None:
            memory["noted"] = self._resolve()
        return memory["noted"][self._subject().code]

    def _remember(self, state):
        """What was found already in this state of the transaction, on this day."""
        memory = self._memory()
        key = (
            self._minute(),
            *(state[name] for name in ("snapshot", "last_note", "epochs")),
        )
        if memory.get("key") != key:
            memory.update(key=key, noted=None, rows=defaultdict(dict))
        return memory

    def _memory(self):
        """What was found in this transaction."""
        cr = self.env.cr
        memory = cr.cache.setdefault("contract.facts", {})
        if not memory:
            # the cache outlives a transaction
            cr.postcommit.add(memory.clear)
            cr.postrollback.add(memory.clear)
        return memory

    def _minute(self):
        """The moment, as exactly as midnight anywhere."""
        return fields.Datetime.now().replace(second=0)

    def _resolve(self, upto=None):
        """The contracts that notes are about: ``{subject: ids}``."""
        noted = defaultdict(set)
        for subject, contract_id in self.env.execute_query(self._noted_sql(upto)):
            noted[subject].add(contract_id)
        return noted

    def _replay_stale(self, kind, ids):
        """The rows of stale contracts; replayed once a state of the transaction."""
        known = self._memory()["rows"][self._name, kind]
        if todo := sorted(set(ids) - known.keys()):
            known.update((order_id, []) for order_id in todo)
            for row in self._replay(kind, todo):
                known[row["order_id"]].append(row)
        return [row for order_id in sorted(ids) for row in known[order_id]]

    def _replay_statements(self):
        return {
            kind: functools.partial(self._kept_statement, kind)
            for kind in self._kept_kinds()
        } | {"fold": self._fold_sql}

    def _kept_statement(self, kind):
        """SQL of the rows of a kind of the contracts asked for."""
        return SQL("%s %s", self._kept_with_sql(), self._kept_rows_sql(kind))

    @tools.ormcache("kind")
    def _kept_columns(self, kind):
        """The columns of the statement, as they are in the table."""
        self.env.cr.execute(
            """SELECT attname FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                ORDER BY attnum""",
            [self._kept_table(kind)],
        )
        head = self._kept_head()
        return tuple(name for (name,) in self.env.cr.fetchall() if name not in head)

    @tools.ormcache()
    def _kept_fields(self):
        """The fields that are flushed before it is asked what is stale."""
        return tuple(
            dict.fromkeys(
                field
                for facts in self.env["contract.facts"]._kept_models()
                for field in facts._plan("fold")[1].to_flush
            )
        )

    # ------------------------------------------------------------------
    # Folding in
    # ------------------------------------------------------------------

    @api.model
    def _cron_fold(self):
        """Fold in what is stale, a batch a transaction; a run that was killed or out of
        time leaves the rest to the next one."""
        with self._fold_lock() as is_ours:
            cron = self.env["ir.cron"]
            if is_ours and self._fold_all():
                cron._commit_progress(remaining=0)

    @contextmanager
    def _fold_lock(self, wait=False):
        """Only one at a time folds in: whether it is us.

        The lock is taken before the snapshot: one that was taken while another run was
        at work would not see what that one wrote.

        :param wait: until the other one is done
        """
        cr = self.env.cr
        take = SQL("pg_advisory_lock" if wait else "pg_try_advisory_lock")
        cr.execute(SQL("SELECT %s(%s)", take, LOCK))
        # who waits is told nothing
        is_ours = cr.fetchone()[0] is not False
        try:
            yield is_ours
        except BaseException:
            # the lock outlives a transaction that failed, and one that failed says so
            cr.rollback()
            raise
        finally:
            if is_ours:
                cr.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _fold_all(self):
        """Fold in all that is stale, a batch a transaction, for who has the lock.

        :return: whether nothing is left, and there is time for more
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=1)
        while folded := self._fold(NOTES):
            if not cron._commit_progress(folded, remaining=1):
                return False
        return True

    @api.model
    def _fold(self, limit=None):
        """Fold in stale contracts: of up to ``limit`` notes, or of all; then, with no
        note left, up to ``limit`` of those that time or an epoch made stale.

        :return: how many notes and contracts were done
        """
        cr = self.env.cr
        models = self.env["contract.facts"]._kept_models()
        self.env.flush_all()
        cr.execute(
            """SELECT MAX(id), COUNT(*) FROM (
                   SELECT id FROM contract_note ORDER BY id LIMIT %s) n""",
            [limit],
        )
        upto, number = cr.fetchone()
        if number:
            noted = self._resolve(upto)
            for facts in models:
                facts._refresh(noted[facts._subject().code])
            cr.execute("DELETE FROM contract_note WHERE id <= %s", [upto])
        if limit and number:
            return number
        for facts in models:
            stale = sorted(facts._stale_ids())[:limit]
            facts._refresh(stale)
            number += len(stale)
        return number

    def _refresh(self, ids):
        """Write the rows of some contracts anew."""
        cr = self.env.cr
        for batch in split_every(CHUNK, sorted(ids), list):
            for kind in self._kept_kinds():
                table = SQL.identifier(self._kept_table(kind))
                cr.execute(SQL("DELETE FROM %s WHERE order_id = ANY(%s)", table, batch))
            self._execute_plan("fold", batch)

    def _fold_sql(self):
        """SQL that keeps the rows of the contracts asked for, all kinds in one pass."""
        head = SQL(", ").join(sql for _type, sql in self._kept_head().values())
        *parts, (_kind, last) = [
            (
                kind,
                SQL(
                    "INSERT INTO %s SELECT r.*%s FROM (%s) r%s",
                    SQL.identifier(self._kept_table(kind)),
                    SQL(", %s", head) if kind == "orders" else SQL(),
                    self._kept_rows_sql(kind),
                    SQL(" JOIN head h ON h.order_id = r.order_id")
                    if kind == "orders"
                    else SQL(),
                ),
            )
            for kind in self._kept_kinds()
        ]
        return SQL(
            """%(ctes)s, head AS MATERIALIZED (
                   SELECT h.*, s.cutoff AS made_on, c.epoch
                     FROM (%(holds)s) h
                     JOIN scope s ON s.order_id = h.order_id
                     JOIN (%(companies)s) c ON c.id = s.company_id
               )%(parts)s %(last)s RETURNING NULL""",
            ctes=self._kept_with_sql(),
            holds=self._holds_sql(),
            companies=self._companies_sql(),
            parts=SQL().join(
                SQL(", %s AS (%s)", SQL.identifier(f"kept_{kind}"), sql)
                for kind, sql in parts
            ),
            last=last,
        )

    # ------------------------------------------------------------------
    # Tables
    # ------------------------------------------------------------------

    @api.private
    def init(self):
        """Create tables and triggers once all tables that they refer to are there."""
        if self._name == "contract.facts":
            self.pool.post_init(self._init_kept)

    def _register_hook(self):
        """With all addons loaded the statement may be another one than it was with
        some. After an update everything is made ready at once."""
        super()._register_hook()
        if self._name != "contract.facts":
            return
        try:
            with self.env.cr.savepoint():
                self._init_kept()
        except ProgrammingError:
            _logger.warning("The database is older than the addon: update it.")
            return
        if self.pool.updated_modules:
            for facts in self._kept_models():
                self.env.cr.execute(
                    SQL(
                        "SELECT order_id FROM %s WHERE epoch < 0",
                        SQL.identifier(facts._kept_table("orders")),
                    )
                )
                facts._refresh([order_id for [order_id] in self.env.cr.fetchall()])

    def _init_kept(self):
        """Create what is missing. Where anything is other than it was, all is stale."""
        changed = self._init_notes()
        for facts in self._kept_models():
            facts._init_tables(changed)

    def _init_tables(self, changed):
        """Create the tables anew if the statement is another than theirs, or
        ``changed``, with a stale row a contract."""
        cr = self.env.cr
        indexes = self._kept_indexes()
        signature = hashlib.sha256(
            f"{self._plan('fold')[0]} {indexes}".encode()
        ).hexdigest()
        head = self._kept_table("orders")
        cr.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [head])
        if cr.fetchone()[0] == signature and not changed:
            return
        for kind in self._kept_kinds():
            table = SQL.identifier(self._kept_table(kind))
            cr.execute(
                SQL(
                    "DROP TABLE IF EXISTS %s; CREATE TABLE %s AS %s WITH NO DATA",
                    table,
                    table,
                    self._kept_statement(kind),
                )
            )
            if kind == "orders":
                for name, (column, _sql) in self._kept_head().items():
                    cr.execute(
                        SQL(
                            "ALTER TABLE %s ADD COLUMN %s %s",
                            table,
                            SQL.identifier(name),
                            SQL(column),
                        )
                    )
            for columns in indexes[kind]:
                cr.execute(SQL("CREATE INDEX ON %s %s", table, columns))
        table = SQL.identifier(head)
        cr.execute(
            SQL(
                """WITH scope AS (%s)
                   INSERT INTO %s (order_id, company_id, state, made_on,
                                   holds_until, epoch)
                   SELECT order_id, company_id, contract_state, today, today, -1
                     FROM scope""",
                self._cte_scope(SQL("TRUE"), None),
                table,
            )
        )
        cr.execute(SQL("COMMENT ON TABLE %s IS %s", table, signature))
        self.env.registry.clear_cache()

    @api.model
    def _drop_kept(self):
        """Take away what was attached to other tables, and ours."""
        cr = self.env.cr
        for table in self._triggered():
            name = SQL.identifier(self._trigger_name(table))
            cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", name))
        tables = ["contract_note", "contract_epoch"]
        for facts in self._kept_models():
            tables += map(facts._kept_table, facts._kept_kinds())
        for table in tables:
            cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
