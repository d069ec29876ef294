from collections import defaultdict
from inspect import isfunction

from odoo.tests import HttpCase, JsonRpcException
from odoo.tools import mute_logger

from .matrix import QUIET, MatrixMachine
from .matrix_world import CORE, ROLES
from .test_guards_rpc import CORE as CORE_METHODS

ADDON = "odoo.addons.contract_tracking."
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

    def post(self, model, method, *args, **kwargs):
        """One request of the web client."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
            timeout=60,
        )

    def letter(self, ask):
        self.env.cr.execute("SAVEPOINT remote")
        try:
            ask()
            return "y"
        except JsonRpcException as error:
            name = str(error)
            if name in REFUSED:
                return "-"
            return "." if name.startswith("odoo.exceptions.") else "!"
        finally:
            self.env.cr.execute("ROLLBACK TO SAVEPOINT remote")
            self.env.cr.execute("RELEASE SAVEPOINT remote")
            self.env.transaction.clear()

    def called(self, role, model, method):
        """Letters of calling it on a row of the seller's contract (of dialogs: his own)
        and, unless that is refused already, on one that is none of his business."""
        if model in self.strangers_rows[0]:
            rows = [self.own[model], self.strangers_rows[0][model]]
        else:
            title = model
            if state := ROW_OF.get(model, {}).get(method):
                title = f"{model}, {state}"
            rows = [self.sides[number].records[title] for number in (0, 2)]
        context = {"contract_figure": "paid" if "term" in model else "invoiced"}
        arguments = ARGUMENTS.get(method, [])
        word = ""
        for row in rows:
            word += self.letter(
                lambda row=row: self.post(
                    model, method, row.ids, *arguments, context=context
                )
            )
            if word == "-" and role != "foreign":
                return "--"
        return word

    def test_public_methods(self):
        found = defaultdict(dict)
        with mute_logger(*QUIET):
            for role in ROLES:
                user = getattr(self, role)
                self.own = self.dialogs(self.sides[0], user)
                self.env.flush_all()
                if role != "public":
                    login = user.login
                    self.authenticate(login, login + "x" * (8 - len(login)))
                else:
                    self.authenticate(None, None)
                for model, methods in self.public_methods():
                    for method in methods:
                        word = self.called(role, model, method)
                        found[f"{model}: {method}"][role] = word
        self.compare("methods", found)

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
        self.assertFalse((groups - tried).mapped("full_name"))
