"""Who is told that a picture is paused, and who is asked to send what, when and how often."""

from __future__ import annotations

import pytest

from relay.errors import Overloaded
from relay.ids import Mid, PublicationId
from relay.legs.leg import Leg
from relay.rooms.events import (
    EncodingChoice,
    EncodingsChosen,
    PauseReason,
    SlotCarries,
    SlotsChanged,
)
from relay.rooms.permissions import Role, Source
from relay.rooms.seat_states import SeatInput
from relay.routing.bindings import rebind, tell_again, tell_slots
from tests.unit.relay.conftest import House, Person

VOICE, FACE = Mid("2"), Mid("4")
UPPER_AT_450 = (
    EncodingChoice("h", active=True, max_bps=450_000),
    EncodingChoice("m", active=False),
)


async def consultation(house: House) -> tuple[Person, Person]:
    """Two people who see and hear one another."""
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    practitioner.hears()
    patient.hears()
    return practitioner, patient


def leg_of(person: Person) -> Leg:
    """The present leg."""
    assert person.place.leg is not None
    return person.place.leg


def pauses(person: Person) -> list[dict[Mid, PauseReason | None]]:
    """What each message since the last time said of the slots that carry something."""
    return [
        {slot.mid: slot.paused for slot in event.bindings if isinstance(slot, SlotCarries)}
        for event in person.hears()
        if isinstance(event, SlotsChanged)
    ]


def chosen(person: Person) -> list[EncodingsChosen]:
    """What somebody was asked to send since the last time."""
    return [event for event in person.hears() if isinstance(event, EncodingsChosen)]


async def test_a_paused_picture_is_told_to_its_receiver_once_and_so_is_its_return(
    house: House,
) -> None:
    practitioner, patient = await consultation(house)
    leg, fake = leg_of(practitioner), practitioner.leg
    before = len(fake.commands)
    leg.pause(FACE, "low_rate")
    tell_slots(practitioner.place)
    tell_slots(practitioner.place)
    rebind(practitioner.place.room)
    assert pauses(practitioner) == [{VOICE: None, FACE: "low_rate"}]
    assert fake.paused == {leg.slots[FACE].id}
    assert fake.carried_by_mid()[FACE] != 0
    leg.pause(FACE, "no_room")
    tell_slots(practitioner.place)
    assert pauses(practitioner) == [{VOICE: None, FACE: "no_room"}]
    leg.pause(FACE, None)
    tell_slots(practitioner.place)
    assert pauses(practitioner) == [{VOICE: None, FACE: None}]
    assert fake.commands[before:] == ["set_paused True", "set_paused False"]
    assert patient.hears() == []


async def test_a_pause_the_engine_has_no_room_for_is_no_pause(house: House) -> None:
    practitioner, _ = await consultation(house)
    practitioner.leg.full = True
    with pytest.raises(Overloaded):
        leg_of(practitioner).pause(FACE, "low_rate")
    tell_slots(practitioner.place)
    assert practitioner.hears() == []
    assert leg_of(practitioner).slots[FACE].paused is None


async def test_what_comes_new_into_a_slot_is_not_paused(house: House) -> None:
    practitioner, patient = await consultation(house)
    leg_of(practitioner).pause(FACE, "low_rate")
    tell_slots(practitioner.place)
    patient.seat.unpublish(patient.track(Source.CAMERA))
    patient.seat.publish({Mid("1"): Source.CAMERA})
    assert pauses(practitioner) == [
        {VOICE: None, FACE: "low_rate"},
        {VOICE: None},
        {VOICE: None, FACE: None},
    ]
    assert practitioner.leg.paused == set()


async def test_nothing_is_told_of_slots_before_there_are_any(house: House) -> None:
    practitioner = house.enters("a")
    tell_slots(practitioner.place)
    assert practitioner.hears() == []


async def test_a_pause_and_what_to_send_are_told_again_to_a_new_attachment(house: House) -> None:
    practitioner, _ = await consultation(house)
    leg_of(practitioner).pause(FACE, "low_rate")
    tell_slots(practitioner.place)
    camera = practitioner.track(Source.CAMERA)
    practitioner.place.ask_to_send(EncodingsChosen(camera, UPPER_AT_450))
    practitioner.seat.detach()
    practitioner.place.attach(SeatInput.RESUME)
    again = house.holds(practitioner.place)
    tell_again(practitioner.place)
    told = again.hears()
    assert EncodingsChosen(camera, UPPER_AT_450) in told
    (slots,) = (event for event in told if isinstance(event, SlotsChanged))
    assert [slot.paused for slot in slots.bindings if isinstance(slot, SlotCarries)] == [
        None,
        "low_rate",
    ]


async def test_what_to_send_is_told_when_it_changes_and_to_its_publisher_alone(
    house: House,
) -> None:
    practitioner, patient = await consultation(house)
    camera = patient.track(Source.CAMERA)
    first = EncodingsChosen(camera, UPPER_AT_450)
    second = EncodingsChosen(camera, (EncodingChoice("h", active=True),))
    for choice in (first, first, second, second, first):
        patient.place.ask_to_send(choice)
    assert chosen(patient) == [first, second, first]
    assert practitioner.hears() == []


async def test_what_was_asked_while_nobody_was_attached_is_told_on_the_return(
    house: House,
) -> None:
    practitioner, _ = await consultation(house)
    choice = EncodingsChosen(practitioner.track(Source.CAMERA), UPPER_AT_450)
    practitioner.seat.detach()
    practitioner.place.ask_to_send(choice)
    practitioner.place.attach(SeatInput.RESUME)
    again = house.holds(practitioner.place)
    tell_again(practitioner.place)
    assert chosen(again) == [choice]


async def test_a_fresh_leg_is_told_anew_what_to_send_and_a_changed_one_is_not(
    house: House,
) -> None:
    practitioner, _ = await consultation(house)
    choice = EncodingsChosen(practitioner.track(Source.CAMERA), UPPER_AT_450)
    practitioner.place.ask_to_send(choice)
    practitioner.hears()
    await practitioner.offer(fresh=False)
    assert chosen(practitioner) == []
    await practitioner.connect()
    assert chosen(practitioner) == [choice]


async def test_what_was_asked_for_a_track_goes_with_it(house: House) -> None:
    practitioner, _ = await consultation(house)
    camera = practitioner.track(Source.CAMERA)
    practitioner.place.ask_to_send(EncodingsChosen(camera, UPPER_AT_450))
    practitioner.seat.unpublish(camera)
    assert practitioner.place.encodings == {}
    practitioner.place.ask_to_send(EncodingsChosen(PublicationId("t-gone"), UPPER_AT_450))
    rebind(practitioner.place.room)
    assert practitioner.place.encodings == {}
