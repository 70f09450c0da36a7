"""One person of a consultation: a tab, and what it sees and hears of the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Tab

Door = Literal["page", "bare"]

COLOUR_TOLERANCE = 30
"""Of 255 per component: quantisation and the colour matrix cost up to 10, another person 100."""
TONE_TOLERANCE_HZ = 25.0
AUDIBLE_DB = -70.0
MOVED_SHARE = 0.02
"""The bar crosses the picture in 2 s: between two looks 0.2 s apart it moves 0.1 of the width."""
POLL_S = 0.2


@dataclass
class Participant:
    """Someone in a room."""

    role: str
    appearance: Appearance
    door: Door
    tab: Tab

    async def sees(self, *others: Appearance, within_s: float = 15.0) -> None:
        """Wait until every other's picture is shown, in its colour, and moves.

        Raises:
            AssertionError: It did not come, or stood still; says what was shown instead.

        """
        wanted = {other.name: other for other in others}
        places: dict[str, float] = {}
        shown: Any = None
        async for _ in polling(within_s):
            shown = await self.tab.evaluate("window.probe.pictures()")
            for name, other in list(wanted.items()):
                bar = next((p["bar"] for p in shown if is_of(p["colour"], other)), None)
                if bar is None:
                    continue
                if abs(bar - places.setdefault(name, bar)) > MOVED_SHARE:
                    del wanted[name]
            if not wanted:
                return
        names = ", ".join(sorted(wanted))
        raise AssertionError(f"{self} does not see {names} move within {within_s} s: {shown}")

    async def sees_nobody_like(self, other: Appearance, *, within_s: float = 5.0) -> None:
        """Wait until no picture that moves is the other's."""
        previous: list[float | None] = []
        async for _ in polling(within_s):
            shown = await self.tab.evaluate("window.probe.pictures()")
            bars = [p["bar"] for p in shown if is_of(p["colour"], other)]
            if not bars or bars == previous:
                return
            previous = bars
        raise AssertionError(f"{self} still sees {other.name} move after {within_s} s")

    async def hears(self, *others: Appearance, within_s: float = 15.0) -> None:
        """Wait until every other's tone was the loudest of some received sound."""
        wanted = {other.name: other.tone_hz for other in others}
        heard: Any = None
        async for _ in polling(within_s):
            heard = await self.tab.evaluate("window.probe.sounds()")
            for sound in heard:
                for name, tone_hz in list(wanted.items()):
                    if abs(sound["hz"] - tone_hz) < TONE_TOLERANCE_HZ and sound["db"] > AUDIBLE_DB:
                        del wanted[name]
            if not wanted:
                return
        names = ", ".join(sorted(wanted))
        raise AssertionError(f"{self} does not hear {names} within {within_s} s: {heard}")

    async def hears_nobody_like(
        self, other: Appearance, *, for_s: float = 1.5, within_s: float = 6.0
    ) -> None:
        """Wait until the tone has stayed away for a while: a jitter buffer plays on first."""
        clock = asyncio.get_running_loop()
        silent_since_s = clock.time()
        async for _ in polling(within_s):
            for sound in await self.tab.evaluate("window.probe.sounds()"):
                same = abs(sound["hz"] - other.tone_hz) < TONE_TOLERANCE_HZ
                if same and sound["db"] > AUDIBLE_DB:
                    silent_since_s = clock.time()
            if clock.time() - silent_since_s > for_s:
                return
        raise AssertionError(f"{self} still hears {other.name} after {within_s} s")

    async def received(self) -> dict[str, int]:
        """Give what the tab's receivers have counted."""
        counted: dict[str, int] = await self.tab.evaluate("window.probe.received()")
        return counted

    async def decodes(self, frames: int, *, within_s: float = 10.0) -> None:
        """Wait until so many more frames are decoded."""
        before = (await self.received())["framesDecoded"]
        async for _ in polling(within_s):
            if (await self.received())["framesDecoded"] >= before + frames:
                return
        now = (await self.received())["framesDecoded"]
        raise AssertionError(f"{self} decoded {now - before} frames in {within_s} s, not {frames}")

    async def until(self, expression: str, *, within_s: float = 10.0) -> Any:
        """Wait until the page's expression is true, and give its value."""
        async for _ in polling(within_s):
            value = await self.tab.evaluate(expression)
            if value:
                return value
        console = "\n".join(self.tab.console[-20:])
        raise AssertionError(f"{self}: not within {within_s} s: {expression}\n{console}")

    def __str__(self) -> str:
        """Give role and colour."""
        return f"the {self.role} ({self.appearance.name}, {self.door})"


def is_of(colour: list[int], appearance: Appearance) -> bool:
    """Tell whether a measured colour is the participant's."""
    return all(
        abs(measured - own) <= COLOUR_TOLERANCE
        for measured, own in zip(colour, appearance.colour, strict=True)
    )


async def polling(within_s: float) -> AsyncIterator[None]:
    """Come back every POLL_S until the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while True:
        yield
        if loop.time() > until:
            return
        await asyncio.sleep(POLL_S)
