"""The outages themselves: how each is made, and from when on its figures count."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple

from benchmarks.outages.flowing import longest_silence_s, picture_back_s, sound_back_s
from benchmarks.outages.people import Pair, Watched
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
class Noticed:
    """What one of the two noticed; nothing for what did not come."""

    sound_s: float | None
    """Until they hear the other; so of the picture."""
    picture_s: float | None
    told_s: float | None
    """From the beginning until they were told in words that a connection is lost."""
    silence_told_s: float | None
    """From the beginning until they were told that somebody is not heard or seen."""

    @property
    def word_s(self) -> float | None:
        """From the beginning until the first of these words."""
        told_s = [each for each in (self.told_s, self.silence_told_s) if each is not None]
        return min(told_s, default=None)


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
    """From the beginning until the later of both was told in words that a connection is lost."""
    word_s: float | None
    """From the beginning until the later of both was told that anything is amiss."""
    seat_kept: bool
    """Whether both are who they were, and nobody was told that the other left or came."""
    noticed: Mapping[str, Noticed] = field(default_factory=dict)
    """By role: whose sound, picture and words were the later ones."""

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        figures = _rounded(
            {
                "sound_s": self.sound_s,
                "picture_s": self.picture_s,
                "silence_s": self.silence_s,
                "told_s": self.told_s,
                "word_s": self.word_s,
            }
        )
        return {
            "begun_ms": round(self.begun_ms),
            **figures,
            "seat_kept": self.seat_kept,
            "noticed": {role: _rounded(asdict(each)) for role, each in self.noticed.items()},
        }


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


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
    noticed = {
        one.participant.role: await _noticed(one, Moments(begun_ms, since_ms, gone_ms))
        for one in pair.both
    }
    return Attempt(
        begun_ms,
        sound_s,
        picture_s,
        None if sound_s is None else max(silences),
        _latest_s([each.told_s for each in noticed.values()]),
        _latest_s([each.word_s for each in noticed.values()]),
        kept and not changes & {"left", "joined"},
        noticed,
    )


async def _noticed(one: Watched, moments: Moments) -> Noticed:
    begun_ms, since_ms, gone_ms = moments
    gone_s = (gone_ms - since_ms) / 1_000
    back = (sound_back_s(one.samples, gone_ms), picture_back_s(one.samples, gone_ms))
    sound_s, picture_s = (None if each is None else each + gone_s for each in back)
    told = await one.told(begun_ms)
    words = [each for each in told if is_word_of_it(each)]
    silences = [each for each in told if each["name"] == "silence" and each["what"] != "over"]
    return Noticed(sound_s, picture_s, _first_s(words, begun_ms), _first_s(silences, begun_ms))


def _latest_s(of_both: Sequence[float | None]) -> float | None:
    known = [each for each in of_both if each is not None]
    return max(known) if len(known) == len(of_both) else None


def _first_s(told: Sequence[Mapping[str, Any]], begun_ms: float) -> float | None:
    return (min(each["at_ms"] for each in told) - begun_ms) / 1_000 if told else None


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
