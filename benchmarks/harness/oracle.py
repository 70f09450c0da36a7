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


STEP: Final = 0x4000
"""Sequence numbers between two packets that lead there: less than half a round, or the receiver
would take the next for an old one."""

MOST_ROUNDS: Final = 200
"""Of sequence numbers: a day of a camera's packets."""


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
        key = bytes.fromhex(sample["key"] + sample["salt"])
        packet = _open(bytes.fromhex(sample["datagram"]), key, PROFILES[profile])
        if STAMP not in packet:
            raise BenchmarkFailed("libsrtp finds something else in a packet than what was sent")
    return len(samples)


def _open(datagram: bytes, key: bytes, profile: int) -> bytes:
    """Open a datagram whose rollover counter is not known (RFC 3711 §3.3.1).

    A receiver guesses the counter from the packets before; there are none. So libsrtp is given some
    of its own making, ever further on, until the datagram is near: under a wrong counter its tag is
    wrong too.
    """
    sender = Session(Policy(key, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
    receiver = Session(Policy(key, Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
    ssrc = datagram[8:12]
    for step in range(MOST_ROUNDS * 65_536 // STEP):
        try:
            return receiver.unprotect(datagram)
        except Error as refusal:
            reason = refusal
        number = (step * STEP % 65_536).to_bytes(2, "big")
        receiver.unprotect(sender.protect(b"\x80\x60" + number + bytes(4) + ssrc + bytes(16)))
    raise BenchmarkFailed(f"libsrtp refuses what was on the wire: {reason}")
