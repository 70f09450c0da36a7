"""libsrtp opens what was on the wire, however long the run was."""

from __future__ import annotations

import pytest
from pylibsrtp import Policy, Session

from benchmarks.harness import oracle
from benchmarks.harness.failure import BenchmarkFailed

KEY = bytes(range(16))
SALTS = {"AEAD_AES_128_GCM": bytes(12), "AES_CM_128_HMAC_SHA1_80": bytes(14)}
PACKETS = 3 * 65_536


@pytest.mark.parametrize("profile", list(oracle.PROFILES))
@pytest.mark.parametrize("first", [0, 0x4000, 65_535])
def test_packets_of_every_round_of_numbers_are_opened(profile: str, first: int) -> None:
    salt = SALTS[profile]
    policy = Policy(KEY + salt, Policy.SSRC_ANY_OUTBOUND, srtp_profile=oracle.PROFILES[profile])
    sender = Session(policy)
    packets = [
        sender.protect(
            b"\x80\x60" + ((first + index) % 65_536).to_bytes(2, "big") + bytes(8) + oracle.STAMP
        )
        for index in range(0, PACKETS, 4_099)
    ]
    samples = [
        {"key": KEY.hex(), "salt": salt.hex(), "datagram": packet.hex()} for packet in packets
    ]
    assert oracle.judge(samples, profile) == len(packets)
    forged = samples[-1] | {"datagram": (packets[-1][:-1] + bytes([packets[-1][-1] ^ 1])).hex()}
    with pytest.raises(BenchmarkFailed, match="libsrtp refuses what was on the wire"):
        oracle.judge([forged], profile)
