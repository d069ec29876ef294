"""The project's own way to run Odoo, for the benchmarks' programs."""

import json
import os
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PROGRAM = FOLDER.parent / "tools" / "odoo"
PREFIX = "bench_"


class BenchmarkError(Exception):
    """A benchmark can't go on; the message says why."""


def check_name(name):
    """Refuse names of databases that may belong to somebody else."""
    if not name.startswith(PREFIX) or not name.replace("_", "").isalnum():
        raise BenchmarkError(
            f"“{name}” is no name for a benchmark database: it begins with {PREFIX} "
            "and holds letters, digits and underscores."
        )
    return name


def sql(database, *statements):
    """Run SQL statements with psql; return the output, a row a line."""
    command = [str(PROGRAM), "--sql", "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"]
    for statement in statements:
        command += ["-c", statement]
    return _run(command)


def odoo(*arguments):
    """Run an odoo command to its end; return what it logs."""
    return _run([str(PROGRAM), *arguments])


def shell(database, module, call):
    """Call a function of a module of this folder inside ``odoo shell``.

    :return: what it prints as ``RESULT`` and JSON; the rest of its output is shown
    """
    output = _run(
        [str(PROGRAM), "shell", "-d", database, "--log-level=warn"],
        text=f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"
        f"import {module}\n{module}.{call}\n",
    )
    result = None
    for line in output.splitlines():
        if line.startswith("RESULT "):
            result = json.loads(line.removeprefix("RESULT "))
        else:
            print(f"  {line}", flush=True)
    return result


def exists(database):
    """Whether the database exists."""
    return bool(
        sql(
            "postgres",
            f"SELECT 1 FROM pg_database WHERE datname = '{check_name(database)}'",
        ).strip()
    )


def drop(database):
    """Drop a benchmark database if it exists."""
    sql("postgres", f"DROP DATABASE IF EXISTS {check_name(database)}")


def copy(source, database):
    """Make ``database`` a copy of ``source``; it must not exist yet."""
    check_name(database)
    sql("postgres", f'CREATE DATABASE {database} TEMPLATE "{source}"')


def _run(command, text=None):
    result = subprocess.run(
        command,
        input=text,
        text=True,
        stdin=None if text is not None else subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    # odoo shell ends with 0 after an exception in its script
    if result.returncode or "Traceback (most recent call last)" in result.stderr:
        raise BenchmarkError(
            f"{' '.join(command[:4])} failed:\n{result.stderr[-3000:]}"
            f"{result.stdout[-1000:]}"
        )
    return result.stdout
