"""Somebody goes on in another room: on the same worker, on another one, and on another relay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import structlog

from relay.config import MediaConfig
from relay.ids import RoomId
from signalling.links import websocket_url
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_here import serving_here
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

STATES = "window.bare.seen.filter(({name}) => name === 'state').map(({detail}) => detail.state)"
CLOSED = "window.probe.connections.map(({connectionState}) => connectionState)"


@pytest.mark.parametrize("workers", [1, 2])
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
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
) -> None:
    media = MediaConfig(port=0, workers=2, adaptation=False)
    async with serving_here(front_end, media=media) as here:
        first, second = (Consultation(here, front_end, browser) for _ in range(2))  # type: ignore[arg-type]
        await enters(first, "practitioner", RED)
        patient = await enters(first, "patient", BLUE)
        await enters(second, "expert", GREEN)
        await listens(patient, RED)
        moved = here.place(first.room, "patient").participant.id
        here.media_plane.desk().moderation(RoomId(first.room)).move(moved, RoomId(second.room))
        await patient.hears(GREEN)
        assert await gap_ms(patient) <= LONGEST_GAP_MS
        for room in (first, second):
            await room.close()


async def test_a_consultation_goes_on_at_another_relay_without_a_gap(
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
) -> None:
    async with serving_here(front_end) as here, serving_here(front_end) as there:
        room = Consultation(here, front_end, browser)  # type: ignore[arg-type]
        practitioner = await enters(room, "practitioner", RED)
        patient = await enters(room, "patient", BLUE)
        await asyncio.gather(listens(patient, RED), listens(practitioner, BLUE))
        told = await patient.tab.evaluate(STATES)
        for who in (practitioner, patient):
            name = here.place(room.room, who.role).participant.id
            token = await there.token(room.room, who.role, f"{who.role}-there")
            url = websocket_url(there.url)
            here.media_plane.steering.send_on(RoomId(room.room), name, url, token)
        await asyncio.gather(*(who.until(GONE_OVER) for who in (practitioner, patient)))
        await asyncio.gather(patient.hears(RED), practitioner.hears(BLUE))
        gaps = [await gap_ms(who) for who in (patient, practitioner)]
        assert max(gaps) <= LONGEST_GAP_MS
        assert await patient.tab.evaluate(STATES) == told, "the person saw no interruption"
        assert not here.media_plane.status()["rooms"]
        assert there.media_plane.status()["participants"] == 2
        await room.close()


async def enters(room: Consultation, role: str, appearance: Appearance) -> Participant:
    """Come in, with a tone that never pauses."""
    who = await room.join(role, appearance, publish=False)
    await who.tab.evaluate(call("window.gaps.publishTone", appearance.tone_hz))
    return who


async def listens(who: Participant, other: Appearance) -> None:
    """Begin to note for how long nothing is played, once somebody is heard without a pause."""
    await who.hears(other)
    await who.tab.evaluate("window.gaps.listen()")
    await who.until(STEADY)
    await who.tab.evaluate("window.gaps.begin()")


async def gap_ms(who: Participant) -> float:
    """Give the longest silence played since they began to listen."""
    longest_ms: float = await who.tab.evaluate("window.gaps.longest_ms()")
    _log.info("the longest silence", who=str(who), ms=round(longest_ms))
    return longest_ms


LONGEST_GAP_MS = 300.0
STEADY = "window.gaps.steady_ms().then((ms) => ms >= 500)"
_log = structlog.get_logger(__name__)
GONE_OVER = (
    "window.probe.connections.map((one) => one.connectionState).join() === 'closed,connected'"
)
