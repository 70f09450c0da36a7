"""The handshake: who may finish it, what cannot end it, what it leaves behind."""

from __future__ import annotations

import asyncio

import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    SRTPProtectionProfile,
)

from relay.errors import HandshakeFailed
from relay.transports.certificate import Certificate
from relay.transports.dtls import DtlsTransport
from relay.transports.dtls_handshake import Handshake
from tests.polling import WITHIN_S, until
from tests.unit.relay.transports.forgeries import rsa_certificate
from tests.unit.relay.transports.wires import Connected, Peer, Wire, both, relay_of


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


async def test_a_lost_flight_is_sent_again_when_the_peer_asks(
    wire: Wire, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: the peer's own timer, which repeats its Hello after a second, has not run out."""
    monkeypatch.setattr(Handshake, "timeout_s", None)
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    lost: list[bytes] = []

    def lose_two(datagram: bytes) -> bool:
        lost.append(datagram)
        if len(lost) <= 2:  # the peer repeats its Hello
            wire.relay.inbox.put_nowait(wire.peer.sent[0])
        return len(lost) > 2

    wire.relay.passes = lose_two
    await both(relay, peer, certificate)
    assert len(lost) > 2
    assert wire.peer.sent.count(wire.peer.sent[0]) == 1
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


async def test_the_peers_goodbye_closes(connected: Connected) -> None:
    assert connected.relay.connection.state == "connected"
    await connected.peer.aclose()
    async with asyncio.timeout(WITHIN_S):
        await connected.relay.wait_closed()
    assert connected.relay.connection.state == "closed"


async def test_our_goodbye_reaches_the_peer_and_is_said_once(connected: Connected) -> None:
    await connected.relay.aclose()
    said = list(connected.wire.relay.sent)
    await until(lambda: connected.peer.dtls.state == "closed")
    await connected.relay.aclose()
    assert connected.wire.relay.sent == said
    assert connected.peer.dtls.state == "closed"


async def test_the_end_of_the_leg_closes(connected: Connected) -> None:
    connected.wire.relay.cut()
    async with asyncio.timeout(WITHIN_S):
        await connected.relay.wait_closed()
    assert connected.relay.connection.state == "closed"


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
    await until(lambda: len(received) == 2 and bool(connected.peer.received))
    assert received == [b"one", b"two"]
    assert connected.peer.received == [b"back"]


async def test_a_cancelled_handshake_leaves_nothing(wire: Wire, certificate: Certificate) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    async with asyncio.TaskGroup() as tasks:
        connecting = tasks.create_task(relay.connect(WITHIN_S))
        await wire.relay.is_read.wait()
        connecting.cancel()
    assert connecting.cancelled()
    assert relay.connection.keys is None
    await relay.aclose()
    assert wire.relay.sent == []
