"""Who gets which seat: joins, resumes, takeovers, expiry, limits."""

from __future__ import annotations

import pytest

from relay.engine import Event
from relay.errors import (
    LimitReached,
    Overloaded,
    RoomFull,
    SeatTaken,
    SeatUnknown,
    UnknownRoom,
    WrongSecret,
)
from relay.ids import RoomId, SeatId
from relay.rooms.closings import Closing
from relay.rooms.events import ParticipantJoined, ParticipantLeft, TrackUnpublished
from relay.rooms.permissions import Role, Source
from relay.rooms.settings import RoomSettings
from tests.unit.relay.conftest import House, grant
from tests.unit.relay.fakes import settle


async def test_the_others_see_a_newcomer_and_the_newcomer_sees_them(house: House) -> None:
    first = house.enters("a")
    await first.connect()
    second = house.enters("b", Role.PATIENT)
    (joined,) = [e for e in first.hears() if isinstance(e, ParticipantJoined)]
    assert joined.participant.id == second.seat.participant
    (seen,) = second.seat.snapshot().participants
    assert (seen.id, seen.role) == (first.seat.participant, Role.PRACTITIONER)
    assert [track.source for track in seen.tracks] == [Source.MICROPHONE, Source.CAMERA]
    assert seen.id != "a"


async def test_a_second_live_use_of_a_seat_is_refused(house: House) -> None:
    first = house.enters("a")
    with pytest.raises(SeatTaken):
        house.enters("a")
    assert first.hears() == []
    assert house.counted("visavis_joins") == {("joined",): 1, ("seat_taken",): 1}


async def test_a_takeover_closes_the_old_attachment_and_its_leg(house: House) -> None:
    first, witness = house.enters("a"), house.enters("b")
    await first.connect()
    old, secret, who = first.leg, first.seat.resume_secret, first.seat.participant
    witness.hears()
    second = house.enters("a", takeover=True)
    await settle()
    assert isinstance(closing := first.hears()[-1], Closing)
    assert closing.code == "taken_over"
    assert old.removed
    assert second.seat.participant == who
    assert second.seat.resume_secret != secret
    with pytest.raises(WrongSecret):
        house.seating.resume(second.seat.id, secret)
    assert not [e for e in witness.hears() if isinstance(e, ParticipantLeft)]


async def test_a_takeover_with_a_smaller_grant_takes_tracks_back(house: House) -> None:
    first, witness = house.enters("a"), house.enters("b")
    await first.connect()
    camera = first.track(Source.CAMERA)
    witness.hears()
    smaller = grant("a", publish=frozenset({Source.MICROPHONE}))
    house.seating.join(smaller, takeover=True)
    assert TrackUnpublished(first.seat.participant, camera) in witness.hears()


async def test_another_role_is_another_participant(house: House) -> None:
    first, witness = house.enters("a", Role.PATIENT), house.enters("b")
    second = house.enters("a", Role.PRACTITIONER, takeover=True)
    assert isinstance(closing := first.hears()[-1], Closing)
    assert closing.code == "taken_over"
    left, joined = witness.hears()
    assert left == ParticipantLeft(first.seat.participant, "left")
    assert isinstance(joined, ParticipantJoined)
    assert (joined.participant.id, joined.participant.role) == (
        second.seat.participant,
        Role.PRACTITIONER,
    )
    await witness.seat.leave("left")
    alone = house.enters("a", Role.PATIENT, takeover=True)
    assert list(alone.place.room.places) == [alone.seat.participant]
    assert list(house.seating.rooms.values()) == [alone.place.room]


async def test_whoever_is_alone_and_comes_in_another_role_finds_the_room_as_it_was(
    house: House,
) -> None:
    happened: list[str] = []
    house.seating.happened = lambda happening: happened.append(happening.kind)
    settings = RoomSettings(waiting_room=True, max_participants=2, max_duration_s=900)
    room = house.seating.open(RoomId("room"), settings, notice="Soon.")
    first = house.enters("a", Role.PRACTITIONER)
    room.model.locked = True
    room.model.must_wait.add("b")
    assert room.model.state(house.clock.now_ns()).ends_in_s == 900
    house.clock.move(60)
    first.seat.detach()
    house.holds(house.seating.join(grant("a", Role.ASSISTANT, open_room=False), takeover=True))
    assert house.seating.rooms == {RoomId("room"): room}
    assert room.model.settings == settings
    state = room.model.state(house.clock.now_ns())
    assert (room.model.notice, state.locked, state.ends_in_s) == ("Soon.", True, 840)
    assert room.model.must_wait == {"b"}
    assert [who.role for who in room.model.participants.values()] == [Role.ASSISTANT]
    assert happened == ["room_opened", "joined", "left", "joined"]


