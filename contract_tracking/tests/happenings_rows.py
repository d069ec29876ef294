"""What may happen to the rows themselves: anything that SQL can write."""

from datetime import timedelta

from odoo.tools import SQL

# Rows that are read and written by nobody's flow have no table here: those that the
# statements read are asked of the catalogue.

# Of what is set up once only rows that somebody uses change a figure.
USED = {
    "account_account": "id IN (SELECT account_id FROM account_move_line)",
    "account_journal": "id IN (SELECT journal_id FROM account_move)",
    "account_tax": "id IN (SELECT account_tax_id FROM account_tax_sale_order_line_rel)",
    "contract_event_type": """id IN (SELECT event_type_id FROM contract_term UNION
        SELECT alt_event_type_id FROM contract_term)""",
    "contract_instrument": """id IN (SELECT contract_instrument_id FROM account_payment
        UNION SELECT instrument_id FROM contract_term)""",
    "decimal_precision": "name = 'Product Unit'",
    "ir_model_data": "name = 'stock_location_inter_company'",
    "product_product": "id IN (SELECT product_id FROM sale_order_line)",
    "product_template": """id IN (SELECT p.product_tmpl_id FROM sale_order_line l
        JOIN product_product p ON p.id = l.product_id)""",
    "res_company": "id IN (SELECT company_id FROM sale_order)",
    "res_currency": "id IN (SELECT currency_id FROM sale_order)",
    "res_currency_rate": "currency_id IN (SELECT currency_id FROM contract_frame)",
    "resource_calendar": "id IN (SELECT resource_calendar_id FROM res_company)",
    "resource_calendar_attendance": """calendar_id IN (
        SELECT resource_calendar_id FROM res_company)""",
    "stock_location": """id IN (SELECT location_id FROM stock_move UNION
        SELECT location_dest_id FROM stock_move)""",
    "uom_uom": """id IN (SELECT product_uom_id FROM sale_order_line UNION
        SELECT product_uom FROM stock_move)""",
}

# What the statements read in other words than those of the catalogue: found by the
# ORM, and put into them as a constant.
CONSTANTS = {
    ("decimal_precision", "digits"),
    ("ir_model_data", "res_id"),
    ("stock_location", "parent_path"),
}

# A chain of terms that runs in a circle never ends, and rows without a company, a
# currency or a parent are none of ours.
LEFT_ALONE = {
    ("contract_term", "predecessor_id"),
    ("res_company", "parent_path"),
    ("res_company", "id"),
}


