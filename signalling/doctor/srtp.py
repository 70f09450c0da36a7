"""Whether the programs under the relay can protect media as browsers want it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Final

from relay.config import RelayConfig
from relay.transports.srtp_support import openssl_version, srtp_profiles
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble, warning

NAME: Final = "media encryption"
_ACTION: Final = "python -m pip install --upgrade cryptography pyOpenSSL"


def check(_config: RelayConfig) -> list[Finding]:
    """Ask the OpenSSL that does the handshakes for every profile that the relay offers."""
    versions = f"Python {platform.python_version()}, {openssl_version()}"
    return [judge(srtp_profiles(), versions)]


def judge(profiles: Mapping[str, bool], versions: str) -> Finding:
    """Say whether AES-GCM is there; without any profile no handshake ends.

    Args:
        profiles: By OpenSSL's name, whether it can be negotiated.
        versions: What does it, for whoever must act.

    """
    taken = [name for name, is_taken in profiles.items() if is_taken]
    if not taken:
        words = f"No SRTP profile can be negotiated ({versions}): nobody would see or hear anybody."
        return trouble(NAME, words, who=OPERATOR, action=_ACTION)
    if not any("GCM" in name for name in taken):
        words = (
            f"AES-GCM cannot be negotiated ({versions}); what is left, {', '.join(taken)}, costs "
            "several times the CPU a packet."
        )
        return warning(NAME, words, who=OPERATOR, action=_ACTION)
    return ok(NAME, f"{', '.join(taken)} ({versions}).")
