"""Databases of ./run and ./test: made, copied and dropped with their filestores.

A finished database carries a comment on the server: the key of what it was made
from and the number of the folder that holds its filestore. What was interrupted
has none and is made anew.
"""

import argparse
import json
import os
import shutil
import sys
import unicodedata
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

FOLDER_ID = os.environ.get("CONTRACT_TRACKING_ID", "")
FILESTORES = Path(os.environ.get("CONTRACT_TRACKING_DATA", ".")) / "filestore"


class Failure(Exception):
    """Ends the program with one sentence."""


def connect(database="postgres"):
    connection = psycopg2.connect(dbname=database, connect_timeout=10)
    connection.autocommit = True
    return connection


def run(query, *values, database="postgres"):
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def server_name():
    host = os.environ.get("PGHOST") or os.environ.get("PGHOSTADDR") or "its socket"
    return f"{host}, port {os.environ.get('PGPORT') or 5432}"


def exists(name):
    return bool(run("SELECT 1 FROM pg_database WHERE datname = %s", name))


def mark(name):
    rows = run(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        name,
    )
    try:
        value = json.loads(rows[0][0])
    except (IndexError, TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def check(_args):
    """The server answers, is new enough, and the user may create databases."""
    try:
        with closing(connect()) as connection:
            version = connection.server_version
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Failure(
            f"PostgreSQL does not answer at {server_name()} ({reason}): start that"
            " server, or correct or unset PGHOST, PGPORT, PGUSER and PGPASSWORD."
        ) from error
    if version < 130000:
        raise Failure(
            f"PostgreSQL at {server_name()} is older than 13, which Odoo needs:"
            " name a newer server, or unset PGHOST, PGPORT and PGUSER."
        )
    role = run(
        "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles"
        " WHERE rolname = current_user"
    )[0]
    if role[0] == "postgres":
        raise Failure(
            "Odoo refuses to work as the database user postgres: create another role"
            " that may create databases and name it in PGUSER."
        )
    if not role[1]:
        raise Failure(
            f"The database user {role[0]} may not create databases: run"
            f' ALTER ROLE "{role[0]}" CREATEDB as an administrator of the server.'
        )


def state(args):
    """Prints fresh, stale (made here from something else), foreign or absent."""
    if not exists(args.name):
        print("absent")
        return
    value = mark(args.name)
    if value.get("folder") != FOLDER_ID or not (FILESTORES / args.name).is_dir():
        print("foreign")
    else:
        print("fresh" if value.get("key") == args.key else "stale")


def key(args):
    print(mark(args.name).get("key", ""))


def finish(args):
    (FILESTORES / args.name).mkdir(parents=True, exist_ok=True)
    text = json.dumps({"folder": FOLDER_ID, "key": args.key})
    run(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(args.name), sql.Literal(text)
        )
    )


def drop(args):
    for name in args.names:
        run(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
        shutil.rmtree(FILESTORES / name, ignore_errors=True)


def clone(args):
    drop(argparse.Namespace(names=[args.target]))
    run(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(args.target), sql.Identifier(args.source)
        )
    )
    # Files of a filestore are never changed, so a link is as good as a copy.
    if (FILESTORES / args.source).is_dir():
        shutil.copytree(
            FILESTORES / args.source, FILESTORES / args.target, copy_function=os.link
        )


def rename(args):
    drop(argparse.Namespace(names=[args.target]))
    if (FILESTORES / args.source).is_dir():
        (FILESTORES / args.source).rename(FILESTORES / args.target)
    run(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(args.source), sql.Identifier(args.target)
        )
    )


def parameter(args):
    run(
        "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        args.parameter,
        args.value,
        database=args.name,
    )


def installed(args):
    """Fails unless the modules are installed."""
    rows = run(
        "SELECT name FROM ir_module_module WHERE state = 'installed'",
        database=args.name,
    )
    missing = set(args.modules) - {row[0] for row in rows}
    if missing:
        raise Failure(f"Not installed: {', '.join(sorted(missing))}.")


def schema(args):
    """Everything that the database is made of, and the scheduled jobs."""
    # numbers of old documents' sequences are of the documents, not of the addon
    made = run(
        """
        SELECT 'table ' || relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f')
        UNION SELECT 'view ' || relname || ' ' || md5(pg_get_viewdef(oid))
          FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
        UNION SELECT 'sequence ' || relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
           -- those of a company that the demo data made, and that stays
           AND relname NOT IN (
               SELECT 'ir_sequence_' || to_char(s.id, 'FM9999000')
                 FROM ir_sequence s
                 JOIN ir_model_data d ON d.model = 'res.company'
                                     AND d.res_id = s.company_id
                                     AND d.name = 'demo_company'
                WHERE NOT starts_with(coalesce(s.code, ''), 'contract.'))
        UNION SELECT concat_ws(' ', 'column', table_name, column_name, data_type,
                               CASE is_nullable WHEN 'NO' THEN 'NOT NULL' END,
                               column_default)
          FROM information_schema.columns WHERE table_schema = 'public'
        UNION SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname,
                               pg_get_constraintdef(oid))
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass
          FROM pg_trigger WHERE NOT tgisinternal
        UNION SELECT 'function ' || proname || ' ' || md5(prosrc) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
        UNION SELECT 'type ' || typname FROM pg_type
         WHERE typnamespace = 'public'::regnamespace AND typrelid = 0
           AND typelem = 0
        UNION SELECT 'job ' || id FROM ir_cron
         ORDER BY 1
        """,
        database=args.name,
    )
    print(*(row[0] for row in made), sep="\n")


