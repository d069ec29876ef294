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
CORE_LIST = ("contracts, all", "contracts, own")
PLAIN_ROWS = (
    "ageing of all", "ageing of a customer", "unclaimed receipts", "retention",
)  # fmt: skip
# Queries more and time compared with core alone.
FLOWS = {
    "order form": (10, 1.5),
    "partner form": (2, 1.2),
    "confirm 1": (8, None),
    "confirm 20": (28, None),
    "deliver 1": (3, None),
    "deliver 20": (3, None),
}


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
            rounds[key].append(runner.shell(name, "flows", "flows(env, 3)"))
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
    """Print a row a subject: what was measured, beside its goal if there is one."""
    for part in PARTS:
        if part not in results:
            continue
        heads = None
        for subject, cells in globals()[f"rows_{part}"](
            results[part], small.get(part, {})
        ):
            if cells.keys() != heads:
                heads = cells.keys()
                print(f"\n{part:32}" + "".join(f"{head:>18}" for head in heads))
            missed = [
                goal is not None and value > goal for value, goal in cells.values()
            ]
            texts = [
                f"{value:,.2f}"
                + ("" if goal is None else f" {'>' if bad else '≤'} {goal:g}")
                for (value, goal), bad in zip(cells.values(), missed, strict=True)
            ]
            line = "".join(f"{text:>18}" for text in texts)
            print(f"{subject:32}{line}   {'NOT' if any(missed) else 'holds'}")


def rows_reads(results, small):
    """Clicks beside the same on stored columns, core's list, plain grouped rows."""
    for subject, row in results.items():
        own, base = row["own"], row["base"]
        goal = 1.5 if subject in CORE_LIST else 3 if subject in PLAIN_ROWS else 2
        cells = {
            "ratio": (own["cpu"] / base["cpu"], goal),
            "queries": (own["queries"], 12),
            "ms": (own["cpu"] * 1000, None),
            "ms beside": (base["cpu"] * 1000, None),
        }
        if "stale" in row:
            more = (row["stale"]["cpu"] - own["cpu"]) * 1000 / row["stale"]["contracts"]
            cells["ms a stale one"] = more, 1.5
        if subject in small:
            cells["growth"] = own["cpu"] / small[subject]["own"]["cpu"], 12
        yield subject, cells


def rows_runs(results, small):
    """Folding in, a pass over all contracts, the nightly search, disk."""
    best = results["replay"]["cpu"] / results["replay"]["contracts"]
    for count in (100, 1000, 5000):
        if row := results.get(f"fold {count}"):
            each = row["cpu"] / count
            cells = {"÷ replay": (each / best, 3), "ms each": (each * 1000, None)}
            yield f"fold {count:,} in", {**cells, "queries": (row["queries"], None)}
    row = results["pass"]
    cells = {"seconds": (row["cpu"], None), "MB grown": (row["grown"], 64)}
    if small:
        cells["growth"] = row["cpu"] / small["pass"]["cpu"], 12
    yield "full pass", cells
    for subject, goal in (("night", 1), ("night, 1 % changed", 5)):
        row = results[subject]
        cells = {
            "÷ by hand": (row["cpu"] / results["night by hand"]["cpu"], goal),
            "ms": (row["cpu"] * 1000, None),
            "queries": (row["queries"], None),
        }
        if new := row.get("new"):
            more = row["queries"] - results["night"]["queries"]
            cells["queries a new one"] = more / new, 0.1
        yield subject, cells
    disk = results["disk"]
    yield "disk, MB", {"kept": (disk["kept"], None), "all": (disk["database"], None)}


def rows_flows(results, _small):
    """Core's screens and steps, with and without the addon."""
    plain, tracked, again = (results[key] for key in ("plain", "tracked", "again"))
    for subject, base in plain.items():
        row = tracked[subject]
        queries, ratio = FLOWS.get(subject, (0, None))
        if subject.startswith("list"):
            ratio = 1.06
        cells = {
            "queries more": (row["queries"] - base["queries"], queries),
            "÷ without": (row["cpu"] / base["cpu"], ratio),
            "noise": (again[subject]["cpu"] / base["cpu"], None),
            "ms": (row["cpu"] * 1000, None),
        }
        if bare := tracked.get(f"{subject} without triggers"):
            same = tracked[f"{subject} again"]["cpu"]
            cells["÷ no triggers"] = (row["cpu"] + same) / 2 / bare["cpu"], 1.03
            cells["noise of that"] = same / row["cpu"], None
        yield subject, cells


def rows_install(results, _small):
    """Seconds of an installation."""
    cells = {"÷ empty": (results["orders"] / results["empty"], 2)}
    yield "install", {**cells, "seconds": (results["orders"], None)}


if __name__ == "__main__":
    main()
