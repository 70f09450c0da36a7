"""A camera of several encodings: a receiver is sent another one, and its decoder does not notice.

Nothing is weak here: what adaptation decides is said into the relay by hand.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.layers.ladder import ALL_LAYERS
from relay.layers.offered import PRESUMED_BPS
from relay.rooms.events import EncodingChoice, EncodingsChosen
from relay.rooms.permissions import Source
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.course import HALF, WHOLE, Watched, sends, sent
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.test_told_adaptation import leg_of
from tests.polling import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.legs.leg import Slot
    from relay.places.open_rooms import Place
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.course import Counted

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

RIDS = "hml"
SWITCHES = [(1, HALF), (0, WHOLE)] * 3
"""The encoding that is sent, and its width."""

KEYS_A_SWITCH = 2
"""One to begin with. libwebrtc makes one of every encoding when it is asked for one of any, so the
encoding that is left may bring its own before the other's has come."""

STOOD_S = 1.0
"""At the most between two frames that are shown. It was 0.08 to 0.3 s where browsers had the cores
to themselves; a decoder that begins anew waits for a key frame that nobody has asked for."""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay into which a test can speak, in the place of the run's own."""
    async with serving_here(front_end) as running:
        yield running


@pytest.mark.parametrize(
    ("publisher", "receiver"),
    [
        ("chromium", "chromium"),
        pytest.param("chromium", "firefox", marks=pytest.mark.thorough),
        pytest.param("firefox", "chromium", marks=pytest.mark.thorough),
        ("firefox", "firefox"),
    ],
)
async def test_a_receiver_is_sent_another_encoding_and_goes_on_decoding(
    consultation: Consultation, relay: RelayHere, publisher: str, receiver: str
) -> None:
    practitioner = await consultation.join("practitioner", RED, browser=receiver)
    patient = await consultation.join("patient", BLUE, browser=publisher)
    interpreter = await consultation.join("interpreter", GREEN)
    await asyncio.gather(practitioner.sees(BLUE, GREEN), interpreter.sees(BLUE, RED))
    publishing = relay.place(consultation.room, "patient")
    await send_all(relay, publishing)
    await sends(patient, "h", "m")
    switched, steady = await asyncio.gather(
        Watched.begin(practitioner, BLUE), Watched.begin(interpreter, BLUE)
    )
    before, beside = await asyncio.gather(switched.shows(WHOLE), steady.shows(WHOLE))
    asked = await sent(patient)

    receiving = leg_of(relay.place(consultation.room, "practitioner"))
    slot = slot_of(publishing, relay.place(consultation.room, "practitioner"))
    now = before
    for encoding, width in SWITCHES:
        receiving.engine.set_layer(slot.id, encoding, ALL_LAYERS, ALL_LAYERS)
        earlier, now = now, await switched.shows(width)
        assert now.decoded > earlier.decoded, "nothing is counted anew"
    assert now.widths == (WHOLE, *(width for _, width in SWITCHES)), "each change once"
    same_decoder(before, now)
    assert 1 <= (now.key_frames - before.key_frames) / len(SWITCHES) <= KEYS_A_SWITCH
    same_decoder(beside, await steady.shows(WHOLE))
    requests = sum(each.plis - asked[rid].plis for rid, each in (await sent(patient)).items())
    assert requests <= len(SWITCHES) + 1, "one for each change, and one in reserve"
    await asyncio.gather(practitioner.hears(BLUE), interpreter.hears(BLUE))


def same_decoder(before: Counted, now: Counted) -> None:
    """Hold that nothing began anew, was missed or stood still."""
    assert (now.line, now.decoder) == (before.line, before.decoder)
    assert (now.lost, now.plis) == (before.lost, before.plis), "nothing is missed"
    assert now.longest_s < STOOD_S, now
    assert now.frozen_s - before.frozen_s < STOOD_S, now


async def send_all(relay: RelayHere, place: Place) -> None:
    """Ask a publisher for all encodings of its camera, and wait until the best two arrive."""
    camera = place.participant.publications[Source.CAMERA].id
    rows = zip(RIDS, PRESUMED_BPS, strict=False)
    choices = tuple(EncodingChoice(rid, active=True, max_bps=most) for rid, most in rows)
    place.ask_to_send(EncodingsChosen(camera, choices))
    track = leg_of(place).track_of(camera)
    await until(lambda: relay.media_plane._engine.reports.arriving.get(track, set()) >= {0, 1})


def slot_of(publisher: Place, receiver: Place) -> Slot:
    """Give the slot in which somebody's camera arrives at somebody."""
    track = leg_of(publisher).track_of(publisher.participant.publications[Source.CAMERA].id)
    (slot,) = (slot for slot in leg_of(receiver).slots.values() if slot.track == track)
    return slot
