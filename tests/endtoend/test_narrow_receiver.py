"""One path narrows: its receiver is sent less, everybody is heard, and nobody else notices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.bottleneck import Bottleneck
from tests.endtoend.course import WHOLE, Watched
from tests.endtoend.narrow_paths import (
    Network,
    adapting_behind_a_wire,
    hears_well,
    join_with_grain,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation
    from tests.endtoend.relay_here import RelayHere

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

SMALL_BPS = 700_000
"""Two small pictures and two voices, and no large one."""
SOUND_BPS = 100_000
"""A voice, and no picture."""
WIDER_AGAIN_S = 40.0
"""A rise is tried by bursts every five seconds, and waits longer after one in vain."""
STOOD_S = 2.0
"""At the most between two frames of those whose path carries everything: their publisher's encoder
is made anew when other encodings begin."""


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
    ("publisher", "receiver"),
    [("chromium", "chromium"), ("chromium", "firefox"), ("firefox", "chromium")],
)
async def test_a_narrow_receiver_gets_a_small_picture_and_the_other_keeps_the_large_one(
    consultation: Consultation, network: Network, publisher: str, receiver: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await join_with_grain(consultation, "patient", BLUE, browser=publisher)
    link = Bottleneck()
    interpreter = await network.join_over(
        link, consultation, "interpreter", GREEN, browser=receiver
    )
    await asyncio.gather(interpreter.sees(RED, BLUE), practitioner.sees(BLUE, GREEN))
    wide, narrow = await asyncio.gather(
        Watched.begin(practitioner, BLUE), Watched.begin(interpreter, BLUE)
    )
    before, _ = await asyncio.gather(wide.shows(WHOLE), narrow.shows(WHOLE, within_s=WIDER_AGAIN_S))

    link.narrow(SMALL_BPS)
    _, small, *_ = await asyncio.gather(
        hears_well(practitioner),
        narrow.shows_less_than(WHOLE),
        hears_well(interpreter),
        interpreter.hears(RED, BLUE),
    )
    assert link.dropped > 0, "it was narrow"
    await asyncio.gather(interpreter.sees(RED, BLUE), practitioner.sees(BLUE, GREEN))
    beside = await wide.shows(WHOLE)
    assert beside.widths == (WHOLE,), "the other keeps the large one"
    assert (beside.line, beside.decoder) == (before.line, before.decoder)
    assert beside.longest_s < STOOD_S

    link.narrow(None)
    again = await narrow.shows(WHOLE, within_s=WIDER_AGAIN_S)
    assert (again.line, again.decoder) == (small.line, small.decoder)
    await asyncio.gather(
        interpreter.hears(RED, BLUE), patient.hears(RED, GREEN), patient.sees(RED, GREEN)
    )


@pytest.mark.parametrize("receiver", ["chromium", "firefox"])
async def test_sound_goes_on_where_there_is_room_for_nothing_else(
    consultation: Consultation, network: Network, receiver: str
) -> None:
    practitioner = await join_with_grain(consultation, "practitioner", RED, browser="chromium")
    link = Bottleneck()
    patient = await network.join_over(link, consultation, "patient", BLUE, browser=receiver)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))

    link.narrow(SOUND_BPS)
    await patient.until(
        "window.bare.consultation().pictures.some(({ reason }) => reason === 'low_rate')",
        within_s=20,
    )
    await hears_well(patient)
    await asyncio.gather(patient.hears(RED), practitioner.hears(BLUE), practitioner.sees(BLUE))

    link.narrow(None)
    await patient.sees(RED, within_s=WIDER_AGAIN_S)
    await patient.hears(RED)
