"""Messages both ways, and what one peer cannot do to the relay through SCTP."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from relay.errors import NotFound, TooLarge
from relay.transports.loop_share import BURST_S
from tests.polling import until
from tests.unit.relay.fakes import settle
from tests.unit.relay.transports.wires import Associated, Connected, taken


async def test_messages_travel_both_ways(associated: Associated) -> None:
    channel = await associated.opened()
    received: asyncio.Queue[str | bytes] = asyncio.Queue()
    channel.on("message", received.put_nowait)
    for message in ("bonjour", b"\x00\x01", "", b"", "é" * 1_000):
        channel.send(message)
    assert await taken(associated.channels, 5) == [
        ("visavis", "bonjour"),
        ("visavis", b"\x00\x01"),
        ("visavis", ""),
        ("visavis", b""),
        ("visavis", "é" * 1_000),
    ]
    assert associated.channels.opened == {"visavis"}
    for message in ("ça va", b"\x02", "", b""):
        associated.channels.send("visavis", message)
    async with asyncio.timeout(5):
        assert [await received.get() for _ in range(4)] == ["ça va", b"\x02", "", b""]


async def test_between_two_queued_messages_everybody_else_has_a_turn(
    associated: Associated,
) -> None:
    channel = await associated.opened()
    for number in range(30):
        channel.send(str(number))
    await until(lambda: len(associated.channels._queue) == 30)
    read: list[str | bytes] = []

    async def reader() -> None:
        async for _, message in associated.channels.messages():
            read.append(message)

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(reader())
        read_per_turn = []
        while len(read) < 30:
            before = len(read)
            await asyncio.sleep(0)
            read_per_turn.append(len(read) - before)
        reading.cancel()
    assert max(read_per_turn) == 1


async def test_what_is_done_with_a_message_is_charged_to_its_leg(associated: Associated) -> None:
    channel = await associated.opened()
    for _ in range(3):
        channel.send("x")
    await until(lambda: len(associated.channels._queue) == 3)
    share, spent_s = associated.connected.relay.connection.share, 0.0
    share._clock, share._thread_clock = (lambda: share._credited_at), (lambda: spent_s)
    share._credit_s = BURST_S
    credits_s = []
    async for _ in associated.channels.messages():
        credits_s.append(share._credit_s)
        if len(credits_s) == 3:
            break
        spent_s += BURST_S
    assert credits_s == pytest.approx([BURST_S, 0.0, -BURST_S])


async def test_the_largest_message_arrives_and_a_larger_one_ends_the_association(
    associated: Associated,
) -> None:
    channel, closed = await associated.opened(), asyncio.Event()
    channel.on("close", closed.set)
    channel.send(bytes(65_536))
    assert await taken(associated.channels, 1) == [("visavis", bytes(65_536))]
    associated.sctp._remote_max_message_size = 0  # as a peer that did not read our answer
    channel.send(bytes(65_537))
    assert await associated.reason() == "message_too_large"
    async with asyncio.timeout(5):
        await closed.wait()
    assert associated.sctp.state == "closed"  # it was told by an ABORT


async def test_messages_survive_a_third_of_packets_lost(associated: Associated) -> None:
    channel = await associated.opened()
    count = itertools.count()
    associated.connected.wire.peer.passes = lambda _: next(count) % 3 > 0
    for number in range(60):
        channel.send(f"{number}" + " " * 2_000)
    messages = await taken(associated.channels, 60)
    assert [int(str(message)) for _, message in messages] == list(range(60))


async def test_channels_close_and_open_again_on_the_same_streams(associated: Associated) -> None:
    for number in range(40):
        channel, closed = await associated.opened(f"channel {number}"), asyncio.Event()
        channel.on("close", closed.set)
        channel.send("x")
        await taken(associated.channels, 1)
        channel.close()
        async with asyncio.timeout(5):
            await closed.wait()
    assert associated.channels.opened == frozenset()


async def test_an_unordered_unreliable_channel_works(associated: Associated) -> None:
    channel = await associated.opened("waveforms", ordered=False, maxRetransmits=0)
    channel.send(b"1")
    assert await taken(associated.channels, 1) == [("waveforms", b"1")]
    received: asyncio.Queue[bytes] = asyncio.Queue()
    channel.on("message", received.put_nowait)
    associated.channels.send("waveforms", b"2")
    async with asyncio.timeout(5):
        assert await received.get() == b"2"


async def test_a_channel_that_is_not_open_cannot_be_sent_on(associated: Associated) -> None:
    with pytest.raises(NotFound):
        associated.channels.send("visavis", "early")


async def test_what_the_peer_does_not_take_is_not_sent(associated: Associated) -> None:
    await associated.opened()
    with pytest.raises(TooLarge):
        associated.channels.send("visavis", bytes(262_145))


async def test_a_peer_that_acknowledges_nothing_costs_a_mebibyte(associated: Associated) -> None:
    await associated.opened()
    await associated.acknowledged()
    associated.connected.wire.peer.passes = lambda _: False
    assert await associated.fills(bytes(60_000)) == 17
    assert associated.channels._sctp._buffered_bytes <= 1024 * 1024


async def test_a_thousand_small_messages_may_wait(associated: Associated) -> None:
    await associated.opened()
    await associated.acknowledged()
    associated.connected.wire.peer.passes = lambda _: False
    assert await associated.fills(b"x") == 1_024


async def test_acknowledged_messages_make_room(associated: Associated) -> None:
    channel, received = await associated.opened(), list[bytes]()
    channel.on("message", received.append)
    wire = associated.connected.wire
    held: list[bytes] = []

    def hold(datagram: bytes) -> bool:
        held.append(datagram)
        return False

    for _ in range(3):
        await associated.acknowledged()
        assert associated.channels._sctp._buffered_bytes == 0
        wire.peer.passes = hold
        assert await associated.fills(bytes(60_000)) == 17
        wire.peer.passes = lambda _: True
        while held:
            wire.relay.inbox.put_nowait(held.pop(0))
    await associated.acknowledged()
    assert received == [bytes(60_000)] * 3 * 17


async def test_messages_nobody_takes_are_bounded(associated: Associated) -> None:
    channel = await associated.opened()
    for _ in range(3_000):
        channel.send("x" * 100)
    await until(lambda: associated.channels._sctp.closed_because is not None)
    assert associated.channels._sctp.closed_because == "too_fast"
    assert len(associated.channels._queue) <= 1_024


async def test_what_nobody_takes_closes_the_window_and_taking_opens_it(
    associated: Associated,
) -> None:
    channel = await associated.opened()
    guarded = associated.channels._sctp
    whole = guarded._advertised_rwnd
    for _ in range(3):
        channel.send(bytes(30_000))
    await until(lambda: len(associated.channels._queue) == 3)
    assert guarded._advertised_rwnd == whole - 90_000
    await taken(associated.channels, 3)
    assert guarded._advertised_rwnd == whole


async def test_the_peers_abort_ends_the_messages_without_an_error(associated: Associated) -> None:
    await associated.opened()
    await associated.sctp.stop()
    assert await associated.reason() is None


async def test_closing_ends_the_messages_and_is_idempotent(associated: Associated) -> None:
    await associated.opened()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(associated.reason())
        await settle()
        assert not reading.done()
        await associated.channels.aclose()
        await associated.channels.aclose()
    assert reading.result() is None


async def test_closing_in_the_middle_of_everything_leaves_no_timer(
    connected: Connected, associated: Associated
) -> None:
    channel = await associated.opened()
    connected.wire.relay.passes = lambda _: False
    for _ in range(10):
        associated.channels.send("visavis", bytes(5_000))
    channel.send("x")
    await asyncio.sleep(0)
    await associated.channels.aclose()
    guarded = associated.channels._sctp
    assert guarded._t1_handle is None
    assert guarded._t2_handle is None
    assert guarded._t3_handle is None
    assert guarded._reconfig_handle is None
