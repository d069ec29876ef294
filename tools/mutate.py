"""Mutation check: would the tests notice if the code were a little wrong?

    python3 tools/mutate.py --list contract_tracking/models/facts/contract_facts.py
    ./test --mutate FILE… --tests TEST_FILE…              every mutant
    ./test --mutate FILE… --sample 10 --tests TEST_FILE…  ten, spread over the files
    ./test --mutate FILE… --only 3,7-9 --tests TEST_FILE… those of --list
    ./test --mutate FILE --change OLD NEW --tests TEST_FILE…  one of your own

One small change at a time (< ↔ <=, == ↔ !=, + ↔ -, and ↔ or, a dropped condition, a
constant off by one; in Python functions and in the SQL inside their strings) is made in
a copy of the addon, and the chosen tests run on the database that ./test has prepared,
without installing it anew: fields, views and data are not mutated. What follows
``--tests`` goes to pytest, options included. The sources are never written to.

A mutant is killed when a test fails, or when the tests take longer than ``--timeout``
seconds. One that survives says that no test looks there, or that the change makes no
difference: only a reader can tell. Exit code 0: all killed; 1: some survived; 2: none
was tried, because the tests fail without any change or no mutant was chosen.
"""

import argparse
import ast
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tokenize
from pathlib import Path
from typing import NamedTuple

REPO = Path(__file__).resolve().parent.parent
ADDON = "contract_tracking"
SWAPS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "+": "-",
    "-": "+",
    "and": "or",
    "or": "and",
    "AND": "OR",
    "OR": "AND",
    "<>": "=",
}
SQL_WORDS = re.compile(r"\b(SELECT|FROM|WHERE|JOIN|CASE|UPDATE|COALESCE)\b")
# operators stand between blanks in SQL; %(name)s and 'text' are skipped whole
SQL_TOKEN = re.compile(
    r"%\(\w+\)s|'[^']*'|--[^\n]*|(?<=\s)(?:<=|>=|<>|<|>|\+|-|AND|OR)(?=\s)|(?<![\w.])\d+\b(?!\.)"
)
SQL_CONDITION = re.compile(r"\n\s*(?:AND|OR) ([^\n]+)")


class Mutant(NamedTuple):
    path: Path
    start: int
    end: int
    new: str
    what: str

    def __str__(self):
        text = self.path.read_text(encoding="utf-8")
        line = text.count("\n", 0, self.start) + 1
        old = " ".join(text[self.start : self.end].split())
        change = f"{old[:60]} → {self.new or 'nothing'}"
        return f"{self.path.relative_to(REPO)}:{line} {self.what}: {change}"


def off_by_one(digits):
    return str(int(digits) + 1)


class Finder(ast.NodeVisitor):
    """The mutants of one file."""

    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.mutants = set()
        self.functions = []
        self.docstrings = set()
        tree = ast.parse(self.text)
        self.visit(tree)
        self.visit_tokens()

    def at(self, row, byte):
        """ast counts columns in bytes, the text in characters."""
        return self.starts[row - 1] + len(self.lines[row - 1].encode()[:byte].decode())

    def span(self, node):
        return (
            self.at(node.lineno, node.col_offset),
            self.at(node.end_lineno, node.end_col_offset),
        )

    def add(self, start, end, new, what):
        self.mutants.add(Mutant(self.path, start, end, new, what))

    def visit_FunctionDef(self, node):
        self.functions.append((node.body[0].lineno, node.end_lineno))
        if ast.get_docstring(node, clean=False) is not None:
            self.docstrings.add(node.body[0].lineno)
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        for value in node.values:
            if isinstance(value, ast.Constant):
                continue
            self.add(*self.span(value), str(isinstance(node.op, ast.And)), "dropped")
        self.generic_visit(node)

    def visit_If(self, node):
        if not isinstance(node.test, ast.BoolOp):
            self.add(*self.span(node.test), "False", "dropped")
        self.generic_visit(node)

    def visit_comprehension(self, node):
        for test in node.ifs:
            if not isinstance(test, ast.BoolOp):
                self.add(*self.span(test), "True", "dropped")
        self.generic_visit(node)

    def visit_tokens(self):
        before, before_that = None, None
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            start = self.starts[token.start[0] - 1] + token.start[1]
            end = self.starts[token.end[0] - 1] + token.end[1]
            if token.type == tokenize.STRING:
                if token.start[0] not in self.docstrings:
                    self.visit_string(start, token.string)
            elif token.string in ("+", "-"):
                # between two values, neither of them a text
                value = before and (
                    before.type in (tokenize.NAME, tokenize.NUMBER)
                    and before.string not in ("return", "in", "and", "or", "not")
                    or before.string in (")", "]")
                )
                if value:
                    self.add(start, end, SWAPS[token.string], "operator")
            elif token.string in SWAPS:
                self.add(start, end, SWAPS[token.string], "operator")
            elif token.type == tokenize.NUMBER and token.string.isdigit():
                index = before.string == "[" and before_that.string not in ("(", "=")
                if not index:
                    self.add(start, end, off_by_one(token.string), "constant")
            if token.type not in (tokenize.NL, tokenize.COMMENT):
                before_that, before = before, token

    def visit_string(self, start, literal):
        bare = literal.strip("rf\"'")
        if bare in SWAPS and bare not in ("+", "-", "and", "or"):
            at = start + literal.index(bare)
            self.add(at, at + len(bare), SWAPS[bare], "operator in a domain")
        if not SQL_WORDS.search(literal):
            return
        for match in SQL_TOKEN.finditer(literal):
            old = match.group()
            new = off_by_one(old) if old.isdigit() else SWAPS.get(old)
            if new:
                what = "constant in SQL" if old.isdigit() else "operator in SQL"
                self.add(start + match.start(), start + match.end(), new, what)
        for match in SQL_CONDITION.finditer(literal):
            condition = match.group(1)
            if condition.count("(") == condition.count(")") and "--" not in condition:
                at = start + match.start()
                self.add(at, start + match.end(), "", "dropped in SQL")

    def found(self):
        """Inside functions, in the order of the file."""

        def inside(mutant):
            line = self.text.count("\n", 0, mutant.start) + 1
            return any(first <= line <= last for first, last in self.functions)

        return sorted(filter(inside, self.mutants))


