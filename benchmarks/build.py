#!/usr/bin/env python3
"""Build a benchmark database with many orders, without the addon.

    python benchmarks/build.py --orders 10000 --database bench_10000

The first orders go through Odoo's own flows and are kept in a database of their own,
so that other sizes start from them; the others are their copies in SQL.
"""

import argparse
import sys
import time

import runner
from runner import BenchmarkError

SEED_ORDERS = 250


def main():
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--template", default="contract_tracking_deps")
    parser.add_argument("--seed-database", default="bench_seed")
    parser.add_argument(
        "--fresh", action="store_true", help="make the seed orders anew"
    )
    arguments = parser.parse_args()
    try:
        build(arguments)
    except BenchmarkError as error:
        sys.exit(f"Error: {error}")


def build(arguments):
    """Seed, copy, verify; the name is the database's when it is complete."""
    database = runner.check_name(arguments.database)
    if arguments.orders % SEED_ORDERS:
        raise BenchmarkError(f"The number of orders is a multiple of {SEED_ORDERS}.")
    started = time.monotonic()
    if arguments.fresh or not runner.exists(arguments.seed_database):
        make_seed(arguments.template, arguments.seed_database)
    part = f"{database}_part"
    runner.drop(part)
    runner.copy(arguments.seed_database, part)
    step("Copying the seed's rows")
    runner.shell(part, "fill", f"fill(env, {arguments.orders // SEED_ORDERS - 1})")
    step("Gathering statistics")
    runner.sql(part, "VACUUM ANALYZE")
    runner.drop(database)
    runner.sql("postgres", f"ALTER DATABASE {part} RENAME TO {database}")
    size = runner.sql(
        "postgres", f"SELECT pg_size_pretty(pg_database_size('{database}'))"
    )
    step(f"{database}: {size.strip()}, {time.monotonic() - started:.0f} s")


def make_seed(template, database):
    """Make the orders that everything else is copied from."""
    step(f"Making {SEED_ORDERS} orders through Odoo's flows")
    part = f"{database}_part"
    runner.drop(part)
    runner.copy(template, part)
    runner.shell(part, "seed", f"seed(env, {SEED_ORDERS})")
    runner.drop(database)
    runner.sql("postgres", f"ALTER DATABASE {part} RENAME TO {database}")


def step(text):
    """Say what happens."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
