"""In a real browser: a mark reaches the encoder and the layers, and figures come back.

Nothing is weak here: that layers fall in the marked order is tested in virtual time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.relay_here import RelayHere, serving_here

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

SENDER = (
    "window.probe.connections.at(-1).getTransceivers()"
    ".find(({ direction, sender }) => direction === 'sendonly' && sender.track?.kind === 'video')"
    ".sender"
)
PREFERS = f"({SENDER}.getParameters().degradationPreference ?? null)"
HINT = f"{SENDER}.track.contentHint"
SENT = "window.bare.consultation().subscriptions?.pictures ?? []"


def mark(keeps: str) -> str:
    """Write the SDK's call."""
    return f"window.bare.consultation().mark('camera', {keeps})"


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay that adapts, in the place of the run's own."""
    async with serving_here(front_end, adaptation=True) as running:
        yield running


async def test_a_mark_reaches_the_encoder_and_pictures_go_on_with_their_figures(
    consultation: Consultation,
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))

    await patient.tab.evaluate(mark("'motion'"))
    await patient.until(f"{PREFERS} === 'maintain-framerate' && {HINT} === 'motion'")
    await patient.tab.evaluate(mark("'detail'"))
    await patient.until(f"{PREFERS} === 'maintain-resolution' && {HINT} === 'detail'")

    # A third person switches the other encodings on, of a camera that is marked.
    interpreter = await consultation.join("interpreter", GREEN)
    await asyncio.gather(interpreter.sees(RED, BLUE), practitioner.sees(BLUE, GREEN))
    await interpreter.until(
        f"({SENT}).filter(({{ state, rid, kbps, width, height }}) =>"
        " state === 'sent' && 'hml'.includes(rid) && kbps > 0 && width > 0 && height > 0)"
        ".map(({ participant }) => participant.role).sort().join() === 'patient,practitioner'",
        within_s=30,
    )
    assert await interpreter.tab.evaluate("window.bare.consultation().subscriptions.path_kbps > 50")

    await patient.tab.evaluate(mark("null"))
    await patient.until(f"{PREFERS} === null && {HINT} === ''")
    await practitioner.sees(BLUE)
