"""A firewall begins to hold back what a call goes by, in the middle of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.fallback.network import WAYS, Left, Network, told_way
from benchmarks.outages.cases import Attempt, Moments, attempt, now_ms
from benchmarks.outages.people import House, Pair

BUFFERED_MS: Final = 300.0
"""For so long a page may still play what had come before."""

BETWEEN_S: Final = 5.0
"""From what is seen of one death to the next in the same call."""

QUICK_S: Final = 3.0
"""What is over so soon needs no words: that is when people are told of a silence at the latest."""


@dataclass(frozen=True, slots=True)
class Death:
    """What dies."""

    words: str
    left: Left
    """What is let through from then on."""


DEATHS: Final[Mapping[str, Death]] = {
    "udp": Death("UDP dies", "no udp"),
    "then tcp": Death("then all but TURN over TLS dies", "turn tls"),
    "at once": Death("all but TURN over TLS dies at once", "turn tls"),
}
"""By the names they are chosen by."""

CALLS: Final[Sequence[Sequence[str]]] = (("udp", "then tcp"), ("at once",))
"""What happens in one call, one after the other."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """What both noticed of one death."""

    seen: Attempt
    ways: Sequence[str]
    """By which way each one's call goes afterwards, as they were told."""
    told_s: float | None
    """Until both were told in words which; nothing where one was not."""

    @property
    def back_s(self) -> float | None:
        """Until both hear and see each other again; nothing if they do not in time."""
        if self.seen.sound_s is None or self.seen.picture_s is None:
            return None
        return max(self.seen.sound_s, self.seen.picture_s)

    @property
    def needs_words(self) -> bool:
        """Whether it lasted long enough for somebody to have to be told that something is amiss."""
        return self.back_s is None or self.back_s > QUICK_S

    def is_astray(self, left: Left) -> bool:
        """Whether a call goes on by a way that is held back."""
        return self.back_s is not None and any(way and way not in WAYS[left] for way in self.ways)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        told_s = None if self.told_s is None else round(self.told_s, 3)
        return {**self.seen.row(), "ways": list(self.ways), "told_way_s": told_s}


async def call(
    house: House, network: Network, deaths: Sequence[str], chance: random.Random
) -> dict[str, Fallback]:
    """Have two people talk directly, and what they go by die, one thing after the other.

    Raises:
        BenchmarkFailed: They did not come to hear and see each other in the first place.

    """
    network.leave("everything")
    found: dict[str, Fallback] = {}
    async with house.consultation() as pair:
        for name in deaths:
            if found:
                await asyncio.sleep(BETWEEN_S)
            found[name] = await _die(pair, network, DEATHS[name].left, chance)
    return found


async def _die(pair: Pair, network: Network, left: Left, chance: random.Random) -> Fallback:
    async def play(_: Pair) -> Moments:
        begun_ms = now_ms()
        network.leave(left)
        return Moments(begun_ms, begun_ms, now_ms() + BUFFERED_MS)

    seen = await attempt(pair, play, chance)
    told = await asyncio.gather(*(told_way(one, left, seen.begun_ms) for one in pair.both))
    times = [told_s for _, told_s in told]
    known = [told_s for told_s in times if told_s is not None]
    told_s = max(known) if len(known) == len(times) else None
    return Fallback(seen, [way for way, _ in told], told_s)
