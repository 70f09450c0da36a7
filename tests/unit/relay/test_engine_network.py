"""The compiled engine over loopback: what people's packets meet, and what operators count on."""

from __future__ import annotations

import asyncio
import gc
import select
import socket
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from aioice import stun

from relay._engine import Engine, SrtpInbound
from relay.engine import EngineConfig, Event, MediaEngine
from relay.errors import EngineFailed
from tests.unit.relay.engine_peers import (
    DTLS_RECORD,
    FIRST,
    PASSWORD,
    UFRAG,
    Peer,
    first,
    leg_on,
)
from tests.unit.relay.fakes import KEYS

LOOPBACK = EngineConfig(listen=("127.0.0.1",), port=0, receive_buffer_bytes=1 << 20)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
async def test_a_check_is_answered_with_the_address_it_came_from(family: int) -> None:
    config = EngineConfig(listen=("127.0.0.1", "::1"), port=0)
    async with MediaEngine(config) as engine, leg_on(engine) as leg:
        with closing(Peer(engine, family=family)) as peer:
            response = await peer.check()
            assert response.message_class == stun.Class.RESPONSE
            assert response.attributes["XOR-MAPPED-ADDRESS"] == peer.socket.getsockname()[:2]
            assert response.check_message_integrity(PASSWORD)
            assert (await first(leg, Event.Connected)).leg == leg.id


async def test_dtls_passes_both_ways_after_a_check_and_not_before() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        with closing(Peer(engine)) as peer:
            peer.socket.send(DTLS_RECORD)
            await peer.check()
            peer.socket.send(DTLS_RECORD + b"!")
            async with asyncio.timeout(2):
                assert await leg.receive() == DTLS_RECORD + b"!"
            leg.send(b"\x16" * 900)
            assert await peer.receive() == b"\x16" * 900
    counters = engine.counters()
    assert counters["drop_unknown_source"] == 1
    assert counters["dtls_records"] == 1
    assert counters["leg_dtls_dropped"] == 0


async def test_what_is_said_after_the_leg_is_gone_is_not_even_asked_of_the_worker() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        with closing(Peer(engine)) as peer:
            await peer.check()
            leg.remove()
            # A transport closes after its leg: its goodbye has nowhere to go.
            leg.send(DTLS_RECORD)
            leg.remove()
            async with leg_on(engine):
                await peer.check()  # answered: every command before has been carried out
            assert engine.counters()["commands_unknown_target"] == 0


async def test_a_limit_is_told_to_the_participant_as_a_receivers_estimate() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        leg.set_keys(KEYS)
        with closing(Peer(engine)) as peer:
            await peer.check()
            leg.limit_publisher(300_000)
            opened = SrtpInbound(KEYS.profile_iana, KEYS.outbound_key, KEYS.outbound_salt)
            while b"REMB" not in (told := opened.unprotect_rtcp(await peer.receive())):
                pass
    # Six bits of exponent, 18 of mantissa (draft-alvestrand-rmcat-remb-03 §2.2).
    rate = int.from_bytes(told[17:20])
    assert (rate & 0x3FFFF) << (rate >> 18) == 300_000


async def test_a_datagram_longer_than_a_frame_is_counted_and_dropped() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine):
        with closing(Peer(engine)) as peer:
            for length in (1_501, 9_000, 65_000):
                peer.socket.send(bytes(length))
            await peer.check()
    assert engine.counters()["drop_oversize"] == 3
    assert engine.counters()["datagrams_received"] == 4


async def test_nonsense_of_every_length_is_dropped_and_the_worker_lives() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine):
        with closing(Peer(engine)) as peer:
            await peer.check()
            for first_byte in (0, 22, 128, 200, 255):
                for length in range(40):
                    peer.socket.send(bytes([first_byte]) * length)
            assert (await peer.check()).message_class == stun.Class.RESPONSE
    assert engine.counters()["worker_panics"] == 0
    assert engine.counters()["datagrams_received"] == 202