class RowHappenings:
    """Rows are written as nobody's flow writes them: by SQL, past every guard. A
    method ``row_…`` is one such statement."""

    def sources(self):
        """The columns that the statements read, as the database itself says:
        ``{table: [column, …]}``."""
        if not hasattr(self.env.registry, "_kept_sources"):
            pairs = set(CONSTANTS)
            for number, statement in enumerate(self.statements()):
                view = f"kept_sources_{number}"
                self.env.flush_all()
                self.env.cr.execute(
                    SQL("CREATE TEMP VIEW %s AS %s", SQL.identifier(view), statement)
                )
                self.env.cr.execute(
                    """SELECT table_name, column_name
                         FROM information_schema.view_column_usage
                        WHERE view_name = %s""",
                    [view],
                )
                pairs.update(self.env.cr.fetchall())
                self.env.cr.execute(SQL("DROP VIEW %s", SQL.identifier(view)))
            result = {}
            for table, column in sorted(pairs - LEFT_ALONE):
                if column != "id":
                    result.setdefault(table, []).append(column)
            self.env.registry._kept_sources = result
        return self.env.registry._kept_sources

    def statements(self):
        """Every statement of which the rows are kept."""
        for name in ("contract.facts", "contract.facts.frame"):
            facts = self.env[name]
            yield facts._orders_sql()
            yield facts._terms_sql()
            yield SQL(
                "%s SELECT * FROM ageing",
                facts._ageing_with_sql(facts._scope(None), None),
            )

    # ------------------------------------------------------------------
    # Help
    # ------------------------------------------------------------------

    def sql(self, query, *values):
        """Run a statement; the ORM knows nothing of it but that it must read again."""
        self.env.flush_all()
        self.env.cr.execute(query, values or None)
        rows = self.env.cr.fetchall() if self.env.cr.description else []
        self.note(self.env.cr.query.decode(errors="replace"))
        self.env.invalidate_all()
        return rows

    def ask(self, query, *values):
        self.env.flush_all()
        self.env.cr.execute(query, values or None)
        return [row[0] for row in self.env.cr.fetchall()]

    def column(self, table, name):
        """What the database says of a column: type, whether it may be empty, and which
        table it refers to."""
        self.env.cr.execute(
            """SELECT a.atttypid::regtype::text, NOT a.attnotnull,
                      (SELECT c.confrelid::regclass::text FROM pg_constraint c
                        WHERE c.conrelid = a.attrelid AND c.contype = 'f'
                          AND c.conkey = ARRAY[a.attnum] LIMIT 1)
                 FROM pg_attribute a
                WHERE a.attrelid = %s::regclass AND a.attname = %s""",
            [table, name],
        )
        return self.env.cr.fetchone()

    def has_id(self, table):
        return self.column(table, "id") is not None

    def rows_of(self, table, number=1):
        """The places of some rows: of those that somebody uses, mostly."""
        used = USED.get(table, "TRUE") if self.often(0.9) else "TRUE"
        places = self.ask(f"SELECT ctid::text FROM {table} WHERE {used} ORDER BY ctid")
        self.chance.shuffle(places)
        return places[:number]

    def other_value(self, table, name):
        """SQL of another value of a column, such as others have or near by."""
        kind, is_nullable, target = self.column(table, name)
        if is_nullable and self.often(0.12):
            return "NULL", ()
        if target:
            where = f"WHERE {USED[target]}" if target in USED else ""
            among = self.ask(
                f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL"
                if self.often(0.7)
                else f"SELECT id FROM {target} {where}"
            )
            return "%s", (self.some(sorted(set(among))) if among else None,)
        if kind == "date":
            days = self.chance.choice((-60, -31, -7, -1, 1, 2, 7, 31, 60, 400))
            if self.often(0.3):
                return "%s", (self.today + timedelta(days=days),)
            return f"COALESCE({name}, %s) + %s", (self.today, days)
        if kind.startswith("timestamp"):
            hours = self.chance.choice((-2000, -24, -12, -1, 1, 12, 24, 2000))
            return (
                f"COALESCE({name}, %s) + make_interval(hours => %s)",
                (self.now, hours),
            )
        if kind == "boolean":
            return f"NOT COALESCE({name}, FALSE)", ()
        if kind in ("numeric", "double precision", "real"):
            return self.chance.choice(
                (
                    (f"COALESCE({name}, 0) * 2", ()),
                    (f"COALESCE({name}, 0) * 0.5", ()),
                    (f"COALESCE({name}, 0) + 1", ()),
                    (f"COALESCE({name}, 0) - 1", ()),
                    (f"-COALESCE({name}, 0)", ()),
                    ("0", ()),
                    (f"COALESCE({name}, 0) * 1.000001", ()),
                )
            )
        if kind in ("integer", "bigint", "smallint"):
            return f"COALESCE({name}, 0) + %s", (self.chance.choice((-2, -1, 1, 3)),)
        field = self.field_of(table, name)
        if field is not None and field.type == "selection":
            return "%s", (self.chance.choice(field.get_values(self.env)),)
        among = self.ask(f"SELECT DISTINCT {name}::text FROM {table} ORDER BY 1")
        return f"%s::{kind}", (self.some(among) if among else None,)

    def field_of(self, table, name):
        for model in self.env.registry.values():
            if model._table == table and name in model._fields:
                return model._fields[name]
        return None

    def table(self):
        """Some table that figures are read from; its columns."""
        if self.only:
            return self.only
        table = self.chance.choice(sorted(self.sources()))
        return table, self.sources()[table]

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    def row_update(self, order, day):
        """A column of a row, of three, or of all."""
        table, columns = self.table()
        places = self.rows_of(table, self.chance.choice((1, 1, 1, 1, 3, 10**6)))
        if not places:
            return False
        name = self.chance.choice(columns)
        value, values = self.other_value(table, name)
        self.sql(
            f"UPDATE {table} SET {name} = {value} WHERE ctid = ANY(%s::tid[])",
            *values,
            places,
        )

    def row_update_two(self, order, day):
        """Two columns at once: both ends of a link, often."""
        table, columns = self.table()
        places = self.rows_of(table)
        if not places or len(columns) < 2:
            return False
        names = self.chance.sample(columns, 2)
        found = [self.other_value(table, name) for name in names]
        pairs = ", ".join(
            f"{name} = {value}" for name, (value, _v) in zip(names, found, strict=True)
        )
        self.sql(
            f"UPDATE {table} SET {pairs} WHERE ctid = ANY(%s::tid[])",
            *(value for _sql, values in found for value in values),
            places,
        )

    def row_swap(self, order, day):
        """Two rows take each other's place: what one belonged to, the other does."""
        table, columns = self.table()
        links = [name for name in columns if self.column(table, name)[2]]
        places = self.rows_of(table, 2)
        if not links or len(places) < 2:
            return False
        name = self.chance.choice(links)
        self.sql(
            f"""UPDATE {table} t SET {name} = o.{name} FROM {table} o
                 WHERE t.ctid = ANY(%s::tid[]) AND o.ctid = ANY(%s::tid[])
                   AND t.ctid <> o.ctid""",
            places,
            places,
        )

    def row_delete(self, order, day):
        table, _columns = self.table()
        places = self.rows_of(table, self.chance.choice((1, 1, 1, 2)))
        if not places:
            return False
        self.sql(f"DELETE FROM {table} WHERE ctid = ANY(%s::tid[])", places)

    def row_copy(self, order, day):
        """A row once more, with something else in one column."""
        table, columns = self.table()
        places = self.rows_of(table)
        if not places:
            return False
        changed = self.chance.choice(columns)
        value, values = self.other_value(table, changed)
        names = [
            name
            for name in self.ask(
                """SELECT attname FROM pg_attribute
                    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                      AND attname <> 'id' AND attgenerated = ''""",
                table,
            )
            if name != changed
        ]
        listed = ", ".join(f'"{name}"' for name in names)
        # a way to write that fires other triggers
        conflict = self.chance.choice(("", "ON CONFLICT DO NOTHING"))
        self.sql(
            f"""INSERT INTO {table} ({listed}, {changed})
                SELECT {listed}, {value} FROM {table}
                 WHERE ctid = ANY(%s::tid[]) {conflict}""",
            *values,
            places,
        )

    def row_upsert(self, order, day):
        """Inserted, or updated if it is there already."""
        table, columns = self.table()
        places = self.rows_of(table)
        if not places or not self.has_id(table):
            return False
        changed = self.chance.choice(columns)
        value, values = self.other_value(table, changed)
        names = self.ask(
            """SELECT attname FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                  AND attgenerated = ''""",
            table,
        )
        listed = ", ".join(f'"{name}"' for name in names)
        self.sql(
            f"""INSERT INTO {table} AS t ({listed})
                SELECT {listed} FROM {table} WHERE ctid = ANY(%s::tid[])
                ON CONFLICT (id) DO UPDATE
                   SET {changed} = {value.replace(changed, f"t.{changed}")}""",
            places,
            *values,
        )

    def row_moved_at_once(self, order, day):
        """Taken away and put in again with another value, in one statement."""
        table, columns = self.table()
        places = self.rows_of(table)
        if not places or self.has_id(table):
            return False
        changed = self.chance.choice(columns)
        value, values = self.other_value(table, changed)
        others = [name for name in columns if name != changed]
        listed = ", ".join([changed, *others])
        self.sql(
            f"""WITH gone AS (DELETE FROM {table} WHERE ctid = ANY(%s::tid[])
                              RETURNING *)
                INSERT INTO {table} ({listed})
                SELECT {", ".join([value, *others])} FROM gone""",
            places,
            *values,
        )

    def row_truncate(self, order, day):
        """All rows of a table at once, which no trigger of a row sees."""
        if not self.often(0.1):
            return False
        table = self.chance.choice(
            (
                "contract_event",
                "contract_history",
                "resource_calendar_attendance",
                "resource_calendar_leaves",
                "res_currency_rate",
                "sale_order_line_invoice_rel",
                "account_move__account_payment",
                "account_tax_sale_order_line_rel",
            )
        )
        self.sql(f"TRUNCATE {table}")

    def row_and_back(self, order, day):
        """Changed and changed back: nothing happened, or so it looks."""
        table, columns = self.table()
        places = self.rows_of(table)
        name = self.chance.choice(columns)
        if not places or not self.has_id(table):
            return False
        [row_id] = self.ask(
            f"SELECT id FROM {table} WHERE ctid = ANY(%s::tid[])", places
        )
        value, values = self.other_value(table, name)
        [before] = self.ask(f"SELECT {name}::text FROM {table} WHERE id = %s", row_id)
        self.sql(f"UPDATE {table} SET {name} = {value} WHERE id = %s", *values, row_id)
        if self.often(0.5):
            self.fold()
        kind = self.column(table, name)[0]
        self.sql(
            f"UPDATE {table} SET {name} = %s::{kind} WHERE id = %s", before, row_id
        )
