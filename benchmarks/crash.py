#!/usr/bin/env python3
"""Change, read and fold in at once, by processes of their own that are killed.

    python benchmarks/crash.py --source contract_tracking_test --seconds 120 --seed 1

On a copy of a database with the addon (./test makes the one named here) contracts
are made; one process lets things happen to them and commits, one writes rows by SQL
past every guard, two read and compare what is kept with a replay, in a transaction
that can't write, and one folds in and is killed, again and again. Meanwhile the
database is dumped. At the end all is folded in: no note is left, nothing is stale.
The dump restored and a copy of the database, neutralised, say what a replay says too.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from datetime import datetime
from pathlib import Path

import runner
from runner import BenchmarkError

DATABASE = "bench_crash"
# Caches of other processes don't know what SQL wrote there.
CACHED = {"decimal_precision", "ir_model_data", "res_company"}


def main():
    """Read the arguments, run it, check what is left and its copies."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--source", default="contract_tracking_test")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    copies = [f"{DATABASE}_copy", f"{DATABASE}_restored"]
    try:
        for name in (DATABASE, *copies):
            runner.drop(name)
        runner.copy(arguments.source, DATABASE)
        with tempfile.TemporaryDirectory() as folder:
            dump = Path(folder, "dump")
            call = f"run(env, {arguments.seconds}, {arguments.seed}, {str(dump)!r})"
            runner.shell(DATABASE, "crash", call)
            runner.copy(DATABASE, copies[0])
            runner.sql("postgres", f"CREATE DATABASE {copies[1]}")
            runner.shell(
                copies[0], "crash", f"restore(env, {str(dump)!r}, {copies[1]!r})"
            )
        runner.odoo("neutralize", "-d", copies[0])
        for name in copies:
            runner.shell(name, "crash", f"check(env, {name!r})")
        for name in (DATABASE, *copies):
            runner.drop(name)
    except BenchmarkError as error:
        sys.exit(f"Error: {error}")


# ----------------------------------------------------------------------
# Inside odoo shell
# ----------------------------------------------------------------------


def prepared(env):
    """The property test's case, its contracts made in this database for good."""
    from odoo.tests import TransactionCase

    from odoo.addons.contract_tracking.tests.happenings import Happenings
    from odoo.addons.contract_tracking.tests.test_kept_property import (
        TestKeptProperty,
    )

    TransactionCase.setUpClass = classmethod(lambda cls: None)

    class Case(TestKeptProperty):
        """As the test, with a clock that nobody turns."""

        at = Happenings.at
        today = property(lambda self: self.company._contract_today())

    Case.env = env
    Case.setUpClass()
    # the patcher that the test would stop at its end
    Case.doClassCleanups()
    Case.every_source = Case("test_whatever_happens").sources()
    env.cr.commit()
    return Case


def run(env, seconds, seed, dump):
    """Start all processes, wait, kill, and check what is left."""
    import odoo.sql_db

    case = prepared(env)
    env.cr.execute("SELECT pg_backend_pid()")
    env.cr.close()
    odoo.sql_db.close_all()
    jobs = {
        "changes": (change, True),
        "rows": (change_rows, True),
        "reads": (read, True),
        "reads too": (read, True),
        "folds": (fold, False),
    }
    running, killed = {}, 0
    chance = random.Random(seed)
    end = time.monotonic() + seconds
    is_dumped = False
    for number, (name, (job, _is_steady)) in enumerate(jobs.items()):
        running[name] = start(job, case, f"{seed}{number}", end)
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.02, 1.5))
        os.kill(running["folds"], signal.SIGKILL)
        os.waitpid(running["folds"], 0)
        killed += 1
        running["folds"] = start(fold, case, f"{seed}{killed}", end)
        if not is_dumped and time.monotonic() > end - seconds / 2:
            is_dumped = True
            program("pg_dump", "-Fc", "-f", dump, env.cr.dbname)
    failed = [name for name, pid in running.items() if os.waitpid(pid, 0)[1]]
    print(f"folding in was killed {killed} times")
    if failed:
        raise RuntimeError(f"Failed: {', '.join(failed)}")
    with env.registry.cursor() as cr:
        last = env(cr=cr)
        cr.execute("SELECT COUNT(*) FROM contract_note")
        print(f"{cr.fetchone()[0]} notes were left by who was killed")
        while last["contract.facts"]._fold(100):
            cr.commit()
        cr.commit()
        cr.execute("SELECT COUNT(*) FROM contract_note")
        notes = cr.fetchone()[0]
        stale = [
            last[name]._stale_ids()
            for name in ("contract.facts", "contract.facts.frame")
        ]
        if notes or any(stale):
            raise RuntimeError(f"Left: {notes} notes, stale {stale}")
        bound(case, last, chance).compare(everything=True)
    sys.stdout.flush()
    # the shell would go on with the connection that was closed before forking
    os._exit(0)


