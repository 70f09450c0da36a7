"""What each worker tells of what is still, kept by id and gone with it."""

from __future__ import annotations

from relay.engine import EngineConfig, EngineLeg, Event, MediaEngine
from relay.ids import WorkerIndex

TWO_WORKERS = EngineConfig(listen=("127.0.0.1",), port=0, workers=2)
OPUS = (111, "opus", -1)


def added(engine: MediaEngine, worker: int) -> EngineLeg:
    leg = engine.leg(WorkerIndex(worker))
    leg.add(f"ufrag{leg.id}".encode(), b"p" * 22, reduced_size_rtcp=True)
    return leg


async def test_a_worker_replaces_what_it_said_and_nothing_of_anothers() -> None:
    async with MediaEngine(TWO_WORKERS) as engine:
        legs = [added(engine, worker) for worker in (0, 1)]
        here, there = (
            leg.publish(b"0", [OPUS], [], [], transport_cc=True, nack=False) for leg in legs
        )
        slot = legs[0].add_slot(b"1", "audio", 7, 0, [OPUS])
        still = engine.reports
        engine._pass_on(
            Event.Stillness(
                0, [(here, 1_250, -1, False), (9_999, -1, -1, False)], [(slot, 20, 1_500)]
            )
        )
        engine._pass_on(Event.Stillness(1, [(there, -1, -1, True)], []))
        assert still.still_tracks == {
            here: (here, 1_250, -1, False),
            there: (there, -1, -1, True),
        }
        assert still.still_slots == {slot: (slot, 20, 1_500)}
        engine._pass_on(Event.Stillness(0, [], []))
        assert list(still.still_tracks) == [there]
        assert still.still_slots == {}
        legs[1].unpublish(there)
        assert still.still_tracks == {}


async def test_what_is_still_goes_with_its_leg() -> None:
    async with MediaEngine(TWO_WORKERS) as engine:
        leg = added(engine, 0)
        track = leg.publish(b"0", [OPUS], [], [], transport_cc=True, nack=False)
        slot = leg.add_slot(b"1", "audio", 7, 0, [OPUS])
        engine._pass_on(Event.Stillness(0, [(track, 2_000, -1, False)], [(slot, -1, 0)]))
        leg.remove()
        assert (engine.reports.still_tracks, engine.reports.still_slots) == ({}, {})
        engine._pass_on(Event.Stillness(0, [(track, 2_250, -1, False)], [(slot, -1, 0)]))
        assert (engine.reports.still_tracks, engine.reports.still_slots) == ({}, {})
