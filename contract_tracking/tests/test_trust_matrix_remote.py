from collections import defaultdict
from inspect import isfunction

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .matrix_machine import QUIET, MatrixMachine
from .matrix_world import CORE, ROLES
from .test_features import FEATURES
from .test_guards_rpc import CORE as CORE_OWN

ADDON = "odoo.addons.contract_tracking."
# That of a report is no record of ours.
CORE_METHODS = CORE_OWN | {"get_paperformat"}
# On which row a method is called, if not on the draft one.
ROW_OF = {
    "contract.coordination": {
        "action_reply": "sent",
        "action_close": "sent",
        "action_next_stage": "sent",
    },
    "contract.deviation": dict.fromkeys(
        (
            "action_approve",
            "action_refuse",
            "action_return",
            "action_withdraw",
            "action_remind",
            "action_open_decide",
            "action_open_oral",
            "action_open_refuse",
            "action_open_return",
        ),
        "submitted",
    ),
    "contract.frame": {
        name: "in effect"
        for name in (
            "action_new_call_off",
            "action_renew",
            "action_record",
            "action_find_deviations",
            "action_contract_figure",
        )
    },
}
ARGUMENTS = {
    "action_approve": ["Yes."],
    "action_refuse": ["No."],
    "action_return": ["Why?"],
    "create_document_from_attachment": ["", []],
    "action_file_message": [0],
}
REFUSED = (
    "odoo.exceptions.AccessError",
    "odoo.exceptions.MissingError",
    "odoo.http.SessionExpiredException",
)


class TestMatrixOfRemoteCalls(MatrixMachine, HttpCase):
    """Role × public method through the web client's own door, and role × field that we
    add to models of core, against tables in ``matrix/`` (see test_trust_matrix.py)."""

    def public_methods(self):
        """model → the names that a client may call of what we wrote."""
        for model in sorted(self.env.registry):
            cls = self.env.registry[model]
            names = {
                name
                for base in cls.__mro__
                if base.__module__.startswith(ADDON)
                for name, value in vars(base).items()
                if not name.startswith("_")
                and isfunction(value)
                and not hasattr(value, "_api_private")
            }
            if not cls._abstract and names - CORE_METHODS:
                yield model, sorted(names - CORE_METHODS)

    def post(self, model, method, args, context):
        """What the server answers to one request of the web client."""
        answer = self.opener.post(
            f"{self.base_url()}/web/dataset/call_kw/{model}/{method}",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": {"context": context},
                },
            },
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def letter(self, model, method, args, context, side):
        self.env.cr.execute("SAVEPOINT remote")
        try:
            answer = self.post(model, method, args, context)
        finally:
            self.env.cr.execute("ROLLBACK TO SAVEPOINT remote")
            self.env.cr.execute("RELEASE SAVEPOINT remote")
            self.env.transaction.clear()
        if "error" not in answer:
            return "Y" if self.tells(answer.get("result"), side) else "y"
        error = answer["error"]["data"]
        if not error["name"].startswith(("odoo.exceptions.", "odoo.http.Session")):
            return "!"
        if self.tells(error["message"], side):
            return ":"
        return "-" if error["name"] in REFUSED else "."

    def called(self, role, model, method):
        """Letters of calling it on a row of the seller's contract (of dialogs: his own)
        and, unless that is refused already, on one that is none of his business."""
        if model in self.strangers_rows[0]:
            rows = [self.own[model], self.strangers_rows[0][model]]
        else:
            state = ROW_OF.get(model, {}).get(method)
            title = f"{model}, {state}" if state else model
            rows = [self.sides[number].records[title] for number in (0, 2)]
        sides = self.sides_of([*rows, rows[1]])
        context = {"contract_figure": "paid" if "term" in model else "invoiced"}
        of_model = getattr(getattr(self.env.registry[model], method), "_api_model", 0)
        word = ""
        for row, side in zip(rows, (sides[0], sides[-1]), strict=True):
            if rows[0]._transient:
                side = self.sides[0]
            args = [*([] if of_model else [row.ids]), *ARGUMENTS.get(method, [])]
            word += self.letter(model, method, args, context, side)
            if word == "-" and role != "foreign":
                return "--"
        return word

    def log_in(self, role):
        """``role`` with dialogs of his own; public has no session."""
        user = getattr(self, role)
        self.own = self.dialogs(self.sides[0], user)
        self.env.flush_all()
        login = user.login
        if role == "public":
            self.authenticate(None, None)
        else:
            self.authenticate(login, login + "x" * (8 - len(login)))

    def test_public_methods(self):
        found = defaultdict(dict)
        with mute_logger(*QUIET):
            for role in ROLES:
                self.log_in(role)
                for model, methods in self.public_methods():
                    for method in methods:
                        word = self.called(role, model, method)
                        found[f"{model}: {method}"][role] = word
        self.compare("methods", found)

    def test_search_over_http(self):
        """The table of models was found inside the server: through the web client's
        door everybody who can log in finds the same rows."""
        table = self.expected("models")
        with mute_logger(*QUIET):
            for role in ROLES[: ROLES.index("public")]:
                self.log_in(role)
                for model in self.models():
                    rows = [k.records.get(model) for k in self.sides]
                    if model in self.own:
                        rows = [
                            self.own[model],
                            *(dialogs[model] for dialogs in self.strangers_rows),
                        ]
                    expected = [
                        row.id
                        for row, word in zip(
                            rows, table[model][role].split("  |  "), strict=True
                        )
                        if word[1] == "s"
                    ]
                    domain = [("id", "in", [row.id for row in rows])]
                    answer = self.post(model, "search_read", [domain, ["id"]], {})
                    found = {row["id"] for row in answer.get("result", [])}
                    with self.subTest(role=role, model=model):
                        self.assertEqual(found, set(expected))

    def test_fields(self):
        found = defaultdict(dict)
        with mute_logger(*QUIET):
            for role in ROLES:
                for model in CORE:
                    rows = [k.records[model] for k in self.sides]
                    names = self.our_fields(model)
                    for name, word in self.field_letters(
                        role, model, names, rows
                    ).items():
                        found[f"{model}: {name}"][role] = word
        self.compare("fields", found)

    def test_every_group_has_a_role(self):
        """Whoever is given one of our groups is one of the roles."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "contract_tracking"), ("model", "=", "res.groups")]
        )
        groups = self.env["res.groups"].browse(data.mapped("res_id"))
        tried = self.env["res.groups"].union(
            *(getattr(self, role).group_ids for role in ROLES)
        )
        # what a company switches on shows, and gives no right
        shown = self.env["res.groups"].union(
            *(self.env.ref(f"contract_tracking.group_contract_{f}") for f in FEATURES)
        )
        self.assertFalse((groups - tried - shown).mapped("full_name"))
        access = self.env["ir.model.access"].search([("group_id", "in", shown.ids)])
        rules = self.env["ir.rule"].search([("groups", "in", shown.ids)])
        self.assertFalse(access)
        self.assertFalse(rules)
