# The addon on a database that was in use before: core's demo orders, invoices
# and deliveries are there when it comes, and stay when it goes.
# shellcheck shell=bash

lifecycle_install() {
    db clone "$DEPS_DEMO_DB" "$SCRATCH_DB"
    install_addon "$SCRATCH_DB"
    clean_log
}

# All contracts of the demo data against plain accounting.
lifecycle_figures() {
    local compared
    cd "$REPO"
    : >"$LOGS/figures.log"
    pytest --odoo-database="$SCRATCH_DB" --odoo-log-level=info --log-file="$LOGS/figures.log" \
        --tb=short --show-capture=no "$ADDON/tests/test_sheet_proof.py"
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
    local before after
    # the renewal is an order of its own, and stays
    run_odoo shell -c "$CONFIG" -d "$SCRATCH_DB" --no-http <<'PYTHON'
env["sale.order"].search([("contract_type", "=", "renewal")]).unlink()
env.cr.commit()
PYTHON
    before=$(db content "$DEPS_DEMO_DB" "$ADDON")
    run_odoo module uninstall "$ADDON" -c "$CONFIG" -d "$SCRATCH_DB"
    # The registry loads without the addon.
    run_odoo -c "$CONFIG" -d "$SCRATCH_DB" --stop-after-init
    clean_log
    after=$(db content "$SCRATCH_DB" "$ADDON")
    [[ $after == "$before" ]] || {
        diff <(say "$before") <(say "$after") || true
        die "The removal of the addon left something behind or took something away."
    }
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
    CONFIG=$old/odoo.conf install_addon "$SCRATCH_DB"
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
