"""Somebody goes on in another room: on the same worker, on another one, and on another relay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from relay.config import MediaConfig
from relay.ids import RoomId
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.moving_scene import STATES, gaps_between_relays_ms, gaps_between_rooms_ms
from tests.endtoend.relay_here import serving_here

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

CLOSED = "window.probe.connections.map(({connectionState}) => connectionState)"


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.thorough), 2])
async def test_sound_and_picture_go_on_in_the_other_room(
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    workers: int,
) -> None:
    media = MediaConfig(port=0, workers=workers, adaptation=False)
    async with serving_here(front_end, media=media) as here:
        first, second = (Consultation(here, front_end, browser) for _ in range(2))  # type: ignore[arg-type]
        practitioner = await first.join("practitioner", RED)
        patient = await first.join("patient", BLUE)
        expert = await second.join("expert", GREEN)
        await asyncio.gather(patient.sees(RED), practitioner.hears(BLUE), patient.hears(RED))
        rooms = here.media_plane._seating.rooms
        homes = {rooms[RoomId(each.room)].model.worker for each in (first, second)}
        assert len(homes) == workers
        told = await patient.tab.evaluate(STATES)

        desk = here.media_plane.desk()
        moved = here.place(first.room, "patient").participant.id
        desk.moderation(RoomId(first.room)).move(moved, RoomId(second.room))
        await asyncio.gather(patient.sees(GREEN), expert.sees(BLUE))
        await asyncio.gather(patient.hears(GREEN), expert.hears(BLUE))
        await asyncio.gather(
            patient.hears_nobody_like(RED),
            practitioner.hears_nobody_like(BLUE),
            practitioner.sees_nobody_like(BLUE),
        )
        assert await patient.tab.evaluate(STATES) == told, "the person saw no interruption"
        expected = ["connected"] if workers == 1 else ["closed", "connected"]
        assert await patient.tab.evaluate(CLOSED) == expected
        for room in (first, second):
            await room.close()


async def test_no_gap_is_heard_between_two_workers(
    front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> None:
    (gap_ms,) = await gaps_between_rooms_ms(front_end, browser, workers=2)
    assert gap_ms <= LONGEST_GAP_MS


async def test_a_consultation_goes_on_at_another_relay_without_a_gap(
    front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> None:
    gaps_ms = await gaps_between_relays_ms(front_end, browser)
    assert len(gaps_ms) == 2
    assert max(gaps_ms) <= LONGEST_GAP_MS


LONGEST_GAP_MS = 300.0
"""`make bench-moving` measures it."""
