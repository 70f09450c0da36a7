"""What a seat's holder can do, and what the others see of it."""

from __future__ import annotations

import pytest

from relay.errors import Conflict, NotAllowed, NotFound, Overloaded, SeatUnknown
from relay.ids import Mid, PublicationId, TrackId
from relay.rooms.closings import Closing
from relay.rooms.events import (
    ParticipantChanged,
    ParticipantLeft,
    SlotCarries,
    SlotsChanged,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
)
from relay.rooms.permissions import Role, Source
from relay.routing.bindings import rebind
from tests.unit.relay.conftest import House, Person
from tests.unit.relay.fakes import settle


async def consultation(house: House) -> tuple[Person, Person]:
    """Two people who see and hear one another."""
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    practitioner.hears()
    patient.hears()
    return practitioner, patient


async def test_two_people_are_bound_to_one_anothers_slots(house: House) -> None:
    practitioner, patient = await consultation(house)
    assert patient.place.leg is not None
    voice = patient.place.leg.track_of(patient.track(Source.MICROPHONE))
    face = patient.place.leg.track_of(patient.track(Source.CAMERA))
    assert practitioner.leg.carried_by_mid() == {
        "2": voice,
        "3": TrackId(0),
        "4": face,
        "5": TrackId(0),
        "6": TrackId(0),
    }


async def test_a_muted_track_is_held_back_and_the_other_is_told(house: House) -> None:
    practitioner, patient = await consultation(house)
    voice = patient.track(Source.MICROPHONE)
    patient.seat.mute(voice, True)
    assert patient.place.leg is not None
    assert patient.leg.held_back == {patient.place.leg.track_of(voice)}
    assert practitioner.hears() == [TrackMuted(patient.seat.participant, voice, muted=True)]
    patient.seat.mute(voice, True)
    assert practitioner.hears() == []
    patient.seat.mute(voice, False)
    assert patient.leg.held_back == set()


async def test_a_mute_the_engine_cannot_be_told_is_no_mute(house: House) -> None:
    practitioner, patient = await consultation(house)
    voice = patient.track(Source.MICROPHONE)
    patient.leg.full = True
    with pytest.raises(Overloaded):
        patient.seat.mute(voice, True)
    assert practitioner.hears() == []
    patient.leg.full = False
    patient.seat.mute(voice, True)
    assert patient.leg.held_back
    assert practitioner.hears() == [TrackMuted(patient.seat.participant, voice, muted=True)]


async def test_slots_the_engine_had_no_room_for_are_bound_later(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    practitioner.leg.full = True
    await patient.connect()
    assert practitioner.leg.bound == {}
    assert practitioner.place.room.unsettled
    practitioner.leg.full = False
    rebind(practitioner.place.room)
    assert practitioner.leg.carried_by_mid()["4"] != 0
    assert not practitioner.place.room.unsettled


async def test_a_camera_switched_on_later_needs_no_offer(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(tracks={})
    practitioner.hears()
    (info,) = patient.seat.publish({Mid("1"): Source.CAMERA})
    published, slots = practitioner.hears()
    assert published == TrackPublished(patient.seat.participant, info)
    assert isinstance(slots, SlotsChanged)
    assert [slot.mid for slot in slots.bindings if isinstance(slot, SlotCarries)] == ["4"]


async def test_an_unpublished_track_leaves_its_slot(house: House) -> None:
    practitioner, patient = await consultation(house)
    camera = patient.track(Source.CAMERA)
    patient.seat.unpublish(camera)
    gone, slots = practitioner.hears()
    assert gone == TrackUnpublished(patient.seat.participant, camera)
    assert isinstance(slots, SlotsChanged)
    assert practitioner.leg.carried_by_mid()["4"] == 0
    with pytest.raises(NotFound):
        patient.seat.unpublish(camera)


async def test_an_unwanted_track_is_not_carried_until_it_is_wanted(house: House) -> None:
    practitioner, patient = await consultation(house)
    camera = patient.track(Source.CAMERA)
    practitioner.seat.subscribe(camera, False)
    assert practitioner.leg.carried_by_mid()["4"] == 0
    practitioner.seat.subscribe(camera, True)
    assert practitioner.leg.carried_by_mid()["4"] != 0
    with pytest.raises(NotFound):
        practitioner.seat.subscribe(PublicationId("t-unknown"), True)


async def test_an_observer_publishes_nothing_and_a_device_receives_nothing(house: House) -> None:
    observer, device = house.enters("o", Role.OBSERVER), house.enters("d", Role.DEVICE)
    with pytest.raises(NotAllowed):
        await observer.offer()
    assert house.engine.legs == []
    await device.connect()
    assert device.leg.lines == {}


async def test_publishing_needs_a_leg_and_a_sending_line(house: House) -> None:
    person = house.enters("a")
    with pytest.raises(Conflict):
        person.seat.publish({Mid("0"): Source.MICROPHONE})
    await person.connect(tracks={})
    with pytest.raises(NotFound):
        person.seat.publish({Mid("2"): Source.MICROPHONE})
    with pytest.raises(Conflict):
        person.seat.publish({Mid("1"): Source.MICROPHONE})


async def test_a_lost_socket_keeps_the_place_and_the_others_see_an_absence(house: House) -> None:
    practitioner, patient = await consultation(house)
    patient.seat.detach()
    patient.seat.detach()
    who = patient.seat.participant
    assert practitioner.hears() == [ParticipantChanged(who, connected=False)]
    again = house.holds(house.seating.resume(patient.seat.id, patient.seat.resume_secret))
    assert practitioner.hears() == [ParticipantChanged(who, connected=True)]
    assert again.seat.participant == who
    assert again.hears()[-1] == patient.place.slots
    assert patient.place.leg is not None


async def test_an_attachment_that_was_replaced_can_do_nothing_any_more(house: House) -> None:
    practitioner, patient = await consultation(house)
    again = house.holds(house.seating.resume(patient.seat.id, patient.seat.resume_secret))
    (last,) = patient.hears()
    assert isinstance(last, Closing)
    assert last.code == "replaced"
    with pytest.raises(SeatUnknown):
        patient.seat.mute(patient.track(Source.CAMERA), True)
    patient.seat.detach()
    await patient.seat.leave("left")
    assert practitioner.hears() == []
    again.seat.mute(again.track(Source.CAMERA), True)


async def test_leaving_ends_the_leg_and_tells_the_others(house: House) -> None:
    practitioner, patient = await consultation(house)
    leg = patient.leg
    await patient.seat.leave("left")
    await settle()
    left, slots = practitioner.hears()
    assert left == ParticipantLeft(patient.seat.participant, "left")
    assert isinstance(slots, SlotsChanged)
    assert [event async for event in patient.seat.events()] == []
    assert leg.removed
    await patient.seat.leave("left")


async def test_a_reader_who_does_not_follow_is_detached(house: House) -> None:
    practitioner, patient = await consultation(house)
    voice = patient.track(Source.MICROPHONE)
    for turn in range(300):
        patient.seat.mute(voice, turn % 2 == 0)
    (last,) = practitioner.hears()
    assert isinstance(last, Closing)
    assert last.code == "slow_consumer"
    assert house.counted("visavis_slow_consumers") == {(): 1}
    assert not practitioner.place.participant.connected
    with pytest.raises(SeatUnknown):
        practitioner.seat.snapshot()
