"""Somebody comes in through a network that holds nearly everything back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.fallback.network import WAYS, Left, Network, told_way
from benchmarks.outages.flowing import Sample, sound_back_s
from benchmarks.outages.people import House
from relay.rooms.permissions import Role

PATIENCE_S: Final = 30.0
"""After which nobody waits any more for the other's picture."""

POLL_S: Final = 0.2
CONNECTED: Final = "window.probe.connections.at(-1)?.connectionState === 'connected'"


@dataclass(frozen=True, slots=True)
class Joined:
    """What came when, in seconds from the click on the link; nothing for what did not come."""

    picture_s: float | None = None
    """The first frame of the other that was decoded."""
    sound_s: float | None = None
    told_s: float | None = None
    """Until they were told in words which way their call goes."""
    way: str = ""
    """As they were told."""

    def is_astray(self, left: Left) -> bool:
        """Whether the call goes by a way that was held back."""
        return self.picture_s is not None and bool(self.way) and self.way not in WAYS[left]

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


async def join(house: House, network: Network, left: Left) -> Joined:
    """Have a patient come to a practitioner who is there already, in the same network."""
    network.leave(left)
    async with house.room() as enter:
        waiting = await enter(Role.PRACTITIONER)
        try:
            await waiting.participant.until(CONNECTED, within_s=PATIENCE_S)
        except AssertionError:
            # Whoever comes after them sees nobody.
            return Joined()
        arriving = await enter(Role.PATIENT)
        clicked_ms = float(await arriving.participant.tab.evaluate("performance.timeOrigin"))
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            await arriving.refresh()
            picture_s = first_frame_s(arriving.samples, clicked_ms)
            sound_s = sound_back_s(arriving.samples, clicked_ms)
            if None not in {picture_s, sound_s} or time.monotonic() > deadline_s:
                break
            await asyncio.sleep(POLL_S)
        way, told_s = await told_way(arriving, left, clicked_ms)
        return Joined(picture_s, sound_s, told_s, way)


def first_frame_s(samples: Sequence[Sample], since_ms: float) -> float | None:
    """Say how long after a moment the first frame had been decoded; nothing if none was."""
    first = next((each for each in samples if each.at_ms > since_ms and each.frames), None)
    return None if first is None else (first.at_ms - since_ms) / 1_000
