"""How large the best encoding is to be that several people watch, whose paths differ. Pure.

One encoder makes it for all of them. At its most it may suit one and be out of everybody else's
reach, who are sent far less: of a camera that makes 1.8 and 0.2 Mbit/s, two behind one link of 2.5
had the smaller picture, and whoever tried the larger one pushed both down again (measured). Where
it is worth more to all together, it is made smaller, so that more of them can have it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from relay.layers.hysteresis import NEVER_US
from relay.units import US_PER_S

GAIN: Final = math.log(2.5)
"""What another choice has to be worth more. All rates are multiplied: to halve everybody's is worth
what doubling everybody's is (proportional fairness; Kelly, Maulloo and Tan, 1998). Of two, each
has to have more than half as much again: smaller gains were not worth the changes they cost."""

LEAST_TIMES: Final = 2.0
"""Times the next encoding: a picture of four times the size with less than twice of its rate is
worse than the small one."""

NOTHING_BPS: Final = 30_000.0
"""What somebody has to whom nothing can be sent: little, since a logarithm of nothing is none."""

FRAMES_BETWEEN: Final = 0.75
"""Of a rate, what it is worth with half the frames: in virtual time, with less, pictures that two
could have side by side at half of their frames were given up for a rate that swung."""

KEPT_SHARE: Final = 0.85
"""Of what is made: whose path carries that is thought to have it still."""

SPARE_SHARE: Final = 0.95
"""Of the room on a path: rates are told in media, and costs measured on the wire."""

LOWER_SHARE: Final = 0.9
LOWER_HOLD_US: Final = 4 * US_PER_S
"""So much less is worth a change once it has been so for so long: a newcomer's rate doubles each
second, and would halve everybody's picture for as long."""

HIGHER_TIMES: Final = 1.3
"""Times what is made there has to be room for, to make more: an estimate that is pressed falls, and
who falls is sent the small picture at once."""

STEP_TIMES: Final = 1.125
STEP_US: Final = 5 * US_PER_S
"""Then a step at a time, so that estimates have told what the last one did."""

FAILED_US: Final = 15 * US_PER_S
REFUTED_US: Final = 60 * US_PER_S
MOST_DOUBLINGS: Final = 3
"""Who has less soon after a step has it by the step; it is tried again after a minute, then after
twice as long, up to eight."""


class Room(NamedTuple):
    """One of those who watch."""

    bps: float
    """What their path has room for, sound and other pictures apart."""
    has_best: bool
    """Whether they are sent all of the best encoding just now."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a publisher's encoders make, on the wire."""

    full_bps: float
    """What the best encoding would take with one watcher, whose path carries everything."""
    shares: Sequence[float]
    """Of it, what its temporal layers below the highest take, the lowest first."""
    lesser_bps: Sequence[int]
    """What the smaller encodings take."""

    def had_bps(self, best_bps: float, room_bps: float) -> float:
        """Say what somebody has where the best encoding takes so much; few frames count as less."""
        if room_bps >= best_bps:
            return best_bps
        smaller = (float(bps) for bps in self.lesser_bps if bps <= room_bps)
        fewer = (
            best_bps * share * FRAMES_BETWEEN**step
            for step, share in enumerate(reversed(self.shares), 1)
            if best_bps * share <= room_bps
        )
        return max((*smaller, *fewer, NOTHING_BPS))


@dataclass(slots=True)
class Sharing:
    """One track's best encoding."""

    most_bps: float = math.inf
    """What it may take on the wire."""
    _lower_since_us: int | None = None
    _moved_us: int = NEVER_US
    _raised_us: int = NEVER_US
    _refuted_bps: float = math.inf
    """More than that was tried, and some could not have it."""
    _refuted_until_us: int = NEVER_US
    _failures: int = 0

    def update(self, rooms: Sequence[Room], made: Made, now_us: int) -> None:
        """Decide anew what it may take.

        Args:
            rooms: Of everybody who watches.
            made: What there is without a limit.
            now_us: The relay's clock.

        """
        present_bps = min(self.most_bps, made.full_bps)
        if len(rooms) > 1:
            rooms = [Room(SPARE_SHARE * room.bps, room.has_best) for room in rooms]
            target_bps = _target_bps([room.bps for room in rooms], made, present_bps)
            if all(room.has_best for room in rooms if room.bps >= present_bps):
                raised_bps = min(STEP_TIMES * present_bps, made.full_bps)
            else:
                raised_bps = present_bps
            present_bps = self._moved_bps(present_bps, target_bps, raised_bps, now_us)
        else:
            present_bps, self._lower_since_us = made.full_bps, None
        self.most_bps = present_bps if present_bps < made.full_bps else math.inf

    @property
    def is_limited(self) -> bool:
        """Whether less is made than could be."""
        return self.most_bps < math.inf

    def _moved_bps(
        self, present_bps: float, target_bps: float, raised_bps: float, now_us: int
    ) -> float:
        """Give what it may take next, where a step upwards would be so large."""
        if target_bps < LOWER_SHARE * present_bps:
            if self._lower_since_us is None:
                self._lower_since_us = now_us
                if now_us - self._raised_us < FAILED_US:
                    return self._undone_bps(present_bps, now_us)
            if now_us - self._lower_since_us < LOWER_HOLD_US:
                return present_bps
            self._lower_since_us, self._moved_us = None, now_us
            return target_bps
        self._lower_since_us = None
        if now_us < self._refuted_until_us:
            raised_bps = min(raised_bps, self._refuted_bps)
        is_sure = target_bps >= HIGHER_TIMES * present_bps
        if raised_bps <= present_bps or not is_sure or now_us - self._moved_us < STEP_US:
            return present_bps
        self._moved_us = self._raised_us = now_us
        return raised_bps

    def _undone_bps(self, present_bps: float, now_us: int) -> float:
        """Take back a step that was too much; it is made again after a while, longer each time."""
        self._refuted_bps = present_bps / STEP_TIMES
        self._refuted_until_us = now_us + (REFUTED_US << min(self._failures, MOST_DOUBLINGS))
        self._failures += 1
        self._moved_us, self._raised_us = now_us, NEVER_US
        return self._refuted_bps


def _target_bps(rooms_bps: Sequence[float], made: Made, present_bps: float) -> float:
    """Give how much there is room for with those for whom it is made; more than all, perhaps."""

    def worth(most_bps: float) -> float:
        best_bps = min(most_bps, made.full_bps)
        return sum(math.log(made.had_bps(best_bps, room_bps)) for room_bps in rooms_bps)

    least_bps = LEAST_TIMES * max(made.lesser_bps, default=0)
    has_it_bps = KEPT_SHARE * present_bps
    kept_bps = min((room for room in rooms_bps if room >= has_it_bps), default=present_bps)
    suiting = (room for room in rooms_bps if room >= least_bps)
    best_bps = max(suiting, key=worth, default=present_bps)
    return best_bps if worth(best_bps) >= worth(kept_bps) + GAIN else kept_bps
