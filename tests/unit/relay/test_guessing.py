"""Whoever guesses rooms and seats learns nothing from the time of an answer or an old link."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from relay.errors import CallerError, SeatUnknown, UnknownRoom, WrongSecret
from relay.ids import SeatId
from relay.rooms.permissions import Role
from tests.unit.relay.conftest import House, grant

TELLING_MS = 5.0
"""A difference of this size can be measured over a network."""


def median_ms(refused: Callable[[], object], error: type[CallerError]) -> float:
    """Time a refusal in this thread's own processor time."""
    times_ns = []
    for _ in range(300):
        began_ns = time.thread_time_ns()
        with pytest.raises(error):
            refused()
        times_ns.append(time.thread_time_ns() - began_ns)
    return statistics.median(times_ns) / 1e6


async def test_the_time_of_a_refusal_does_not_tell_whether_there_is_something(
    house: House,
) -> None:
    person = house.enters("a")
    stranger = grant("stranger", Role.PATIENT, room="another", open_room=False)
    seating = house.seating
    there = median_ms(lambda: seating.resume(person.seat.id, "x" * 43), WrongSecret)
    not_there = median_ms(lambda: seating.resume(SeatId("s-" + "0" * 32), "x" * 43), SeatUnknown)
    assert abs(there - not_there) < TELLING_MS
    before = median_ms(lambda: seating.join(stranger, takeover=False), UnknownRoom)
    for number in range(2):
        with suppress(CallerError):
            seating.join(grant(f"b{number}", room=f"room-{number}"), takeover=False)
    after = median_ms(lambda: seating.join(stranger, takeover=False), UnknownRoom)
    assert abs(before - after) < TELLING_MS


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
