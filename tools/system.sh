# What the computer must offer: system packages, Python, the virtual environment.
# shellcheck shell=bash

MISSING=()

has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

has_chinese_font() {
    has_package fonts-noto-cjk || { have fc-list && [[ -n $(fc-list :lang=zh-cn family) ]]; }
}

find_chromium() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

# Python 3.11 is what the frozen versions were tested with.
find_python() {
    local name
    for name in python3.11 python3 python3.12 python3.13 python3.10; do
        if have "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            PYTHON=$(command -v "$name")
            PYTHON_VERSION=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            return
        fi
    done
    PYTHON='' PYTHON_VERSION=''
}

# install_system_packages run|test
install_system_packages() {
    local purpose=$1 package offered=() absent=()
    MISSING=()
    find_python
    if [[ -z $PYTHON ]]; then
        MISSING+=(python3 python3-venv)
    elif ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        MISSING+=("$(python_venv_package)")
    fi
    have flock || MISSING+=(util-linux)
    have wkhtmltopdf || MISSING+=(wkhtmltopdf)
    has_chinese_font || MISSING+=(fonts-noto-cjk)
    if [[ $purpose == test ]]; then
        find_chromium >/dev/null || MISSING+=(chromium)
    fi
    ((${#MISSING[@]})) || return 0
    have apt-get || die "These programs are missing: ${MISSING[*]}." \
        "Install them with your system's package manager and start again."
    is_root || die "Some system packages are missing. Install them and start again:" \
        "sudo apt install ${MISSING[*]}"
    step "Reading the list of system packages" apt-get update
    for package in "${MISSING[@]}"; do
        if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
            offered+=("$package")
        else
            absent+=("$package")
        fi
    done
    if ((${#offered[@]})); then
        STEP_FAIL="apt could not install ${offered[*]}: check the connection and apt's sources." \
            step "Installing ${offered[*]}" apt_install "${offered[@]}"
        find_python
    fi
    for package in "${absent[@]}"; do
        # Newer Debian releases left wkhtmltopdf out; all but printing works without.
        [[ $package == wkhtmltopdf && $purpose == run ]] ||
            die "apt offers no package $package: install it by hand and start again."
        warn "apt offers no wkhtmltopdf, so PDF printing won't work: install it from wkhtmltopdf.org."
    done
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@"
}

python_venv_package() {
    if [[ $PYTHON == /usr/bin/* ]]; then
        local exact=python$PYTHON_VERSION-venv
        if apt-cache show "$exact" >/dev/null 2>&1; then say "$exact"; else say python3-venv; fi
    else
        say python3-venv
    fi
}

# prepare_venv run|test: a complete environment has a mark, one without is made anew.
prepare_venv() {
    local purpose=$1 key
    [[ $PYTHON_VERSION == 3.11 ]] || PYTHON_NOTE="Python $PYTHON_VERSION is used (tested: 3.11)."
    key=$({ cat "$REPO"/requirements/*.txt && say "$PYTHON_VERSION"; } | short_hash)
    VENV=$STATE/venv
    if [[ $(cat "$VENV/.complete" 2>/dev/null) != "$key" ]]; then
        [[ -z ${PYTHON_NOTE:-} ]] || say "  $PYTHON_NOTE"
        need_space 800 "The virtual environment"
        STEP_FAIL="The virtual environment can't be made." \
            step "Creating a virtual environment" make_venv
        PROGRESS=venv_progress STEP_FAIL="Odoo's Python packages can't be installed: check the connection to PyPI and start again." \
            step "Installing Odoo's Python packages" pip_install odoo
        say "$key" >"$VENV/.complete"
    fi
    if [[ $purpose == test && $(cat "$VENV/.complete-test" 2>/dev/null) != "$key" ]]; then
        PROGRESS=venv_progress STEP_FAIL="The test tools can't be installed: check the connection to PyPI and start again." \
            step "Installing the test tools" pip_install test
        say "$key" >"$VENV/.complete-test"
    fi
}

make_venv() {
    rm -rf "$VENV"
    "$PYTHON" -m venv "$VENV"
}

pip_install() {
    local options=(--no-input --progress-bar off)
    "$VENV/bin/python" -m pip install "${options[@]}" -r "$REPO/requirements/$1.txt" && return
    # Frozen versions may lack a build for a Python that they weren't tested with.
    [[ $PYTHON_VERSION != 3.11 ]] || return 1
    "$VENV/bin/python" -m pip install "${options[@]}" -r "$REPO/requirements/$1.in"
}

venv_progress() {
    printf '%s MB' "$(du -sm "$VENV" | cut -f1)"
}