async def test_a_flood_of_commands_never_blocks_and_the_engine_still_answers() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        refused, started = Counter[str](), time.monotonic()
        for _ in range(50_000):
            try:
                engine.running.send_dtls(FIRST, leg.id, b"\x16")
            except RuntimeError as error:
                refused[str(error)] += 1
        assert time.monotonic() - started < 10
        with closing(Peer(engine)) as peer:
            assert (await peer.check()).message_class == stun.Class.RESPONSE
        assert set(refused) <= {"engine queue full"}
        assert refused.total() < 50_000


async def test_the_event_descriptor_wakes_and_falls_quiet_again() -> None:
    engine = Engine([[("127.0.0.1", 0)]], 1 << 20, 0, True)
    try:
        fd = engine.event_fd()
        # A worker reports once a second, whatever happens.
        assert select.select([fd], [], [], 5)[0] == [fd]
        assert any(isinstance(event, Event.Report) for event in engine.drain_events())
        assert select.select([fd], [], [], 0)[0] == []
    finally:
        engine.stop()


def descriptors() -> int:
    gc.collect()  # what an earlier test has left to the collector
    return len(list(Path("/proc/self/fd").iterdir()))


def workers() -> int:
    names = Path("/proc/self/task").glob("*/comm")
    return sum(name.read_text().startswith("media-") for name in names)


async def workers_become(number: int) -> None:
    # A thread names itself, and one that has been joined may be listed for a moment longer.
    async with asyncio.timeout(2):
        while workers() != number:
            await asyncio.sleep(0)


async def test_stopping_ends_the_threads_and_frees_the_descriptors() -> None:
    await workers_become(0)
    before = descriptors()
    for _ in range(5):
        async with MediaEngine(EngineConfig(listen=("127.0.0.1",), port=0, workers=2)) as engine:
            await workers_become(2)
            address = engine.addresses(FIRST)[0]
        await workers_become(0)
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as successor:
            successor.bind(address)
    del engine
    assert descriptors() == before


async def test_a_stopped_engine_refuses_commands_and_keeps_its_counts() -> None:
    engine = Engine([[("127.0.0.1", 0)]], 1 << 20, 0, True)
    engine.stop()
    engine.stop()
    with pytest.raises(RuntimeError, match="engine stopped"):
        engine.remove_leg(0, 1)
    assert sum(engine.counters()) == 0
    async with MediaEngine(LOOPBACK) as media, leg_on(media) as leg:
        pass
    with pytest.raises(EngineFailed):
        leg.restart_ice(UFRAG, PASSWORD)
    assert not media.healthy(time.monotonic_ns())


async def test_workers_are_healthy_while_their_loops_turn() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        assert engine.healthy(time.monotonic_ns())
        assert not engine.healthy(time.monotonic_ns() + 2_000_000_000)


async def test_each_worker_has_a_port_of_its_own_and_the_buffer_it_asked_for() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = EngineConfig(listen=("127.0.0.1", "::1"), port=port, workers=2)
    assert config.sockets()[1] == [("127.0.0.1", port + 1), ("::1", port + 1)]
    async with MediaEngine(LOOPBACK) as engine:
        assert engine.addresses(FIRST)[0][1] != 0
        assert engine.receive_buffer_bytes()[0] >= 65_536


@pytest.mark.parametrize(
    "listen", [[], [[]], [[("localhost", 1)]], [[("127.0.0.1", 0)]] * 17], ids=str
)
def test_an_engine_without_usable_addresses_is_not_built(
    listen: list[list[tuple[str, int]]],
) -> None:
    with pytest.raises(ValueError):
        Engine(listen, 1 << 20, 0, True)


async def test_a_taken_port_is_an_error_and_nothing_stays_open() -> None:
    before = descriptors()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError):
            Engine([[("127.0.0.1", 0)], [taken.getsockname()]], 1 << 20, 0, True)
    await workers_become(0)
    assert descriptors() == before
