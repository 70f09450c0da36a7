"""Another SRTP implementation's word on what was on the wire: libsrtp, by pylibsrtp.

Relay and generator share one implementation; if both made the same mistake they would understand
each other and nobody else would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pylibsrtp import Error, Policy, Session

from benchmarks.harness.failure import BenchmarkFailed

STAMP: Final = b"vvlg"
"""What every payload of the generator carries (`codecs/loadgen/src/traffic/stamp.rs`)."""

PROFILES: Final[Mapping[str, int]] = {
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


def judge(samples: Sequence[Mapping[str, Any]], profile: str) -> int:
    """Open every sample with libsrtp and find the generator's stamp in it; count them.

    Args:
        samples: Datagrams as they were on the wire, with the keys of their direction.
        profile: The protection that was agreed on.

    Raises:
        BenchmarkFailed: There is nothing to judge, libsrtp refuses a datagram, or it finds
            something else in it.

    """
    if not samples:
        raise BenchmarkFailed("the generator showed no datagram for libsrtp to judge")
    for sample in samples:
        policy = Policy(
            key=bytes.fromhex(sample["key"] + sample["salt"]),
            ssrc_type=Policy.SSRC_ANY_INBOUND,
            srtp_profile=PROFILES[profile],
        )
        try:
            packet = Session(policy=policy).unprotect(bytes.fromhex(sample["datagram"]))
        except Error as refusal:
            raise BenchmarkFailed(f"libsrtp refuses what was on the wire: {refusal}") from None
        if STAMP not in packet:
            raise BenchmarkFailed("libsrtp finds something else in a packet than what was sent")
    return len(samples)
