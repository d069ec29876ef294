"""The machine of test_trust_matrix.py: calls that a client can make, what became of
them as letters, and tables of letters that people can read."""

import json
import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from textwrap import wrap

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.service.model import call_kw

from .matrix_world import CORE, MAKE, ROLES, MatrixWorld

FOLDER = Path(__file__).parent / "matrix"
ROWS = "rsgoxnwuy"  # what is tried on each row
ASKED = "cqd"  # what is tried by naming a contract
TYPED = "Typed"
RULE = "\n====\n"
QUIET = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.http",
    "odoo.models",
    "odoo.orm.models",
    "odoo.sql_db",
)
# A field that people may change as long as nothing is decided; the first that is there.
HARMLESS = (
    "client_order_ref", "note", "summary", "reason", "comment", "reply_text",
    "subject", "difference_note", "what", "bl_number", "requests", "code", "ref",
    "memo", "name", "amount", "quantity", "outcome", "sequence", "date", "selected",
    "origin", "user_id",
    "percent_from",
)  # fmt: skip
SAMPLE = {
    "boolean": False,
    "char": TYPED,
    "text": TYPED,
    "html": TYPED,
    "integer": 77,
    "float": 7.0,
    "monetary": 7.0,
    "date": "2026-09-03",
    "datetime": "2026-09-03 03:00:00",
    "json": [],
}


