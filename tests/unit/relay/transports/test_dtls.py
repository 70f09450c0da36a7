"""The handshake: who may finish it, what cannot end it, what it leaves behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import struct
from typing import TYPE_CHECKING

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    SRTPProtectionProfile,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

from relay.errors import HandshakeFailed
from relay.transports.certificate import Certificate
from relay.transports.dtls import DtlsTransport, SrtpKeys
from relay.transports.dtls_screen import Role

if TYPE_CHECKING:
    from tests.unit.relay.transports.conftest import Connected, Peer, Wire

# One ClientHello of a race attack on media servers: well-formed, with the single cipher suite
# TLS_NULL_WITH_NULL_NULL.
NULL_CIPHER_HELLO_BODY = (
    b"\xfe\xfd" + bytes(range(32)) + b"\x00\x00" + b"\x00\x02\x00\x00" + b"\x01\x00"
)


def handshake_record(
    message_type: int,
    body: bytes,
    *,
    sequence: int = 0,
    offset: int = 0,
    total: int | None = None,
    record_sequence: int = 0,
) -> bytes:
    total = len(body) if total is None else total
    fragment = (
        bytes([message_type])
        + total.to_bytes(3)
        + sequence.to_bytes(2)
        + offset.to_bytes(3)
        + len(body).to_bytes(3)
        + body
    )
    header = struct.pack("!BHHIHH", 22, 0xFEFD, 0, record_sequence >> 16, record_sequence, 0)
    return header[:11] + len(fragment).to_bytes(2) + fragment


def alert_record() -> bytes:
    return struct.pack("!BHHIHH", 21, 0xFEFD, 0, 0, 99, 2) + b"\x02\x28"  # fatal, handshake_failure


def real_hello() -> bytes:
    """A Hello that any server accepts, from somebody who never goes on."""
    context = RTCCertificate.generateCertificate()._create_ssl_context([SRTP_AEAD_AES_128_GCM])
    connection = SSL.Connection(context)
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(2_000)


def rsa_certificate() -> RTCCertificate:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rsa")])
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return RTCCertificate(key, certificate)  # type: ignore[arg-type]


def relay_of(
    wire: Wire, certificate: Certificate, peer: Peer, role: Role = "server"
) -> DtlsTransport:
    return DtlsTransport(wire.relay, certificate, role=role, remote_fingerprints=peer.fingerprints)


async def both(
    relay: DtlsTransport, peer: Peer, certificate: Certificate, timeout_s: float = 5.0
) -> SrtpKeys:
    keys, _ = await asyncio.gather(
        relay.connect(timeout_s), peer.connect(certificate.fingerprint_sha256)
    )
    return keys


def material(peer: Peer, profile: SRTPProtectionProfile) -> tuple[bytes, bytes]:
    assert peer.dtls._ssl is not None
    view = peer.dtls._ssl.export_keying_material(
        b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length)
    )
    return profile.get_key_and_salt(view, 0), profile.get_key_and_salt(view, 1)


IANA = {SRTP_AEAD_AES_128_GCM: 7, SRTP_AEAD_AES_256_GCM: 8, SRTP_AES128_CM_SHA1_80: 1}


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (
            [SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM, SRTP_AEAD_AES_128_GCM],
            SRTP_AEAD_AES_128_GCM,
        ),
        ([SRTP_AES128_CM_SHA1_80, SRTP_AEAD_AES_256_GCM], SRTP_AEAD_AES_256_GCM),
        ([SRTP_AES128_CM_SHA1_80], SRTP_AES128_CM_SHA1_80),
    ],
)
async def test_the_relay_chooses_the_profile_and_both_ends_hold_its_keys(
    wire: Wire,
    certificate: Certificate,
    offered: list[SRTPProtectionProfile],
    chosen: SRTPProtectionProfile,
) -> None:
    peer = wire.make_peer("client")
    peer.dtls._srtp_profiles = offered
    relay = relay_of(wire, certificate, peer)
    keys = await both(relay, peer, certificate)
    client, server = material(peer, chosen)
    assert keys.profile_iana == IANA[chosen]
    assert keys.inbound_key + keys.inbound_salt == client
    assert keys.outbound_key + keys.outbound_salt == server
    assert len(keys.inbound_key) == chosen.key_length
    await relay.aclose()
    await peer.aclose()


@pytest.mark.parametrize("profile", IANA)
@pytest.mark.parametrize("peer_certificate", ["ecdsa", "rsa"])
async def test_towards_a_passive_peer_the_relay_is_the_client(
    wire: Wire,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    profile: SRTPProtectionProfile,
    peer_certificate: str,
) -> None:
    rsa_peer = rsa_certificate() if peer_certificate == "rsa" else None
    peer = wire.make_peer("server", rsa_peer)
    if rsa_peer is not None:  # aiortc's own list has no cipher for its own RSA certificate
        context = peer.certificate._create_ssl_context([profile])
        context.set_cipher_list(b"ECDHE-RSA-AES128-GCM-SHA256")
        monkeypatch.setattr(peer.certificate, "_create_ssl_context", lambda **_: context)
    peer.dtls._srtp_profiles = [profile]
    relay = relay_of(wire, certificate, peer, "client")
    keys = await both(relay, peer, certificate)
    client, server = material(peer, profile)
    assert keys.profile_iana == IANA[profile]
    assert keys.inbound_key + keys.inbound_salt == server
    assert keys.outbound_key + keys.outbound_salt == client
    await relay.aclose()
    await peer.aclose()


async def test_dtls_1_2_is_spoken(connected: Connected) -> None:
    connection = connected.relay.connection.handshake.winner
    assert connection is not None
    assert connection.get_protocol_version_name() == "DTLSv1.2"


async def test_a_peer_with_an_rsa_certificate_connects(
    wire: Wire, certificate: Certificate
) -> None:
    peer = wire.make_peer("client", rsa_certificate())
    relay = relay_of(wire, certificate, peer)
    assert (await both(relay, peer, certificate)).profile_iana == 7
    await relay.aclose()
    await peer.aclose()


async def test_one_of_two_announced_certificates_is_enough(
    wire: Wire, certificate: Certificate
) -> None:
    peer = wire.make_peer("client")
    other = wire.make_peer("client").fingerprints[0]
    relay = DtlsTransport(
        wire.relay,
        certificate,
        role="server",
        remote_fingerprints=[other, (peer.fingerprints[0][0].upper(), peer.fingerprints[0][1])],
    )
    assert (await both(relay, peer, certificate)).profile_iana == 7
    await relay.aclose()
    await peer.aclose()


async def test_a_wrong_certificate_gets_no_byte_through(
    wire: Wire, certificate: Certificate
) -> None:
    peer = wire.make_peer("client")
    stranger = wire.make_peer("client")
    relay = relay_of(wire, certificate, stranger)
    delivered: list[bytes] = []

    class Sink:
        async def _handle_data(self, data: bytes) -> None:
            delivered.append(data)

    relay.connection._register_data_receiver(Sink())
    peer.dtls._register_data_receiver(peer)

    async def send_early() -> None:
        await peer.connect(certificate.fingerprint_sha256)
        await peer.dtls._send_data(b"from a stranger")

    with pytest.raises(HandshakeFailed) as failed:
        await asyncio.gather(relay.connect(5), send_early())
    assert failed.value.reason == "fingerprint_mismatch"
    assert relay.connection.keys is None
    await relay.connection._send_data(b"to a stranger")
    await asyncio.sleep(0.05)
    assert delivered == []
    assert peer.received == []
    await relay.aclose()
    await peer.aclose()


async def test_a_weak_hash_beside_a_strong_one_proves_nothing(
    wire: Wire, certificate: Certificate
) -> None:
    """The strongest hash announced decides: a matching weaker one does not help."""
    peer = wire.make_peer("client")
    sha256 = dict(peer.fingerprints)["sha-256"]
    relay = DtlsTransport(
        wire.relay,
        certificate,
        role="server",
        remote_fingerprints=[("sha-256", sha256), ("sha-512", ":".join(["00"] * 64))],
    )
    with pytest.raises(HandshakeFailed, match="encrypted"):
        await both(relay, peer, certificate)
    await relay.aclose()
    await peer.aclose()


async def test_a_silent_peer_is_given_up(wire: Wire, certificate: Certificate) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    with pytest.raises(HandshakeFailed) as failed:
        await relay.connect(0.05)
    assert failed.value.reason == "timeout"
    assert wire.relay.sent == []
    await relay.aclose()


async def test_a_leg_that_goes_away_ends_the_handshake(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    wire.relay.cut()
    with pytest.raises(HandshakeFailed) as failed:
        await relay.connect(5)
    assert failed.value.reason == "closed"
    await relay.aclose()


BAD_DATAGRAMS = {
    "empty": b"",
    "one byte": b"\x16",
    "zeroes": bytes(120),
    "truncated record": handshake_record(1, bytes(60))[:-10],
    "dtls 1.3 header": b"\x2f" + bytes(40),
    "null cipher hello": handshake_record(1, NULL_CIPHER_HELLO_BODY),
    "empty hello": handshake_record(1, b""),
    "hello of junk": handshake_record(1, b"\xfe\xfd" + b"\x99" * 200),
    "hello of 16 MB": handshake_record(1, bytes(100), total=2**24 - 1),
    "hello cut short": handshake_record(1, NULL_CIPHER_HELLO_BODY[:30]),
    "alert": alert_record(),
    "server hello": handshake_record(2, bytes(60)),
    "finished in the clear": handshake_record(20, bytes(12), sequence=4),
    "certificate of nothing": handshake_record(11, b"", total=5_000, sequence=1),
    "piece beyond the end": handshake_record(11, bytes(60), total=50, sequence=1),
    "data in the clear": struct.pack("!BHHIHH", 23, 0xFEFD, 0, 0, 5, 4) + b"data",
    "early finished": struct.pack("!BHHIHH", 22, 0xFEFD, 1, 0, 0, 60) + bytes(60),
    "change cipher spec": struct.pack("!BHHIHH", 20, 0xFEFD, 0, 0, 7, 1) + b"\x01",
}


@pytest.mark.parametrize("bad", BAD_DATAGRAMS.values(), ids=BAD_DATAGRAMS.keys())
async def test_a_bad_datagram_from_the_right_address_changes_nothing(
    wire: Wire, certificate: Certificate, bad: bytes
) -> None:
    """Before, between and after the peer's own, whatever it is."""
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)

    def surround(_: bytes) -> bool:
        wire.relay.inbox.put_nowait(bad)
        return True

    wire.relay.inbox.put_nowait(bad)
    wire.peer.passes = surround
    keys = await both(relay, peer, certificate)
    assert keys.profile_iana == 7
    received: list[bytes] = []

    class Sink:
        async def _handle_data(self, data: bytes) -> None:
            received.append(data)

    relay.connection._register_data_receiver(Sink())
    await peer.dtls._send_data(b"still here")
    await asyncio.sleep(0.05)
    assert received == [b"still here"]
    await relay.aclose()
    await peer.aclose()


