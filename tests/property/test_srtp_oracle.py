"""libsrtp as an oracle: it and the engine's SRTP agree byte for byte, in both directions."""

import random
import struct
from dataclasses import dataclass

import pylibsrtp
import pytest

from relay._engine import SrtpInbound, SrtpOutbound

PACKETS = 100_000
RTCP_PACKETS = 20_000
# Packets of a burst arrive in any order.
BURST = 40
WINDOW = 1024


@dataclass(frozen=True)
class Profile:
    name: str
    iana: int
    libsrtp: int
    key_bytes: int
    salt_bytes: int


PROFILES = [
    Profile("cm", 0x0001, pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
    Profile("gcm128", 0x0007, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    Profile("gcm256", 0x0008, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
]


class Pair:
    """One set of keys in the hands of the engine and of libsrtp."""

    def __init__(self, profile: Profile, randomness: random.Random) -> None:
        key = randomness.randbytes(profile.key_bytes)
        salt = randomness.randbytes(profile.salt_bytes)
        self.outbound = SrtpOutbound(profile.iana, key, salt)
        self.inbound = SrtpInbound(profile.iana, key, salt)
        outwards, inwards = pylibsrtp.Policy.SSRC_ANY_OUTBOUND, pylibsrtp.Policy.SSRC_ANY_INBOUND
        self.oracle_outbound = self._session(profile, key + salt, outwards)
        self.oracle_inbound = self._session(profile, key + salt, inwards)

    @staticmethod
    def _session(profile: Profile, key: bytes, direction: int) -> pylibsrtp.Session:
        policy = pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=profile.libsrtp)
        policy.window_size = WINDOW
        return pylibsrtp.Session(policy=policy)


def rtp(randomness: random.Random, ssrc: int, index: int) -> bytes:
    """A packet with any CSRCs, marker and timestamp, sometimes an extension (RFC 8285)."""
    csrcs = randomness.choice((0, 0, 0, 1, 15))
    extended = randomness.random() < 0.5
    first = 0x80 | extended << 4 | csrcs
    second = randomness.getrandbits(1) << 7 | randomness.randrange(96, 128)
    header = struct.pack("!BBHII", first, second, index & 0xFFFF, randomness.getrandbits(32), ssrc)
    header += randomness.randbytes(4 * csrcs)
    if extended:
        words = randomness.randrange(1, 5)
        # One-byte elements of three bytes: id 1-14, length 3.
        elements = b"".join(
            bytes((randomness.randrange(1, 15) << 4 | 2,)) + randomness.randbytes(3)
            for _ in range(words)
        )
        header += struct.pack("!HH", 0xBEDE, words) + elements
    return header + randomness.randbytes(randomness.choice((1, 15, 16, 17, 100, 1100, 1200)))


def rtcp(randomness: random.Random, ssrc: int) -> bytes:
    words = randomness.choice((1, 7, 12, 40, 250))
    return struct.pack("!BBHI", 0x81, 201, words, ssrc) + randomness.randbytes(4 * (words - 1))


def corrupted(randomness: random.Random, packet: bytes) -> bytes:
    """The packet with one bit flipped behind the fixed header, which names the sender."""
    at = randomness.randrange(12, len(packet))
    flipped = packet[at] ^ 1 << randomness.randrange(8)
    return packet[:at] + bytes((flipped,)) + packet[at + 1 :]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_rtp_agrees_with_libsrtp_through_reordering_and_rollover(profile: Profile) -> None:
    randomness = random.Random(f"rtp {profile.name}")
    pair = Pair(profile, randomness)
    # Each begins at rollover counter 0 and comes to 1, some to 2.
    first_indexes = (0, 1, 30_000, 60_000, 65_535)
    next_index = {randomness.getrandbits(32): first for first in first_indexes}
    rollovers = set()
    for round_number in range(PACKETS // BURST):
        burst = []
        for _ in range(BURST):
            ssrc = randomness.choice(list(next_index))
            index = next_index[ssrc]
            next_index[ssrc] += randomness.choice((1, 1, 1, 2, 20))
            rollovers.add(index >> 16)
            plain = rtp(randomness, ssrc, index)
            protected = pair.outbound.protect_rtp(plain, index)
            assert protected == pair.oracle_outbound.protect(plain)
            burst.append((plain, protected))
        # A sender's first packet tells where it begins (RFC 3711 §3.3.1): that one comes in order.
        if round_number > 0:
            randomness.shuffle(burst)
        for plain, protected in burst:
            assert pair.inbound.unprotect_rtp(protected) == plain
            assert pair.oracle_inbound.unprotect(protected) == plain
        _, replayed = randomness.choice(burst)
        with pytest.raises(ValueError, match=r"^replayed$"):
            pair.inbound.unprotect_rtp(replayed)
        with pytest.raises(pylibsrtp.Error):
            pair.oracle_inbound.unprotect(replayed)
    assert rollovers >= {0, 1, 2}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_rtcp_agrees_with_libsrtp(profile: Profile) -> None:
    randomness = random.Random(f"rtcp {profile.name}")
    pair = Pair(profile, randomness)
    ssrc = randomness.getrandbits(32)
    # RFC 3711 §3.4 starts the SRTCP index at 0, libsrtp at 1: one packet of ours aligns them.
    first = rtcp(randomness, ssrc)
    assert pair.oracle_inbound.unprotect_rtcp(pair.outbound.protect_rtcp(first)) == first
    for _ in range(RTCP_PACKETS // BURST):
        burst = []
        for _ in range(BURST):
            plain = rtcp(randomness, ssrc)
            protected = pair.outbound.protect_rtcp(plain)
            assert protected == pair.oracle_outbound.protect_rtcp(plain)
            burst.append((plain, protected))
        randomness.shuffle(burst)
        for plain, protected in burst:
            assert pair.inbound.unprotect_rtcp(protected) == plain
            assert pair.oracle_inbound.unprotect_rtcp(protected) == plain
        _, replayed = randomness.choice(burst)
        with pytest.raises(ValueError, match=r"^replayed$"):
            pair.inbound.unprotect_rtcp(replayed)
        with pytest.raises(pylibsrtp.Error):
            pair.oracle_inbound.unprotect_rtcp(replayed)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_both_refuse_what_was_altered_and_then_take_the_original(profile: Profile) -> None:
    randomness = random.Random(f"altered {profile.name}")
    pair = Pair(profile, randomness)
    for index in range(2000):
        plain = rtp(randomness, 7, index)
        protected = pair.outbound.protect_rtp(plain, index)
        altered = corrupted(randomness, protected)
        with pytest.raises(ValueError):
            pair.inbound.unprotect_rtp(altered)
        with pytest.raises(pylibsrtp.Error):
            pair.oracle_inbound.unprotect(altered)
        assert pair.inbound.unprotect_rtp(protected) == plain
        assert pair.oracle_inbound.unprotect(protected) == plain


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_keys_of_another_length_are_refused(profile: Profile) -> None:
    for kind in (SrtpInbound, SrtpOutbound):
        with pytest.raises(ValueError, match=r"^bad_key_length$"):
            kind(profile.iana, bytes(profile.key_bytes - 1), bytes(profile.salt_bytes))
