#!/usr/bin/env python3
"""Build benchmark databases with many orders, without and with the addon.

    python benchmarks/build.py --orders 10000

makes ``bench_10000`` without the addon and ``bench_10000_tracked``, where all of the
same orders are contracts. The first orders go through Odoo's own flows, their contracts
through the addon's, and are kept in databases of their own, so that other sizes start
from them; the others are their copies in SQL.
"""

import argparse
import ast
import sys
import time

import runner
from runner import BenchmarkError

SEED_ORDERS = 250
BASE, SEED = "bench_base", "bench_seed"


def main():
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="make the contracts of the seed anew: the addon has changed",
    )
    arguments = parser.parse_args()
    try:
        build(arguments.orders, arguments.fresh)
    except BenchmarkError as error:
        sys.exit(f"Error: {error}")


def build(orders, fresh=False):
    """Seed, copy, verify; a database has its name when it is complete."""
    if orders % SEED_ORDERS:
        raise BenchmarkError(f"The number of orders is a multiple of {SEED_ORDERS}.")
    if not runner.exists(BASE):
        make(BASE, None, lambda name: runner.odoo("-d", name, "-i", depends(), STOP))
    if not runner.exists(SEED):
        make(
            SEED,
            BASE,
            lambda name: runner.shell(name, "seed", f"seed(env, {SEED_ORDERS})"),
        )
    if fresh or not runner.exists(f"{SEED}_tracked"):
        make(f"{SEED}_tracked", SEED, track)
    runner.drop(f"bench_{orders}_columns")  # measure.py makes it from the others
    copies = orders // SEED_ORDERS - 1
    for suffix in ("", "_tracked"):
        make(
            f"bench_{orders}{suffix}",
            f"{SEED}{suffix}",
            lambda name: runner.shell(name, "clone", f"fill(env, {copies})"),
        )


STOP = "--stop-after-init"


def depends():
    """What the addon depends on."""
    manifest = runner.FOLDER.parent / "contract_tracking" / "__manifest__.py"
    return ",".join(ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"])


def track(name):
    """Install the addon and make contracts of the seed orders."""
    runner.odoo("-d", name, "-i", "contract_tracking", STOP)
    runner.shell(name, "contracts", "track(env)")


def make(database, template, work):
    """Make a database from a copy of ``template``; ``work`` fills it."""
    print(f"{database} …", flush=True)
    started = time.monotonic()
    part = f"{database}_part"
    runner.drop(part)
    if template:
        runner.copy(template, part)
    work(part)
    runner.sql(part, "VACUUM ANALYZE")
    runner.drop(database)
    runner.sql("postgres", f"ALTER DATABASE {part} RENAME TO {database}")
    size = runner.sql(
        "postgres", f"SELECT pg_size_pretty(pg_database_size('{database}'))"
    )
    print(f"  {size.strip()}, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
