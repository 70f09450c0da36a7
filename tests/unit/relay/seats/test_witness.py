"""What the engine reports of a leg, and what the room makes of it."""

from __future__ import annotations

from relay.engine import Event
from relay.rooms.events import ConnectionChanged, SpeakingChanged
from relay.rooms.leg_states import LegState
from tests.unit.relay.conftest import House, Person
from tests.unit.relay.fakes import settle


async def connected(house: House) -> Person:
    person = house.enters("a")
    await person.connect()
    person.hears()
    return person


async def test_a_lost_path_is_an_interruption_and_a_new_one_ends_it(house: House) -> None:
    person = await connected(house)
    person.leg.happens(Event.ConsentLost(leg=person.leg.id))
    await settle()
    assert person.hears() == [ConnectionChanged(LegState.INTERRUPTED, "consent_lost")]
    assert house.counted("visavis_ice_failures") == {("consent_lost",): 1}
    person.leg.happens(Event.AddressChanged(leg=person.leg.id))
    await settle()
    assert person.hears() == [ConnectionChanged(LegState.CONNECTED)]
    assert not person.leg.removed


async def test_media_that_arrives_again_is_no_path_yet(house: House) -> None:
    person = await connected(house)
    person.leg.happens(Event.ConsentLost(leg=person.leg.id))
    person.leg.happens(Event.EncodingStarted(track=1, encoding=0, codec="opus"))
    await settle()
    assert person.hears()[-1] == ConnectionChanged(LegState.INTERRUPTED, "consent_lost")
    person.leg.happens(Event.Connected(leg=person.leg.id))
    await settle()
    assert person.hears()[-1] == ConnectionChanged(LegState.CONNECTED)


async def test_an_interrupted_leg_gives_way_to_a_fresh_one_at_once(house: House) -> None:
    person = await connected(house)
    old = person.leg
    old.happens(Event.ConsentLost(leg=old.id))
    await settle()
    await person.offer()
    await settle()
    assert old.removed
    assert person.place.previous is None


async def test_a_failed_worker_fails_its_legs(house: House) -> None:
    person = await connected(house)
    leg = person.leg
    leg.happens(Event.WorkerFailed(worker=0))
    await settle()
    assert person.hears() == [ConnectionChanged(LegState.FAILED, "internal")]
    assert leg.removed
    assert person.place.leg is None


async def test_speech_is_told_to_everybody_when_it_changes(house: House) -> None:
    person, other = await connected(house), house.enters("b")
    who = person.seat.participant
    for voice in (True, True, False):
        person.leg.happens(Event.SpeakerLevel(track=1, level_dbov=-30, voice=voice))
    await settle()
    assert other.hears() == [
        SpeakingChanged(who, speaking=True),
        SpeakingChanged(who, speaking=False),
    ]


async def test_the_times_from_join_to_keys_and_to_media_are_measured_once(house: House) -> None:
    person = house.enters("a")
    house.clock.move(0.2)
    await person.connect()
    house.clock.move(0.2)
    for _ in range(2):
        person.leg.happens(Event.SlotStarted(slot=1))
    await settle()
    await person.connect()
    totals = {m.name: s[()] for m, s in house.tally.histograms.items() if () in s}
    assert sum(totals["visavis_join_duration_seconds"].counts) == 1
    assert abs(totals["visavis_join_duration_seconds"].total - 0.2) < 1e-9
    assert sum(totals["visavis_first_media_seconds"].counts) == 1
    assert abs(totals["visavis_first_media_seconds"].total - 0.4) < 1e-9


async def test_events_without_a_meaning_for_the_room_change_nothing(house: House) -> None:
    person = await connected(house)
    person.leg.happens(Event.EncodingStopped(track=1, encoding=0))
    await settle()
    assert person.hears() == []
