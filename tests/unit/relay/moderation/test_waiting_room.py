"""Waiting, being let in, sent back, put out, moved: what people are told, what media does."""

from __future__ import annotations

import pytest

from relay.errors import NotAdmitted, RoomFull
from relay.ids import PublicationId, TrackId
from relay.places.list_pace import LISTS_A_SECOND
from relay.places.open_rooms import MAX_DESCRIBED
from relay.rooms.closings import Closing, closing
from relay.rooms.events import ParticipantJoined, ParticipantLeft, SeatEvent
from relay.rooms.happenings import Happening
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Arrival, Role, Source
from relay.rooms.settings import Priority, RoomSettings
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    CameIn,
    RoomStateChanged,
    WaitingChanged,
    WaitingRoomChanged,
)
from tests.unit.relay.conftest import House, Person
from tests.unit.relay.fakes import settle

WAITS = Arrival(waits=True)


def commands(person: Person) -> Moderation:
    return person.seat.moderation()


def who_waits(person: Person) -> list[str]:
    """Give the labels that somebody who may admit was told last."""
    told = [event for event in person.hears() if isinstance(event, WaitingRoomChanged)]
    return [each.label for each in told[-1].people]


async def test_whoever_waits_has_a_place_and_no_media_and_learns_of_nobody(house: House) -> None:
    doctor = house.enters("a")
    await doctor.connect()
    patient = house.enters("b", Role.PATIENT, arrival=WAITS)
    assert patient.seat.standing is Standing.WAITING
    assert patient.hears() == [WaitingChanged(1, "")]
    assert patient.seat.snapshot().participants == ()
    with pytest.raises(NotAdmitted):
        await patient.offer()
    for refused in (
        lambda: patient.seat.publish({}),
        lambda: patient.seat.unpublish(PublicationId("t")),
        lambda: patient.seat.mute(PublicationId("t"), True),
        lambda: patient.seat.subscribe(doctor.track(Source.CAMERA), True),
    ):
        with pytest.raises(NotAdmitted):
            refused()
    assert len(house.engine.legs) == 1
    assert not any(isinstance(event, ParticipantJoined) for event in doctor.hears())


async def test_a_moderators_arrival_admits_nobody(house: House) -> None:
    patient = house.enters("b", Role.PATIENT, arrival=WAITS)
    doctor = house.enters("a")
    await doctor.connect()
    assert who_waits(doctor) == [""]
    assert patient.hears() == [WaitingChanged(1, "")]
    assert patient.seat.standing is Standing.WAITING


async def test_places_follow_priority_and_those_who_go(house: House) -> None:
    first = house.enters("b", Role.PATIENT, arrival=Arrival(waits=True, label="10:15"))
    second = house.enters("c", Role.PATIENT, arrival=Arrival(waits=True, label="10:30"))
    urgent = house.enters(
        "d", Role.PATIENT, arrival=Arrival(waits=True, label="now", priority=Priority.URGENT)
    )
    doctor = house.enters("a")
    assert who_waits(doctor) == ["now", "10:15", "10:30"]
    assert [p.place for p in first.hears() if isinstance(p, WaitingChanged)] == [1, 2]
    assert [p.place for p in second.hears() if isinstance(p, WaitingChanged)] == [2, 3]
    await urgent.seat.leave("left")
    assert first.hears() == [WaitingChanged(1, "")]
    assert second.hears() == [WaitingChanged(2, "")]
    first.seat.detach()
    told = [event for event in doctor.hears() if isinstance(event, WaitingRoomChanged)]
    assert [each.connected for each in told[-1].people] == [False, True]


