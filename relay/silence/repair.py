"""What is tried by itself against a silence, and when: few steps, further and further apart.

Pure. Each step is one that a person would otherwise have to think of: ask for a key frame, route
anew, have the path made anew. What a device or a player withholds the relay cannot repair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from relay.trouble import Stage
from relay.units import NS_PER_MS


class Step(StrEnum):
    """One thing to try."""

    KEY_FRAME = "key_frame"
    """Ask the publisher for a picture that stands by itself."""
    ROUTE = "route"
    """Take the track out of the receiver's slot and put it back."""
    PATH = "path"
    """Ask the client at the silent end to restart ICE."""


LADDERS: Final[Mapping[tuple[Stage, bool], Sequence[tuple[int, Step]]]] = {
    # By stage and whether it is a voice: milliseconds after the telling, and what to try.
    (Stage.NOT_ARRIVING, True): ((500, Step.PATH), (10_000, Step.PATH), (40_000, Step.PATH)),
    (Stage.NOT_ARRIVING, False): (
        (0, Step.KEY_FRAME),
        (2_000, Step.PATH),
        (12_000, Step.PATH),
        (40_000, Step.PATH),
    ),
    (Stage.NOT_FORWARDED, True): ((0, Step.ROUTE), (5_000, Step.ROUTE), (30_000, Step.ROUTE)),
    (Stage.NOT_FORWARDED, False): (
        (0, Step.KEY_FRAME),
        (1_000, Step.ROUTE),
        (5_000, Step.KEY_FRAME),
        (15_000, Step.ROUTE),
        (30_000, Step.KEY_FRAME),
    ),
    (Stage.NOT_RECEIVED, True): (
        (0, Step.ROUTE),
        (500, Step.PATH),
        (10_000, Step.PATH),
        (40_000, Step.PATH),
    ),
    (Stage.NOT_RECEIVED, False): (
        (0, Step.KEY_FRAME),
        (500, Step.ROUTE),
        (1_000, Step.PATH),
        (10_000, Step.PATH),
        (40_000, Step.PATH),
    ),
}

PATH_EVERY_MS: Final = 8_000
"""A restart is given this long, for all of a leg's silences: as long as the SDK gives it."""
PATH_SELDOM_MS: Final = 300_000
"""Each restart doubles the wait for the next, up to this; so long without one begins anew."""


@dataclass(slots=True)
class Repair:
    """How far the repair of one silence has come."""

    stage: Stage | None = None
    taken: int = 0

    def due(self, stage: Stage, age_ms: int, *, voice: bool) -> list[Step]:
        """Give the steps that are due now and were not taken; another stage begins its own ladder.

        Args:
            stage: Where the silence is now.
            age_ms: For how long it has been told.
            voice: Whether it is sound that is missing.

        """
        if stage is not self.stage:
            self.stage, self.taken = stage, 0
        ladder = LADDERS.get((stage, voice), ())
        steps = [step for at_ms, step in ladder[self.taken :] if age_ms >= at_ms]
        self.taken += len(steps)
        return steps


@dataclass(slots=True)
class PathPace:
    """When a participant may be asked to restart ICE again."""

    _asked_ns: int | None = None
    _wait_ms: int = PATH_EVERY_MS

    def admits(self, now_ns: int) -> bool:
        """Take a restart, if the last one had its time."""
        if self._asked_ns is not None:
            passed_ms = (now_ns - self._asked_ns) // NS_PER_MS
            if passed_ms < self._wait_ms:
                return False
            is_long_ago = passed_ms >= 2 * PATH_SELDOM_MS
            self._wait_ms = PATH_EVERY_MS if is_long_ago else min(2 * self._wait_ms, PATH_SELDOM_MS)
        self._asked_ns = now_ns
        return True
