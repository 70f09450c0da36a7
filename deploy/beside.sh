#!/bin/bash
# Runs a command, and another one beside it in the time that the first leaves over. Called by: make test.
#     beside.sh 'what runs beside' command argument …
# Fails where either does; what ran beside is shown if it failed, and ended if the command did.
set -eu
beside=$1
shift

# Linux shares the cores among sessions before it looks at niceness (autogroup, sched(7)), and browsers have sessions of
# their own. So this is one, which gives way as a whole; it is a process group as well, which can be ended as a whole.
# The kernel takes that once in 100 ms at the most from others than root.
give_way='for _ in 1 2 3; do echo 19 >/proc/self/autogroup && break || sleep 0.1; done 2>/dev/null; eval "$1"'
log=$(mktemp)
setsid nice -n 19 bash -euc "$give_way" beside "$beside" </dev/null >"$log" 2>&1 &
group=$!

tidy() {
    # In its first moment it is no group yet.
    kill -- "-$group" 2>/dev/null || kill "$group" 2>/dev/null || true
    rm -f "$log"
}
trap tidy EXIT

"$@"
if ! wait "$group"; then
    cat "$log" >&2
    echo "failed beside: $beside" >&2
    exit 1
fi