async def test_the_notice_reaches_those_who_wait_and_those_who_come(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    patient.hears()
    commands(doctor).set_notice("Ten minutes late.")
    assert patient.hears() == [WaitingChanged(1, "Ten minutes late.")]
    later = house.enters("c", Role.PATIENT, arrival=WAITS)
    assert later.hears() == [WaitingChanged(2, "Ten minutes late.")]


async def test_a_room_with_a_waiting_room_lets_nobody_in_by_themselves(house: House) -> None:
    house.seating.settings = RoomSettings(waiting_room=True)
    people = {role: house.enters(role.value, role) for role in Role}
    straight_in = {role for role, each in people.items() if each.seat.standing is Standing.ADMITTED}
    assert straight_in == {Role.PRACTITIONER, Role.ASSISTANT}


async def test_whoever_is_admitted_sees_hears_and_is_seen(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    await doctor.connect()
    doctor.hears()
    patient.hears()
    commands(doctor).admit(patient.seat.participant)
    (told,) = patient.hears()
    assert isinstance(told, CameIn)
    assert [each.role for each in told.room.participants] == [Role.PRACTITIONER]
    assert any(isinstance(event, ParticipantJoined) for event in doctor.hears())
    await patient.connect()
    assert set(patient.leg.carried_by_mid().values()) > {TrackId(0)}
    assert set(doctor.leg.carried_by_mid().values()) > {TrackId(0)}


async def test_whoever_is_sent_back_loses_their_leg_and_every_route(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    leg = patient.leg
    doctor.hears()
    patient.hears()
    commands(doctor).send_back(patient.seat.participant)
    await settle()
    assert leg.removed
    assert set(doctor.leg.carried_by_mid().values()) == {TrackId(0)}
    assert ParticipantLeft(patient.seat.participant, "waiting") in doctor.hears()
    assert patient.hears() == [WaitingChanged(1, "", "sent_back")]
    assert patient.place.leg is None
    with pytest.raises(NotAdmitted):
        await patient.offer()
    await patient.seat.leave("left")
    again = house.enters("b", Role.PATIENT)
    assert again.seat.standing is Standing.WAITING
    commands(doctor).admit(again.seat.participant)
    await again.connect()
    assert set(doctor.leg.carried_by_mid().values()) > {TrackId(0)}


async def test_a_seat_that_is_resumed_or_taken_over_stands_where_it_stood(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    patient.hears()
    patient.seat.detach()
    house.holds(house.seating.resume(patient.seat.id, patient.seat.resume_secret))
    taken = house.enters("b", Role.PATIENT, takeover=True)
    assert taken.seat.standing is Standing.WAITING
    assert WaitingChanged(1, "") in taken.hears()
    commands(doctor).admit(taken.seat.participant)
    again = house.enters("b", Role.PATIENT, takeover=True, arrival=WAITS)
    assert again.seat.standing is Standing.ADMITTED
    await again.connect()


async def test_full_rooms_and_full_waiting_rooms_say_so(house: House) -> None:
    house.seating.settings = RoomSettings(max_participants=1, max_waiting=1)
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    with pytest.raises(RoomFull):
        house.enters("c", Role.PATIENT)
    with pytest.raises(RoomFull):
        house.enters("d", Role.PATIENT, arrival=WAITS)
    with pytest.raises(RoomFull):
        commands(doctor).admit(patient.seat.participant)


async def test_a_room_closes_when_its_time_is_over_and_not_before(house: House) -> None:
    house.seating.settings = RoomSettings(max_duration_s=60)
    doctor = house.enters("a")
    room = doctor.place.room
    house.clock.move(50)
    commands(doctor).extend(30)
    house.clock.move(39)
    house.seating.expire(room)
    assert not any(isinstance(event, Closing) for event in doctor.hears())
    house.clock.move(1)
    house.seating.expire(room)
    assert doctor.hears()[-1] == closing("room_closed")
    assert house.seating.rooms == {}


async def test_those_in_a_room_hear_before_it_ends_and_again_where_it_was_extended(
    house: House,
) -> None:
    house.seating.settings = RoomSettings(max_duration_s=1_000)
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    waits = house.enters("c", Role.PATIENT, arrival=WAITS)
    room = doctor.place.room

    def told_after(duration_s: float) -> list[int | None]:
        house.clock.move(duration_s)
        for _ in range(2):
            house.seating.expire(room)
        heard = [ends_told(each.hears()) for each in (doctor, patient)]
        assert heard[0] == heard[1]
        return heard[0]

    assert told_after(699) == []
    assert told_after(1) == [300]
    assert told_after(239) == []
    commands(doctor).extend(100)
    assert told_after(0) == [161]
    assert told_after(101) == [60]
    commands(doctor).extend(600)
    assert told_after(0) == [660]
    assert told_after(360) == [300]
    assert told_after(299.5) == [0], "once, where a round was missed"
    assert ends_told(waits.hears()) == []


def ends_told(heard: list[SeatEvent]) -> list[int | None]:
    """Pick out when somebody was told that the room ends."""
    return [event.state.ends_in_s for event in heard if isinstance(event, RoomStateChanged)]


async def test_a_large_waiting_room_is_described_by_its_first(house: House) -> None:
    doctor = house.enters("a")
    for number in range(MAX_DESCRIBED + 3):
        house.enters(f"patient {number}", Role.PATIENT, arrival=WAITS)
    lists = [event for event in doctor.hears() if isinstance(event, WaitingRoomChanged)]
    assert (len(lists), lists[-1].total) == (LISTS_A_SECOND, LISTS_A_SECOND)
    house.clock.move(1)
    house.seating.expire(doctor.place.room)
    (told,) = doctor.hears()
    assert isinstance(told, WaitingRoomChanged)
    assert (len(told.people), told.total) == (MAX_DESCRIBED, MAX_DESCRIBED + 3)


async def test_an_embedder_hears_of_everything_in_order(house: House) -> None:
    heard: list[Happening] = []
    house.seating.happened = heard.append
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    desk = commands(doctor)
    desk.admit(patient.seat.participant)
    desk.send_back(patient.seat.participant)
    desk.lock()
    desk.eject(patient.seat.participant)
    desk.close()
    assert [(each.kind, each.identity, each.reason) for each in heard] == [
        ("room_opened", None, None),
        ("joined", "a", None),
        ("waiting", "b", None),
        ("admitted", "b", None),
        ("joined", "b", None),
        ("sent_back", "b", "sent_back"),
        ("locked", None, None),
        ("ejected", "b", None),
        ("left", "b", "ejected"),
        ("left", "a", "room_closed"),
        ("room_closed", None, None),
    ]
    assert "'a'" not in repr(heard)
