# Shared by ./run, ./test and tools/odoo: places, messages, steps and locks.
# shellcheck shell=bash

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
ADDON=contract_tracking
# It, and what installs itself where Odoo has what it is for.
ADDONS=("$ADDON" contract_tracking_dashboard)
STATE=${CONTRACT_TRACKING_HOME:-$REPO/.local}
[[ $STATE == /* ]] || STATE=$PWD/$STATE
LOGS=$STATE/log
DEMO_DB=contract_tracking_demo

export LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1
shopt -s inherit_errexit

# A terminal gets one line that is rewritten while a step runs, a file or CI
# gets each step's line once.
if [[ -t 1 && -z ${CI:-} && ${TERM:-dumb} != dumb ]]; then TICKER=1; else TICKER=; fi

say() { printf '%s\n' "$*"; }
warn() { printf 'Warning: %s\n' "$*" >&2; }

# Ends with one sentence on stderr. Inside a step, whose output goes to a log,
# the sentence is handed to the parent, which prints it.
die() {
    if [[ -n ${STEP_ERROR:-} ]]; then
        printf '%s\n' "$*" >"$STEP_ERROR"
    else
        printf 'Error: %s\n' "$*" >&2
    fi
    exit 1
}

short_hash() { sha256sum | cut -c1-10; }

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [[ $(id -u) == 0 ]]; }

free_mb() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# need_space MB WHAT
need_space() {
    local free
    free=$(free_mb "$STATE")
    ((free >= $1)) || die "$2 needs $1 MB but only $free MB are free in $STATE:" \
        "free some space, or set CONTRACT_TRACKING_HOME to a folder on another disk."
}

open_state() {
    # The part that exists already decides whether the rest can be made.
    mkdir -p "$STATE" 2>/dev/null || die "$STATE can't be created:" \
        "set CONTRACT_TRACKING_HOME to a folder that you may write to."
    [[ $(stat -c %u "$STATE") == "$(id -u)" && -w $STATE ]] ||
        die "$STATE belongs to user $(stat -c %U "$STATE"), not to $(id -un): start as that" \
            "user, delete the folder, or set CONTRACT_TRACKING_HOME to another one."
    mkdir -p "$LOGS" 2>/dev/null || die "No space or no right to write below $STATE:" \
        "free some space, or set CONTRACT_TRACKING_HOME to another folder."
    # Databases remember this number: they belong to one folder's filestore.
    [[ -s $STATE/id ]] || { od -An -N8 -tx8 /dev/urandom | tr -d ' ' >"$STATE/id.tmp" &&
        mv "$STATE/id.tmp" "$STATE/id"; } 2>/dev/null ||
        die "No space left in $STATE: free some, or set CONTRACT_TRACKING_HOME to another folder."
    STATE_ID=$(<"$STATE/id")
}

# lock NAME FD: one process at a time prepares things; the others wait.
lock() {
    eval "exec $2>>\"\$STATE/$1.lock\""
    if ! flock -n "$2"; then
        say "Waiting for another run that holds $STATE/$1.lock ..."
        flock "$2"
    fi
}

unlock() { eval "exec $1>&-"; }

STEP_PID=

# step "What" command [arg…]: runs the command with its output in a log, shows
# what it does and how long it takes. PROGRESS names a function that prints how
# far it is; STEP_FAIL is the sentence for a failure that has none of its own,
# STEP_LINES how much of the log to show then.
step() {
    local text=$1 log progress=${PROGRESS:-} fail=${STEP_FAIL:-} start=$SECONDS rc=0 note
    shift
    log=$LOGS/$(tr -cs 'A-Za-z0-9\n' - <<<"$text" | cut -c1-50).log
    STEP_LOG=$log
    local error=$log.error
    rm -f "$error"
    if [[ $TICKER ]]; then printf '  %s ...' "$text"; else printf '  %s ... ' "$text"; fi
    # Its own process group, so that all of it ends when this script is stopped;
    # without the locks, which a server that it starts would keep.
    set -m
    (STEP_ERROR=$error && set -e && "$@") >"$log" 2>&1 </dev/null 5>&- 6>&- 7>&- 8>&- &
    STEP_PID=$!
    set +m
    while [[ $TICKER ]] && kill -0 "$STEP_PID" 2>/dev/null; do
        note=
        [[ -z $progress ]] || note=$("$progress" 2>/dev/null || true)
        printf '\r\033[K  %s ... %s(%ds)' "$text" "${note:+$note }" $((SECONDS - start))
        sleep 0.3
    done
    wait "$STEP_PID" || rc=$?
    STEP_PID=
    if [[ $TICKER ]]; then printf '\r\033[K  %s ... ' "$text"; fi
    if ((rc == 0)); then
        printf 'done (%ds)\n' $((SECONDS - start))
        return 0
    fi
    printf 'failed (%ds)\n' $((SECONDS - start))
    if [[ -s $error ]]; then
        fail=$(<"$error")
    elif (($(free_mb "$STATE") < 20)); then
        fail="No space left in $STATE: free some, or set CONTRACT_TRACKING_HOME to another folder."
    else
        grep -Ev '^[[:space:]]*$| (INFO|DEBUG) ' "$log" | tail -n "${STEP_LINES:-12}" | cut -c1-300 | sed 's/^/    /' || true
        fail="${fail:-$text failed.} The whole output is in $log."
    fi
    die "$fail"
}

# Ends what a stopped step left running.
stop_step() {
    [[ $STEP_PID ]] || return 0
    printf '\nStopped.\n'
    kill -- "-$STEP_PID" 2>/dev/null || true
}
