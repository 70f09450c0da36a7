"""People who go on in another room or at another relay, and for how long they heard nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from relay.config import MediaConfig
from relay.ids import RoomId
from signalling.links import websocket_url
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.relay_process import RelayProcess
    from tests.endtoend.tab import Browser

STATES = "window.bare.seen.filter(({name}) => name === 'state').map(({detail}) => detail.state)"
STEADY = "window.gaps.steady_ms().then((ms) => ms >= 500)"
GONE_OVER = (
    "window.probe.connections.map((one) => one.connectionState).join() === 'closed,connected'"
)


async def gaps_between_rooms_ms(
    front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]], *, workers: int
) -> list[float]:
    """Move a patient to another room, and give the longest silence they heard.

    Args:
        front_end: Where the pages are.
        browser: Gives a browser by kind and appearance.
        workers: Of the relay; with two, each room has its own.

    Raises:
        AssertionError: They were not heard there.

    """
    media = MediaConfig(port=0, workers=workers, adaptation=False)
    async with serving_here(front_end, media=media) as here:
        first, second = (_room_of(here, front_end, browser) for _ in range(2))
        await enters(first, "practitioner", RED)
        patient = await enters(first, "patient", BLUE)
        await enters(second, "expert", GREEN)
        await listens(patient, RED)
        rooms = here.media_plane._seating.rooms
        homes = {rooms[RoomId(each.room)].model.worker for each in (first, second)}
        assert len(homes) == workers
        moved = here.place(first.room, "patient").participant.id
        here.media_plane.desk().moderation(RoomId(first.room)).move(moved, RoomId(second.room))
        await patient.hears(GREEN)
        gap_ms = await longest_gap_ms(patient)
        for room in (first, second):
            await room.close()
    return [gap_ms]


async def gaps_between_relays_ms(
    front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> list[float]:
    """Send a consultation of two to another relay, and give the longest silence each heard.

    Raises:
        AssertionError: They were not heard there, or saw an interruption, or somebody stayed.

    """
    async with serving_here(front_end) as here, serving_here(front_end) as there:
        room = _room_of(here, front_end, browser)
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
        gaps_ms = [await longest_gap_ms(who) for who in (patient, practitioner)]
        assert await patient.tab.evaluate(STATES) == told, "the person saw no interruption"
        assert not here.media_plane.status()["rooms"]
        assert there.media_plane.status()["participants"] == 2
        await room.close()
    return gaps_ms


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


async def longest_gap_ms(who: Participant) -> float:
    """Give the longest silence played since they began to listen."""
    longest_ms: float = await who.tab.evaluate("window.gaps.longest_ms()")
    return longest_ms


def _room_of(
    relay: RelayHere, front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> Consultation:
    return Consultation(cast("RelayProcess", relay), front_end, browser)
