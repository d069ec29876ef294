import hashlib

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import make_identifier

# What a statement wrote, by operation: the rows before and after it.
WRITTEN = {
    "INSERT": SQL("SELECT * FROM new_rows"),
    "UPDATE": SQL("SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows"),
    "DELETE": SQL("SELECT * FROM old_rows"),
}


class ContractFacts(models.AbstractModel):
    """Which contracts may have changed: triggers note every written row.

    A trigger a statement on each table that facts are read from appends to
    ``contract_note`` which **source row** was written (``kind``, ``key``), both ends of
    a link, before and after. Who reads resolves notes to contracts, with what he can
    see (:meth:`_noted_sql`): the transaction that wrote may not see all that links its
    row to a contract. Notes have no unique key and are only inserted: nobody waits
    for anybody, and no user's transaction fails by them.

    What no contract's note covers (taxes, units, calendars, account types …) is an
    *epoch*, ``contract_epoch``: all that was kept before it is stale.

    A room above adds its tables (:meth:`_note_sources`, :meth:`_epoch_sources`), and
    what links them to contracts (:meth:`_note_parts`). Every table that the statement
    reads is one or the other: a test reads the planner's list of them. What reads
    more than the facts, contract by contract, has its rows noted here too, and for what
    no contract owns an epoch of its own (:meth:`_other_sources`).
    """

    _inherit = "contract.facts"

    def _note_sources(self):
        """``{table: {kind of note: columns with the key}}``."""
        return {
            "sale_order": {"order": ["id"]},
            "sale_order_line": {"order": ["order_id"], "billed": ["id"]},
            "account_tax_sale_order_line_rel": {"line": ["sale_order_line_id"]},
            "sale_order_line_invoice_rel": {
                "line": ["order_line_id"],
                "item": ["invoice_line_id"],
            },
            "stock_move": {
                "line": ["sale_line_id"],
                "move": ["id", "origin_returned_move_id"],
            },
            "stock_picking": {"picking": ["id"]},
            "account_move": {"entry": ["id"], "payment": ["origin_payment_id"]},
            "account_move_line": {"entry": ["move_id"]},
            "account_partial_reconcile": {"item": ["debit_move_id", "credit_move_id"]},
            "account_payment": {"payment": ["id"], "entry": ["move_id"]},
            "account_move__account_payment": {
                "entry": ["invoice_id"],
                "payment": ["payment_id"],
            },
            "contract_history": {"order": ["order_id"], "line": ["line_id"]},
        }

    def _note_columns(self):
        """``{table: columns}``: of these sources only an update of one of these columns
        is noted, no new row and none that goes."""
        return {}

    def _other_sources(self):
        """The same as :meth:`_epoch_sources` of tables that no figure is read from:
        ``contract_epoch`` has them, and what is kept stays valid."""
        return {}

    def _epoch_sources(self):
        """``{table: columns that facts read}``: of rows that no contract owns; new ones
        change nothing. SQL instead of columns: any written row of which it holds."""
        return {
            "account_account": ["account_type"],
            "account_journal": ["default_account_id"],
            "account_tax": ["amount", "amount_type", "price_include_override"],
            "decimal_precision": SQL("TRUE"),
            "product_product": ["product_tmpl_id"],
            "product_template": ["type"],
            "res_company": [
                "account_opening_move_id",
                "account_price_include",
                "contract_due_soon_days",
                "contract_fulfilment",
                "contract_tolerance_percent",
                "contract_tz",
                "currency_id",
                "parent_path",
                "resource_calendar_id",
                "sale_discount_product_id",
            ],
            "res_currency": ["contract_tolerance", "decimal_places", "rounding"],
            "resource_calendar": ["two_weeks_calendar"],
            "resource_calendar_attendance": SQL("TRUE"),
            "resource_calendar_leaves": SQL("resource_id IS NULL"),
            "stock_location": ["company_id", "parent_path", "usage"],
            "uom_uom": ["factor"],
        }

    def _note_parts(self):
        """What links notes to contracts: SQL rows (order_id, frame_id) over parts of
        :meth:`_noted_sql`."""
        return [
            SQL("SELECT key, NULL::int FROM note WHERE kind = 'order'"),
            SQL(
                """SELECT l.order_id, NULL FROM note n
                     JOIN sale_order_line l ON l.id = n.key WHERE n.kind = 'line'"""
            ),
            SQL(
                """SELECT l.order_id, NULL FROM noted_move n
                     JOIN stock_move m ON m.id = n.id
                     JOIN sale_order_line l ON l.id = m.sale_line_id"""
            ),
            SQL(
                """SELECT l.order_id, NULL FROM noted_entry n
                     JOIN account_move_line i ON i.move_id = n.id
                     JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = i.id
                     JOIN sale_order_line l ON l.id = r.order_line_id"""
            ),
        ]

    def _note_others(self):
        """What links notes to what is neither contract nor agreement: SQL of ids over
        the parts of :meth:`_noted_sql`."""
        return None

    @api.model
    def _noted_sql(self, upto=None):
        """SQL of the contracts that notes are about: (:meth:`_subject`, id).

        More than those that changed, never less: entries that are reconciled with a
        noted one, or paid together with it, share its money; a return and a
        replacement read what went out before them.

        :param upto: id of the last note that counts; all if not given
        """
        return SQL(
            """WITH note AS MATERIALIZED (
                SELECT DISTINCT kind, key FROM contract_note
                 WHERE id <= COALESCE(%(upto)s, 9223372036854775807)
            ),
            sent AS MATERIALIZED (
                SELECT key AS id FROM note WHERE kind = 'move'
                UNION
                SELECT m.id FROM note n JOIN stock_move m ON m.picking_id = n.key
                 WHERE n.kind = 'picking'
            ),
            back AS MATERIALIZED (
                SELECT id FROM sent
                UNION
                SELECT m.id FROM sent n
                  JOIN stock_move m ON m.origin_returned_move_id = n.id
            ),
            noted_move AS MATERIALIZED (
                SELECT id FROM back
                UNION
                SELECT m.id FROM back n
                  JOIN stock_move m ON m.origin_returned_move_id = n.id
            ),
            own_entry AS MATERIALIZED (
                SELECT key AS id FROM note WHERE kind = 'entry'
                UNION
                SELECT i.move_id FROM note n
                  JOIN account_move_line i ON i.id = n.key WHERE n.kind = 'item'
                UNION
                SELECT i.move_id FROM note n
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = n.key
                  JOIN account_move_line i ON i.id = r.invoice_line_id
                 WHERE n.kind = 'billed'
                UNION
                SELECT p.move_id FROM note n
                  JOIN account_payment p ON p.id = n.key WHERE n.kind = 'payment'
                UNION
                SELECT v.id FROM note n
                  JOIN account_move v ON v.origin_payment_id = n.key
                 WHERE n.kind = 'payment'
                UNION
                SELECT r.invoice_id FROM note n
                  JOIN account_move__account_payment r ON r.payment_id = n.key
                 WHERE n.kind = 'payment'
            ),
            noted_entry AS MATERIALIZED (
                SELECT id FROM own_entry
                UNION
                SELECT x.move_id FROM own_entry n
                  JOIN account_move_line i ON i.move_id = n.id
                  JOIN account_partial_reconcile p ON p.debit_move_id = i.id
                  JOIN account_move_line x ON x.id = p.credit_move_id
                UNION
                SELECT x.move_id FROM own_entry n
                  JOIN account_move_line i ON i.move_id = n.id
                  JOIN account_partial_reconcile p ON p.credit_move_id = i.id
                  JOIN account_move_line x ON x.id = p.debit_move_id
                UNION
                SELECT o.invoice_id FROM own_entry n
                  JOIN account_move__account_payment r ON r.invoice_id = n.id
                  JOIN account_move__account_payment o ON o.payment_id = r.payment_id
            )
            SELECT DISTINCT s.subject, s.id
              FROM (%(parts)s) p (order_id, frame_id)
             CROSS JOIN LATERAL (VALUES ('order_id', p.order_id),
                                        ('frame_id', p.frame_id)) s (subject, id)
             WHERE s.id IS NOT NULL%(others)s""",
            upto=upto,
            parts=SQL(" UNION ALL ").join(self._note_parts()),
            others=SQL().join(
                SQL(
                    " UNION SELECT %s, o.id FROM (%s) o (id) WHERE o.id IS NOT NULL",
                    facts._subject().code,
                    ids,
                )
                for facts in self._kept_models()
                if (ids := facts._note_others())
            ),
        )

    # ------------------------------------------------------------------
    # Tables and triggers
    # ------------------------------------------------------------------

    def _init_notes(self):
        """Create the tables of notes and the triggers that write them.

        :return: whether something was missing, or is another than it was
        """
        self.env.cr.execute(
            """CREATE TABLE IF NOT EXISTS contract_note (
                   id bigserial PRIMARY KEY, kind text NOT NULL, key int NOT NULL);
               CREATE TABLE IF NOT EXISTS contract_epoch (
                   id bigserial PRIMARY KEY, source text NOT NULL, company_id int,
                   day timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'))"""
        )
        changed = [
            self._init_trigger(table, body)
            for table, body in sorted(self._triggered().items())
        ]
        return any(changed)

    def _triggered(self):
        """The tables with triggers: ``{table: {operation: SQL of its body}}``."""
        columns = self._note_columns()
        return {
            **{
                table: self._note_body(kinds, columns.get(table))
                for table, kinds in self._note_sources().items()
            },
            **{
                table: self._epoch_body(table, columns)
                for table, columns in (
                    *self._epoch_sources().items(),
                    *self._other_sources().items(),
                )
            },
        }

    def _note_body(self, kinds, columns):
        keys = SQL(", ").join(
            SQL("(%s, r.%s)", kind, SQL.identifier(column))
            for kind, of_kind in kinds.items()
            for column in of_kind
        )
        written = WRITTEN
        if columns:
            changed = SQL("n.* FROM %s", self._changed_sql(columns))
            written = {"UPDATE": SQL("SELECT %s", changed)}
        return {
            operation: SQL(
                """INSERT INTO contract_note (kind, key)
                   SELECT DISTINCT k.kind, k.key FROM (%(rows)s) r
                    CROSS JOIN LATERAL (VALUES %(keys)s) AS k (kind, key)
                    WHERE k.key IS NOT NULL;""",
                rows=rows,
                keys=keys,
            )
            for operation, rows in written.items()
        }

    def _epoch_body(self, table, columns):
        # a company's own settings leave the figures of the others alone
        company = SQL("id" if table == "res_company" else "NULL::int")
        note = SQL(
            "INSERT INTO contract_epoch (source, company_id) SELECT DISTINCT %s, %s",
            table,
            company,
        )
        if isinstance(columns, SQL):
            return {
                operation: SQL("%s FROM (%s) r WHERE %s;", note, rows, columns)
                for operation, rows in WRITTEN.items()
            }
        return {
            "UPDATE": SQL("%s FROM %s;", note, self._changed_sql(columns)),
            "DELETE": SQL("%s FROM old_rows;", note),
        }

    def _changed_sql(self, columns):
        """SQL, after FROM, of the rows ``n`` of which an update changed a column."""
        old, new = (
            SQL(", ").join(SQL.identifier(alias, column) for column in columns)
            for alias in ("o", "n")
        )
        return SQL(
            """new_rows n JOIN old_rows o USING (id)
                WHERE (%s) IS DISTINCT FROM (%s)""",
            new,
            old,
        )

    def _trigger_name(self, *names):
        """The name of the function of a table, or of its trigger of an operation:
        PostgreSQL would cut a longer one."""
        return make_identifier("_".join(("contract_note", *names)))

    def _init_trigger(self, table, bodies):
        """Let ``contract_note_<table>`` run after each statement that writes ``table``,
        also where a replication or a restoration writes it.

        :return: whether it wasn't there like that
        """
        cr = self.env.cr
        bodies = {
            **bodies,
            "TRUNCATE": SQL("INSERT INTO contract_epoch (source) VALUES (%s);", table),
        }
        name = self._trigger_name(table)
        code = " ".join(
            f"IF TG_OP = '{operation}' THEN {cr.mogrify(body).decode()} END IF;"
            for operation, body in bodies.items()
        )
        signature = hashlib.sha256(code.encode()).hexdigest()
        cr.execute(
            """SELECT 1 FROM pg_proc p
                WHERE p.proname = %s AND obj_description(p.oid, 'pg_proc') = %s
                  AND (SELECT COUNT(*) FROM pg_trigger t
                        WHERE t.tgrelid = %s::regclass AND t.tgfoid = p.oid
                          AND t.tgenabled = 'A') = %s""",
            [name, signature, table, len(bodies)],
        )
        if cr.rowcount:
            return False
        function = SQL.identifier(name)
        cr.execute(
            SQL(
                """CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql
                       AS %s""",
                function,
                f"BEGIN {code} RETURN NULL; END",
            )
        )
        for operation in bodies:
            trigger = SQL.identifier(self._trigger_name(table, operation.lower()))
            rows = [
                SQL("%s TABLE AS %s", SQL(word), SQL(f"{word}_rows"))
                for word in ("old", "new")
                if f"{word}_rows" in WRITTEN.get(operation, SQL()).code
            ]
            cr.execute(
                SQL(
                    """DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;
                       CREATE TRIGGER %(trigger)s AFTER %(operation)s ON %(table)s
                       %(rows)s FOR EACH STATEMENT EXECUTE FUNCTION %(function)s();
                       ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER %(trigger)s""",
                    trigger=trigger,
                    table=SQL.identifier(table),
                    operation=SQL(operation),
                    rows=SQL("REFERENCING %s", SQL(" ").join(rows)) if rows else SQL(),
                    function=function,
                )
            )
        cr.execute(SQL("COMMENT ON FUNCTION %s() IS %s", function, signature))
        return True
