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
    SMALL_BPS,
    WIDER_AGAIN_S,
    Network,
    adapting_behind_a_wire,
    hears_well,
    join_with_grain,
    join_with_sound,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation
    from tests.endtoend.relay_here import RelayHere

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

SOUND_BPS = 100_000
"""A voice, and no picture."""


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
    [
        pytest.param("chromium", "chromium", marks=pytest.mark.thorough),
        pytest.param("chromium", "firefox", marks=pytest.mark.thorough),
        ("firefox", "chromium"),
    ],
)
async def test_a_narrow_receiver_gets_a_small_picture_and_the_other_keeps_the_large_one(
    consultation: Consultation, network: Network, publisher: str, receiver: str
) -> None:
    practitioner = await join_with_sound(consultation, "practitioner", RED)
    patient = await join_with_grain(consultation, "patient", BLUE, browser=publisher)
    link = Bottleneck()
    with network.over(link):
        interpreter = await consultation.join("interpreter", GREEN, browser=receiver)
    await asyncio.gather(interpreter.sees(BLUE), practitioner.sees(BLUE, GREEN))
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
    await asyncio.gather(interpreter.sees(BLUE), practitioner.sees(BLUE, GREEN))
    beside = await wide.shows(WHOLE)
    assert (beside.line, beside.decoder) == (before.line, before.decoder)
    await narrow.shows_less_than(WHOLE)

    link.narrow(None)
    again = await narrow.shows(WHOLE, within_s=WIDER_AGAIN_S)
    assert (again.line, again.decoder) == (small.line, small.decoder)
    await asyncio.gather(
        interpreter.hears(RED, BLUE), patient.hears(RED, GREEN), patient.sees(GREEN)
    )


@pytest.mark.parametrize(
    "receiver", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"]
)
async def test_sound_goes_on_where_there_is_room_for_nothing_else(
    consultation: Consultation, network: Network, receiver: str
) -> None:
    practitioner = await join_with_grain(consultation, "practitioner", RED, browser="chromium")
    link = Bottleneck()
    with network.over(link):
        patient = await consultation.join("patient", BLUE, browser=receiver)
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
