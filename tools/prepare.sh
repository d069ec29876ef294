# Loads the shared parts and prepares what ./run, ./test and tools/odoo need.
# shellcheck shell=bash
# shellcheck source-path=SCRIPTDIR

source "${BASH_SOURCE[0]%/*}/lib.sh"
source "$REPO/tools/system.sh"
source "$REPO/tools/odoo.sh"
source "$REPO/tools/postgres.sh"
source "$REPO/tools/databases.sh"

# prepare run|test: system packages, Odoo, virtual environment, PostgreSQL.
prepare() {
    open_state
    have flock || install_system_packages "$1"
    lock setup 7
    install_system_packages "$1"
    prepare_odoo
    prepare_venv "$1"
    unlock 7
    connect_postgres
    name_databases
}
