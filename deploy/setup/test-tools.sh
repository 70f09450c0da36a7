#!/bin/sh
# Installs the browsers, servers and network tools the end-to-end tests drive, or says how. Called by: make test.
set -eu

packages=
need() { # program, Debian package
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || packages="$packages $2"
}
need chromium chromium
need firefox-esr firefox-esr
need pulseaudio pulseaudio
need npm npm
need ip iproute2
need nsenter util-linux
need turnserver coturn

# Debian asks this file before a package starts a service (invoke-rc.d(8)); 101 forbids it. The tests start their own.
forbid_services() {
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || return 0
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$packages"
    apt-get update -qq
    forbid_services
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
    # The package enables its service for the next boot; the tests have no use for it.
    case "$packages " in
    *" coturn "*) ! command -v update-rc.d >/dev/null 2>&1 || update-rc.d coturn disable ;;
    esac
else
    echo "The end-to-end tests need programs that are not installed. As root:" >&2
    echo "    apt-get install$packages" >&2
    exit 1
fi
