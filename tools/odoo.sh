# Odoo itself: its program files, its configuration, and what the databases hold.
# shellcheck shell=bash

# Debian's package of Odoo 19 Community that everything was tested with.
ODOO_TESTED=19.0.0+dfsg-1
DEBIAN_MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# Odoo's package links to files of these: the first from Debian 12, whose file
# names are the ones linked to, the second from where Odoo is.
LINKED_BOOKWORM=(libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome
    fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b)
LINKED_UNSTABLE=(fonts-montserrat)

# prepare_odoo: sets ODOO_PATH (holds the package "odoo"), ODOO_ADDONS (more
# addons, may be empty) and ODOO_REVISION.
prepare_odoo() {
    if [[ -n ${ODOO_SRC:-} ]]; then
        use_own_odoo
    else
        use_debian_odoo
    fi
}

use_own_odoo() {
    local place found='' version
    for place in "$ODOO_SRC" "$ODOO_SRC/usr/lib/python3/dist-packages" "$ODOO_SRC/.."; do
        if [[ -f $place/odoo/release.py ]]; then
            found=$(cd "$place" && pwd -P)
            break
        fi
    done
    [[ $found ]] || die "ODOO_SRC=$ODOO_SRC holds no Odoo:" \
        "let it name a checkout of Odoo 19 or the folder of the installed Python package odoo."
    version=$(sed -n 's/^version_info = (\([0-9]*\), *\([0-9]*\).*/\1.\2/p' "$found/odoo/release.py")
    [[ $version == 19.0 ]] || die "ODOO_SRC=$ODOO_SRC is Odoo ${version:-of another version}:" \
        "let it name Odoo 19.0."
    ODOO_REVISION=$found@$(git -C "$found" rev-parse HEAD 2>/dev/null || stat -c %Y "$found/odoo/release.py")
    if [[ -d $found/addons/web ]]; then
        ODOO_PATH=$found
        ODOO_ADDONS=$found/addons
    else
        # An installed package lies among other Python packages, which must not
        # hide those of the virtual environment.
        ODOO_PATH=$STATE/odoo-link
        ODOO_ADDONS=
        mkdir -p "$ODOO_PATH"
        ln -sfn "$found/odoo" "$ODOO_PATH/odoo"
    fi
}

use_debian_odoo() {
    local recipe root old
    ODOO_ADDONS=
    recipe=$({ cat "$REPO/tools/odoo-exclude.txt" &&
        declare -f unpack_odoo unpack_linked finish_odoo &&
        say "${LINKED_BOOKWORM[*]} ${LINKED_UNSTABLE[*]} $ODOO_TESTED"; } | short_hash)
    root=$STATE/odoo-$recipe
    ODOO_PATH=$root/usr/lib/python3/dist-packages
    if [[ ! -f $root/revision ]]; then
        download_odoo "$root"
        for old in "$STATE"/odoo-*; do
            [[ $old == "$root" || $old == "$STATE/odoo-link" ]] || rm -rf "$old"
        done
    fi
    ODOO_REVISION="$(<"$root/revision") $recipe"
}

# The program files get their final name when they are complete.
download_odoo() {
    local root=$1
    { have apt-get && have dpkg-deb; } || die "Odoo is taken from Debian's package archive, which needs" \
        "apt-get and dpkg-deb: let ODOO_SRC name a checkout of Odoo 19 instead."
    [[ -r $DEBIAN_KEYRING ]] || die "Debian's archive keys are missing. Install them and start again:" \
        "sudo apt install debian-archive-keyring (or let ODOO_SRC name a checkout of Odoo 19)."
    need_space 700 "Odoo"
    DOWNLOADS=$STATE/downloads
    STEP_FAIL="Debian's package lists can't be read from $DEBIAN_MIRROR: check the connection, or let ODOO_SRC name a checkout of Odoo 19." \
        step "Reading Debian's package lists" read_package_lists
    choose_revision
    PROGRESS=download_progress STEP_FAIL="Odoo can't be downloaded from $DEBIAN_MIRROR: check the connection and start again, or let ODOO_SRC name a checkout of Odoo 19." \
        step "Downloading Odoo $REVISION ($((PACKAGE_SIZE / 1000000)) MB)" download_packages
    UNPACKED=$root.part
    PROGRESS=unpack_progress STEP_FAIL="Odoo can't be unpacked." \
        step "Unpacking Odoo" unpack_odoo
    mv "$UNPACKED" "$root"
    rm -rf "$DOWNLOADS"
}

# apt with lists, sources and cache of its own: the system's stay as they are.
own_apt() {
    local command=$1
    shift
    "$command" -o "Dir::Etc::sourcelist=$DOWNLOADS/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State::lists=$DOWNLOADS/lists" -o "Dir::Cache=$DOWNLOADS/cache" \
        -o Acquire::Languages=none -o APT::Sandbox::User= -o Acquire::Retries=3 "$@"
}

read_package_lists() {
    local suite
    rm -rf "$DOWNLOADS/lists" "$DOWNLOADS/cache"
    mkdir -p "$DOWNLOADS/lists/partial" "$DOWNLOADS/cache/archives/partial" "$DOWNLOADS/packages"
    for suite in unstable bookworm; do
        printf 'deb [signed-by=%s] %s %s main\n' "$DEBIAN_KEYRING" "$DEBIAN_MIRROR" "$suite"
    done >"$DOWNLOADS/sources.list"
    own_apt apt-get -o APT::Update::Error-Mode=any update
}

