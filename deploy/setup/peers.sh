#!/bin/sh
# Installs the relay that Visavis is compared with, or says how. Called by: make bench-peers.
#   peers.sh                     Debian's janus; its service is neither started now nor at boot
#   peers.sh --libsrtp openssl   also libsrtp from Debian's source, with OpenSSL in place of NSS; prints its folder
set -eu

package=janus
library=libsrtp2-1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/visavis/libsrtp2-openssl

fail() {
    echo "$1" >&2
    exit 1
}

install_janus() {
    ! command -v janus >/dev/null 2>&1 || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "The comparison needs Janus, which is not installed. As root, on Debian: apt-get install --no-install-recommends $package"
    fi
    echo "Installing for the comparison: $package" >&2
    apt-get update -qq >&2
    forbid_services
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2
    # The package enables its service for the next boot; a measurement has no use for it.
    ! command -v update-rc.d >/dev/null 2>&1 || update-rc.d janus disable >&2
}

# Debian asks this file before a package starts a service (invoke-rc.d(8)); 101 forbids it.
forbid_services() {
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || return 0
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

build_libsrtp() {
    [ ! -e "$cache/libsrtp2.so.1" ] || return 0
    for program in apt-get dpkg-source cc make patch; do
        command -v "$program" >/dev/null 2>&1 ||
            fail "libsrtp with OpenSSL needs $program: apt-get install build-essential dpkg-dev libssl-dev"
    done
    echo '#include <openssl/evp.h>' | cc -E - >/dev/null 2>&1 ||
        fail "libsrtp with OpenSSL needs OpenSSL's headers: apt-get install libssl-dev"
    # Where apt has the library from, so that its source is of the same version and the same mirror.
    origin=$(apt-cache policy "$library" | awk '$NF == "Packages" { split($3, at, "/"); print $2, at[1], at[2]; exit }')
    [ -n "$origin" ] || fail "apt knows no $library, so its source cannot be had"
    mkdir -p "$cache"
    build=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$build"' EXIT
    fetch_source "$build" "$origin"
    (
        cd "$build/libsrtp2-"*/
        # Debian's own options (debian/rules), but for --enable-nss.
        CFLAGS="-g0 -O4 -fexpensive-optimizations -funroll-loops -fPIC -D_REENTRANT" \
            ./configure --disable-stdout --disable-debug --enable-openssl
        make shared_library
    ) >"$cache/build.log" 2>&1 || fail "libsrtp could not be built; $cache/build.log says why"
    cp "$build/libsrtp2-"*/libsrtp2.so.1 "$cache/libsrtp2.so.1"
}

# With lists and cache of its own: apt's configuration stays as it is.
fetch_source() {
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    signed=
    [ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
    echo "deb-src $signed$2" >"$1/sources.list"
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    set -- "$1" -qq -o Dir::Etc::sourcelist="$1/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::Lists="$1/lists" -o Dir::Cache="$1/cache" -o APT::Sandbox::User=
    folder=$1
    shift
    { apt-get "$@" update && (cd "$folder" && apt-get "$@" --only-source source libsrtp2); } >&2 ||
        fail "the source of libsrtp2 could not be had from Debian"
}

case "${1:-} ${2:-}" in
" ") install_janus ;;
"--libsrtp openssl")
    install_janus
    build_libsrtp
    echo "$cache"
    ;;
*) fail "peers.sh takes nothing, or --libsrtp openssl" ;;
esac
