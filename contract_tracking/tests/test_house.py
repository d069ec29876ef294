"""The rule of dependence: a room names no room above it."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).parent.parent
# The rooms from the ground up: what models/__init__.py imports, in this order.
ROOMS = re.findall(r"import (\w+)", (ADDON / "models" / "__init__.py").read_text())


def room_of(path):
    return path.relative_to(ADDON).parts[1]


def files():
    for folder in ("models", "wizard"):
        yield from sorted((ADDON / folder).glob("*/*.py"))


def strings(tree):
    """The string constants of a module without its docstrings."""
    docs = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in docs
        ):
            yield node.lineno, node.value


def models_of(tree):
    """Names of the models that a module makes: not those that it extends."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            values = {
                item.targets[0].id: item.value
                for item in node.body
                if isinstance(item, ast.Assign)
                and isinstance(item.targets[0], ast.Name)
            }
            name = values.get("_name")
            inherit = values.get("_inherit")
            if isinstance(name, ast.Constant) and (
                inherit is None or repr(name.value) not in ast.unparse(inherit)
            ):
                yield name.value


@tagged("post_install", "-at_install")
class TestHouse(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trees = {path: ast.parse(path.read_text()) for path in files()}
        cls.home = {
            name: room_of(path)
            for path, tree in cls.trees.items()
            for name in models_of(tree)
        }
        cls.tables = {
            cls.env[name]._table: room
            for name, room in cls.home.items()
            if cls.env[name]._auto and not cls.env[name]._abstract
        }

    def names(self, path, tree):
        """(line, what, room) of each room that a file names."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                yield node.lineno, node.module, node.module.split(".")[0]
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.slice, ast.Constant)
                and ast.unparse(node.value).endswith("env")
                and node.slice.value in self.home
            ):
                yield node.lineno, node.slice.value, self.home[node.slice.value]
        for line, text in strings(tree):
            for table in re.findall(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)", text):
                if table in self.tables:
                    yield line, table, self.tables[table]

    def test_every_model_has_a_room(self):
        self.assertEqual(set(self.home.values()) - set(ROOMS), set())

    def test_no_room_names_one_above(self):
        above = defaultdict(list)
        for path, tree in self.trees.items():
            room = room_of(path)
            for line, what, other in self.names(path, tree):
                if ROOMS.index(other) > ROOMS.index(room):
                    above[f"{room} → {other}"].append(
                        f"{path.relative_to(ADDON)}:{line} {what}"
                    )
        lines = [f"{way}: {place}" for way in sorted(above) for place in above[way]]
        self.assertFalse(lines, "\n" + "\n".join(lines))

    def test_fields_of_a_model_stand_in_one_file(self):
        """Figures that are read, a list of their own, stand beside it."""
        places = defaultdict(set)
        for path, tree in self.trees.items():
            if path.stem.endswith("_figures"):
                continue
            for node in tree.body:
                if not isinstance(node, ast.ClassDef):
                    continue
                values = {
                    item.targets[0].id: item.value
                    for item in node.body
                    if isinstance(item, ast.Assign)
                    and isinstance(item.targets[0], ast.Name)
                }
                name = values.get("_name") or values.get("_inherit")
                if isinstance(name, ast.Constant) and any(
                    isinstance(value, ast.Call)
                    and ast.unparse(value.func).startswith("fields.")
                    for value in values.values()
                ):
                    places[name.value, room_of(path)].add(path.name)
        self.assertFalse(
            {
                name: files
                for (name, room), files in places.items()
                if self.home.get(name) == room and len(files) > 1
            }
        )
