#!/usr/bin/env python3
"""Measure what the addon costs, on the databases made by build.py.

    python benchmarks/measure.py --orders 10000

prints a row a subject: the goal, what was measured, and whether the goal holds. What is
compared is measured in turn; figures are medians. Works on copies, and keeps what it
measured in a JSON file, so that a run with 100000 orders is compared with one of 10000.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import runner
from build import BASE, STOP, make
from runner import BenchmarkError

SMALL = 10000
PARTS = ("reads", "runs", "flows", "install")
PLAIN_ROWS = (
    "ageing of all", "ageing of a customer", "unclaimed receipts", "retention",
)  # fmt: skip


def main():
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--folder", type=Path, default=Path())
    arguments = parser.parse_args()
    file = arguments.folder / f"benchmark-{arguments.orders}.json"
    small = arguments.folder / f"benchmark-{SMALL}.json"
    try:
        results = json.loads(file.read_text("utf-8")) if file.exists() else {}
        for part in arguments.parts:
            results[part] = globals()[f"measure_{part}"](arguments)
            file.write_text(json.dumps(results, indent=1), encoding="utf-8")
        before = json.loads(small.read_text("utf-8")) if small.exists() else {}
        report(results, before if arguments.orders > SMALL else {})
    except BenchmarkError as error:
        sys.exit(f"Error: {error}")


# ----------------------------------------------------------------------
# Parts
# ----------------------------------------------------------------------


def measure_reads(arguments):
    """Clicks, on a copy with stored columns to compare them with."""
    name = f"bench_{arguments.orders}_columns"
    if not runner.exists(name):
        make(
            name,
            f"bench_{arguments.orders}_tracked",
            lambda part: runner.shell(part, "reads", "columns(env)"),
        )
    return runner.shell(name, "reads", "clicks(env)")


def measure_runs(arguments):
    """What works through contracts, on a copy: the nightly run commits."""
    with Copy(f"bench_{arguments.orders}_tracked", "runs") as name:
        return runner.shell(name, "reads", "runs(env)")


def measure_flows(arguments):
    """Core's steps in turn without the addon, with it, and without it again."""
    plain = f"bench_{arguments.orders}"
    rounds = {"plain": [], "tracked": [], "again": []}
    for _number in range(arguments.rounds):
        for key, name in zip(rounds, (plain, f"{plain}_tracked", plain), strict=True):
            rounds[key].append(runner.shell(name, "flows", "flows(env, 2)"))
    return {
        key: {
            subject: {
                name: statistics.median(run[subject][name] for run in runs)
                for name in runs[0][subject]
            }
            for subject in runs[0]
        }
        for key, runs in rounds.items()
    }


def measure_install(arguments):
    """Seconds of an installation beside existing orders, and on an empty database."""
    seconds = {}
    for key, source in (("empty", BASE), ("orders", f"bench_{arguments.orders}")):
        with Copy(source, "install") as name:
            started = time.monotonic()
            runner.odoo("-d", name, "-i", "contract_tracking", STOP)
            seconds[key] = time.monotonic() - started
    return seconds


class Copy:
    """A copy of a database, dropped at the end."""

    def __init__(self, source, suffix):
        self.source, self.name = source, f"{source}_{suffix}"

    def __enter__(self):
        runner.drop(self.name)
        runner.copy(self.source, self.name)
        return self.name

    def __exit__(self, *error):
        runner.drop(self.name)


# ----------------------------------------------------------------------
# Table
# ----------------------------------------------------------------------


def report(results, small):
    """Print a row a subject."""
    print(f"{'subject':44}{'goal':>9}{'measured':>10}  {'':5}  how")
    for part in PARTS:
        for subject, goal, value, how in globals()[f"rows_{part}"](
            results.get(part), small.get(part)
        ):
            holds = "" if goal is None else "holds" if value <= goal else "NOT"
            goal = "" if goal is None else f"{goal:.2f}"
            print(f"{subject:44}{goal:>9}{value:>10.2f}  {holds:5}  {how}")


