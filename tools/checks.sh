# The checks of ./test and their results.
# shellcheck shell=bash

RESULTS=()
FAILED=
CLOSING_LINE=

# result OK|FAILED WHAT
result() {
    RESULTS+=("$(printf '%-7s %s' "$1" "$2")")
    [[ $1 == ok ]] || FAILED=1
}

# check "What" command…: like a step, but goes on after a failure.
check() {
    local text=$1 rc
    shift
    # In a condition bash would go on after the first failure of the check.
    set +e
    (set -e && STEP_LINES=60 && step "$text" "$@")
    rc=$?
    set -e
    if ((rc == 0)); then result ok "$text"; else result FAILED "$text"; fi
}

# The results, then pytest's closing line: what a reader of the end wants to know.
report() {
    local line
    say
    for line in "${RESULTS[@]}"; do say "$line"; done
    [[ -z $CLOSING_LINE ]] || say "$CLOSING_LINE"
    [[ -z $FAILED ]] || exit 1
}

python_tool() { PYTHONPATH='' "$VENV/bin/python" "$@"; }

# Odoo isn't needed to check source files.
prepare_tools() {
    lock setup 7
    find_python
    [[ $PYTHON ]] || install_system_packages test
    prepare_venv test
    unlock 7
}

check_sources() {
    cd "$REPO"
    check "Python style (ruff)" python_tool -m ruff check --no-fix .
    check "Python format (ruff)" python_tool -m ruff format --check --diff .
    check "Odoo guidelines (pylint-odoo)" python_tool -m pylint --rcfile=.pylintrc "${ADDONS[@]}"
    check "XML format" python_tool tools/xml_format.py "${ADDONS[@]}"
}

fix_sources() {
    cd "$REPO"
    check "Python style (ruff)" python_tool -m ruff check --fix .
    check "Python format (ruff)" python_tool -m ruff format .
    check "XML format" python_tool tools/xml_format.py --fix "${ADDONS[@]}"
}

# A copy of the dependencies with the addon as its files are now.
prepare_test_database() {
    local key
    # Kits, delivery fees and batches are left to other addons, and met in the tests.
    ALSO=sale_mrp,stock_delivery,stock_picking_batch prepare_deps "$DEPS_TEST_DB"
    key="$(addon_checksum) $(db key "$DEPS_TEST_DB")"
    [[ $(db state "$TEST_DB" "$key") != fresh ]] || return 0
    db clone "$DEPS_TEST_DB" "$TEST_DB.new"
    PROGRESS=modules_progress STEP_FAIL="The addon can't be installed without a warning or an error." \
        step "Installing the addon" install_for_tests
    db rename "$TEST_DB.new" "$TEST_DB"
    db finish "$TEST_DB" "$key"
}

install_for_tests() {
    install_addon "$TEST_DB.new"
    clean_log
    pregenerate_assets "$TEST_DB.new"
}

# The log of this step holds no warning or error but those that Odoo itself causes.
clean_log() {
    "$VENV/bin/python" "$REPO/tools/odoo_log.py" "$STEP_LOG"
}

check_translations() {
    check "Translations" compare_translations
}

# each_template check|write: compares or corrects each addon's translations.
each_template() {
    local addon fresh=$STATE/fresh.pot
    for addon in "${ADDONS[@]}"; do
        run_odoo i18n export "$addon" -c "$CONFIG" -d "$TEST_DB" -l pot -o "$fresh"
        "$VENV/bin/python" "$REPO/tools/translations.py" "$1" "$REPO/$addon" "$fresh"
    done
}

compare_translations() {
    each_template check
}

write_translations() {
    STEP_FAIL="The translations can't be exported." step "Exporting the translations" each_template write
}

check_lifecycle() {
    source "$REPO/tools/lifecycle.sh"
    prepare_deps "$DEPS_DEMO_DB" --with-demo
    check "Installation with demo data" lifecycle_install
    check "Figures of the demo data" lifecycle_figures
    RESULTS[-1]+=", $(figures_compared) compared"
    check "Update" lifecycle_update
    check "Removal with everything in it" lifecycle_remove_all
    check "Demo data again" lifecycle_again
    check "Installation beside existing orders" lifecycle_join
    check "Removal" lifecycle_uninstall
    if has_commit_before; then
        check "Update from 19.0.1.2.0" lifecycle_update_before
    else
        RESULTS+=("skipped Update from 19.0.1.2.0: its commit is not in this clone")
    fi
    db drop "$SCRATCH_DB"
}

# All tests run side by side, on a copy of the database a processor. The copies are
# made with PostgreSQL's own programs: without these, one after the other.
side_by_side() {
    local processors
    processors=$(nproc)
    if ((processors > 1)) && command -v createdb >/dev/null; then
        options+=(-n "$((processors < 4 ? processors : 4))" --dist loadfile)
    fi
}

pytest() {
    HYPOTHESIS_STORAGE_DIRECTORY=$STATE/hypothesis ODOO_RC=$CONFIG PYTHONPATH=$ODOO_PATH \
        "$VENV/bin/python" -m pytest -o cache_dir="$STATE/pytest-cache" "$@"
}

run_pytest() {
    local output=$LOGS/pytest.log rc=0
    local options=(--odoo-database="$TEST_DB" --odoo-http)
    [[ ! $TICKER ]] || options+=(--color=yes)
    (($#)) || side_by_side
    say
    cd "$REPO"
    pytest "${options[@]}" "$@" 2>&1 |
        tee "$output" || rc=$?
    CLOSING_LINE=$(grep -aE '^[^=]*=+ .* =+[^=]*$' "$output" | tail -n 1)
    if ((rc == 0)); then result ok "Tests"; else result FAILED "Tests"; fi
}
