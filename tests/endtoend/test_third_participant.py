"""What a publisher's browser sends: one encoding for one receiver, more for more, none for nobody.

Nothing of it is negotiated anew.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.rooms.permissions import Source
from relay.routing.bindings import rebind
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.bottleneck import Bottleneck
from tests.endtoend.course import WHOLE, Watched, sends
from tests.endtoend.narrow_paths import (
    SMALL_BPS,
    STOOD_S,
    WIDER_AGAIN_S,
    Network,
    adapting_behind_a_wire,
    join_with_grain,
    join_with_sound,
)
from tests.endtoend.test_told_adaptation import leg_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation
    from tests.endtoend.relay_here import RelayHere

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

COUNT_CHANGES = """(() => {
  window.changes = 0;
  for (const connection of window.probe.connections) {
    connection.addEventListener("signalingstatechange", () => window.changes++);
    connection.addEventListener("negotiationneeded", () => window.changes++);
  }
  return true;
})()"""


@pytest_asyncio.fixture(loop_scope="session")
async def network(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[Network]:
    """Give a relay that adapts, in the place of the run's own, and what stands before it."""
    async with adapting_behind_a_wire(front_end) as running:
        yield running


@pytest.fixture
def relay(network: Network) -> RelayHere:
    """Give that relay."""
    return network.relay


@pytest.mark.parametrize(
    "publisher", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"]
)
async def test_somebody_who_comes_begins_other_encodings_and_ends_them_when_they_go(
    consultation: Consultation, network: Network, publisher: str
) -> None:
    practitioner = await join_with_sound(consultation, "practitioner", RED)
    patient = await join_with_grain(consultation, "patient", BLUE, browser=publisher)
    await practitioner.sees(BLUE)
    await sends(patient, "h", silent="ml")
    picture = await Watched.begin(practitioner, BLUE)
    before = await picture.shows(WHOLE)
    leg = leg_of(network.relay.place(consultation.room, "patient"))
    answers = leg.answers
    await patient.tab.evaluate(COUNT_CHANGES)

    link = Bottleneck()
    link.narrow(SMALL_BPS)
    with network.over(link):
        interpreter = await consultation.join("interpreter", GREEN)
    await sends(patient, "h", also_any_of="ml")
    await interpreter.sees(BLUE, within_s=20)
    await asyncio.gather(practitioner.sees(BLUE, GREEN), patient.sees(GREEN))

    await interpreter.tab.evaluate("window.bare.consultation().leave()")
    await sends(patient, "h", silent="ml")
    after = await picture.shows(WHOLE)
    assert (after.line, after.decoder) == (before.line, before.decoder)
    assert after.longest_s < STOOD_S
    assert leg.answers == answers
    assert await patient.tab.evaluate("window.changes") == 0
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))


@pytest.mark.parametrize(
    "publisher", ["chromium", pytest.param("firefox", marks=pytest.mark.thorough)]
)
async def test_a_camera_that_nobody_watches_sends_nothing(
    consultation: Consultation, relay: RelayHere, publisher: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=publisher)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await sends(patient, "h", silent="ml")
    answers = leg_of(relay.place(consultation.room, "patient")).answers

    watch(relay, consultation.room, "practitioner", "patient", wanted=False)
    await sends(patient, silent="hml")
    await asyncio.gather(practitioner.hears(BLUE), patient.sees(RED))

    watch(relay, consultation.room, "practitioner", "patient", wanted=True)
    await sends(patient, "h", silent="ml")
    await practitioner.sees(BLUE)
    assert leg_of(relay.place(consultation.room, "patient")).answers == answers


@pytest.mark.parametrize(
    "publisher", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"]
)
async def test_a_large_picture_that_nobody_has_room_for_is_not_made(
    consultation: Consultation, network: Network, publisher: str
) -> None:
    links = [Bottleneck(), Bottleneck()]
    for link in links:
        link.narrow(SMALL_BPS)
    with network.over(links[0]):
        practitioner = await join_with_sound(consultation, "practitioner", RED)
    with network.over(links[1]):
        interpreter = await join_with_sound(consultation, "interpreter", GREEN)
    patient = await join_with_grain(consultation, "patient", BLUE, browser=publisher)
    await asyncio.gather(practitioner.sees(BLUE, within_s=20), interpreter.sees(BLUE, within_s=20))
    await sends(patient, silent="h")
    await asyncio.gather(practitioner.sees(BLUE), interpreter.sees(BLUE))

    links[0].narrow(None)
    picture = await Watched.begin(practitioner, BLUE)
    await picture.shows(WHOLE, within_s=WIDER_AGAIN_S)
    await sends(patient, "h")
    await interpreter.sees(BLUE)


def watch(relay: RelayHere, room: str, receiver: str, publisher: str, *, wanted: bool) -> None:
    """Say for somebody whether they want another's camera: the message `subscribe`."""
    place = relay.place(room, receiver)
    camera = relay.place(room, publisher).participant.publications[Source.CAMERA].id
    place.room.model.subscribe(place.participant.id, camera, wanted=wanted)
    rebind(place.room)
