#!/bin/bash
# Runs a command, and another one beside it in the time that the first leaves over. Called by: make test.
#     beside.sh 'what runs beside' command argument …
# Fails where either does; what ran beside is shown if it failed, and ended if the command did.
set -eu
beside=$1
shift

log=$(mktemp)
# With job control it is a process group of its own, which can be ended as a whole.
set -m
nice -n 19 bash -euc "$beside" </dev/null >"$log" 2>&1 &
group=$!
set +m

tidy() {
    kill -- "-$group" 2>/dev/null || true
    rm -f "$log"
}
trap tidy EXIT

"$@"
if ! wait "$group"; then
    cat "$log" >&2
    echo "failed beside: $beside" >&2
    exit 1
fi