async def test_three_forged_hellos_that_any_server_accepts_do_not_win_the_race(
    wire: Wire, certificate: Certificate
) -> None:
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    for _ in range(3):
        wire.relay.inbox.put_nowait(real_hello())
    # The forger's address is the peer's, so the peer sees answers to Hellos it never sent.
    wire.peer.inbox.put_nowait(b"")
    wire.peer.inbox = asyncio.Queue()
    answers = 0

    def only_the_last(_: bytes) -> bool:
        nonlocal answers
        answers += 1
        return answers > 3

    wire.relay.passes = only_the_last
    assert (await both(relay, peer, certificate)).profile_iana == 7
    await relay.aclose()
    await peer.aclose()


async def test_a_lost_flight_is_sent_again_when_the_peer_asks(
    wire: Wire, certificate: Certificate
) -> None:
    """At once: OpenSSL's own timer would take a second."""
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    lost: list[bytes] = []

    def lose_two(datagram: bytes) -> bool:
        lost.append(datagram)
        if len(lost) <= 2:  # the peer repeats its Hello
            wire.relay.inbox.put_nowait(wire.peer.sent[0])
        return len(lost) > 2

    wire.relay.passes = lose_two
    async with asyncio.timeout(0.5):
        await both(relay, peer, certificate)
    await relay.aclose()
    await peer.aclose()


