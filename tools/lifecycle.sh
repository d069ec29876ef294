# The addon on a database that was in use before: core's demo orders, invoices
# and deliveries are there when it comes, and stay when it goes.
# shellcheck shell=bash

lifecycle_install() {
    db clone "$DEPS_DEMO_DB" "$SCRATCH_DB"
    install_addon "$SCRATCH_DB"
    clean_log
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
