# Databases that hold what the addon depends on: made once, copied in a second.
# shellcheck shell=bash

# name_databases: on a server of somebody's own, other copies of the project may
# keep theirs too.
name_databases() {
    local suffix=
    [[ $PG_PRIVATE ]] || suffix=_${STATE_ID:0:6}
    DEPS_DB=${ADDON}_deps$suffix
    DEPS_DEMO_DB=${ADDON}_deps_demo$suffix
    DEPS_TEST_DB=${ADDON}_deps_test$suffix
    TEST_DB=${ADDON}_test$suffix
    SCRATCH_DB=${ADDON}_scratch$suffix
}

addon_depends() {
    "$VENV/bin/python" -c '
import ast, pathlib, sys
addons = [pathlib.Path(path) for path in sys.argv[1:]]
depends = set()
for addon in addons:
    manifest = (addon / "__manifest__.py").read_text(encoding="utf-8")
    depends |= set(ast.literal_eval(manifest)["depends"])
print(",".join(sorted(depends - {addon.name for addon in addons})))' "${ADDONS[@]/#/$REPO/}" ||
        die "The addon's __manifest__.py can't be read: correct it and start again."
}

# prepare_deps DB [--with-demo]: a database with the addon's dependencies and both
# languages, made anew when Odoo or the dependencies are others. ALSO names addons that
# the addon works beside without depending on them.
prepare_deps() {
    local name=$1 depends key
    shift
    depends=$(addon_depends)${ALSO:+,$ALSO}
    key=$(short_hash <<<"$ODOO_REVISION $depends $* $(declare -f install_deps pregenerate_assets)")
    [[ $(db state "$name" "$key") != fresh ]] || return 0
    need_space 500 "The database"
    db drop "$name" "$name.new"
    PROGRESS=modules_progress STEP_FAIL="Odoo's own addons can't be installed." \
        step "Creating a database of Odoo's own addons${1:+ with demo data}" \
        install_deps "$name.new" "$depends" "$@"
    db rename "$name.new" "$name"
    db finish "$name" "$key"
}

install_deps() {
    local name=$1 depends=$2
    shift 2
    # English first: the first language is the one of all users.
    run_odoo -c "$CONFIG" -d "$name" -i "$depends" --load-language en_US,zh_CN \
        --stop-after-init "$@"
    # shellcheck disable=SC2046
    db installed "$name" $(tr , ' ' <<<"$depends")
    # Copies inherit them, so that the first page is there at once.
    pregenerate_assets "$name"
}

# install_addon DB: on a copy of dependencies; demo data comes with those of the
# dependencies.
install_addon() {
    run_odoo -c "$CONFIG" -d "$1" -i "$ADDON" --stop-after-init "${@:2}"
    db installed "$1" "${ADDONS[@]}"
    # Odoo goes on without demo data that fail
    if grep -q "demo data failed to install" "$STEP_LOG"; then
        die "The demo data could not be loaded: the log says why."
    fi
}

update_addon() {
    # who had it before lacks what came since
    run_odoo -c "$CONFIG" -d "$1" -u "$ADDON" -i "$(IFS=, && echo "${ADDONS[*]}")" \
        --stop-after-init "${@:2}"
    db installed "$1" "${ADDONS[@]}"
}

# "Loading module sale (12/61)" in the log of a step → 20%
modules_progress() {
    tail -c 20000 "$STEP_LOG" | sed -n 's/.*Loading module .*[(]\([0-9]*\)\/\([0-9]*\)[)].*/\1 \2/p' |
        tail -n 1 | awk '{ printf "%d%%", $1 * 100 / $2 }'
}

# Browsers wait for style sheets and scripts unless they are there already.
pregenerate_assets() {
    run_odoo shell -c "$CONFIG" -d "$1" --no-http <<'PYTHON'
qweb = env["ir.qweb"]
qweb._pregenerate_assets_bundles()
qweb._get_asset_bundle("web.assets_tests", css=False, js=True).js()
# what is loaded with the first pivot, graph, calendar or dashboard
for name in (
    "web.assets_backend_lazy",
    "web.chartjs_lib",
    "web.fullcalendar_lib",
    "spreadsheet.o_spreadsheet",
):
    bundle = qweb._get_asset_bundle(name, css=True, js=True)
    if bundle.javascripts:
        bundle.js()
    if bundle.stylesheets:
        bundle.css()
env.cr.commit()
PYTHON
}