async def test_a_lost_last_flight_is_sent_again(wire: Wire, certificate: Certificate) -> None:
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    count = 0

    def lose_second(_: bytes) -> bool:
        nonlocal count
        count += 1
        return count != 2

    wire.relay.passes = lose_second
    await both(relay, peer, certificate, timeout_s=10)
    assert peer.dtls.state == "connected"
    await relay.aclose()
    await peer.aclose()


async def test_a_hundred_thousand_fragments_hold_nothing(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    handshake = relay.connection.handshake
    handshake.handle_datagram_untrusted(real_hello())
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(100_000):
        fragment = handshake_record(
            11, b"x", sequence=1 + number % 50, offset=number % 4_000, total=4_000
        )
        handshake.handle_datagram_untrusted(fragment)
    per_datagram_s = (loop.time() - began) / 100_000
    assert per_datagram_s < 0.001
    assert sum(handshake.screen._promised_bytes.values()) <= 8 * 1024
    assert handshake.screen.refused["too_large"] > 90_000
    await relay.aclose()


async def test_a_flood_of_hellos_makes_four_connections(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    handshake = relay.connection.handshake
    for _ in range(20):
        handshake.handle_datagram_untrusted(real_hello())
    assert len(handshake._candidates) == 4
    assert relay.refused["too_many_hellos"] == 16
    await relay.aclose()


async def test_a_repeated_hello_is_answered_eight_times(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    hello = real_hello()
    answers = [relay.connection.handshake.handle_datagram_untrusted(hello) for _ in range(20)]
    assert sum(map(bool, answers)) == 9
    await relay.aclose()


async def test_what_openssl_cannot_take_is_named_when_time_is_up(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    wire.relay.inbox.put_nowait(handshake_record(1, NULL_CIPHER_HELLO_BODY))
    with pytest.raises(HandshakeFailed) as failed:
        await relay.connect(0.05)
    assert failed.value.reason == "no_common_cipher"
    assert wire.relay.sent == []  # not even an alert: nothing for an amplifier
    await relay.aclose()


async def test_the_peers_goodbye_closes(connected: Connected) -> None:
    await connected.peer.aclose()
    async with asyncio.timeout(1):
        await connected.relay.wait_closed()


async def test_our_goodbye_reaches_the_peer(connected: Connected) -> None:
    await connected.relay.aclose()
    await connected.relay.aclose()
    await asyncio.sleep(0.05)
    assert connected.peer.dtls.state == "closed"


async def test_the_end_of_the_leg_closes(connected: Connected) -> None:
    connected.wire.relay.cut()
    async with asyncio.timeout(1):
        await connected.relay.wait_closed()


async def test_data_travels_both_ways_and_two_records_of_one_datagram_arrive(
    connected: Connected,
) -> None:
    received: list[bytes] = []

    class Sink:
        async def _handle_data(self, data: bytes) -> None:
            received.append(data)

    connected.relay.connection._register_data_receiver(Sink())
    connected.peer.dtls._register_data_receiver(connected.peer)
    held: list[bytes] = []

    def hold(datagram: bytes) -> bool:
        held.append(datagram)
        return False

    connected.wire.peer.passes = hold
    await connected.peer.dtls._send_data(b"one")
    await connected.peer.dtls._send_data(b"two")
    connected.wire.relay.inbox.put_nowait(b"".join(held))
    await connected.relay.connection._send_data(b"back")
    await asyncio.sleep(0.05)
    assert received == [b"one", b"two"]
    assert connected.peer.received == [b"back"]


async def test_a_cancelled_handshake_leaves_nothing(wire: Wire, certificate: Certificate) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    connecting = asyncio.create_task(relay.connect(5))
    await asyncio.sleep(0)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await relay.aclose()
