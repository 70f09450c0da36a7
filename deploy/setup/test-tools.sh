#!/bin/sh
# Installs the browsers and network tools the end-to-end tests drive, or says how. Called by: make test.
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

[ -n "$packages" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$packages"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
else
    echo "The end-to-end tests need programs that are not installed. As root:" >&2
    echo "    apt-get install$packages" >&2
    exit 1
fi
