"""Events find their leg, and no reader is waited for."""

from __future__ import annotations

import asyncio

import pytest

from relay.engine import EngineConfig, EngineLeg, Event, LegEvent, MediaEngine
from relay.errors import NegotiationFailed, Overloaded
from relay.ids import LegId, TrackId, WorkerIndex
from relay.workers.engine_leg import DTLS_QUEUE, EVENT_QUEUE, FEEDBACK_QUEUE
from relay.workers.estimate import Estimate
from relay.workers.inbox import Inbox

FIRST = WorkerIndex(0)
LOOPBACK = EngineConfig(listen=("127.0.0.1",), port=0)
OPUS, RED, VP8 = (111, "opus", -1), (63, "red", -1), (96, "VP8", 97)


def added(engine: MediaEngine, worker: WorkerIndex = FIRST) -> EngineLeg:
    leg = engine.leg(worker)
    leg.add(f"ufrag{leg.id}".encode(), b"p" * 22, reduced_size_rtcp=True)
    return leg


def published(leg: EngineLeg, mid: bytes = b"0") -> TrackId:
    return leg.publish(mid, [OPUS], [], [], transport_cc=True, nack=False)


async def heard(leg: EngineLeg) -> list[LegEvent]:
    leg.remove()
    return [event async for event in leg.events()]


async def test_every_event_goes_to_the_leg_it_is_about() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        mine, other = added(engine), added(engine)
        track = published(mine)
        slot = mine.add_slot(b"1", "video", 7, 8, [VP8])
        events: list[LegEvent] = [
            Event.Connected(leg=mine.id),
            Event.AddressChanged(leg=mine.id),
            Event.MediaStarted(leg=mine.id),
            Event.EncodingStarted(track=track, encoding=0, codec="opus"),
            Event.SpeakerLevel(track=track, level_dbov=-30, voice=True),
            Event.SlotStarted(slot=slot),
            Event.EncodingStopped(track=track, encoding=0),
            Event.ConsentLost(leg=mine.id),
        ]
        for event in [
            *events,
            Event.EncodingStopped(track=9_999, encoding=0),
            Event.Connected(leg=9_999),
        ]:
            engine._pass_on(event)
        assert await heard(mine) == events
        assert await heard(other) == []


async def test_how_sound_is_repeated_is_said_line_by_line() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        slot = leg.add_slot(b"1", "audio", 7, 0, [OPUS, RED])
        for distance in (2, 1, 0):
            leg.set_redundancy(slot, distance)
        with pytest.raises(NegotiationFailed, match="distance"):
            leg.set_redundancy(slot, 3)


async def test_a_failed_worker_tells_its_own_legs_and_ends_their_datagrams() -> None:
    async with MediaEngine(EngineConfig(listen=("127.0.0.1",), port=0, workers=2)) as engine:
        here, there = added(engine), added(engine, WorkerIndex(1))
        engine._pass_on(Event.WorkerFailed(worker=0))
        with pytest.raises(ConnectionError):
            await here.receive()
        assert [type(event) for event in await heard(here)] == [Event.WorkerFailed]
        assert await heard(there) == []


async def test_reports_are_kept_by_id_and_go_with_what_they_are_about() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        track = published(leg)
        slot = leg.add_slot(b"1", "audio", 7, 0, [OPUS])
        high = (track, 0, 5, 500, 0, 9, 0, 3, [(0, 0, 500)])
        low: tuple[int, int, int, int, int, int, int, int, list[tuple[int, int, int]]]
        low = (track, 1, 2, 200, -1, 9, 0, 3, [])
        row = (slot, 4, 400, 0, 0, 11, -1, -1, 0, 0, -1)
        engine._pass_on(Event.Report(worker=0, tracks=[high, low, (9_999, *high[1:])], slots=[row]))
        assert engine.reports.tracks == {track: [high, low]}
        assert engine.reports.slots == {slot: row}
        assert engine.reports.slots_filed_ns == {slot: engine.reports.filed_ns[track]}
        said = [(0, 0, 1280, 720, 30, [400, 900])]
        engine._pass_on(Event.LayersChanged(track=track, layers=said))
        engine._pass_on(Event.LayersChanged(track=9_999, layers=said))
        assert engine.reports.layers == {track: said}
        leg.unpublish(track)
        leg.remove_slot(slot)
        assert not engine.reports.tracks
        assert not engine.reports.layers
        assert not engine.reports.slots
        assert not engine.reports.slots_filed_ns


async def test_what_was_told_of_a_slot_does_not_describe_what_it_carries_next() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        track = published(leg)
        slot = leg.add_slot(b"1", "audio", 7, 0, [OPUS])
        leg.bind(slot, track)
        assert not engine.reports.slots
        row = (slot, 4, 400, 12, 3, 11, 20_000, 150, 2, 1, 0)
        engine._pass_on(Event.Report(worker=0, tracks=[], slots=[row]))
        leg.bind(slot, track)
        assert engine.reports.slots == {slot: (slot, 4, 400, 12, 3, 11, 20_000, 150, 2, 1, -1)}
        leg.bind(slot, TrackId(0))
        assert engine.reports.slots == {slot: (slot, 4, 400, 12, 3, 11, -1, -1, 2, 1, -1)}