async def test_whoever_waits_alone_and_comes_in_another_role_finds_the_room_as_it_was(
    house: House,
) -> None:
    settings = RoomSettings(waiting_room=True)
    room = house.seating.open(RoomId("room"), settings, notice="Soon.")
    house.enters("a", Role.PATIENT)
    house.enters("a", Role.CARER, takeover=True)
    assert house.seating.rooms == {RoomId("room"): room}
    assert (room.model.settings, room.model.notice) == (settings, "Soon.")
    assert [who.role for who in room.model.waiting.values()] == [Role.CARER]


async def test_a_kept_seat_is_given_back_to_its_identity(house: House) -> None:
    first = house.enters("a")
    who = first.seat.participant
    first.seat.detach()
    assert house.enters("a").seat.participant == who


async def test_a_consultation_whose_socket_is_lost_is_not_taken_by_the_link_alone(
    house: House,
) -> None:
    first, witness = house.enters("a"), house.enters("b")
    await first.connect()
    first.seat.detach()
    leg = first.leg
    with pytest.raises(SeatTaken):
        house.enters("a")
    assert not leg.removed
    house.holds(house.seating.resume(first.seat.id, first.seat.resume_secret))
    first.place.detach()
    leg.happens(Event.ConsentLost(leg=leg.id))
    await settle()
    assert house.enters("a").seat.participant == first.seat.participant
    assert not [e for e in witness.hears() if isinstance(e, ParticipantLeft)]


async def test_media_that_goes_on_without_a_socket_is_taken_over_by_asking(house: House) -> None:
    first = house.enters("a")
    await first.connect()
    first.seat.detach()
    second = house.enters("a", takeover=True)
    await settle()
    assert second.seat.participant == first.seat.participant
    assert second.place.leg is None


async def test_a_seat_is_resumed_with_its_secret_only(house: House) -> None:
    person = house.enters("a")
    with pytest.raises(WrongSecret):
        house.seating.resume(person.seat.id, "guess")
    with pytest.raises(WrongSecret):
        house.seating.resume(person.seat.id, "é\u2028")
    with pytest.raises(SeatUnknown):
        house.seating.resume(SeatId("s-unknown"), "")
    assert house.seating.resume(person.seat.id, person.seat.resume_secret) is person.place


async def test_a_kept_seat_expires_after_its_time_and_not_before(house: House) -> None:
    stays, goes = house.enters("a"), house.enters("b")
    goes.seat.detach()
    stays.hears()
    house.clock.move(119.9)
    house.seating.expire(stays.place.room)
    assert stays.hears() == []
    house.clock.move(0.1)
    house.seating.expire(stays.place.room)
    assert stays.hears() == [ParticipantLeft(goes.seat.participant, "expired")]
    with pytest.raises(SeatUnknown):
        house.seating.resume(goes.seat.id, goes.seat.resume_secret)


async def test_a_seat_resumed_in_time_starts_its_time_anew(house: House) -> None:
    person = house.enters("a")
    person.seat.detach()
    house.clock.move(100)
    again = house.holds(house.seating.resume(person.seat.id, person.seat.resume_secret))
    house.clock.move(100)
    house.seating.expire(person.place.room)
    again.seat.detach()
    house.clock.move(100)
    house.seating.expire(person.place.room)
    assert person.seat.id in house.seating.places


async def test_a_room_closes_with_its_last_participant(house: House) -> None:
    first, second = house.enters("a"), house.enters("b")
    await first.seat.leave("left")
    assert len(house.seating.rooms) == 1
    await second.seat.leave("left")
    assert house.seating.rooms == {}
    assert house.seating.places == {}


async def test_limits_hold(house: House) -> None:
    for name in "abc":
        house.enters(name)
    with pytest.raises(RoomFull):
        house.enters("d")
    house.seating.join(grant("a", room="second"), takeover=False)
    with pytest.raises(LimitReached):
        house.seating.join(grant("a", room="third"), takeover=False)
    with pytest.raises(UnknownRoom):
        house.seating.join(grant("a", room="third", open_room=False), takeover=False)


async def test_a_full_room_still_takes_back_whoever_has_a_seat(house: House) -> None:
    people = [house.enters(name) for name in "abc"]
    people[0].seat.detach()
    assert house.enters("a").seat.participant == people[0].seat.participant


async def test_a_stopping_relay_opens_no_room_and_leaves_those_that_are_open(house: House) -> None:
    person = house.enters("a")
    house.seating.draining = True
    with pytest.raises(Overloaded) as refusal:
        house.seating.join(grant("b", room="another"), takeover=False)
    assert refusal.value.retry_after_s
    assert house.enters("b").place.room is person.place.room
    assert house.seating.resume(person.seat.id, person.seat.resume_secret) is person.place


async def test_what_is_shown_of_a_place_holds_no_secret_and_no_identity(house: House) -> None:
    person = house.enters("identity-of-the-token")
    shown = repr(person.place.participant) + repr(grant("identity-of-the-token"))
    assert "identity-of-the-token" not in shown
    assert person.seat.resume_secret not in repr(person.place.participant)
