"""The outages themselves: how each is made, and from when on its figures count."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from benchmarks.outages.flowing import longest_silence_s
from benchmarks.outages.people import Pair
from benchmarks.outages.two_networks import TwoNetworks
from tests.endtoend import page_controls
from tests.endtoend.wire import Wire

OUTAGE_S: Final = 30.0
BACK_S: Final = 60.0
"""After which nobody waits any more for sound and picture."""

PHASE_S: Final = 2.5
"""Browsers check a path that works about so often: an outage begins anywhere in between."""

BEFORE_MS: Final = 200.0
AFTER_S: Final = 3.0
"""For how long it is seen that what is back stays."""


class Moments(NamedTuple):
    """Unix milliseconds."""

    begun_ms: float
    since_ms: float
    """From when its figures count."""
    gone_ms: float
    """From when what is heard and seen cannot be from before it any more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One outage."""

    begun_ms: float
    sound_s: float | None
    """Until both hear each other; nothing if they do not in time. So of pictures."""
    picture_s: float | None
    silence_s: float | None
    """For how long sound was away from one of them, at the longest; nothing if it stayed away."""
    told_s: float | None
    """From the beginning until the later of both was told in words."""
    seat_kept: bool
    """Whether both are who they were, and nobody was told that the other left or came."""

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        figures = {
            name: None if value is None else round(value, 3)
            for name, value in (
                ("sound_s", self.sound_s),
                ("picture_s", self.picture_s),
                ("silence_s", self.silence_s),
                ("told_s", self.told_s),
            )
        }
        return {"begun_ms": round(self.begun_ms), **figures, "seat_kept": self.seat_kept}


def now_ms() -> float:
    """Give this moment as pages tell it."""
    return time.time() * 1_000


async def attempt(
    pair: Pair, play: Callable[[Pair], Awaitable[Moments]], chance: random.Random
) -> Attempt:
    """Make an outage at a random moment, and see what both notice of it."""
    seats = [await one.seat() for one in pair.both]
    await asyncio.sleep(chance.uniform(0, PHASE_S))
    for one in pair.both:
        await one.refresh()
    begun_ms, since_ms, gone_ms = await play(pair)
    back = await pair.until_back(gone_ms, BACK_S)
    gone_s = (gone_ms - since_ms) / 1_000
    sound_s, picture_s = (None if each is None else each + gone_s for each in back)
    await asyncio.sleep(AFTER_S)
    for one in pair.both:
        await one.refresh()
    end_ms = now_ms()
    silences = [longest_silence_s(one.samples, begun_ms - BEFORE_MS, end_ms) for one in pair.both]
    kept = [await one.seat() for one in pair.both] == seats
    changes = {each["what"] for each in await pair.practitioner.told(begun_ms)}
    return Attempt(
        begun_ms,
        sound_s,
        picture_s,
        None if sound_s is None else max(silences),
        await _told_s(pair, begun_ms),
        kept and not changes & {"left", "joined"},
    )


async def _told_s(pair: Pair, begun_ms: float) -> float | None:
    firsts: list[float] = []
    for one in pair.both:
        told = [each["at_ms"] for each in await one.told(begun_ms) if is_word_of_it(each)]
        if not told:
            return None
        firsts.append(min(told))
    return (max(firsts) - begun_ms) / 1_000


def is_word_of_it(told: Mapping[str, Any]) -> bool:
    """Whether this says that one's own network, or the other's, is interrupted."""
    if told["name"] == "state":
        return bool(told["what"] == "reconnecting" or told["reason"] == "interrupted")
    return bool(told["what"] == "interrupted")


# With two networks ------------------------------------------------------------------------------


def dead_zone(networks: TwoNetworks, outage_s: float) -> Callable[[Pair], Awaitable[Moments]]:
    """Every packet is lost; the device believes that it has a network."""

    async def play(_: Pair) -> Moments:
        begun_ms = now_ms()
        networks.black_out(dead=True)
        await asyncio.sleep(outage_s)
        since_ms = now_ms()
        networks.black_out(dead=False)
        return Moments(begun_ms, since_ms, since_ms)

    return play


def no_network(networks: TwoNetworks, outage_s: float) -> Callable[[Pair], Awaitable[Moments]]:
    """The device has no network, and knows it."""

    async def play(_: Pair) -> Moments:
        begun_ms = now_ms()
        networks.lose()
        await asyncio.sleep(outage_s)
        since_ms = now_ms()
        networks.regain()
        return Moments(begun_ms, since_ms, since_ms)

    return play


def other_network(networks: TwoNetworks) -> Callable[[Pair], Awaitable[Moments]]:
    """Wi-Fi goes and mobile comes: another address, and the old one is dead."""

    async def play(_: Pair) -> Moments:
        begun_ms = now_ms()
        networks.change_to("mobile")
        return Moments(begun_ms, begun_ms, begun_ms)

    return play


# Over a wire in user space ----------------------------------------------------------------------


def new_port(wire: Wire) -> Callable[[Pair], Awaitable[Moments]]:
    """A NAT forgets: the same sockets are seen from other ports, and old ones are dead."""

    async def play(_: Pair) -> Moments:
        begun_ms = now_ms()
        wire.move()
        return Moments(begun_ms, begun_ms, begun_ms)

    return play


def socket_alone(wire: Wire) -> Callable[[Pair], Awaitable[Moments]]:
    """The patient's WebSocket ends; media has its own way. Over when it is there again."""

    async def play(pair: Pair) -> Moments:
        begun_ms = now_ms()
        wire.sever()
        told = (
            f"window.flows.told.some(({{ at_ms, what }}) => at_ms >= {begun_ms} && what === 'back')"
        )
        await pair.practitioner.participant.until(told, within_s=BACK_S)
        return Moments(begun_ms, begun_ms, begun_ms)

    return play


async def page_anew(pair: Pair) -> Moments:
    """The patient loads the page again."""
    begun_ms = now_ms()
    await pair.patient.participant.tab.reload()
    gone_ms = now_ms()
    await page_controls.enter(pair.patient.participant)
    return Moments(begun_ms, begun_ms, gone_ms)