def rows_reads(results, small):
    """Clicks: ratios to the same click on stored columns, to a grouped read of plain
    rows, to core's list; milliseconds more a stale contract."""
    for subject, row in (results or {}).items():
        goal = 1.5 if subject in ("contracts, all", "contracts, own") else 2
        goal = 3 if subject in PLAIN_ROWS else goal
        own, base = row["own"], row["base"]
        how = f"{own['queries']} queries, {ms(own)} : {ms(base)}"
        yield subject, goal, own["cpu"] / base["cpu"], how
        yield "… queries", 12, own["queries"], ""
        if "stale" in row:
            more = (row["stale"]["cpu"] - own["cpu"]) * 1000 / 100
            yield "… with 100 stale, ms more for each", 1.5, more, ms(row["stale"])
        if small and subject in small:
            growth = own["cpu"] / small[subject]["own"]["cpu"]
            yield "… growth from 10,000", 12, growth, ""


def rows_runs(results, small):
    """Runs over contracts."""
    if not results:
        return
    best = results["replay"]["cpu"] / results["replay"]["contracts"]
    folds = {
        n: results[f"fold {n}"] for n in (100, 1000, 5000) if f"fold {n}" in results
    }
    for count, row in folds.items():
        how = f"{row['cpu'] / count * 1000:.2f} ms each, {row['queries']} queries"
        yield (
            f"fold {count:,} in ÷ replay at its best",
            3,
            row["cpu"] / count / best,
            how,
        )
    if folds:
        growth = folds[5000]["cpu"] / folds[1000]["cpu"]
        yield "fold 5,000 in ÷ fold 1,000 in", 6, growth, ""
    row = results["pass"]
    how = f"{row['seconds']:.0f} s, {row['queries']} queries"
    growth = row["cpu"] / small["pass"]["cpu"] if small else 0
    yield "full pass, growth from 10,000", 12 if small else None, growth, how
    yield "full pass, resident growth (MB)", 64, row["grown"], ""
    base = results["night by hand"]
    for subject, goal in (("night", 1), ("night, 1 % changed", 5)):
        row = results[subject]
        how = f"{row['queries']} queries, {ms(row)} : {ms(base)}"
        yield f"{subject} ÷ by hand", goal, row["cpu"] / base["cpu"], how
    new = results["night, 1 % changed"]["new"]
    queries = results["night, 1 % changed"]["queries"] - results["night"]["queries"]
    yield "… queries for each new deviation", 0.1, queries / max(new, 1), f"{new} new"
    disk = results["disk"]
    yield (
        "disk: share of what is kept",
        None,
        disk["kept"] / disk["database"],
        (f"{disk['kept']:.0f} of {disk['database']:.0f} MB"),
    )


def rows_flows(results, small):
    """Core's screens and steps: queries more, and time with ÷ without."""
    if not results:
        return
    plain, tracked, again = (results[key] for key in ("plain", "tracked", "again"))
    queries = {"order form": 10, "partner form": 2, "confirm 1": 8, "confirm 20": 28}
    times = {"order form": 1.5, "partner form": 1.2}
    for subject, row in tracked.items():
        step, _space, way = subject.partition(" w")
        if way or subject.endswith("again"):
            continue
        base = plain[subject]
        more = row["queries"] - base["queries"]
        limit = queries.get(subject, 3 if step.startswith("deliver ") else 0)
        yield f"{subject}, queries more", limit, more, f"{base['queries']} without"
        noise = again[subject]["cpu"] / base["cpu"]
        how = f"noise {noise:.2f}, {ms(row)} : {ms(base)}"
        limit = times.get(subject, 1.06 if subject.startswith("list") else None)
        yield "… time ÷ without the addon", limit, row["cpu"] / base["cpu"], how
        bare = tracked.get(f"{subject} without triggers")
        if bare:
            noise = tracked[f"{subject} again"]["cpu"] / row["cpu"]
            how = f"noise {noise:.3f}"
            yield "… time ÷ without triggers", 1.03, row["cpu"] / bare["cpu"], how


def rows_install(results, small):
    """Installation."""
    if results:
        ratio = results["orders"] / results["empty"]
        how = f"{results['orders']:.0f} s : {results['empty']:.0f} s"
        yield "install ÷ install on an empty database", 2, ratio, how


def ms(row):
    """The CPU time of a row as milliseconds."""
    return f"{row['cpu'] * 1000:.0f} ms"


if __name__ == "__main__":
    main()
