"""How long something takes, inside ``odoo shell``."""

import statistics
import time
from pathlib import Path

from psycopg2.errors import QueryCanceled

REPEATS = 5
# Enough repeated, in seconds; and no single statement takes longer than that.
ENOUGH, LIMIT = 10, 120


def timed(env, work, prepare=None, repeats=REPEATS):
    """Time ``work`` in transactions of its own, from empty caches, and undo it.

    :param prepare: done before, in the same transaction, and not timed
    :return: a median each: ``{"queries", "seconds", "cpu"}``; cpu counts Odoo's process
        and its server process, and no waiting for others
    """
    runs, started = [], time.monotonic()
    while len(runs) < repeats and time.monotonic() - started < ENOUGH:
        env.cr.rollback()
        env.cr.execute("SET LOCAL statement_timeout = %s", [f"{LIMIT}s"])
        # their time would not be counted
        env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        if prepare:
            prepare()
        try:
            runs.append(once(env, work))
        except QueryCanceled:
            runs = [{"queries": 0, "seconds": LIMIT, "cpu": LIMIT}]
            break
    env.cr.rollback()
    return median(runs)


def once(env, work):
    """Like :func:`timed` for work that can't be repeated; it is not undone."""
    env.flush_all()
    env.invalidate_all()
    queries, cpu, started = env.cr.sql_log_count, _cpu(env), time.monotonic()
    work()
    env.flush_all()
    return {
        "queries": env.cr.sql_log_count - queries,
        "seconds": time.monotonic() - started,
        "cpu": _cpu(env) - cpu,
    }


def median(runs):
    """The medians of runs, one by one."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _cpu(env):
    """CPU seconds of this process and, on the same machine, of its server process."""
    try:
        pid = env.cr._cnx.info.backend_pid
        server = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        server = "0"
    return time.process_time() + int(server.split()[0]) / 1e9
