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

lifecycle_uninstall() {
    local before after
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
