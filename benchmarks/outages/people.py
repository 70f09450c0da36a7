"""A practitioner and a patient, each on the relay's own page, and what both notice."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.outages.flowing import Sample, picture_back_s, samples_of, sound_back_s
from relay.rooms.permissions import Role
from signalling.keys import Key
from signalling.links import consultation_link, full_grant, websocket_url
from signalling.tokens import Invitation, mint
from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import Participant
from tests.endtoend.tab import Browser, Tab

FLOWS: Final = Path(__file__).parent / "pages" / "flows.js"
APPEARANCES: Final = {Role.PRACTITIONER: RED, Role.PATIENT: BLUE}
TOKEN_TTL_S: Final = 3_600
POLL_S: Final = 0.2
TOGETHER_S: Final = 30.0
SETTLE_S: Final = 3.0
"""After both are heard and seen: jitter buffers and estimates of a newcomer are no part of it."""

T = TypeVar("T")


@dataclass(slots=True)
class Watched:
    """One of the two, and what their page has noted."""

    participant: Participant
    samples: list[Sample] = field(default_factory=list)

    async def refresh(self) -> None:
        """Take what was noted since the last time."""
        rows = await self.participant.tab.evaluate("window.flows.listen(), window.flows.take()")
        self.samples += samples_of(rows)

    async def told(self, since_ms: float) -> list[dict[str, Any]]:
        """Give what the SDK has told since a moment."""
        told: list[dict[str, Any]] = await self.participant.tab.evaluate("window.flows.told")
        return [each for each in told if each["at_ms"] >= since_ms]

    async def seat(self) -> str | None:
        """Say who they are in the room."""
        seat: str | None = await self.participant.tab.evaluate("window.flows.id()")
        return seat


@dataclass(slots=True)
class Pair:
    """Both."""

    practitioner: Watched
    patient: Watched

    @property
    def both(self) -> tuple[Watched, Watched]:
        """Them, in this order."""
        return self.practitioner, self.patient

    async def later(self, figure: Callable[[list[Sample]], T | None]) -> T | None:
        """Give the larger of a figure of both; nothing while one of them has none."""
        found = [figure(one.samples) for one in self.both]
        return None if None in found else max(found)  # type: ignore[type-var]

    async def until_back(
        self, since_ms: float, within_s: float
    ) -> tuple[float | None, float | None]:
        """Wait until sound and pictures flow both ways; say after how long each did."""
        deadline_s = time.monotonic() + within_s
        while True:
            for one in self.both:
                await one.refresh()
            sound_s = await self.later(lambda seen: sound_back_s(seen, since_ms))
            picture_s = await self.later(lambda seen: picture_back_s(seen, since_ms))
            if (sound_s is not None and picture_s is not None) or time.monotonic() > deadline_s:
                return sound_s, picture_s
            await asyncio.sleep(POLL_S)


@dataclass(frozen=True, slots=True)
class House:
    """A relay, and a browser for each of the two."""

    key: Key
    urls: Mapping[Role, str]
    """Where each of them reaches the relay."""
    browsers: Mapping[Role, Browser]

    @asynccontextmanager
    async def consultation(self) -> AsyncIterator[Pair]:
        """Bring both together, until they hear and see each other.

        Raises:
            BenchmarkFailed: They do not.

        """
        async with self.room() as enter:
            pair = Pair(*[await enter(role) for role in APPEARANCES])
            await self._settle(pair)
            yield pair

    @asynccontextmanager
    async def room(self) -> AsyncIterator[Callable[[Role], Awaitable[Watched]]]:
        """Give what lets somebody enter a room of its own, as soon as their page connects."""
        room, tabs = f"measured-{secrets.token_hex(4)}", list[Tab]()
        try:
            yield lambda role: self._enter(room, role, tabs)
        finally:
            for tab in tabs:
                await tab.close()

    async def _enter(self, room: str, role: Role, tabs: list[Tab]) -> Watched:
        url = self.urls[role]
        grant = full_grant(room, role, role.value, open_room=True)
        invitation = Invitation(grant, url=websocket_url(url), ttl_s=TOKEN_TTL_S)
        token = mint(invitation, self.key, time.time())
        tab = await self.browsers[role].open(consultation_link(url, token), preload=[FLOWS])
        tabs.append(tab)
        participant = Participant(role.value, APPEARANCES[role], "page", tab)
        await page_controls.enter(participant)
        return Watched(participant)

    async def _settle(self, pair: Pair) -> None:
        together_ms = time.time() * 1_000
        back = await pair.until_back(together_ms, TOGETHER_S)
        if None in back:
            raise BenchmarkFailed("the two did not come to hear and see each other")
        await asyncio.sleep(SETTLE_S)
        for one in pair.both:
            await one.refresh()