# The suite moves on: the tested revision first, else the newest.
choose_revision() {
    local versions
    versions=$(own_apt apt-cache madison odoo-19 | awk '{ print $3 }')
    if grep -qxF "$ODOO_TESTED" <<<"$versions"; then
        REVISION=$ODOO_TESTED
    else
        REVISION=$(head -n 1 <<<"$versions")
        [[ $REVISION ]] || die "Debian's archive no longer holds odoo-19:" \
            "let ODOO_SRC name a checkout of Odoo 19."
        warn "Debian's archive no longer holds Odoo $ODOO_TESTED, which was tested; $REVISION is taken."
    fi
    PACKAGE_SIZE=$(own_apt apt-cache show "odoo-19=$REVISION" | awk '$1 == "Size:" { print $2; exit }')
}

download_packages() {
    local package version list=("odoo-19=$REVISION")
    for package in "${LINKED_BOOKWORM[@]}"; do
        version=$(own_apt apt-cache madison "$package" |
            awk -F ' *[|] *' '$3 ~ / bookworm\// { print $2; exit }')
        list+=("$package=$version")
    done
    cd "$DOWNLOADS/packages"
    rm -f -- *.deb
    own_apt apt-get download "${list[@]}" "${LINKED_UNSTABLE[@]}"
}

download_progress() {
    local size
    size=$(find "$DOWNLOADS" -name 'odoo-19_*' -printf '%s\n' | sort -n | tail -n 1)
    [[ -z $size ]] || printf '%d%%' $((size * 100 / PACKAGE_SIZE))
}

unpack_odoo() {
    local package
    rm -rf "$UNPACKED"
    mkdir -p "$UNPACKED"
    # Most addons and translations are of no use here: a fifth of the size is left.
    # Some stay only because the addon base refers to the categories they make.
    dpkg-deb --fsys-tarfile "$DOWNLOADS"/packages/odoo-19_*.deb |
        tar -x -C "$UNPACKED" --no-same-owner --exclude-from "$REPO/tools/odoo-exclude.txt" \
            ./usr/bin ./usr/lib/python3 ./usr/share/doc/odoo-19/copyright
    for package in "$DOWNLOADS"/packages/*.deb; do
        [[ $package == */odoo-19_* ]] || unpack_linked "$package"
    done
    finish_odoo
}

unpack_linked() {
    dpkg-deb --fsys-tarfile "$1" | tar -x -C "$UNPACKED" --no-same-owner --wildcards ./usr/share \
        --exclude './usr/share/doc-base*'
}

finish_odoo() {
    local addons=$UNPACKED/usr/lib/python3/dist-packages/odoo/addons stub dangling
    # Debian removed this file for its licence; the web client loads it all the same.
    stub=$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    if [[ ! -e $stub ]]; then
        mkdir -p "${stub%/*}"
        say 'window.SelfieSegmentation = class {};' >"$stub"
    fi
    # The web client answers with an error while one link leads nowhere.
    dangling=$(find "$UNPACKED/usr/lib" -xtype l | head -n 3)
    [[ -z $dangling ]] || die "Odoo's package links to files that no known package holds ($dangling):" \
        "let ODOO_SRC name a checkout of Odoo 19."
    say "$REVISION" >"$UNPACKED/revision"
}

unpack_progress() {
    printf '%s MB of about 270 MB' "$(du -sm "$UNPACKED" | cut -f1)"
}

# write_config FILE PORT: PG* variables name the server, also for external tools
# that read only the file.
write_config() {
    local file=$1 port=$2
    cat >"$file.tmp" <<CONFIG
[options]
addons_path = ${ODOO_ADDONS:+$ODOO_ADDONS,}$REPO
data_dir = $STATE/data
http_interface = ${HTTP_HOST:-127.0.0.1}
http_port = $port
limit_time_cpu = 1200
limit_time_real = 2400
list_db = False
max_cron_threads = 1
workers = 0
CONFIG
    [[ -z ${PGHOST:-} ]] || say "db_host = $PGHOST" >>"$file.tmp"
    [[ -z ${PGPORT:-} ]] || say "db_port = $PGPORT" >>"$file.tmp"
    [[ -z ${PGUSER:-} ]] || say "db_user = $PGUSER" >>"$file.tmp"
    mv "$file.tmp" "$file"
    mkdir -p "$STATE/data"
}

run_odoo() {
    PYTHONPATH=$ODOO_PATH PATH=$VENV/bin:$PATH "$VENV/bin/python" -m odoo "$@"
}

db() {
    CONTRACT_TRACKING_ID=$STATE_ID CONTRACT_TRACKING_DATA=$STATE/data \
        "$VENV/bin/python" "$REPO/tools/db.py" "$@"
}

# What the installed addons depend on: all of their files but tests and editing leftovers.
addon_checksum() {
    (cd "$REPO" && find "${ADDONS[@]}" -type f -not -path '*/tests/*' -not -path '*/__pycache__/*' \
        -not -path '*/static/description/*' \
        -not -path '*/readme/*' -not -name '*.pyc' -not -name '.*' -not -name '*~' \
        -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | short_hash
}

need_addon() {
    [[ -f $REPO/$ADDON/__manifest__.py ]] || die "The addon $ADDON is not in $REPO:" \
        "start this from a complete copy of the project."
}
