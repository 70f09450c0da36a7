"""The parsers before OpenSSL and before aiortc: total, bounded, and right about sound input."""

from __future__ import annotations

import contextlib
import struct

from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtcsctptransport import parse_packet, serialize_packet
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import binary, integers, lists, tuples
from OpenSSL import SSL

from relay.transports.aiortc_dtls import SRTP_PROFILES
from relay.transports.certificate import Certificate
from relay.transports.dtls_handshake import Handshake
from relay.transports.dtls_records import datagrams_of, fragments_untrusted, records_untrusted
from relay.transports.dtls_screen import HandshakeScreen
from relay.transports.sctp_screen import ChunkType, chunks_untrusted

CERTIFICATE = Certificate.generate()
PROFILES = [profile for profile, _ in SRTP_PROFILES]
RECORDS = lists(
    tuples(st.sampled_from([20, 21, 22, 23]), integers(0, 3), binary(max_size=300)), max_size=8
)


def written(records: list[tuple[int, int, bytes]]) -> list[bytes]:
    return [
        struct.pack("!BHHIHH", kind, 0xFEFD, epoch, 0, 0, len(payload)) + payload
        for kind, epoch, payload in records
    ]


@settings(deadline=None)
@given(RECORDS)
def test_records_are_read_as_they_were_written(records: list[tuple[int, int, bytes]]) -> None:
    read = records_untrusted(b"".join(written(records)))
    assert [(each.content_type, each.epoch, each.payload) for each in read] == records
    assert [each.raw for each in read] == written(records)


@settings(deadline=None)
@given(RECORDS, integers(0, 3_000))
def test_packing_keeps_every_record_whole(
    records: list[tuple[int, int, bytes]], mtu_bytes: int
) -> None:
    packed = datagrams_of(b"".join(written(records)), mtu_bytes)
    assert b"".join(packed) == b"".join(written(records))
    for datagram in packed:
        count = len(records_untrusted(datagram))
        assert count >= 1
        assert len(datagram) <= mtu_bytes or count == 1


@settings(deadline=None)
@given(binary(max_size=400))
def test_any_bytes_are_records_or_nothing(datagram: bytes) -> None:
    records = records_untrusted(datagram)
    assert datagram.startswith(b"".join(each.raw for each in records))
    screen = HandshakeScreen("server")
    for record in records:
        screen.passes_untrusted(record)


@settings(deadline=None)
@given(binary(max_size=400) | binary(min_size=11, max_size=60).map(lambda rest: b"\x0b" + rest))
def test_any_bytes_are_fragments_or_nothing(payload: bytes) -> None:
    fragments = fragments_untrusted(payload)
    if fragments is not None:
        assert sum(12 + len(each.body) for each in fragments) == len(payload)
        assert all(each.offset + len(each.body) <= each.message_bytes for each in fragments)


@settings(deadline=None)
@given(st.data())
def test_a_screen_promises_no_more_than_its_bound(data: st.DataObject) -> None:
    screen = HandshakeScreen("server")
    for _ in range(20):
        total = data.draw(integers(1, 9_000))
        body = data.draw(binary(min_size=1, max_size=4))[:total]
        kind = data.draw(st.sampled_from([11, 15, 16]))
        fragment = (
            bytes([kind])
            + total.to_bytes(3)
            + data.draw(integers(0, 9)).to_bytes(2)
            + bytes(3)
            + len(body).to_bytes(3)
            + body
        )
        for record in records_untrusted(b"".join(written([(22, 0, fragment)]))):
            screen.passes_untrusted(record)
        assert sum(screen._promised_bytes.values()) <= 8 * 1024


def server() -> SSL.Connection:
    connection = SSL.Connection(CERTIFICATE.shared.context(PROFILES))
    connection.set_accept_state()
    return connection


def step(connection: SSL.Connection) -> list[bytes]:
    with contextlib.suppress(SSL.WantReadError):
        connection.do_handshake()
    try:
        return datagrams_of(connection.bio_read(65_536), 1_200)
    except SSL.WantReadError:
        return []


# No forged change of the peer's own plaintext flight: who can write that has won against any DTLS.
FORGED = binary(max_size=120) | tuples(
    st.sampled_from([20, 21, 23]), integers(0, 2), binary(max_size=60)
).map(lambda record: written([record])[0])


@settings(max_examples=60, deadline=None)
@given(lists(FORGED, max_size=6), lists(FORGED, max_size=6))
def test_after_any_forged_datagrams_the_real_peer_still_connects(
    before: list[bytes], between: list[bytes]
) -> None:
    handshake = Handshake(server, "server")
    client = SSL.Connection(RTCCertificate.generateCertificate()._create_ssl_context(PROFILES))
    client.set_connect_state()
    for datagram in before:
        assert handshake.handle_datagram_untrusted(datagram) == []
    for _ in range(3):
        replies: list[bytes] = []
        for datagram in step(client):
            replies += handshake.handle_datagram_untrusted(datagram)
        for datagram in between:
            replies += handshake.handle_datagram_untrusted(datagram)
        for datagram in replies:
            client.bio_write(datagram)
    step(client)
    assert handshake.winner is not None
    assert client.get_finished() == handshake.winner.get_peer_finished()


CHUNKS = lists(
    tuples(st.sampled_from([int(each) for each in ChunkType] + [63, 255]), binary(max_size=60)),
    max_size=6,
)


@settings(deadline=None)
@given(CHUNKS)
def test_sound_chunks_are_parsed_by_aiortc_without_a_stumble(
    chunks: list[tuple[int, bytes]],
) -> None:
    """What the screen lets through cannot raise out of aiortc's parser, nor make it loop."""
    raw = b"".join(
        struct.pack("!BBH", kind, 3, 4 + len(body)) + body + bytes(-len(body) % 4)
        for kind, body in chunks
    )
    packet = serialize_packet(5_000, 5_000, 7, raw) if raw else bytes(12)  # type: ignore[arg-type]
    sound = chunks_untrusted(packet)
    if sound is not None:
        _, _, _, parsed = parse_packet(packet)
        assert [each.type for each in parsed] == [int(kind) for kind, _ in sound]


@settings(deadline=None)
@given(binary(max_size=300))
def test_any_bytes_are_a_packet_or_none(packet: bytes) -> None:
    chunks_untrusted(packet)
