# The addon on a database that was in use before: core's demo orders, invoices
# and deliveries are there when it comes, and stay when it goes.
# shellcheck shell=bash

lifecycle_install() {
    db clone "$DEPS_DEMO_DB" "$SCRATCH_DB"
    install_addon "$SCRATCH_DB"
    clean_log
    # the demo data is a company of its own
    compare_made core "$DEPS_DEMO_DB"
}

# All contracts of the demo data against plain accounting, and what else it shows.
lifecycle_figures() {
    local compared
    cd "$REPO"
    : >"$LOGS/figures.log"
    pytest --odoo-database="$SCRATCH_DB" --odoo-log-level=info --log-file="$LOGS/figures.log" \
        --tb=short --show-capture=no "$ADDON/tests/test_sheet_proof.py" "$ADDON/tests/test_demo.py"
    compared=$(figures_compared)
    ((compared >= 1000)) || die "Only $compared figures were compared."
}

figures_compared() {
    awk '/ figures compared$/ { sum += $(NF - 2) } END { print sum + 0 }' "$LOGS/figures.log"
}

lifecycle_update() {
    update_addon "$SCRATCH_DB"
    clean_log
}

# Everything in it, and gone: payments that name an instrument, finished activities,
# documents in all states. What the database is made of is as before.
lifecycle_remove_all() {
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
own = env["ir.model.data"].search([("module", "=", "contract_tracking")])
types = own.filtered(lambda data: data.model == "mail.activity.type").mapped("res_id")
activities = env["mail.activity"].search(
    ["|", ("activity_type_id", "in", types), ("res_model", "=like", "contract.%")]
)
# a decision isn't finished, it is made
activities.filtered(lambda a: not a.contract_decision)[::2].action_feedback()
for kind in env["mail.activity.type"].browse(types):
    document = env[kind.res_model or "sale.order"].search([], limit=1)
    for _count in range(2):
        activity = document.activity_schedule(activity_type_id=kind.id)
    if not activity.contract_decision:
        activity.action_feedback()
finished = env["mail.activity"].with_context(active_test=False).search(
    [("activity_type_id", "in", types), ("active", "=", False)]
)
assert finished.filtered(lambda a: a.res_model.startswith("contract."))
assert env["account.payment"].search_count([("contract_instrument_id", "!=", False)])
assert env["ir.sequence.date_range"].search_count(
    [("sequence_id", "in", env["contract.form.type"].search([]).sequence_id.ids)]
)
states = set(env["sale.order"].search([]).mapped("contract_state"))
every = env["sale.order"]._fields["contract_state"].get_values(env)
assert states >= set(every), set(every) - states
for model in ("contract.frame", "contract.tracking.record", "contract.deviation"):
    assert env[model].search_count([]), model
risks = env["contract.risk.shipment"].search([])
assert set(risks.mapped("state")) == set(risks._fields["state"].get_values(env))
assert risks.filtered("revoked_on") and risks.filtered("late_amount")
assert env["contract.deviation"].search_count([("kind", "=", "risk_overdue")])
assert env["sale.order"].search_count([("contract_supply_held", "=", True)])
env.cr.commit()
PYTHON
    remove_addon
    compare_made schema "$DEPS_DEMO_DB"
}

# Demo data again, beside what the first ones left in core's books.
lifecycle_again() {
    install_addon "$SCRATCH_DB" --with-demo
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
assert env.ref("contract_tracking.contract_demo_01").contract_state
assert env["contract.deviation"].search_count([]) > 5
PYTHON
    clean_log
    remove_addon
    compare_made schema "$DEPS_DEMO_DB"
}

remove_addon() {
    run_odoo module uninstall "$ADDON" -c "$CONFIG" -d "$SCRATCH_DB"
    # The registry loads without the addon.
    run_odoo -c "$CONFIG" -d "$SCRATCH_DB" --stop-after-init
    clean_log
}

# compare_made schema|core|content DB [ARG…]: what was there before it came, and now
compare_made() {
    local what=$1 before after
    before=$(db "$what" "$2" "${@:3}")
    after=$(db "$what" "$SCRATCH_DB" "${@:3}")
    [[ $after == "$before" ]] || {
        diff <(say "$before") <(say "$after") || true
        die "The addon or its removal left something behind or took something away."
    }
}

# A company that has orders: the addon comes without demo data of its own, and the
# orders join.
lifecycle_join() {
    db clone "$DEPS_DEMO_DB" "$SCRATCH_DB"
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
env.cr.execute("UPDATE ir_module_module SET demo = FALSE")
env.cr.commit()
PYTHON
    install_addon "$SCRATCH_DB"
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
orders = env["sale.order"].search([("state", "=", "sale")])
orders.action_contract_track()
assert orders and set(orders.mapped("contract_state")) == {"active"}
orders[0].action_contract_renew()
record = env["contract.tracking.record"].create({"order_id": orders[0].id})
record.action_confirm()
env.cr.commit()
PYTHON
    clean_log
}

lifecycle_uninstall() {
    # the renewal is an order of its own, and stays
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
env["sale.order"].search([("contract_type", "=", "renewal")]).unlink()
env.cr.commit()
PYTHON
    remove_addon
    compare_made content "$DEPS_DEMO_DB" "$ADDON"
}

# The last state of 19.0.1.2.0, with models and settings that are others since.
BEFORE_COMMIT=864bd1d995e5e744a8e9051c76ff61bc50c32396

has_commit_before() {
    git -C "$REPO" cat-file -e "$BEFORE_COMMIT^{commit}" 2>/dev/null
}

# take_snapshot FILE
take_snapshot() {
    SNAPSHOT=$1 run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <"$REPO/tools/snapshot.py"
}

# A database that the addon of that commit has filled keeps what is in it.
lifecycle_update_before() {
    local old=$STATE/before
    rm -rf "$old"
    mkdir "$old"
    git -C "$REPO" archive "$BEFORE_COMMIT" "$ADDON" | tar -x -C "$old"
    REPO=$old write_config "$old/odoo.conf" 8069
    db clone "$DEPS_DEMO_DB" "$SCRATCH_DB"
    # there was but one addon, and nothing that the list of apps knows of another
    run_odoo shell -c "$old/odoo.conf" -d "$SCRATCH_DB" --no-http <<'PYTHON'
env["ir.module.module"].search([("name", "=", "contract_tracking_dashboard")]).unlink()
env.cr.commit()
PYTHON
    (ADDONS=("$ADDON") && CONFIG=$old/odoo.conf install_addon "$SCRATCH_DB")
    run_odoo shell -c "$old/odoo.conf" -d "$SCRATCH_DB" --no-http <<'PYTHON'
# not what the addon itself proposes
env.company.contract_record_form_code = "XS-JL-08"
env.company.contract_deviation_form_version = "B/2"
env.cr.commit()
PYTHON
    CONFIG=$old/odoo.conf take_snapshot "$old/before.json"
    update_addon "$SCRATCH_DB"
    take_snapshot "$old/after.json"
    clean_log
    "$VENV/bin/python" "$REPO/tools/snapshot.py" "$old/before.json" "$old/after.json"
}
