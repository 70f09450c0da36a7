"""Forged datagrams: what cannot end a handshake, and what it may cost."""

from __future__ import annotations

import asyncio
import struct

import pytest

from relay.errors import HandshakeFailed
from relay.transports.certificate import Certificate
from tests.polling import until
from tests.unit.relay.fakes import settle
from tests.unit.relay.transports.forgeries import (
    NULL_CIPHER_HELLO_BODY,
    alert_record,
    handshake_record,
    real_hello,
)
from tests.unit.relay.transports.wires import Wire, both, relay_of


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
    await settle()
    assert delivered == []
    assert peer.received == []
    await relay.aclose()
    await peer.aclose()


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
    await until(lambda: bool(received))
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
    assert not relay.connection.handshake._candidates
    await relay.aclose()
    await peer.aclose()


async def test_a_hundred_thousand_fragments_hold_nothing(
    wire: Wire, certificate: Certificate
) -> None:
    relay = relay_of(wire, certificate, wire.make_peer("client"))
    handshake = relay.connection.handshake
    handshake.handle_datagram_untrusted(real_hello())
    for number in range(100_000):
        fragment = handshake_record(
            11, b"x", sequence=1 + number % 50, offset=number % 4_000, total=4_000
        )
        handshake.handle_datagram_untrusted(fragment)
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
