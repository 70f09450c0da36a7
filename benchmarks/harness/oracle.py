"""Another SRTP implementation's word on what was on the wire: libsrtp, by pylibsrtp.

Relay and generator share one implementation; if both made the same mistake they would understand
each other and nobody else would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylibsrtp import Error, Policy, Session

from benchmarks.consultations import Consultation
from benchmarks.harness.failure import BenchmarkFailed

STAMP = b"vvlg"
"""What every payload of the generator carries (`codecs/loadgen/src/traffic/stamp.rs`)."""


def judge(samples: Sequence[Mapping[str, Any]], consultations: Sequence[Consultation]) -> int:
    """Open every sample with libsrtp and find the generator's stamp in it; count them.

    Raises:
        BenchmarkFailed: libsrtp refuses a datagram, or finds something else in it.

    """
    people = [person for pair in consultations for person in pair]
    for sample in samples:
        person = people[sample["participant"]]
        keys = person.sends if sample["sent"] else person.receives
        policy = Policy(
            key=bytes.fromhex(keys["key"] + keys["salt"]),
            ssrc_type=Policy.SSRC_ANY_INBOUND,
            srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        )
        try:
            packet = Session(policy=policy).unprotect(bytes.fromhex(sample["datagram"]))
        except Error as refusal:
            raise BenchmarkFailed(f"libsrtp refuses what was on the wire: {refusal}") from None
        if STAMP not in packet:
            raise BenchmarkFailed("libsrtp finds something else in a packet than what was sent")
    return len(samples)
