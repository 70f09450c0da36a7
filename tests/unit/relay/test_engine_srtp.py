"""SRTP of the packet path against pylibsrtp, in both directions."""

from __future__ import annotations

import struct

import pylibsrtp
import pytest

from relay._engine import SrtpInbound, SrtpOutbound

PROFILES = {
    1: (pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
    7: (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    8: (pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
}
SSRC = 0x1234_5678
RTCP = struct.pack("!BBHIIIIII", 0x80, 200, 6, SSRC, 1, 2, 3, 4, 5)


def rtp(sequence: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 96, sequence, 3_000, SSRC) + b"sound" * 20


def keys(profile: int) -> tuple[bytes, bytes]:
    _, key_length, salt_length = PROFILES[profile]
    return bytes(range(key_length)), bytes(range(100, 100 + salt_length))


def libsrtp(profile: int, direction: int) -> pylibsrtp.Session:
    key, salt = keys(profile)
    policy = pylibsrtp.Policy(
        key=key + salt, ssrc_type=direction, srtp_profile=PROFILES[profile][0]
    )
    return pylibsrtp.Session(policy=policy)


@pytest.mark.parametrize("profile", PROFILES)
def test_libsrtp_opens_what_the_relay_protects(profile: int) -> None:
    relay, oracle = (
        SrtpOutbound(profile, *keys(profile)),
        libsrtp(profile, pylibsrtp.Policy.SSRC_ANY_INBOUND),
    )
    for sequence in (65_534, 65_535, 65_536, 65_537):
        packet = rtp(sequence & 0xFFFF)
        assert oracle.unprotect(relay.protect_rtp(packet, sequence)) == packet
    for _ in range(3):
        assert oracle.unprotect_rtcp(relay.protect_rtcp(RTCP)) == RTCP


@pytest.mark.parametrize("profile", PROFILES)
def test_the_relay_opens_what_libsrtp_protects(profile: int) -> None:
    relay, oracle = (
        SrtpInbound(profile, *keys(profile)),
        libsrtp(profile, pylibsrtp.Policy.SSRC_ANY_OUTBOUND),
    )
    for sequence in (65_534, 65_535, 0, 1):
        assert relay.unprotect_rtp(oracle.protect(rtp(sequence))) == rtp(sequence)
    for _ in range(3):
        assert relay.unprotect_rtcp(oracle.protect_rtcp(RTCP)) == RTCP


@pytest.mark.parametrize("profile", PROFILES)
def test_refusals_have_names(profile: int) -> None:
    outbound, inbound = SrtpOutbound(profile, *keys(profile)), SrtpInbound(profile, *keys(profile))
    protected = outbound.protect_rtp(rtp(7), 7)
    inbound.unprotect_rtp(protected)
    with pytest.raises(ValueError, match="replayed"):
        inbound.unprotect_rtp(protected)
    forged = outbound.protect_rtp(rtp(8), 8)[:-1] + b"\x00"
    with pytest.raises(ValueError, match="authentication_failed"):
        inbound.unprotect_rtp(forged)
    for length in range(len(protected)):
        with pytest.raises(ValueError):
            inbound.unprotect_rtp(protected[:length])
    for length in range(len(RTCP)):
        with pytest.raises(ValueError):
            inbound.unprotect_rtcp(RTCP[:length])


def test_keys_of_a_wrong_length_or_profile_are_refused() -> None:
    with pytest.raises(ValueError, match="bad_key_length"):
        SrtpInbound(7, bytes(15), bytes(12))
    with pytest.raises(ValueError, match="unknown protection profile"):
        SrtpOutbound(2, bytes(16), bytes(14))
    with pytest.raises(ValueError, match="sequence number"):
        SrtpOutbound(7, bytes(16), bytes(12)).protect_rtp(rtp(7), 8)
