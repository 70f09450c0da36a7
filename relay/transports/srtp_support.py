"""Which SRTP protection profiles the installed OpenSSL can negotiate over DTLS.

Opens nothing. Called by `signalling.doctor`.
"""

from __future__ import annotations

from aiortc.rtcdtlstransport import SRTPProtectionProfile
from OpenSSL import SSL

from relay.transports.aiortc_dtls import SRTP_PROFILES


def openssl_version() -> str:
    """Name the OpenSSL that does the handshakes, which is not the one Python itself uses."""
    return SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode("ascii", "replace")


def srtp_profiles() -> dict[str, bool]:
    """Tell for each profile that the relay offers, best first, whether OpenSSL takes it."""
    return {_name(profile): _is_taken(profile) for profile, _ in SRTP_PROFILES}


def _name(profile: SRTPProtectionProfile) -> str:
    return profile.openssl_profile.decode("ascii")


def _is_taken(profile: SRTPProtectionProfile) -> bool:
    try:
        SSL.Context(SSL.DTLS_METHOD).set_tlsext_use_srtp(profile.openssl_profile)
    except SSL.Error:
        return False
    return True