class MatrixMachine(MatrixWorld):
    """Calls as remote users make them: one transaction each, of which nothing stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.able = {}
        # core composes long messages, which takes longer than to refuse
        for model in ("ir.rule", "ir.model.access"):
            cls.classPatch(
                cls.registry[model],
                "_make_access_error",
                lambda self, *args: AccessError("refused"),
            )

    def call(self, role, model, method, *args, **kwargs):
        """What remote calls of ``role`` end in, whichever way they come."""
        user = getattr(self, role)
        answer = call_kw(self.env(user=user, context={})[model], method, args, kwargs)
        self.env.flush_all()
        return answer

    def attempt(self, ask, writes=True):
        """``(letter, answer)``: “-” not his, “.” the document says no, “!” it breaks.

        A question by search leaves no trace in the cache (``writes``)."""
        self.env.cr.execute("SAVEPOINT matrix")
        try:
            return "+", ask()
        except (AccessError, MissingError) as error:
            return "-", str(error)
        except IntegrityError as error:
            return ".", error.pgerror
        except UserError as error:
            return ".", str(error)
        except Exception as error:  # noqa: BLE001
            return "!", f"{type(error).__name__}: {error}"
        finally:
            self.env.cr.execute("ROLLBACK TO SAVEPOINT matrix")
            self.env.cr.execute("RELEASE SAVEPOINT matrix")
            if writes:
                self.env.transaction.clear()

    def tells(self, answer, side):
        """Whether an answer says something of the contract of ``side``."""
        said = json.dumps(answer, default=str)
        return any(word in said for word in side.secrets)

    # ------------------------------------------------------------------
    # The tables
    # ------------------------------------------------------------------

    def expected(self, name):
        text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
        return from_text(text.partition(RULE)[2])

    def compare(self, name, found, roles=ROLES):
        """``found`` (``{title: {role: word}}``) is what the table says of ``roles``, or
        is written into it (``CONTRACT_MATRIX=write``)."""
        expected = self.expected(name)
        if os.environ.get("CONTRACT_MATRIX") == "write":
            written = {
                title: {
                    role: word
                    for role, word in expected.get(title, {}).items()
                    if role in ROLES and role not in roles
                }
                | by_role
                for title, by_role in found.items()
            }
            path = FOLDER / f"{name}.txt"
            legend = path.read_text(encoding="utf-8").partition(RULE)[0]
            path.write_text(
                f"{legend.rstrip()}\n{RULE}{as_text(written)}", encoding="utf-8"
            )
            return
        told = {
            title: {role: word for role, word in by_role.items() if role in roles}
            for title, by_role in expected.items()
        }
        differences = [
            f"{title}, {role}: expected {told.get(title, {}).get(role)}, "
            f"found {found.get(title, {}).get(role)}"
            for title in sorted(told.keys() | found.keys())
            for role in roles
            if told.get(title, {}).get(role) != found.get(title, {}).get(role)
        ]
        self.assertFalse(differences, "\n" + "\n".join(differences))

    def models(self):
        """Every model of the addon that has rows, and those of core."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if name in CORE
            or (model._original_module == "contract_tracking" and not model._abstract)
        )

    def compare_models(self, roles):
        found = defaultdict(dict)
        for role in roles:
            for title, word in self.words_of(role).items():
                found[title][role] = word
        self.compare("models", found, roles)

    def words_of(self, role):
        """Title of a row → what ``role`` may do with that of each contract."""
        side = self.sides[{"rival": 1, "foreign": 2}.get(role, 0)]
        own = self.dialogs(side, getattr(self, role))
        for other in self.sides:
            other.own = own
        rows = {title: [k.records[title] for k in self.sides] for title in side.records}
        for model, row in own.items():
            rows[model] = [row, *(dialogs[model] for dialogs in self.strangers_rows)]
        result = {}
        for title, records in rows.items():
            model, _comma, state = title.partition(", ")
            operations = ROWS.replace("y", "") if model in CORE else ROWS
            columns = self.row_letters(
                role, model, records, "rwuy" if state else operations
            )
            if model in MAKE and not state:
                asked = self.asked_letters(role, model, self.sides)
                columns = [" ".join(pair) for pair in zip(columns, asked, strict=True)]
            result[title] = "  |  ".join(columns)
        return result

    # ------------------------------------------------------------------
    # Rows: what is done with a row that exists
    # ------------------------------------------------------------------

    def row_letters(self, role, model, rows, operations=ROWS):
        """A word of letters a row, operation by operation."""
        columns = [""] * len(rows)
        for operation in operations:
            letters = self.tried(role, model, rows, operation)
            for index, letter in enumerate(letters):
                columns[index] += operation if letter == "+" else letter
        return columns

    def tried(self, role, model, rows, operation):
        if operation in "so":
            return self.found(role, model, rows, operation)
        letters = []
        for row, side in zip(rows, self.sides_of(rows), strict=True):
            letter, answer = self.attempt(
                lambda row=row: self.do(role, model, row, operation),
            )
            if letter == "+" and operation == "g":
                answer = sum(group["__count"] for group in answer)
            if letter == "+" and not answer:
                letter = "-"  # no such row, for him
            if letter in "-." and self.tells(answer, side):
                letter = ":"
            letters.append(letter)
            # refused for the model itself: the other rows are no question
            right = {"w": "write", "u": "unlink", "y": "create"}.get(operation, "read")
            if letter == "-" and not self.may(role, model, right):
                return [letter] * len(rows)
        return letters

    def sides_of(self, rows):
        """The contracts that rows are about: dialogs are strangers' in the last two."""
        if rows[0]._transient:
            return [self.sides[0], self.sides[0], self.sides[2]]
        return self.sides

    def may(self, role, model, right):
        return self.env[model].with_user(getattr(self, role)).has_access(right)

    def found(self, role, model, rows, operation):
        order = {"o": self.own_order(model)}.get(operation)
        letter, answer = self.attempt(
            lambda: self.call(
                role, model, "search", [("id", "in", [row.id for row in rows])],
                order=order,
            ),
            False,
        )  # fmt: skip
        if letter != "+":
            return [letter] * len(rows)
        return ["+" if row.id in answer else "-" for row in rows]

    def do(self, role, model, row, operation):
        def call(method, *args, **kwargs):
            return self.call(role, model, method, *args, **kwargs)

        ids = [row.id]
        if operation == "r":
            return call("read", ids, ["display_name"])
        if operation == "g":
            return call(
                "formatted_read_group", [("id", "in", ids)], ["create_uid"]
                if "create_uid" in row._fields and row._fields["create_uid"].store
                else [self.own_order(model).split()[0]], ["__count"],
            )  # fmt: skip
        if operation == "x":
            return call("export_data", ids, [".id", "display_name"])
        if operation == "n":
            return call("web_read", ids, self.specification(role, model))
        if operation == "w":
            return call("write", ids, self.harmless(row))
        if operation == "u":
            return call("unlink", ids)
        return call("copy", ids)

    def own_order(self, model):
        """Order by what it hangs on: its contract's order speaks too."""
        fields = self.env[model]._fields
        for name in ("order_id", "name", "date", "state"):
            if name in fields and fields[name].store:
                return f"{name} desc"
        return "id desc"

    def harmless(self, row):
        for name in HARMLESS:
            field = row._fields.get(name)
            if field and field.store and not field.readonly and not field.related:
                return {name: self.other_value(row, field)}
        name = next(
            name
            for name, field in row._fields.items()
            if field.store and field.relational and field.type != "one2many"
        )
        ids = row.sudo()[name].ids
        return {name: ids[0] if row._fields[name].type == "many2one" else [[6, 0, ids]]}

    def other_value(self, row, field):
        """A value that the field of the row doesn't have, as a client writes it."""
        row = row.sudo()
        if field.type == "boolean":
            return not row[field.name]
        if field.type == "selection":
            choices = field.get_values(self.env)
            return next((c for c in choices if c != row[field.name]), False)
        if field.type in ("many2one", "many2many", "one2many"):
            others = self.env[field.comodel_name].sudo()
            if field.comodel_name == "res.users":
                others = self.supervisor
            elif field.type != "one2many":
                others = others.search([("id", "not in", row[field.name].ids)], limit=1)
            if field.type == "many2one":
                return others.id
            return [[5, 0, 0]] if row[field.name] else [[6, 0, others.ids]]
        return SAMPLE.get(field.type, False)

    def specification(self, role, model):
        """What a client may ask of a row, and who and what the row links to. Figures of
        core's models are asked field by field (``field_letters``)."""
        Model = self.env[model].with_user(getattr(self, role))
        asked = {"display_name": {}}
        for name, field in Model._fields.items():
            own = model.startswith("contract.") or (
                field._module == "contract_tracking" and field.store
            )
            linked = field.comodel_name in CORE or (
                field.comodel_name or ""
            ).startswith("contract.")
            if not own and not (linked and field.type == "many2one"):
                continue
            if field.type in ("binary", "properties") or not Model._has_field_access(
                field, "read"
            ):
                continue
            if not field.relational:
                asked[name] = {}
            elif linked:
                asked[name] = {"fields": {"display_name": {}}}
        return asked

    # ------------------------------------------------------------------
    # What is asked by naming a contract
    # ------------------------------------------------------------------

    def asked_letters(self, role, model, sides):
        """Letters of creating a row, of a form that names the contract without being
        saved, and of defaults; a letter where the answer tells something of it, for a
        created row the capital one."""
        columns = [""] * len(sides)
        for index, side in enumerate(sides):
            for operation in ASKED:
                letter, answer = self.attempt(
                    lambda op=operation, side=side: getattr(self, f"ask_{op}")(
                        role, model, side
                    ),
                )
                tells = self.tells(answer, side)
                if letter in "-." and tells:
                    letter = ":"
                if letter == "+":
                    if operation == "c":
                        letter = "C" if tells else "c"
                    else:
                        letter = operation if tells else "-"
                columns[index] += letter
            if not self.may(role, model, "create") and columns[0].strip("-.") == "":
                # refused for the model itself: the other contracts are no question
                return [columns[0]] * len(sides)
        return columns

    def ask_c(self, role, model, side):
        values = MAKE[model](side, TYPED)
        created = self.call(role, model, "create", [values])
        with suppress(Exception):  # who writes need not read
            return self.call(
                role, model, "web_read", created, self.specification(role, model)
            )

    def ask_q(self, role, model, side):
        values = {
            name: value
            for name, value in MAKE[model](side, TYPED).items()
            if self.env[model]._fields[name].type != "one2many"
        }
        asked = self.specification(role, model)
        for name, value in values.items():
            if self.env[model]._fields[name].type == "many2many":
                values[name] = [[4, one] for one in value if isinstance(one, int)]
        return self.call(
            role, model, "onchange", [], values, list(values),
            asked | {name: asked.get(name, {}) for name in values},
        )  # fmt: skip

    def ask_d(self, role, model, side):
        values = MAKE[model](side, TYPED)
        context = {f"default_{name}": value for name, value in values.items()}
        context |= {
            "active_model": "sale.order",
            "active_id": side.order.id,
            "active_ids": side.order.ids,
        }
        names = list(self.env[model]._fields)
        told = [self.call(role, model, "default_get", names, context=context)]
        with suppress(Exception):  # what the form makes of them
            told.append(
                self.call(
                    role, model, "onchange", [], {}, [],
                    self.specification(role, model), context=context,
                )
            )  # fmt: skip
        return told

    # ------------------------------------------------------------------
    # Fields that we add to models of core
    # ------------------------------------------------------------------

    def field_letters(self, role, model, names, rows):
        """name → (reads a row each, asks, writes a row each)."""
        reads = [self.reads(role, model, names, row) for row in rows]
        asks = {
            letter: self.each(
                [name for name in names if name in self.answerable(model, letter)],
                lambda some, letter=letter: self.ask_field(role, model, letter, some),
            )
            for letter in "sgo"
        }
        writes = [self.writes(role, model, names, row) for row in rows]
        return {
            name: " ".join(
                (
                    "".join("r" if name in read else "-" for read in reads),
                    "".join(k if name in asks[k] else "-" for k in asks),
                    "".join("w" if name in write else "-" for write in writes),
                )
            )
            for name in names
        }

    def reads(self, role, model, names, row):
        """Fields whose value is told; an empty one instead of the value isn't."""
        told = {}

        def ask(some):
            told.update(self.call(role, model, "read", [row.id], some)[0])

        return {
            name
            for name in self.each(names, ask)
            if told[name] or not self.shown(row, name)
        }

    def each(self, names, ask):
        """Those of ``names`` that are answered: all at once, or one by one."""
        names = list(names)
        if not names or self.attempt(lambda: ask(names))[0] == "+":
            return set(names)
        return {
            name for name in names if self.attempt(lambda n=name: ask([n]))[0] == "+"
        }

    def ask_field(self, role, model, letter, names):
        if letter == "s":
            domain = Domain.AND(self.probe(model, name) for name in names)
            found = self.call(role, model, "search", list(domain), limit=1)
            Model = self.env[model].with_user(getattr(self, role))
            for name in names:
                # a field that isn't his may be searched in vain
                if not found and not Model._has_field_access(
                    Model._fields[name], "read"
                ):
                    raise AccessError(name)
            return found
        if letter == "o":
            return self.call(role, model, "search", [], order=",".join(names), limit=1)
        for name in names:
            self.call(role, model, "formatted_read_group", [], [name], ["__count"])
        return True

    def probe(self, model, name):
        """A question by the value that the seller's contract has."""
        row = self.sides[0].records[model]
        field = row._fields[name]
        if field.relational:
            return Domain(name, "!=", False)
        value = self.shown(row, name) or self.other_value(row, field)
        return Domain(name, "=", value)

    def answerable(self, model, letter):
        """Fields by which anybody at all can search, group, order."""
        key = model, letter
        if key not in self.able:
            root = self.env[model].sudo().with_context(active_test=False)

            def ask(name):
                if letter == "s":
                    return root.search([(name, "!=", False)], limit=1)
                if letter == "o":
                    return root.search([], order=name, limit=1)
                return root.formatted_read_group([], [name], ["__count"])

            self.able[key] = {
                name
                for name in self.our_fields(model)
                if self.attempt(lambda name=name: ask(name))[0] == "+"
            }
        return self.able[key]

    def writes(self, role, model, names, row):
        written = set()
        if not self.may(role, model, "write"):
            # one of them stands for all
            names = names[:1]
        for name in names:
            field = row._fields[name]
            if not (field.store or field.inverse):
                continue
            before = self.shown(row, name)

            def ask(name=name, field=field, before=before):
                value = {name: self.other_value(row, field)}
                self.call(role, model, "write", [row.id], value)
                self.env.transaction.clear()
                return self.shown(row, name) != before

            letter, changed = self.attempt(ask)
            if letter == "+" and changed:
                written.add(name)
        return written

    def shown(self, row, name):
        value = row.sudo()[name]
        return value.ids if hasattr(value, "ids") else value

    def our_fields(self, model):
        return sorted(
            name
            for name, field in self.env[model]._fields.items()
            if field._module == "contract_tracking"
        )


