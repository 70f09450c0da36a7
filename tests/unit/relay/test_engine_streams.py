"""The compiled engine by TCP over loopback: the same legs as by UDP, and bounds for strangers."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import AsyncExitStack, closing

import pytest
from aioice import stun

from relay._engine import SrtpInbound, SrtpOutbound
from relay.engine import EngineConfig, Event, MediaEngine
from tests.unit.relay.engine_peers import (
    DTLS_RECORD,
    FIRST,
    PASSWORD,
    Peer,
    calling,
    first,
    framed,
    leg_on,
    nomination,
    until_counted,
)
from tests.unit.relay.fakes import KEYS

LOOPBACK = EngineConfig(listen=("127.0.0.1",), port=0, receive_buffer_bytes=1 << 20)
REPORT = struct.pack("!BBHIIIIII", 0x80, 200, 6, 0x1234_5678, 1, 2, 3, 4, 5)
"""A sender's, of an SSRC that nobody knows: it proves a path and does nothing else."""


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_check_by_tcp_is_answered_with_the_address_it_came_from(family: int) -> None:
    config = EngineConfig(listen=("127.0.0.1", "::1"), port=0)
    async with (
        MediaEngine(config) as engine,
        leg_on(engine) as leg,
        calling(engine, family=family) as caller,
    ):
        response = await caller.check()
        assert response.message_class == stun.Class.RESPONSE
        assert response.attributes["XOR-MAPPED-ADDRESS"] == caller.name
        assert response.check_message_integrity(PASSWORD)
        assert (await first(leg, Event.Connected)).leg == leg.id
        await until_counted(engine, "tcp_connections_proven", 1)
        await until_counted(engine, "legs_tcp", 1)


async def test_dtls_passes_both_ways_in_pieces_after_a_check_and_not_before() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg, calling(engine) as caller:
        caller.send(DTLS_RECORD)
        await caller.check()
        for byte in framed(DTLS_RECORD + b"!"):
            caller.writer.write(bytes([byte]))
            await caller.writer.drain()
        async with asyncio.timeout(5):
            assert await leg.receive() == DTLS_RECORD + b"!"
        leg.send(b"\x16" * 900)
        assert await caller.receive_dtls() == b"\x16" * 900
    counters = engine.counters()
    assert counters["drop_unknown_source"] == 1
    assert counters["dtls_records"] == 1


async def test_protected_packets_leave_by_tcp() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        leg.set_keys(KEYS)
        async with calling(engine) as caller:
            await caller.check()
            leg.limit_publisher(300_000)
            opened = SrtpInbound(KEYS.profile_iana, KEYS.outbound_key, KEYS.outbound_salt)
            while b"REMB" not in opened.unprotect_rtcp(await caller.receive()):
                pass


async def test_a_leg_goes_from_udp_to_tcp_and_on_to_the_next_connection_and_back() -> None:
    proof = SrtpOutbound(KEYS.profile_iana, KEYS.inbound_key, KEYS.inbound_salt)
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        leg.set_keys(KEYS)
        with closing(Peer(engine)) as peer:
            await peer.check()
            await until_counted(engine, "legs_udp", 1)
            async with calling(engine) as caller:
                await caller.check()
                caller.send(proof.protect_rtcp(REPORT))
                assert (await first(leg, Event.AddressChanged)).leg == leg.id
                leg.send(b"\x16" * 100)
                assert await caller.receive_dtls() == b"\x16" * 100
                await until_counted(engine, "legs_tcp", 1)
            async with calling(engine) as caller:
                await caller.check()
                leg.send(b"\x16" * 200)
                assert await caller.receive_dtls() == b"\x16" * 200
                await until_counted(engine, "tcp_closed_by_peer", 1)
                await until_counted(engine, "legs_tcp", 1)
                await peer.check()
                peer.socket.send(proof.protect_rtcp(REPORT))
                assert (await first(leg, Event.AddressChanged)).leg == leg.id
            await until_counted(engine, "legs_udp", 1)
    assert engine.counters()["worker_panics"] == 0


async def test_a_connection_ends_with_its_leg() -> None:
    async with MediaEngine(LOOPBACK) as engine, calling(engine) as caller:
        async with leg_on(engine):
            await caller.check()
        await caller.until_closed()
    assert engine.counters()["tcp_closed_unknown"] == 1


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\x05\xdd", b"\xff\xff" * 5_000],
    ids=["http", "tls", "one byte too long", "nonsense"],
)
async def test_what_is_no_frame_closes_its_connection_and_no_other(said: bytes) -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine), calling(engine) as neighbour:
        await neighbour.check()
        async with calling(engine) as caller:
            await caller.check()
            caller.writer.write(said)
            await caller.until_closed()
        assert (await neighbour.check()).message_class == stun.Class.RESPONSE
    counters = engine.counters()
    assert counters["tcp_closed_framing"] == 1
    assert counters["worker_panics"] + counters["datagram_panics"] == 0


async def test_checks_that_prove_nothing_get_no_answer_and_an_end() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine), calling(engine) as caller:
        for _ in range(40):
            caller.send(bytes(nomination(b"another-password-than-ours")))
        await caller.until_closed()
    assert engine.counters()["stun_answered"] == 0
    assert engine.counters()["tcp_closed_chatter"] == 1


async def test_strangers_do_not_keep_a_participant_out() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine), AsyncExitStack() as strangers:
        caller = await strangers.enter_async_context(calling(engine))
        for _ in range(80):
            await strangers.enter_async_context(calling(engine))
        await caller.check()
        await until_counted(engine, "tcp_refused_place", 1)
        with closing(Peer(engine)) as peer:
            assert (await peer.check()).message_class == stun.Class.RESPONSE


async def test_without_tcp_nobody_listens() -> None:
    config = EngineConfig(listen=("127.0.0.1",), port=0, tcp=False)
    async with MediaEngine(config) as engine:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*engine.addresses(FIRST)[0])
