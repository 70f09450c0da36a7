"""What one peer cannot do to the relay through SCTP."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from aiortc.rtcsctptransport import (
    AbortChunk,
    ForwardTsnChunk,
    HeartbeatChunk,
    InitChunk,
    ReconfigChunk,
    SackChunk,
    StreamAddOutgoingParam,
    StreamResetOutgoingParam,
)

from relay.transports.loop_share import SHARE, TURN_S
from tests.polling import until
from tests.unit.relay.steps import Steps
from tests.unit.relay.transports.forgeries import FIRST, data
from tests.unit.relay.transports.wires import Associated, taken

STEP_S = 1e-6
"""A line of Python costs less; the leg's share of the loop is told that it costs this."""
MOST_STEPS_A_TURN = round(5 * TURN_S / STEP_S)
"""A turn ends with the chunk during which it became long, so one chunk must cost little.

Measured: 4,297 at most, one fragment of a message that never ends.
"""


EVERY = 8
"""One turn of so many is counted: counting slows them, and they grow alike."""


@contextmanager
def turns_of(associated: Associated) -> Iterator[list[int]]:
    """Count the relay's steps in turns of the leg, which are what the loop is held for."""
    share, turns = associated.connected.relay.connection.share, list[int]()
    begin, end = share.begin, share.end
    steps, numbers = Steps(), count()

    def counted_begin() -> None:
        begin()
        if next(numbers) % EVERY == 0:
            steps.begin()

    async def counted_end() -> None:
        if steps.is_counting:
            steps.end()
            turns.append(round((share._thread_clock() - share._turn_began) / STEP_S))
        await end()

    share._thread_clock = lambda: steps.count * STEP_S
    share._clock = lambda: steps.count * STEP_S / SHARE  # nothing is to be paid back by waiting
    share._credited_at = 0.0
    begin()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(share, "begin", counted_begin)
        patched.setattr(share, "end", counted_end)
        yield turns


async def test_a_flood_of_tsn_gaps_is_bounded_and_ends(associated: Associated) -> None:
    await associated.opened()
    tsn = associated.next_tsn + 1  # never the next in order
    guarded = associated.channels._sctp
    with turns_of(associated) as turns:
        for number in range(4_000):
            await associated.forge(data(tsn + 2 * number, size=1_100))
            if number % 50 == 0:
                await asyncio.sleep(0)
        assert await associated.reason() == "flood"
        held = sum(len(each.reassembly) for each in guarded._inbound_streams.values())
        assert held <= 512
        assert len(guarded._sack_misordered) <= 256
        assert max(turns) < MOST_STEPS_A_TURN


async def test_inserting_behind_one_high_tsn_is_bounded(associated: Associated) -> None:
    await associated.opened()
    tsn = associated.next_tsn
    with turns_of(associated) as turns:
        for number in range(2_000, 0, -1):
            await associated.forge(data(tsn + number))
        await until(associated.connected.wire.relay.inbox.empty)
        assert len(associated.channels._sctp._sack_misordered) <= 256
        assert max(turns) < MOST_STEPS_A_TURN


async def test_many_tiny_chunks_in_a_packet_do_not_hold_the_loop(associated: Associated) -> None:
    await associated.opened()
    tsn = associated.next_tsn + 1
    with turns_of(associated) as turns:
        for number in range(0, 6_000, 58):
            raw = b"".join(bytes(data(tsn + 2 * (number + each))) for each in range(58))
            await associated.forge(raw)
            await asyncio.sleep(0)
        await until(associated.connected.wire.relay.inbox.empty)
        assert max(turns) < MOST_STEPS_A_TURN


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("size", [1, 1_100])
async def test_a_message_that_never_ends_is_cut_off(
    associated: Associated, size: int, *, ordered: bool
) -> None:
    await associated.opened()
    tsn = associated.next_tsn
    kind = 0 if ordered else 4
    with turns_of(associated) as turns:
        await associated.forge(data(tsn, flags=FIRST | kind, size=size))
        for number in range(1, 1_000):
            await associated.forge(data(tsn + number, flags=kind, size=size))
            await asyncio.sleep(0)
        assert await associated.reason() in {"too_many_fragments", "receive_window"}
        assert max(turns) < MOST_STEPS_A_TURN


async def test_the_seventeenth_stream_ends_the_association(associated: Associated) -> None:
    await associated.opened()
    tsn = associated.next_tsn
    for number in range(65):
        await associated.forge(data(tsn + number, stream=1 + number))
    assert await associated.reason() == "too_many_streams"
    assert len(associated.channels._sctp._inbound_streams) <= 16


async def test_streams_cannot_be_opened_by_skipping_either(associated: Associated) -> None:
    await associated.opened()
    skip = ForwardTsnChunk()
    skip.cumulative_tsn = associated.next_tsn
    skip.streams = [(number, 1) for number in range(200)]
    await associated.forge(skip)
    assert await associated.reason() == "too_many_streams"


async def test_more_streams_are_denied(associated: Associated) -> None:
    channel = await associated.opened()
    chunk = ReconfigChunk()
    chunk.params.append((17, bytes(StreamAddOutgoingParam(1, 60_000))))
    await associated.forge(chunk)
    channel.send("still here")
    assert await taken(associated.channels, 1) == [("visavis", "still here")]
    assert associated.channels._sctp.maxChannels == 16