def program(*command):
    """Run a program of PostgreSQL on Odoo's server."""
    from odoo.tools.misc import exec_pg_environ

    subprocess.run(command, env=exec_pg_environ(), check=True)


def restore(env, dump, name):
    """Fill an empty database."""
    program("pg_restore", "--no-owner", "-d", name, dump)


def start(job, case, seed, end):
    """Fork a process that works until the end; return its id."""
    import odoo.sql_db

    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        odoo.sql_db.close_all()
        job(case, random.Random(seed), end)
        status = 0
    except BaseException:
        print(f"{job.__name__}:\n{traceback.format_exc()}")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def bound(case, env, chance):
    """The case with its records in another environment."""
    for name in dir(case):
        value = getattr(case, name)
        if hasattr(value, "with_env"):
            setattr(case, name, value.with_env(env))
        elif name == "products":
            case.products = [product.with_env(env) for product in value]
    case.env = env
    return ready(case, chance)


def ready(case, chance):
    """The case as it is while its test runs."""
    case.now = datetime.now().replace(microsecond=0)
    result = case("test_whatever_happens")
    result.done, result.chance, result.seed = [], chance, case.env.cr.dbname
    return result


def environment(case, **options):
    """A new transaction."""
    registry = case.env.registry
    registry.check_signaling()
    return case.env(cr=registry.cursor(**options))


def change(case, chance, end):
    """Things happen, each commits."""
    work(case, chance, end, ("step_", "step_", "wild_"), "things")


def change_rows(case, chance, end):
    """Rows are written by SQL, each statement commits."""
    work(case, chance, end, ("row_",), "statements")


def work(case, chance, end, prefixes, what):
    """Let things happen until the end."""
    import psycopg2

    done, refused = Counter(), Counter()
    sources = {t: c for t, c in case.every_source.items() if t not in CACHED}
    case.sources = lambda self: sources
    # they compare for themselves what they are about to undo
    for name in ("wild_undone", "wild_in_parts", "wild_precision", "row_truncate"):
        setattr(case, name, lambda self, order, day: False)
    while time.monotonic() < end:
        env = environment(case)
        actor = bound(case, env, chance)
        try:
            name, step = actor.any_step(prefixes)
            order = actor.some(actor.contracts())
            if step(order, actor.today) is not False:
                # what no statement can read is not kept either
                actor.compare(everything=prefixes == ("row_",))
                env.cr.commit()
                done[name] += 1
        except AssertionError:
            raise
        except psycopg2.Error as error:
            refused[type(error).__name__] += 1
        except Exception as error:
            refused[type(error).__name__] += 1
        finally:
            env.cr.close()
    print(f"{done.total()} {what} happened, refused: {dict(refused)}")
    if done.total() < 10:
        raise RuntimeError(f"Hardly any {what} happened")


def read(case, chance, end):
    """What is kept is what a replay says, in one transaction that can't write."""
    number = 0
    while time.monotonic() < end:
        env = environment(case, readonly=True)
        try:
            bound(case, env, chance).compare(everything=True)
        finally:
            env.cr.close()
        number += 1
    print(f"read {number} times")


def fold(case, chance, end):
    """Fold in what is stale, until killed."""
    while time.monotonic() < end:
        env = environment(case)
        try:
            env["contract.facts"]._cron_fold()
            env.cr.commit()
        finally:
            env.cr.close()
        time.sleep(chance.uniform(0, 0.2))


def check(env, name):
    """What is kept in a copy is what a replay says: at first, after a change, and
    folded in."""
    from odoo.addons.contract_tracking.tests.test_kept_property import (
        TestKeptProperty,
    )

    class Case(TestKeptProperty):
        """Nothing is made: it reads what is there."""

    Case.env, Case.company = env, env.company
    reader = ready(Case, random.Random(1))
    reader.compare(everything=True)
    env.cr.execute("UPDATE sale_order_line SET price_total = price_total + 1")
    env.cr.execute("UPDATE contract_event SET date = date - 1")
    reader.compare(everything=True)
    env["contract.facts"]._fold()
    reader.compare(everything=True)
    env.cr.rollback()
    print(f"{name}: what is kept is right")


if __name__ == "__main__":
    main()