async def test_what_is_known_of_a_path_is_kept_and_told() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        moved: list[LegId] = []
        engine.heeds_estimates(moved.extend)
        rows = [(leg.id, 300_000, 400_000, 0, 50, 2), (9_999, 1, 2, 3, 4, 5)]
        engine._pass_on(Event.Estimates(estimates=rows))
        assert moved == [leg.id]
        assert engine.reports.estimates == {leg.id: Estimate(leg.id, 300_000, 400_000, 0, 50, 2)}
        leg.remove()
        assert not engine.reports.estimates


async def test_a_removed_leg_leaves_nothing_behind_and_ends_its_readers() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        published(leg)
        leg.add_slot(b"1", "audio", 7, 0, [OPUS])
        waiting = asyncio.gather(heard_nothing(leg), cut_off(leg))
        leg.remove()
        leg.remove()
        async with asyncio.timeout(2):
            await waiting
        owners = engine._owners
        assert (owners.legs, owners.tracks, owners.slots) == ({}, {}, {})


async def heard_nothing(leg: EngineLeg) -> None:
    assert [event async for event in leg.events()] == []


async def cut_off(leg: EngineLeg) -> None:
    with pytest.raises(ConnectionError):
        await leg.receive()


class FullQueue:
    """A compiled engine whose worker is behind."""

    def remove_leg(self, *_: object) -> None:
        raise RuntimeError("engine queue full")


async def test_a_leg_that_could_not_be_removed_now_is_removed_at_the_next_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        with monkeypatch.context() as behind:
            behind.setattr(engine, "_running", FullQueue())
            leg.remove()
        assert engine._leaving == [leg]
        engine._dispatch()
        assert engine._leaving == []


async def test_rooms_are_spread_over_the_workers() -> None:
    async with MediaEngine(EngineConfig(listen=("127.0.0.1",), port=0, workers=3)) as engine:
        assert sorted(engine.place() for _ in range(3)) == [0, 1, 2]
        added(engine, WorkerIndex(0))
        added(engine, WorkerIndex(2))
        assert engine.place() == WorkerIndex(1)


async def test_what_no_leg_can_be_is_the_peers_failure() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        with pytest.raises(NegotiationFailed) as refusal:
            published(leg, mid=b"a mid with spaces")
        assert refusal.value.reason == "refused_by_engine"
        assert leg.id in engine._owners.legs


async def test_dtls_beyond_the_queue_is_dropped_and_counted() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        for index in range(DTLS_QUEUE + 3):
            engine._pass_on(Event.Dtls(leg=leg.id, datagram=bytes([index])))
        assert engine.counters()["leg_dtls_dropped"] == 3
        assert await leg.receive() == b"\x00"


async def test_a_reader_that_does_not_follow_is_told_and_speaker_levels_cost_it_nothing() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        leg = added(engine)
        track = published(leg)
        for _ in range(EVENT_QUEUE + 5):
            engine._pass_on(Event.SpeakerLevel(track=track, level_dbov=-20, voice=True))
        assert engine.counters()["leg_events_dropped"] == 5
        engine._pass_on(Event.ConsentLost(leg=leg.id))
        for _ in range(EVENT_QUEUE):
            assert isinstance(await leg.news.take(), Event.SpeakerLevel)
        with pytest.raises(Overloaded):
            await anext(leg.events())


async def test_a_tapped_leg_is_given_what_its_participant_tells_and_no_other_is() -> None:
    async with MediaEngine(LOOPBACK) as engine:
        tapped, other = added(engine), added(engine)
        tapped.add_slot(b"1", "audio", 7, 0, [OPUS])
        tapped.tap_feedback(enabled=True)
        samples = [(65_536, 1_000, None, 130, 0), (65_537, 2_000, -250, 130, 1)]
        told = Event.Feedback(leg=tapped.id, at_ns=3_000_000, samples=samples)
        engine._pass_on(told)
        engine._pass_on(Event.Feedback(leg=other.id, at_ns=3_000_000, samples=samples))
        assert tapped.feedback is not None
        assert await tapped.feedback.take() is told
        assert (told.at_ns, told.samples) == (3_000_000, samples)
        assert other.feedback is None
        for _ in range(FEEDBACK_QUEUE + 2):
            engine._pass_on(told)
        assert engine.counters()["leg_events_dropped"] == 2
        assert engine.counters()["commands_refused"] == 0
        tapped.remove()
        for _ in range(FEEDBACK_QUEUE):
            assert await tapped.feedback.take() is told
        assert await tapped.feedback.take() is None


async def test_a_cancelled_reader_loses_no_item() -> None:
    inbox = Inbox[int](4)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await inbox.take()
    assert inbox.put(1)
    assert await inbox.take() == 1
    inbox.close()
    assert inbox.put(2), "what comes after the end is dropped silently"
    assert await inbox.take() is None