def core(args):
    """What the demo data must leave as it is: what belongs to core's demo company."""
    row = run(
        "SELECT name, currency_id, chart_template, account_sale_tax_id,"
        " account_fiscal_country_id, logo_web IS NULL FROM res_company WHERE id = 1",
        database=args.name,
    )
    print("company", *row[0])
    # not price lists: core makes one with the second currency
    for table in (
        "account_fiscal_position", "account_journal", "account_move",
        "account_payment", "account_tax", "crm_team", "product_template",
        "res_currency_rate", "sale_order", "stock_move",
        "stock_picking", "stock_quant", "stock_warehouse",
    ):  # fmt: skip
        rows = run(
            sql.SQL("SELECT count(*) FROM {} WHERE company_id = 1").format(
                sql.Identifier(table)
            ),
            database=args.name,
        )
        print(f"{table}: {rows[0][0]} rows")


def content(args):
    """What must be the same before an addon comes and after it went."""
    schema(args)
    for table in ("account_move", "res_partner", "sale_order", "stock_picking"):
        rows = run(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)),
            database=args.name,
        )
        print(f"{table}: {rows[0][0]} rows")
    left = run(
        # of the addon, and of those that are named after it
        "SELECT model, count(*) FROM ir_model_data WHERE starts_with(module, %s)"
        " GROUP BY 1",
        args.module,
        database=args.name,
    )
    print(*(f"{args.module}: {count} of {model}" for model, count in left), sep="\n")


def width(text):
    """Columns on a terminal, where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in text)


def padded(text, columns):
    return text + " " * (columns - width(text))


def users(args):
    """A table of the addon's demo users, their names and their roles."""
    rows = run(
        """
        WITH RECURSIVE granted AS (
            SELECT uid, gid, TRUE AS direct FROM res_groups_users_rel
            UNION
            SELECT granted.uid, i.hid, FALSE
              FROM granted JOIN res_groups_implied_rel i ON i.gid = granted.gid
        )
        SELECT u.login, p.name, COALESCE(
                   -- the addon's highest role, else what core calls the user
                   (array_agg(g.name->>'en_US' ORDER BY g.sequence DESC NULLS LAST)
                       FILTER (WHERE gx.module = %s AND g.privilege_id IS NOT NULL))[1],
                   string_agg(DISTINCT r.name->>'en_US', ', ')
                       FILTER (WHERE granted.direct AND r.id IS NOT NULL))
          FROM res_users u
          JOIN res_partner p ON p.id = u.partner_id
          JOIN ir_model_data x
            ON x.model = 'res.users' AND x.res_id = u.id AND x.module = %s
          LEFT JOIN granted ON granted.uid = u.id
          LEFT JOIN res_groups g ON g.id = granted.gid
          LEFT JOIN ir_model_data gx ON gx.model = 'res.groups' AND gx.res_id = g.id
          LEFT JOIN res_groups_privilege r ON r.id = g.privilege_id
         WHERE u.active
         GROUP BY u.id, u.login, p.name
         ORDER BY u.id
        """,
        args.module,
        args.module,
        database=args.name,
    )
    table = [("Login = password", "Name", "Role")]
    table.append(("admin", "Administrator", "everything"))
    table += [(login, name, roles or "") for login, name, roles in rows]
    widths = [max(width(row[column]) for row in table) for column in range(2)]
    for row in table:
        print(f"  {padded(row[0], widths[0])}  {padded(row[1], widths[1])}  {row[2]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for function, names in (
        (check, []),
        (state, ["name", "key"]),
        (key, ["name"]),
        (finish, ["name", "key"]),
        (drop, ["names*"]),
        (clone, ["source", "target"]),
        (rename, ["source", "target"]),
        (parameter, ["name", "parameter", "value"]),
        (installed, ["name", "modules*"]),
        (schema, ["name"]),
        (core, ["name"]),
        (content, ["name", "module"]),
        (users, ["name", "module"]),
    ):
        command = commands.add_parser(function.__name__)
        command.set_defaults(function=function)
        for name in names:
            command.add_argument(
                name.rstrip("*"), nargs="+" if name.endswith("*") else None
            )
    args = parser.parse_args()
    try:
        args.function(args)
    except Failure as error:
        sys.exit(f"Error: {error}")
    except psycopg2.Error as error:
        sys.exit(f"Error: PostgreSQL refused: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main()
