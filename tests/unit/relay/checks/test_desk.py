"""Who may check, and who is told what it came to."""

from __future__ import annotations

import pytest

from relay.checks.desk import RESULTS_A_MINUTE
from relay.errors import Ejected, LimitReached, Overloaded, SeatUnknown, WrongSecret
from relay.ids import RoomId, SeatId
from relay.precall import PrecallVerdict
from relay.rooms.permissions import Arrival, Role
from relay.rooms.standing_events import WaitingRoomChanged
from tests.unit.relay.checks.conftest import LIMITED, Surgery
from tests.unit.relay.conftest import Person, grant

WAITS = Arrival(waits=True)


def told(person: Person) -> list[PrecallVerdict | None]:
    """Give what somebody who may admit was told last of the checks of those who wait."""
    lists = [event for event in person.hears() if isinstance(event, WaitingRoomChanged)]
    return [each.precall for each in lists[-1].people] if lists else []


async def test_a_check_of_somebody_who_waits_is_told_to_those_who_admit(surgery: Surgery) -> None:
    doctor = surgery.house.enters("a")
    patient = surgery.house.enters("b", Role.PATIENT, arrival=WAITS)
    assert told(doctor) == [None]
    surgery.begins("b").keep(LIMITED)
    assert told(doctor) == [PrecallVerdict.LIMITED]
    assert patient.place.participant.check is not None
    assert patient.place.participant.check.result is LIMITED
    last = surgery.happened[-1]
    assert (last.kind, last.identity, last.reason) == ("checked", "b", "limited")
    assert last.precall is LIMITED
    assert surgery.house.counted("visavis_checks") == {("limited",): 1}


async def test_a_check_made_before_is_there_when_its_person_comes(surgery: Surgery) -> None:
    surgery.begins("b").keep(LIMITED)
    assert surgery.happened == []
    doctor = surgery.house.enters("a")
    patient = surgery.house.enters("b", Role.PATIENT, arrival=WAITS)
    surgery.checks.attach(patient.place)
    surgery.checks.attach(doctor.place)
    assert told(doctor) == [PrecallVerdict.LIMITED]
    assert [each.kind for each in surgery.happened if each.precall] == ["checked"]
    surgery.checks.attach(patient.place)
    assert [each.kind for each in surgery.happened if each.precall] == ["checked"], "once"


async def test_a_check_is_for_one_room_and_of_one_person(surgery: Surgery) -> None:
    surgery.checks.begin(grant("b", room="elsewhere")).keep(LIMITED)
    surgery.begins("c").keep(LIMITED)
    patient = surgery.house.enters("b", Role.PATIENT)
    surgery.checks.attach(patient.place)
    assert patient.place.participant.check is None


async def test_a_person_tells_so_many_results_a_minute_by_however_many_checks(
    surgery: Surgery,
) -> None:
    surgery.house.enters("b", Role.PATIENT)
    for _ in range(RESULTS_A_MINUTE):
        surgery.begins("b").keep(LIMITED)
    with pytest.raises(LimitReached):
        surgery.begins("b").keep(LIMITED)
    surgery.begins("c").keep(LIMITED)
    surgery.house.clock.move(61.0)
    surgery.begins("b").keep(LIMITED)
    assert [each.kind for each in surgery.happened].count("checked") == RESULTS_A_MINUTE + 1


async def test_whoever_holds_a_seat_may_check_without_a_token(surgery: Surgery) -> None:
    patient = surgery.house.enters("b", Role.PATIENT, arrival=WAITS)
    check = surgery.checks.begin_seated(patient.seat.id, patient.seat.resume_secret)
    assert check.who == (RoomId("room"), "b")
    with pytest.raises(WrongSecret):
        surgery.checks.begin_seated(patient.seat.id, "guessed")
    with pytest.raises(SeatUnknown):
        surgery.checks.begin_seated(SeatId("s-0"), patient.seat.resume_secret)


async def test_whoever_was_put_out_may_not_check(surgery: Surgery) -> None:
    doctor, patient = surgery.house.enters("a"), surgery.house.enters("b", Role.PATIENT)
    doctor.seat.moderation().eject(patient.seat.participant)
    with pytest.raises(Ejected):
        surgery.checks.begin(grant("b", Role.PATIENT))


async def test_a_relay_that_stops_begins_no_checks(surgery: Surgery) -> None:
    surgery.house.seating.draining = True
    with pytest.raises(Overloaded):
        surgery.begins()


async def test_a_check_leads_to_the_worker_of_its_room(surgery: Surgery) -> None:
    surgery.house.enters("a")
    room = surgery.house.seating.rooms[RoomId("room")]
    check = surgery.begins()
    assert check._share.worker == room.model.worker