async def test_a_reset_stream_gives_its_window_back(associated: Associated) -> None:
    await associated.opened()
    guarded = associated.channels._sctp
    before = guarded._advertised_rwnd
    tsn = associated.next_tsn
    await associated.forge(data(tsn, flags=FIRST, stream=1, size=1_000))
    await until(lambda: guarded._advertised_rwnd == before - 1_000)
    reset = ReconfigChunk()
    reset.params.append((13, bytes(StreamResetOutgoingParam(7, 0, tsn, [1]))))
    await associated.forge(reset)
    await until(lambda: guarded._advertised_rwnd == before)
    assert 1 not in guarded._inbound_streams


def parameters_of_length_zero(kind: int, prefix: bytes = b"") -> bytes:
    body = prefix + bytes(8)
    return struct.pack("!BBH", kind, 0, 4 + len(body)) + body


INIT_HEADER = struct.pack("!LLHHL", 7, 65_536, 16, 16, 9)
MALFORMED = {
    "zero-length chunk": bytes(64),
    "zero-length chunks": b"\x04\x00\x00\x00" * 100,
    "zero-length parameter in HEARTBEAT": parameters_of_length_zero(4),
    "zero-length parameter in RE-CONFIG": parameters_of_length_zero(130),
    "zero-length parameter in ERROR": parameters_of_length_zero(9),
    "zero-length parameter in ABORT": parameters_of_length_zero(6),
    "zero-length parameter in INIT ACK": parameters_of_length_zero(2, INIT_HEADER),
    "short DATA": struct.pack("!BBH", 0, 3, 10) + bytes(6),
    "DATA of nothing": struct.pack("!BBH", 0, 3, 16) + bytes(12),
    "short SACK": struct.pack("!BBH", 3, 0, 8) + bytes(4),
    "SACK that lies about gaps": struct.pack("!BBHLLHH", 3, 0, 16, 1, 1, 65_535, 65_535),
    "SACK with gaps that overlap": struct.pack(
        "!BBHLLHHHHHH", 3, 0, 24, 1, 1, 2, 0, 1, 65_535, 1, 65_535
    ),
    "short FORWARD TSN": struct.pack("!BBH", 192, 0, 6) + bytes(4),
    "odd FORWARD TSN": struct.pack("!BBH", 192, 0, 10) + bytes(8),
    "odd RE-CONFIG": struct.pack("!BBHHH", 130, 0, 22, 13, 17) + bytes(16),
    "short RE-CONFIG": struct.pack("!BBHHH", 130, 0, 12, 17, 8) + bytes(4),
    "INIT bundled": struct.pack("!BBH", 1, 0, 20) + INIT_HEADER + bytes(HeartbeatChunk()),
    "two HEARTBEATs": bytes(HeartbeatChunk()) * 2,
    "65 unknown chunks": b"\x3f\x00\x00\x04" * 65,
    "no chunk": b"",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_packet_changes_nothing(associated: Associated, raw: bytes) -> None:
    channel = await associated.opened()
    for tag in (None, 0):
        await associated.forge(raw, tag)
    channel.send("still here")
    assert await taken(associated.channels, 1) == [("visavis", "still here")]
    assert associated.channels.dropped["malformed_packet"] == 2


async def test_a_second_init_does_not_reset_the_association(associated: Associated) -> None:
    channel = await associated.opened()
    init = InitChunk(body=INIT_HEADER)
    await associated.forge(init, tag=0)
    channel.send("still here")
    assert await taken(associated.channels, 1) == [("visavis", "still here")]
    assert associated.channels.dropped["late_init"] == 1


async def test_another_associations_tag_is_ignored(associated: Associated) -> None:
    channel = await associated.opened()
    await associated.forge(AbortChunk(), tag=12_345)
    channel.send("still here")
    assert await taken(associated.channels, 1) == [("visavis", "still here")]


@pytest.mark.parametrize("gap", [False, True])
async def test_acknowledging_what_was_never_sent_ends_the_association(
    associated: Associated, *, gap: bool
) -> None:
    await associated.opened()
    sack = SackChunk()
    sack.cumulative_tsn = (associated.sctp._last_received_tsn or 0) + (0 if gap else 1_000)
    sack.gaps = [(2, 60_000)] if gap else []
    await associated.forge(sack)
    assert await associated.reason() == "acknowledged_unsent"


def open_message(label: bytes, *, says: int | None = None) -> bytes:
    return struct.pack("!BBHLHH", 3, 0, 0, 0, len(label) if says is None else says, 0) + label


DCEP_VIOLATIONS = {
    "opened twice": (open_message(b"visavis"), "channel_reopened"),
    "cut short": (b"\x03\x00\x00", "malformed_open"),
    "a label that lies": (open_message(b"x", says=60_000), "malformed_open"),
    "a label of 300 bytes": (open_message(b"x" * 300), "malformed_open"),
    "a label that is no text": (open_message(b"\xff\xfe"), "protocol_error"),
}


@pytest.mark.parametrize(
    ("message", "reason"), DCEP_VIOLATIONS.values(), ids=DCEP_VIOLATIONS.keys()
)
async def test_a_false_open_ends_the_association(
    associated: Associated, message: bytes, reason: str
) -> None:
    channel = await associated.opened()
    chunk = data(associated.next_tsn)
    chunk.protocol = 50
    chunk.user_data = message
    assert channel.id is not None
    chunk.stream_id = channel.id if reason == "channel_reopened" else 9
    chunk.stream_seq = 1 if reason == "channel_reopened" else 0  # the real one was 0
    await associated.forge(chunk)
    assert await associated.reason() == reason


async def test_text_that_is_none_ends_the_association(associated: Associated) -> None:
    channel = await associated.opened()
    chunk = data(associated.next_tsn, stream=channel.id or 0)
    chunk.protocol = 51
    chunk.user_data = b"\xff"
    chunk.stream_seq = 1
    await associated.forge(chunk)
    assert await associated.reason() == "protocol_error"
