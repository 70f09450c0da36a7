"""What a publisher marks a picture with, and what receivers and its own encoder make of it."""

from __future__ import annotations

import pytest

from relay.errors import Conflict, NotFound
from relay.ids import TrackId
from relay.rooms.events import EncodingsChosen
from relay.rooms.permissions import Role, Source
from relay.rooms.seat_states import SeatInput
from relay.routing.bindings import tell_again
from tests.unit.relay.conftest import Person
from tests.unit.relay.layers.cameras import CAMERA
from tests.unit.relay.surgery import Surgery

FALLING_BPS = (3_000_000, 1_300_000, 840_000, 620_000, 420_000, 330_000, 220_000, 170_000)
LARGE, MIDDLE, SMALL = 0, 1, 2
ALL, TWO, ONE = -1, 1, 0
"""Temporal layers that are sent: all the frames, half of them, a quarter."""


async def three(surgery: Surgery, role: Role = Role.PATIENT) -> tuple[Person, Person]:
    """Somebody whose camera two others watch, and the one of them whose path will narrow."""
    publisher = await surgery.enters("a", role)
    watcher = await surgery.enters("b", Role.PRACTITIONER)
    await surgery.enters("c", Role.CARER)
    assert publisher.place.leg is not None
    track = publisher.place.leg.track_of(publisher.track(Source.CAMERA))
    surgery.arrives(publisher, LARGE, MIDDLE, SMALL)
    surgery.reports.layers[track] = [(*row[:5], list(row[5])) for row in CAMERA]
    surgery.passes()
    return publisher, watcher


def fall(surgery: Surgery, publisher: Person, watcher: Person) -> list[tuple[int, int]]:
    """Give the encodings and temporal layers that somebody is sent while their path narrows."""
    assert publisher.place.leg is not None
    track = publisher.place.leg.track_of(publisher.track(Source.CAMERA))
    shown: list[tuple[int, int]] = []
    for rate_bps in FALLING_BPS:
        for _ in range(70):  # the first rise may take a minute
            surgery.passes()
            surgery.carries(watcher, rate_bps)
        (slot,) = (slot for slot, bound in watcher.leg.bound.items() if bound == track)
        encoding, _, temporal = watcher.leg.layers[slot]
        if (encoding, temporal) not in shown[-1:]:
            shown.append((encoding, temporal))
    return shown


def keeps_told(person: Person) -> list[str | None]:
    """What each word on their camera's encodings said of what to give up last."""
    camera = person.track(Source.CAMERA)
    heard = (event for event in person.hears() if isinstance(event, EncodingsChosen))
    return [event.keeps for event in heard if event.track == camera]


async def test_hands_that_sign_get_smaller_before_they_jerk(surgery: Surgery) -> None:
    publisher, watcher = await three(surgery)
    publisher.seat.mark(publisher.track(Source.CAMERA), "motion")
    assert fall(surgery, publisher, watcher) == [
        (LARGE, ALL),
        (MIDDLE, ALL),
        (SMALL, ALL),
        (SMALL, TWO),
        (SMALL, ONE),
    ]


async def test_a_wound_jerks_before_it_blurs(surgery: Surgery) -> None:
    publisher, watcher = await three(surgery)
    publisher.seat.mark(publisher.track(Source.CAMERA), "detail")
    assert fall(surgery, publisher, watcher) == [
        (LARGE, ALL),
        (LARGE, TWO),
        (LARGE, ONE),
        (MIDDLE, ONE),
        (SMALL, ONE),
    ]


async def test_a_mark_changes_what_is_sent_while_it_is_sent(surgery: Surgery) -> None:
    publisher, watcher = await three(surgery)
    assert publisher.place.leg is not None
    track: TrackId = publisher.place.leg.track_of(publisher.track(Source.CAMERA))
    sent = []
    for keeps in ("motion", "detail", "motion"):
        publisher.seat.mark(publisher.track(Source.CAMERA), keeps)
        for _ in range(70):
            surgery.passes()
            surgery.carries(watcher, 1_000_000)
        (slot,) = (slot for slot, bound in watcher.leg.bound.items() if bound == track)
        sent.append(watcher.leg.layers[slot][::2])
    assert sent == [(MIDDLE, ALL), (LARGE, ONE), (MIDDLE, ALL)]


async def test_the_publishers_encoder_is_told_and_told_when_the_mark_is_taken_back(
    surgery: Surgery,
) -> None:
    publisher, _ = await three(surgery)
    camera = publisher.track(Source.CAMERA)
    publisher.hears()
    for keeps in ("motion", "motion", "detail", "both", None):
        publisher.seat.mark(camera, keeps)
    assert keeps_told(publisher) == ["motion", "detail", None]


async def test_a_mark_counts_more_than_whose_picture_it_is(surgery: Surgery) -> None:
    interpreter, _ = await three(surgery, Role.INTERPRETER)
    assert keeps_told(interpreter)[-1] == "motion", "an interpreter's hands may sign"
    camera = interpreter.track(Source.CAMERA)
    interpreter.seat.mark(camera, "both")
    assert keeps_told(interpreter) == [None]
    interpreter.seat.mark(camera, None)
    assert keeps_told(interpreter) == ["motion"]


async def test_a_mark_outlives_sockets_and_reloads(surgery: Surgery) -> None:
    publisher, _ = await three(surgery)
    publisher.seat.mark(publisher.track(Source.CAMERA), "motion")
    publisher.seat.detach()
    publisher.place.attach(SeatInput.RESUME)
    again = surgery.house.holds(publisher.place)
    tell_again(publisher.place)
    assert keeps_told(again) == ["motion"]
    await again.connect()
    surgery.passes()
    assert keeps_told(again)[-1] == "motion"
    assert again.place.participant.publications[Source.CAMERA].keeps == "motion"


async def test_only_ones_own_pictures_can_be_marked(surgery: Surgery) -> None:
    publisher, watcher = await three(surgery)
    with pytest.raises(Conflict):
        publisher.seat.mark(publisher.track(Source.MICROPHONE), "motion")
    with pytest.raises(NotFound):
        watcher.seat.mark(publisher.track(Source.CAMERA), "motion")
