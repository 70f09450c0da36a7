"""When a change of the rate becomes a change of what is sent: down at once, up when it is sure.

A budget is kept between the two. On a steady link whose estimate stays within 15 % of its mean,
there are at most two changes in any 60 s: nothing there rises by `RISEN_TIMES`, so a rise waits for
`PATIENCE_US` after the last change; it spends no more than the mean; and the fall within that time
leaves so much room that no further one comes. A rise that failed is not tried again for the sake of
an estimate alone: it had promised as much before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

MARGIN: Final = 1.15
"""Times the cost of what is new: its key frame, retransmissions, and a wobble of 15 %."""

ROOM_SHARE: Final = 0.85
"""Of a rate that fell again soon, to spend: what is left when a wobble of 15 % is at its lowest."""

RISEN_TIMES: Final = 1.36
"""More than the highest over the lowest of that wobble (1.15 / 0.85 = 1.353): another link."""

HOLD_US: Final = 500_000
"""For so long a rate has to last: the result of a burst is one feedback, this is five."""

RESUME_HOLD_US: Final = 2_000_000
"""Of a rate that brings pictures back: when a queue has just emptied, an estimate rises for a
second and falls again (seen in simulation), and a picture that comes to go is worse than none."""

PATIENCE_US: Final = 60_000_000
"""Since the last change, for a rise on a link that has not changed: the bar counts by the minute
(two layer changes)."""

MOST_HOLD_DOUBLINGS: Final = 4
MOST_PATIENCE_DOUBLINGS: Final = 2
"""After as many failures: 8 s, so that a picture is back within 10 s of what permits it; 4 min."""

FAILED_US: Final = 10_000_000
"""A fall so soon after a rise says that the rise was wrong: a queue takes seconds to be seen."""

REFUTED_SHARE: Final = 0.85
"""Of what a rise that failed had sent, which may be tried again at once. More had been promised
and was not there: somebody else behind the same link, who sends little just now, leaves room for a
burst, and none for a picture (seen with two receivers)."""

REFUTED_US: Final = 15_000_000
"""For so long after a first failure; twice as long after each further one."""

MOST_REFUTED_DOUBLINGS: Final = 3
"""Two minutes: whose link fell soon after a rise by chance is not small for long."""

SPREAD_US: Final = 15_000_000
"""By so much more at the most, waits after a failure differ between receivers."""

LASTED_US: Final = 60_000_000
"""A rise that lasted as long was right, and earlier failures are forgotten."""

WINDOW_US: Final = 10_000_000
"""The lowest rate is that of the last one to two such times. At 8 % a second, as the estimator's
rises, one is a factor of 2.2."""

PAUSE_BPS: Final = 120_000
"""Below it all goes to sound: one voice with its earlier frames is 76 to 102 kbit/s."""

SPREADING: Final = 7_873
"""A prime: moments that lie a tenth of a second apart are then seven seconds apart."""

NEVER_US: Final = -(1 << 62)


@dataclass(slots=True)
class Lowest:
    """The lowest rate of the last one to two windows."""

    _older_bps: float = 0.0
    _newer_bps: float = 0.0
    _since_us: int = 0

    @property
    def bps(self) -> float:
        """What it was."""
        return min(self._older_bps, self._newer_bps)

    def restart(self, rate_bps: float, now_us: int) -> None:
        """Forget what was before."""
        self._older_bps = self._newer_bps = rate_bps
        self._since_us = now_us

    def hold(self, rate_bps: float, now_us: int) -> None:
        """Take in a rate, and forget none: the windows begin now."""
        self.restart(min(self.bps, rate_bps), now_us)

    def note(self, rate_bps: float, now_us: int) -> None:
        """Take in a rate."""
        if now_us - self._since_us >= WINDOW_US:
            self._older_bps, self._newer_bps, self._since_us = self._newer_bps, rate_bps, now_us
        elif rate_bps < self._newer_bps:
            self._newer_bps = rate_bps


@dataclass(slots=True)
class Restraint:
    """What one receiver's rate may be spent on just now."""

    budget_bps: float
    """In all, sound included; never more than the rate."""
    paused: bool
    """Whether pictures get nothing of it."""
    _changed_us: int
    _rose_us: int = NEVER_US
    _failures: int = 0
    _lowest: Lowest = field(default_factory=Lowest)
    _refuted_bps: float = math.inf
    """What was sent when a rise failed, sound included; it counts until then."""
    _refuted_until_us: int = NEVER_US
    _welcomed_us: int = NEVER_US
    _found_bps: float = math.inf
    """The least that the path was thought to carry since then."""
    _refutations: int = 0
    """Since more than that has lasted."""
    _tried_us: int = NEVER_US
    """When more than that was tried again."""
    _spread_us: int = 0
    _began_us: int = 0
    _sought_since_us: int | None = None
    """Since when the rate would carry more."""
    _sought_bps: float = 0.0
    """The lowest of it, in the latest while of that length."""

    @classmethod
    def begin(cls, rate_bps: float, now_us: int) -> Restraint:
        """Spend a first rate, with a margin."""
        lowest = Lowest(rate_bps, rate_bps, now_us)
        return cls(
            rate_bps / MARGIN, rate_bps < PAUSE_BPS, now_us, _lowest=lowest, _began_us=now_us
        )

    def note(self, rate_bps: float, rise_bps: float, now_us: int) -> None:
        """Take in a rate; in every tick, before anything else."""
        if now_us < self._refuted_until_us:
            # Afterwards it is the fall from which the link has risen.
            self._lowest.hold(rate_bps, now_us)
        else:
            self._lowest.note(rate_bps, now_us)
        if rate_bps < rise_bps:
            self._sought_since_us = None
        # What is sent is cheaper, or `falls` is next: this alone takes nothing away.
        self.budget_bps = min(self.budget_bps, rate_bps)

    def falls(self, rate_bps: float, held_bps: float, now_us: int) -> bool:
        """Lower the budget if the rate does not carry what is sent.

        Args:
            rate_bps: What may be sent.
            held_bps: What is sent, if something of it can be taken away; else 0.
            now_us: The relay's clock.

        Returns:
            Whether it was lowered: something has to go, in this tick.

        """
        if rate_bps >= held_bps and (self.paused or rate_bps >= PAUSE_BPS):
            return False
        is_again = now_us - self._changed_us < PATIENCE_US
        left_bps = ROOM_SHARE * rate_bps if is_again else rate_bps
        self.budget_bps = min(self.budget_bps, left_bps)
        self.paused |= left_bps < PAUSE_BPS
        self._see_whether_lasted(now_us)
        if now_us - self._rose_us < FAILED_US:
            self._fail(held_bps, now_us)
        elif self._has_lasted(now_us):
            self._failures, self._spread_us = 0, 0
        self._rose_us = self._tried_us = NEVER_US
        self._changed_us, self._sought_since_us = now_us, None
        self._lowest.restart(rate_bps, now_us)
        return True

    def rises(self, rate_bps: float, rise_bps: float, now_us: int) -> bool:
        """Raise the budget if the rate carries more and is sure to.

        Args:
            rate_bps: What may be sent.
            rise_bps: From which rate on there is something to gain, as `rise_at` says.
            now_us: The relay's clock.

        Returns:
            Whether it was raised: something can be added.

        """
        if rate_bps < rise_bps:
            return False
        if self._sought_since_us is None:
            self._sought_since_us, self._sought_bps = now_us, rate_bps
        self._sought_bps = min(self._sought_bps, rate_bps)
        hold_us = HOLD_US << min(self._failures, MOST_HOLD_DOUBLINGS)
        if self.paused:
            hold_us = max(hold_us, RESUME_HOLD_US)
        if now_us - self._sought_since_us < hold_us:
            return False
        tried_bps = REFUTED_SHARE * self._refuted_bps
        untried_bps = tried_bps if now_us < self._refuted_until_us else math.inf
        needed_bps = rise_bps / MARGIN
        is_another_link = self._sought_bps >= RISEN_TIMES * self._lowest.bps
        is_another_link &= self.paused or needed_bps <= untried_bps
        if not is_another_link and now_us - self._changed_us < self._patience_us():
            # What counts is the lowest of the latest while, not of a climb that is over.
            self._sought_since_us, self._sought_bps = now_us, rate_bps
            return False
        if self._has_lasted(now_us):
            self._failures, self._spread_us = 0, 0
        self._see_whether_lasted(now_us)
        gained_bps = max(needed_bps, min(self._sought_bps / MARGIN, untried_bps))
        self.budget_bps = max(self.budget_bps, gained_bps)
        if gained_bps > tried_bps and self._tried_us == NEVER_US:
            self._tried_us = now_us
        self.paused = False
        self._rose_us = self._changed_us = now_us
        self._sought_since_us = None
        return True

    def grant(self, rate_bps: float) -> None:
        """Raise the budget where everything is bought: nothing changes by it."""
        if not self.paused:
            self.budget_bps = max(self.budget_bps, rate_bps / MARGIN)

    def find(self, estimate_bps: float) -> None:
        """Take in what the path is thought to carry, however much of it may be sent just now."""
        self._found_bps = min(self._found_bps, estimate_bps)

    def room_bps(self, rate_bps: float, now_us: int) -> float:
        """Give what may be counted on of a rate for a picture that has yet to be made.

        After a rise that failed that is what was found then, whatever is promised since.
        """
        if self.paused:
            return 0.0
        room_bps = rate_bps / MARGIN
        if now_us < self._refuted_until_us:
            found_bps = min(self._refuted_bps, self._found_bps)
            room_bps = min(room_bps, ROOM_SHARE * found_bps)
        return room_bps

    def welcome(self, now_us: int) -> None:
        """Take in that a picture was made smaller to suit: once a minute that needs no patience."""
        if now_us - self._welcomed_us >= PATIENCE_US:
            self._welcomed_us, self._changed_us = now_us, NEVER_US

    def rise_at(self, next_bps: float) -> float:
        """Give the rate from which on a budget of so much is worth seeking.

        A bit per second more than the margin, so that a division does not take it back.
        """
        return (max(next_bps, PAUSE_BPS) if self.paused else next_bps) * MARGIN + 1.0

    def _fail(self, held_bps: float, now_us: int) -> None:
        """Remember that a rise to what is sent has failed."""
        self._failures += 1
        # Two that fell in the same moment, behind one link, must not try again in the same.
        self._spread_us = (self._began_us + now_us) * SPREADING % SPREAD_US
        if held_bps > 0.0:
            refuted_us = REFUTED_US << min(self._refutations, MOST_REFUTED_DOUBLINGS)
            self._refutations += 1
            self._refuted_bps, self._found_bps = held_bps, math.inf
            self._refuted_until_us = now_us + refuted_us + self._spread_us

    def _patience_us(self) -> int:
        return (PATIENCE_US << min(self._failures, MOST_PATIENCE_DOUBLINGS)) + self._spread_us

    def _see_whether_lasted(self, now_us: int) -> None:
        """Forget what was refuted, once more than that has lasted."""
        if self._tried_us != NEVER_US and now_us - self._tried_us >= LASTED_US:
            self._refutations, self._refuted_bps = 0, math.inf

    def _has_lasted(self, now_us: int) -> bool:
        return self._rose_us != NEVER_US and now_us - self._rose_us >= LASTED_US
