"""With `media.adaptation`, on a network that carries everything: nothing is worse for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.layers.state import State
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.participant import polling
from tests.endtoend.relay_here import RelayHere, serving_here

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.ids import LegId
    from relay.workers.estimate import Estimate
    from tests.endtoend.consultation import Consultation

pytestmark = pytest.mark.timeout(120)

KNOWN_BPS = 1_000_000
"""Far above the 300 kbit/s from which every estimate starts: bursts have found it."""

PAUSED = {State.PARTLY_PAUSED, State.VIDEO_PAUSED, State.AUDIO_ONLY}


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay that adapts, in the place of the run's own."""
    async with serving_here(front_end, adaptation=True) as running:
        yield running


async def test_two_people_are_followed_and_their_paths_become_known(
    consultation: Consultation, relay: RelayHere
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    media_plane = relay.media_plane
    estimates: dict[LegId, Estimate] = {}
    async for _ in polling(30):
        estimates = dict(media_plane._engine.reports.estimates)
        known = [each.rate_bps >= KNOWN_BPS for each in estimates.values()]
        if media_plane._adapting.states[State.FOLLOWED] == 2 and known == [True, True]:
            break
    assert media_plane._adapting.states == {State.FOLLOWED: 2}
    assert all(each.rate_bps >= KNOWN_BPS for each in estimates.values()), estimates
    assert all(each.sound_told > 0 for each in estimates.values()), "feedback speaks of sound"
    counters = media_plane._engine.counters()
    assert counters["probes"] >= 2
    assert counters["drop_feedback_unknown"] == counters["drop_feedback_flood"] == 0
    assert counters["drop_paused"] == counters["drop_waited_too_long"] == 0
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))


async def test_somebody_who_comes_as_the_third_sees_and_is_seen(
    consultation: Consultation, relay: RelayHere
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    interpreter = await consultation.join("interpreter", GREEN)
    await asyncio.gather(
        practitioner.sees(BLUE, GREEN), patient.sees(RED, GREEN), interpreter.sees(RED, BLUE)
    )
    # A picture may wait for a moment while the bursts find out what the path carries.
    adapting = relay.media_plane._adapting
    async for _ in polling(30):
        if sum(adapting.states.values()) == 3 and not adapting.states.keys() & PAUSED:
            break
    assert sum(adapting.states.values()) == 3
    assert not adapting.states.keys() & PAUSED, adapting.states
    await asyncio.gather(
        practitioner.sees(BLUE, GREEN), patient.sees(RED, GREEN), interpreter.sees(RED, BLUE)
    )
