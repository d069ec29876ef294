"""Copies of seed rows in SQL: shifted ids, references and document numbers.

Every row of a table becomes ``copies`` more rows. Copy ``k`` of the row ``id`` has
the number ``id + k × stride`` with one stride a table, so that a reference into a
copied table is shifted in the same way and needs no look-up. Document numbers of
the seed have five digits and are below ``NUMBERS``; copy ``k`` adds ``k × NUMBERS``.
"""

import json

from odoo.tools import SQL

NUMBERS = 1000
PARAMETER = "benchmark.clone"

# Tables of orders and of all that follows from them.
TABLES = [
    "sale_order",
    "sale_order_line",
    "account_tax_sale_order_line_rel",
    "sale_order_line_invoice_rel",
    "stock_reference",
    "stock_picking",
    "stock_move",
    "stock_move_line",
    "stock_reference_move_rel",
    "stock_reference_sale_rel",
    "account_move",
    "account_move_line",
    "account_move_line_account_tax_rel",
    "account_payment",
    "account_move__account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
]
# Columns that hold document numbers, their own or those of others.
NUMBERED = {
    "sale_order": ["name", "client_order_ref", "reference", "origin"],
    "stock_reference": ["name"],
    "stock_picking": ["name", "origin"],
    "stock_move": ["reference", "origin", "inventory_name"],
    "account_move": ["name", "ref", "payment_reference", "invoice_origin"],
    "account_move_line": ["name", "ref", "move_name"],
    "account_payment": ["name", "memo", "payment_reference"],
}


def clone_orders(env, copies):
    """Copy all rows of :data:`TABLES` and what depends on their number."""
    env.cr.execute(
        SQL("SELECT COUNT(*) FROM sale_order WHERE name !~ %s", r"^\D*00\d{3}$")
    )
    if env.cr.fetchone()[0]:
        raise ValueError(f"The seed holds more than {NUMBERS - 1} documents of a kind.")
    state = {"copies": copies, "strides": {}}
    clone_tables(env, TABLES, NUMBERED, state)
    env.cr.execute(
        SQL(
            "UPDATE stock_quant SET quantity = quantity * %(factor)s,"
            " reserved_quantity = reserved_quantity * %(factor)s",
            factor=copies + 1,
        )
    )
    for code in ("sale.order", "stock.picking"):
        advance_sequences(env, code, (copies + 1) * NUMBERS)
    save_state(env, state)


def clone_tables(env, tables, numbered, state):
    """Copy all rows of ``tables``; adds their strides to ``state``."""
    strides = state["strides"]
    for table in tables:
        if "id" in _columns(env, table):
            env.cr.execute(
                SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
            )
            strides[table] = env.cr.fetchone()[0]
    keys, references = _drop_foreign_keys(env, tables)
    for table in tables:
        env.cr.execute(
            _insert(
                table,
                _columns(env, table),
                references.get(table, {}),
                numbered.get(table, ()),
                state,
            )
        )
        if table in strides:
            env.cr.execute(
                SQL(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'),"
                    " GREATEST((SELECT MAX(id) FROM %s), 1))",
                    table,
                    SQL.identifier(table),
                )
            )
    for table, name, definition in keys:  # validates every row
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s %s",
                SQL.identifier(table),
                SQL.identifier(name),
                SQL(definition),
            )
        )


def shifted(column, table, strides):
    """SQL of an id of ``table`` in copy ``k``."""
    return SQL("%s + k * %s", column, strides[table])


def shifted_text(column):
    """SQL of a text with document numbers in copy ``k``."""
    return SQL(
        r"regexp_replace(%s, '\m00(\d{3})\M', lpad(k::text, GREATEST(2, length("
        r"k::text)), '0') || '\1', 'g')",
        column,
    )


def save_state(env, state):
    """Remember copies and strides in the database, for :func:`load_state`."""
    env["ir.config_parameter"].sudo().set_param(PARAMETER, json.dumps(state))


def load_state(env):
    """Return copies and strides of a built database."""
    return json.loads(env["ir.config_parameter"].sudo().get_param(PARAMETER))


def advance_sequences(env, code, number):
    """Let sequences of ``code``, their ranges too, go on after ``number``."""
    sequences = env["ir.sequence"].search([("code", "=", code)])
    if code == "stock.picking":
        sequences = env["stock.picking.type"].search([]).sequence_id
    for sequence in sequences:
        for part in sequence.date_range_ids or sequence:
            part.number_next_actual = number


def _insert(table, columns, references, numbered, state):
    strides = state["strides"]
    values = []
    for column in columns:
        source = SQL.identifier("t", column)
        if column == "id":
            value = shifted(source, table, strides)
        elif references.get(column) in strides:
            value = shifted(source, references[column], strides)
        elif column in numbered:
            value = shifted_text(source)
        elif column == "sequence_number" and table == "account_move":
            value = SQL("%s + k * %s", source, NUMBERS)
        elif column == "matching_number":
            value = _matching(source, strides)
        elif column == "access_token":
            value = SQL("NULL")
        else:
            value = source
        values.append(value)
    return SQL(
        "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s"
        " FROM generate_series(1, %(copies)s) k CROSS JOIN %(table)s t%(order)s",
        table=SQL.identifier(table),
        columns=SQL(", ").join(SQL.identifier(column) for column in columns),
        values=SQL(", ").join(values),
        copies=state["copies"],
        order=SQL(" ORDER BY k, t.id") if "id" in columns else SQL(),
    )


def _matching(source, strides):
    """The matching number names a full reconciliation, or P and a partial one."""
    return SQL(
        "CASE WHEN %(source)s LIKE 'P%%' THEN 'P' ||"
        " substr(%(source)s, 2)::int + k * %(partial)s"
        " ELSE (%(source)s::int + k * %(full)s)::text END",
        source=source,
        partial=strides["account_partial_reconcile"],
        full=strides["account_full_reconcile"],
    )


def _columns(env, table):
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_schema = current_schema AND table_name = %s
              AND is_generated = 'NEVER' ORDER BY ordinal_position""",
        [table],
    )
    return [column for [column] in env.cr.fetchall()]


def _drop_foreign_keys(env, tables):
    """Drop the foreign keys of ``tables``; return them to add them again, and
    ``{table: {column: table it refers to}}``."""
    env.cr.execute(
        """SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid),
                  a.attname, c.confrelid::regclass::text
             FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)""",
        [list(tables)],
    )
    keys, references = [], {}
    for table, name, definition, column, target in env.cr.fetchall():
        references.setdefault(table, {})[column] = target
        keys.append((table, name, definition))
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(name),
            )
        )
    return keys, references