def as_text(letters):
    """``{title: {role: word}}`` as text: a line for those who may the same. What is
    alike of a model (``model: method``) stands in one block."""
    alike = defaultdict(list)
    for title, by_role in sorted(letters.items()):
        model, colon, name = title.partition(": ")
        key = (model, *by_role.items()) if colon else title
        alike[key].append(name or model)
    text = []
    for key, names in alike.items():
        if isinstance(key, str):
            by_role, titles = letters[key], [key]
        else:
            model, *items = key
            by_role = dict(items)
            titles = [f"{model}: {line}" for line in wrap(" ".join(names), 70)]
        by_word = defaultdict(list)
        for role in ROLES:
            if role in by_role:
                by_word[by_role[role]].append(role)
        text += ["", *titles]
        for word, roles in by_word.items():
            first, *rest = wrap(" ".join(roles), 72)
            text += [f"    {word}  : {first}"]
            text += [f"    {' ' * len(word)}  : {line}" for line in rest]
    return "\n".join(text).strip() + "\n"


def from_text(text):
    """The same back from text."""
    letters = defaultdict(dict)
    titles, word = [], None
    for line in text.splitlines():
        if not line:
            titles = []
        elif line.startswith(" "):
            head, _colon, roles = line.partition("  : ")
            word = head.strip() or word
            for title in titles:
                letters[title] |= dict.fromkeys(roles.split(), word)
        else:
            model, colon, names = line.partition(": ")
            titles += [f"{model}: {n}" for n in names.split()] if colon else [model]
    return dict(letters)