def chosen(mutants, args):
    """(number, mutant) of those that are to be made."""
    numbered = list(enumerate(mutants, 1))
    if args.only:
        wanted = set()
        for part in args.only.split(","):
            first, _dash, last = part.partition("-")
            wanted.update(range(int(first), int(last or first) + 1))
        numbered = [pair for pair in numbered if pair[0] in wanted]
    if args.sample and args.sample < len(numbered):
        step = len(numbered) / args.sample
        numbered = [numbered[int((i + 0.5) * step)] for i in range(args.sample)]
    return numbered


def own_change(args):
    path, (old, new) = args.files[0], args.change
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1 or len(args.files) != 1:
        raise SystemExit(f"“{old}” stands {text.count(old)} times in {path}: not once.")
    start = text.index(old)
    return [Mutant(path, start, start + len(old), new, "own change")]


class Copy:
    """The addon's copy, and the tests that run on it."""

    def __init__(self, args):
        try:
            state = Path(os.environ["MUTATE_STATE"])
            self.database = os.environ["MUTATE_DATABASE"]
            config = Path(os.environ["MUTATE_CONFIG"]).read_text(encoding="utf-8")
        except KeyError:
            raise SystemExit(
                "Start it as ./test --mutate: see its docstring."
            ) from None
        self.args = args
        self.folder = state / "mutate"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(
            REPO / ADDON,
            self.folder / ADDON,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        addons = re.compile(rf"^(addons_path = (?:.*,)?){re.escape(str(REPO))}$", re.M)
        # the copy first; what else the database has installed is beside it
        config = addons.sub(lambda m: f"{m.group(1)}{self.folder},{REPO}", config)
        self.config = self.folder / "mutate.conf"
        self.config.write_text(config, encoding="utf-8")

    def passes(self, timeout):
        """Whether the chosen tests pass on the copy as it is."""
        # A file that changed twice in a second would be read from its old bytecode.
        env = {
            **os.environ,
            "ODOO_RC": str(self.config),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        options = [f"--odoo-database={self.database}", "--odoo-http"]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=line"]
        command += ["-p", "no:cacheprovider", *options, *self.args.tests]
        with open(self.folder / "pytest.log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout)
            except subprocess.TimeoutExpired:
                return False
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if code not in (0, 1):
            # a mutant may be no valid code; the tests were valid before
            print(f"    pytest ended with {code}", flush=True)
        return code == 0

    def survives(self, mutant):
        path = self.folder / mutant.path.relative_to(REPO)
        text = path.read_text(encoding="utf-8")
        try:
            path.write_text(
                text[: mutant.start] + mutant.new + text[mutant.end :], encoding="utf-8"
            )
            return self.passes(self.args.timeout)
        finally:
            path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=lambda name: Path(name).resolve())
    # last: options of pytest are among them
    parser.add_argument("--tests", nargs=argparse.REMAINDER, default=[])
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument("--only", help="these numbers of --list: 3,7-9")
    parser.add_argument("--sample", type=int, help="so many, spread evenly")
    parser.add_argument("--change", nargs=2, metavar=("OLD", "NEW"))
    parser.add_argument("--timeout", type=int, default=600, help="seconds a mutant")
    args = parser.parse_args()
    if not (args.list or args.tests):
        parser.error("--tests is missing: all of them would take hours.")
    if args.change:
        mutants = own_change(args)
    else:
        mutants = [mutant for path in args.files for mutant in Finder(path).found()]
    todo = chosen(mutants, args)
    if args.list:
        for number, mutant in todo:
            print(f"{number:4} {mutant}")
        return 0
    copy = Copy(args)
    if not todo or not copy.passes(args.timeout):
        print("No mutant chosen." if not todo else "The tests fail without any change.")
        return 2
    survived = 0
    for number, mutant in todo:
        start = time.monotonic()
        alive = copy.survives(mutant)
        survived += alive
        seconds = round(time.monotonic() - start)
        word = "SURVIVED" if alive else "killed  "
        print(f"{word} {number:4} {mutant} ({seconds}s)", flush=True)
    print(f"{len(todo) - survived} of {len(todo)} killed, {survived} survived.")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
