"""Copies of seed rows in SQL: shifted ids, references and document numbers.

Runs inside ``odoo shell``. Every row of a table becomes ``copies`` more rows. Copy
``k`` of the row ``id`` has the number ``id + k × stride`` with one stride a table, so
that a reference into a copied table is shifted in the same way and needs no look-up.
Document numbers of the seed are below ``NUMBERS``; copy ``k`` adds ``k × NUMBERS``.
"""

import verify

from odoo.tools import SQL

NUMBERS = 1000
# Copied with all tables that refer to them.
ROOTS = [
    "sale_order",
    "stock_reference",
    "account_move",
    "account_full_reconcile",
    "contract_frame",
    "mail_activity",
]
# Columns that hold document numbers, their own or those of others.
NUMBERED = {
    "client_order_ref", "contract_bill_number", "contract_number", "inventory_name",
    "invoice_origin", "memo", "move_name", "name", "origin", "payment_reference",
    "receipt_name", "ref", "reference",
}  # fmt: skip
# What the keys of deviations begin with: the table of the id that follows.
KEYS = {
    "claim": "contract_payment_claim",
    "frame": "contract_frame",
    "invoice": "account_move",
    "item": "account_move_line",
    "order": "sale_order",
    "term": "contract_term",
}


def fill(env, copies):
    """Copy the seed's rows ``copies`` times, then compare with Odoo's recompute."""
    stride = clone(env, copies)
    env.cr.commit()
    if "contract.facts" in env:
        env["contract.facts"]._cron_fold()
    print(f"{verify.verify(env, stride)} stored values equal their recompute")


def clone(env, copies):
    """Copy all rows that follow from orders and frame agreements.

    :return: from an order to its first copy
    """
    if "contract.facts" in env:  # a note a row would be made
        env["contract.facts"]._drop_kept()
    keys = _foreign_keys(env)
    strides = dict.fromkeys(_tables(env, keys))
    columns = {table: _columns(env, table) for table in strides}
    for table in strides:
        if "id" in columns[table]:
            [strides[table]] = _row(env, "SELECT COALESCE(MAX(id), 0) FROM %s", table)
    dropped = [key for key in keys if key[0] in strides]
    for table, name, *_rest in dropped:
        _run(env, "ALTER TABLE %s DROP CONSTRAINT %s", table, name)
    models = {name: strides.get(model._table) for name, model in env.items()}
    for table in strides:
        references = {key[3]: key[4] for key in dropped if key[0] == table}
        values = {
            column: _value(table, column, kind, references.get(column), strides, models)
            for column, kind in columns[table].items()
        }
        env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s"
                " FROM generate_series(1, %s) k CROSS JOIN %s t%s",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(values.values()),
                copies,
                SQL.identifier(table),
                SQL(" ORDER BY k, t.id" if "id" in values else ""),
            )
        )
        if strides[table] is not None:
            env.cr.execute(
                SQL(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'),"
                    " GREATEST((SELECT MAX(id) FROM %s), 1))",
                    table,
                    SQL.identifier(table),
                )
            )
    for table, name, definition, *_rest in dropped:  # validates every row
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s %s",
                SQL.identifier(table),
                SQL.identifier(name),
                SQL(definition),
            )
        )
    env.cr.execute(
        "UPDATE stock_quant SET quantity = quantity * %(factor)s,"
        " reserved_quantity = reserved_quantity * %(factor)s",
        {"factor": copies + 1},
    )
    if "contract.facts" in env:
        env.cr.execute(
            "UPDATE contract_payment_claim"
            " SET receipt_id = COALESCE(payment_id * 2, move_line_id * 2 + 1)"
        )
        env["contract.facts"]._init_kept()
    for sequence in env["ir.sequence"].search([]):
        for part in sequence.date_range_ids or sequence:
            part.number_next_actual += copies * NUMBERS
    return strides["sale_order"]


def _tables(env, keys):
    """The roots and all tables with rows that refer to them, wizards apart."""
    wizards = {model._table for model in env.values() if model._transient}
    found, todo = [], [root for root in ROOTS if _columns(env, root)]
    while todo:
        table = todo.pop()
        if table in found or table in wizards:
            continue
        found.append(table)
        todo += [
            source
            for source, _name, _definition, column, target in keys
            if target == table
            and _row(
                env, "SELECT EXISTS (SELECT FROM %s WHERE %s IS NOT NULL)",
                source, column,
            )[0]
        ]  # fmt: skip
    return found


def _value(table, column, kind, target, strides, models):
    """SQL of the value of a column in copy ``k``."""
    source = SQL.identifier("t", column)
    if column == "id":
        return _shifted(source, strides[table])
    if target in strides:
        return _shifted(source, strides[target])
    if column == "res_id":
        return SQL(
            "t.res_id + k * CASE t.res_model %s ELSE 0 END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", name, stride)
                for name, stride in models.items()
                if stride is not None
            ),
        )
    if column in NUMBERED and kind == "character varying":
        return _numbered(source)
    if column == "sequence_number":
        return _shifted(source, NUMBERS)
    if column == "matching_number":
        return _matching(source, strides)
    if column == "detect_key":
        return _key(source, strides)
    if column == "access_token":
        return SQL("NULL")
    return source


def _shifted(source, stride):
    return SQL("%s + k * %s", source, stride)


def _numbered(source):
    """SQL of a text with document numbers: three digits after one zero or two."""
    return SQL(
        r"regexp_replace(%s, '(?<!\d)0{1,2}(\d{3})(?!\d)',"
        r" lpad(k::text, GREATEST(2, length(k::text)), '0') || '\1', 'g')",
        source,
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


def _key(source, strides):
    """``kind:id`` or ``kind:id:order``."""
    return SQL(
        "concat_ws(':', split_part(%(source)s, ':', 1),"
        " split_part(%(source)s, ':', 2)::int"
        " + k * CASE split_part(%(source)s, ':', 1) %(strides)s END,"
        " NULLIF(split_part(%(source)s, ':', 3), '')::int + k * %(orders)s)",
        source=source,
        orders=strides["sale_order"],
        strides=SQL(" ").join(
            SQL("WHEN %s THEN %s", kind, strides[table])
            for kind, table in KEYS.items()
            if table in strides
        ),
    )


def _columns(env, table):
    """``{column: type}``."""
    env.cr.execute(
        """SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = current_schema AND table_name = %s
              AND is_generated = 'NEVER' ORDER BY ordinal_position""",
        [table],
    )
    return dict(env.cr.fetchall())


def _foreign_keys(env):
    """``[(table, name, definition, column, table referred to)]``."""
    env.cr.execute(
        """SELECT s.relname, c.conname, pg_get_constraintdef(c.oid), a.attname,
                  t.relname
             FROM pg_constraint c
             JOIN pg_class s ON s.oid = c.conrelid
             JOIN pg_class t ON t.oid = c.confrelid
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f'"""
    )
    return env.cr.fetchall()


def _run(env, code, *names):
    env.cr.execute(SQL(code, *map(SQL.identifier, names)))


def _row(env, code, *names):
    _run(env, code, *names)
    return env.cr.fetchone()
