"""Two people who hear and see each other, and what they are told of silences."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, cast

from relay.config import MediaConfig
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.relay_process import RelayProcess, free_media_port
from tests.endtoend.silence_acts import Scene
from tests.endtoend.wire import BACK, FRONT, forwarding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.tab import Browser


@contextlib.asynccontextmanager
async def silence_scene(
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    *,
    state: Path | None = None,
) -> AsyncIterator[Scene]:
    """Bring them together over a wire that can be cut; the relay's own files are in `state`."""
    media = MediaConfig(listen=(BACK,), port=free_media_port(), announce=(FRONT,), adaptation=False)
    async with (
        serving_here(front_end, media=media, state=state) as relay,
        forwarding(relay.port, media.port) as wire,
    ):
        room = room_of(relay, front_end, browser)
        try:
            practitioner = await room.join("practitioner", RED)
            patient = await room.join("patient", BLUE, publish=False)
            await patient.tab.evaluate("window.faults.useTestDevices()")
            await patient.tab.evaluate("window.bare.publishDevices()")
            await _touch(practitioner)
            await asyncio.gather(
                patient.sees(RED), patient.hears(RED), practitioner.decodes(20, within_s=15)
            )
            yield Scene(room.room, relay, wire, practitioner, patient)
        finally:
            await room.close()


def room_of(
    relay: RelayHere, front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> Consultation:
    """Give an empty room of a relay in this process, which is as good as one in its own."""
    return Consultation(cast("RelayProcess", relay), front_end, browser, websocket_host=FRONT)


async def told(
    participant: Participant,
    since_ms: float,
    within_s: float,
    *,
    source: str = "microphone",
    cause: str | None = None,
    over: bool = False,
) -> dict[str, Any]:
    """Wait for the first word on a silence of a source since a moment.

    Raises:
        AssertionError: There was none, in that time.

    """
    found = (
        "window.bare.seen.find(({ name, at_ms, detail }) => name === 'silence' && "
        f"at_ms >= {since_ms} && detail.over === {json.dumps(over)} && "
        f"detail.source === {json.dumps(source)}"
        + (f" && detail.cause === {json.dumps(cause)})" if cause else ")")
    )
    seen: dict[str, Any] = await participant.until(found, within_s=within_s)
    return seen


async def _touch(participant: Participant) -> None:
    """Touch the page, as everybody does who has joined by a button."""
    page: Any = participant.tab
    await page.page.mouse.click(5, 5)
