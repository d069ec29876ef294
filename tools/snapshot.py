"""What an update of the addon must not change: read from a database, and compared.

    SNAPSHOT=before.json odoo shell -d DB <tools/snapshot.py
    python3 tools/snapshot.py before.json after.json

Every record of the addon's models with its stored values and its amounts, the fields
that it adds to other models, what hangs on them (files, activities, messages,
followers), the forms of each company, the numbers drawn next, and what each demo user
sees and may. Records and fields that are new don't count; fields that are no more are
listed, for a reader to judge.
"""

import json
import os
import sys
from collections import defaultdict

MODULE = "contract_tracking"
# name before: name now
RENAMED = {"contract.deviation.action": "contract.action"}
LOGGED = {"id", "create_uid", "create_date", "write_uid", "write_date"}


def plain(value):
    if hasattr(value, "_ids"):
        return sorted(value._ids)
    if isinstance(value, float):
        # a sum is the same in another order
        return round(value, 6)
    if isinstance(value, str):
        return RENAMED.get(value, value)
    return value if isinstance(value, (bool, int)) else str(value)


def kept(model, name):
    """Whether a field is worth keeping: stored, or an amount that is read."""
    field = model._fields[name]
    own = model._name.startswith("contract.") or name.startswith("contract_")
    return (
        own
        and name not in LOGGED
        # rows of their own, since: see forms()
        and not (model._name == "res.company" and "_form_" in name)
        # as the ledger has them, since: see the check "Figures of the demo data"
        and not (model._name == "res.partner" and field.type == "monetary")
        and field.type not in ("one2many", "binary", "json", "properties")
        and (field.store or field.type in ("float", "monetary"))
    )


def models(env):
    for name, model in sorted(env.items()):
        if model._auto and not model._abstract and not model._transient:
            names = [fname for fname in sorted(model._fields) if kept(model, fname)]
            if names or name.startswith("contract."):
                yield model.sudo().with_context(active_test=False), names


def label(model):
    return RENAMED.get(model, model)


def records(env):
    for model, names in models(env):
        for record in model.search([]):
            row = {name: plain(record[name]) for name in names}
            if row.get("res_model") == "contract.deviation":
                row["deviation_id"] = [row["res_id"]]
            yield f"{label(model._name)},{record.id}", row


def hanging(env):
    names = [model._name for model, _names in models(env)]
    for model, column, what in (
        ("ir.attachment", "res_model", ("name", "checksum")),
        ("mail.activity", "res_model", ("activity_type_id", "user_id")),
        ("mail.message", "model", ("message_type", "author_id")),
        ("mail.followers", "res_model", ("partner_id",)),
    ):
        if model == "mail.activity":
            what += ("date_deadline",)
        found = defaultdict(list)
        for record in env[model].sudo().search([(column, "in", names)]):
            key = f"{model} of {label(record[column])},{record.res_id}"
            found[key].append([plain(record[name]) for name in what])
        for key, rows in found.items():
            yield key, {"rows": sorted(rows, key=str)}


def forms(env):
    company_fields = {
        "contract.tracking.record": "contract_record_form",
        "contract.coordination": "contract_coordination_form",
        "contract.deviation": "contract_deviation_form",
        "contract.reagreement": "contract_reagreement_form",
    }
    for company in env["res.company"].search([]):
        for model, prefix in company_fields.items():
            if "contract.form.type" in env:
                form = env["contract.form.type"].search(
                    [("company_id", "=", company.id), ("model", "=", model)]
                )
                row = {"code": form.code, "version": form.version}
            else:
                row = {
                    "code": company[f"{prefix}_code"],
                    "version": company[f"{prefix}_version"],
                }
            yield f"form {model} of {company.name}", row


def numbers(env):
    for sequence in env["ir.sequence"].with_context(active_test=False).search([]):
        row = {"prefix": sequence.prefix, "next": sequence.number_next_actual}
        yield f"ir.sequence,{sequence.id}", row
        for part in sequence.date_range_ids:
            row = {"from": str(part.date_from), "next": part.number_next_actual}
            yield f"ir.sequence.date_range,{part.id}", row


def access(env):
    users = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "res.users")]
    )
    for user in env["res.users"].browse(users.mapped("res_id")):
        groups = user.all_group_ids.get_external_id().values()
        row = {"groups": sorted(x for x in groups if x.startswith(MODULE))}
        yield f"user {user.login}", row
        for model, _names in models(env):
            own = model.sudo(False).with_user(user)
            may = [
                operation
                for operation in ("read", "create", "write", "unlink")
                if own.has_access(operation)
            ]
            row = {"may": may, "sees": own.search([]).ids if "read" in may else []}
            yield f"access of {user.login} to {label(model._name)}", row


def snapshot(env):
    result = {}
    for part in (records, hanging, forms, numbers, access):
        result.update(part(env))
    return result


# Who may read less than before: finance reads what the manual says, since 19.0.1.3.0.
NARROWER = {"contract_finance"}
# What more is read or written of, since 19.0.1.4.0: who is asked reads what he is asked
# about, finance and leaders coordinate, who saw a deviation reports it.
WIDER = {
    "sale.order", "sale.order.line", "contract.frame", "contract.frame.line",
    "contract.term", "contract.deviation", "contract.coordination",
    "contract.coordination.reply",
}  # fmt: skip


def differences(before, after):
    gone = defaultdict(set)
    for key, row in before.items():
        now = after.get(key)
        if now is None:
            yield f"{key}: gone, was {row}"
            continue
        for name, value in row.items():
            if name not in now:
                gone[key.rpartition(",")[0]].add(name)
                continue
            new = now[name]
            model = key.rpartition(" ")[2]
            if name == "sees":
                new = [number for number in new if f"{model},{number}" in before]
                who = key.removeprefix("access of ").partition(" ")[0]
                if who in NARROWER and set(new) <= set(value):
                    continue
            if name in ("may", "sees") and model in WIDER and set(value) <= set(new):
                continue
            if new != value:
                yield f"{key}: {name} was {value}, is {new}"
    for model, names in sorted(gone.items()):
        print(f"No longer a field of {model}: {', '.join(sorted(names))}")


def main():
    before, after = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:3])
    found = list(differences(before, after))
    new = after.keys() - before.keys()
    print(f"{len(before)} rows compared, {len(new)} are new, {len(found)} differ.")
    print(*found[:100], sep="\n")
    return 1 if found else 0


if "env" in globals():
    with open(os.environ["SNAPSHOT"], "w", encoding="utf-8") as file:
        json.dump(snapshot(env), file)  # noqa: F821 (of the shell)
elif __name__ == "__main__":
    sys.exit(main())
