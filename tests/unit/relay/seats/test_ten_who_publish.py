"""A full consultation: ten are seen and heard at once, and the eleventh is told why not."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest

from relay.config import RelayConfig
from relay.errors import LimitReached
from relay.rooms.permissions import Role
from relay.rooms.settings import MAX_PUBLISHING
from tests.unit.relay.conftest import CHROMIUM, House, Person, restarted

OTHERS = MAX_PUBLISHING - 1
SESSION, *LINES = re.split(r"(?<=\r\n)(?=m=)", CHROMIUM)
HEARD, SEEN = LINES[2], LINES[4]
"""A place for somebody's voice and one for their face, as Chromium offers them for the SDK."""


def with_places_for_all() -> str:
    """Give the SDK's offer once it has been asked for a place for each of nine others."""
    voices = sum(line.startswith("m=audio") for line in LINES) - 1
    faces = sum(line.startswith("m=video") for line in LINES) - 1
    # What is added to a connection that stands has no candidates (tests/captures, more_slots).
    heard, seen = (re.sub(r"a=candidate:.*\r\n", "", line) for line in (HEARD, SEEN))
    more = [heard] * (OTHERS - voices) + [seen] * (OTHERS - faces)
    added = [
        re.sub(r"a=mid:\d+", f"a=mid:{mid}", line) for mid, line in enumerate(more, len(LINES))
    ]
    mids = " ".join(str(mid) for mid in range(len(LINES) + len(added)))
    session = re.sub(r"a=group:BUNDLE [\d ]+", f"a=group:BUNDLE {mids}", SESSION)
    return "".join([session, *LINES, *added])


async def enters(house: House, number: int) -> Person:
    person = house.enters(f"person-{number}", Role.EXPERT)
    model = person.place.room.model
    model.settings = replace(model.settings, max_participants=2 * MAX_PUBLISHING)
    return person


async def ten(house: House) -> list[Person]:
    """Ten who all publish, with a place for everybody."""
    people = [await enters(house, number) for number in range(MAX_PUBLISHING)]
    for person in people:
        await person.connect(with_places_for_all())
    return people


async def test_ten_publish_at_once_and_each_is_carried_to_nine_others(house: House) -> None:
    people = await ten(house)
    published = {person.place.participant.id: set(person.leg.published) for person in people}
    for person in people:
        who = person.place.participant.id
        carried = sorted(track for track in person.leg.bound.values() if track)
        expected = [t for other, tracks in published.items() if other != who for t in tracks]
        assert len(expected) == 2 * OTHERS
        assert carried == sorted(expected), "each voice and face, once"


async def test_the_eleventh_is_refused_in_words_and_can_listen_and_come_next(house: House) -> None:
    people = await ten(house)
    eleventh = await enters(house, MAX_PUBLISHING)
    with pytest.raises(LimitReached) as refused:
        await eleventh.offer()
    assert refused.value.words == (
        "As many people as possible are already seen and heard in this room."
    )
    assert refused.value.action == (
        "You can listen and watch; ask somebody to leave before you speak."
    )
    assert not eleventh.place.participant.publications
    await eleventh.connect(tracks={})
    assert any(eleventh.leg.bound.values()), "they see and hear the others"
    assert all(len(person.leg.published) == 2 for person in people), "and harm none of them"

    await people[0].seat.leave("left")
    await eleventh.offer(restarted(CHROMIUM), fresh=False)
    assert len(eleventh.place.participant.publications) == 2


def test_an_offer_with_places_for_nine_others_fits_a_message() -> None:
    offer = {"type": "offer", "id": 1, "sdp": with_places_for_all(), "fresh": True, "tracks": {}}
    assert len(msgspec.json.encode(offer)) <= RelayConfig().signalling.max_message_bytes
