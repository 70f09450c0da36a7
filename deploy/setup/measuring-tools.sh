#!/bin/sh
# Installs what compiling the load generator needs beside the relay's own: OpenSSL's headers. Called by: make lint,
# make test-rust, make test-programs, make bench-….
set -eu

if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists openssl; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the load generator: libssl-dev pkg-config"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libssl-dev pkg-config
else
    echo "The load generator's DTLS is OpenSSL's. As root: apt-get install libssl-dev pkg-config" >&2
    exit 1
fi
