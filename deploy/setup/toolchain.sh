#!/bin/sh
# Says what is missing to compile the packet path. Called by: make setup.
set -eu

if ! command -v cargo >/dev/null 2>&1; then
    echo "visavis compiles its packet path with cargo: install Rust 1.88 or later from https://rustup.rs" >&2
    exit 1
fi
if ! command -v cc >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev
    else
        echo "A C compiler is missing (the cryptography is compiled from source): apt-get install gcc libc6-dev" >&2
        exit 1
    fi
fi
