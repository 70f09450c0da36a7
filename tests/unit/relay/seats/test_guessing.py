"""Whoever guesses rooms and seats learns nothing from the time of an answer or an old link."""

from __future__ import annotations

from contextlib import suppress

import pytest

from relay.errors import CallerError, UnknownRoom
from relay.ids import SeatId
from relay.rooms.permissions import Role
from tests.unit.relay.conftest import House, grant
from tests.unit.relay.steps import steps_of

TELLING_STEPS = 1_000
"""Tens of microseconds, which a network hides. Measured: 32 and 31."""


async def test_the_work_of_a_refusal_does_not_tell_whether_there_is_something(
    house: House,
) -> None:
    person = house.enters("a")
    stranger = grant("stranger", Role.PATIENT, room="another", open_room=False)
    seating = house.seating
    nowhere = SeatId("s-" + "0" * 32)
    there = steps_of(lambda: seating.resume(person.seat.id, "x" * 43))
    not_there = steps_of(lambda: seating.resume(nowhere, "x" * 43))
    assert abs(there - not_there) < TELLING_STEPS
    before = steps_of(lambda: seating.join(stranger, takeover=False))
    for number in range(200):
        with suppress(CallerError):
            seating.join(grant(f"b{number}", room=f"room-{number}"), takeover=False)
    after = steps_of(lambda: seating.join(stranger, takeover=False))
    assert before == after


async def test_after_the_rooms_end_an_invitation_opens_nothing(house: House) -> None:
    host = house.enters("host")
    invited = grant("patient", Role.PATIENT, open_room=False)
    place = house.seating.join(invited, takeover=False)
    await house.holds(place).seat.leave("left")
    house.seating.join(invited, takeover=False)
    await host.seat.leave("left")
    (left,) = house.seating.places.values()
    await house.holds(left).seat.leave("left")
    for takeover in (False, True):
        with pytest.raises(UnknownRoom):
            house.seating.join(invited, takeover=takeover)
