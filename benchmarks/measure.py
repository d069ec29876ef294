#!/usr/bin/env python3
"""Measure what the addon costs on a database made by build.py.

    python benchmarks/measure.py --database bench_10000

Works on two copies of it, one with the addon and contracts on all its orders. Each
round measures both in turn; the first copy is measured against itself as well, so that
the noise of the machine is seen. Prints a table and writes it as JSON.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import runner
from runner import BenchmarkError

# What the addon may add: queries, by subject.
GOALS = {
    "order list of 80": 0,
    "order form": 10,
    "confirm 1": 6 + 1 + 1,
    "confirm 20": 6 + 2 + 20,
}


def main():
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("benchmark.json"))
    arguments = parser.parse_args()
    try:
        measure(arguments)
    except BenchmarkError as error:
        sys.exit(f"Error: {error}")


def measure(arguments):
    """Prepare both copies, measure them in turn, print the table."""
    source = runner.check_name(arguments.database)
    plain, tracked, empty = f"{source}_plain", f"{source}_tracked", f"{source}_empty"
    for name, template in (
        (plain, source),
        (tracked, source),
        (empty, "contract_tracking_deps"),
    ):
        runner.drop(name)
        runner.copy(template, name)
    installs = {name: install(name) for name in (empty, tracked)}
    runner.shell(tracked, "contracts", "join(env)")
    runner.sql(tracked, "VACUUM ANALYZE")
    rounds = {"plain": [], "again": [], "tracked": []}
    for _number in range(arguments.rounds):
        rounds["plain"].append(probe(plain))
        rounds["tracked"].append(probe(tracked))
        rounds["again"].append(probe(plain))
    rows = table(rounds)
    rows.append(
        {
            "subject": "install",
            "seconds": installs[tracked],
            "ratio": installs[tracked] / installs[empty],
        }
    )
    report(rows)
    arguments.output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for name in (plain, tracked, empty):
        runner.drop(name)


def install(database):
    """Install the addon; return the seconds."""
    started = time.monotonic()
    runner.odoo("-d", database, "-i", "contract_tracking", "--stop-after-init")
    return time.monotonic() - started


def probe(database):
    """The figures of a database: ``{subject: (queries, seconds)}``."""
    output = runner.shell(database, "probe", "probe(env)")
    for line in output.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    raise BenchmarkError(f"The measurement of {database} gave no result.")


def table(rounds):
    """One row a subject: queries, median seconds, ratios to the plain database."""
    rows = []
    for subject in rounds["tracked"][0]:
        seconds = median(rounds["tracked"], subject)
        row = {
            "subject": subject,
            "queries": rounds["tracked"][-1][subject][0],
            "seconds": seconds,
        }
        if subject in rounds["plain"][0]:
            base = median(rounds["plain"], subject)
            row["added"] = row["queries"] - rounds["plain"][-1][subject][0]
            row["ratio"] = seconds / base
            row["noise"] = median(rounds["again"], subject) / base
            row["goal"] = GOALS.get(subject)
        rows.append(row)
    return rows


def median(results, subject):
    """The median seconds of a subject over the rounds."""
    return statistics.median(result[subject][1] for result in results)


def report(rows):
    """Print the rows as a table."""
    print(f"{'subject':34}{'queries':>8}{'added':>7}{'goal':>6}", end="")
    print(f"{'seconds':>10}{'ratio':>7}{'noise':>7}")
    for row in rows:
        cells = (
            f"{row.get('queries', ''):>8}",
            f"{row.get('added', ''):>7}",
            f"{'' if row.get('goal') is None else row['goal']:>6}",
            f"{row['seconds']:>10.3f}",
            f"{row['ratio']:>7.2f}" if "ratio" in row else " " * 7,
            f"{row['noise']:>7.2f}" if "noise" in row else " " * 7,
        )
        print(f"{row['subject']:34}" + "".join(cells))


if __name__ == "__main__":
    main()
