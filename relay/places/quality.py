"""How well somebody's media travels, as a verdict that does not flicker.

Pure. `relay.monitoring.measuring` takes one sample a second for each participant and direction; a
verdict is told when it changes, in words by the SDK. Silence is told at once: "they cannot hear
you" is what people most need to know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from relay.ids import LegId, SlotId
from relay.rooms.events import Verdict

# Opus with in-band FEC is clear up to about 3 % loss and laborious from about 10 % on.
WEAK_LOSS_RATIO: Final = 0.03
POOR_LOSS_RATIO: Final = 0.10
# ITU-T G.114: below 150 ms one way comfortable, above 300 ms people talk over one another.
WEAK_RTT_MS: Final = 300.0
POOR_RTT_MS: Final = 600.0

WORSE_AFTER_SAMPLES: Final = 2
"""One bad second is a burst, two are a trend."""
BETTER_AFTER_SAMPLES: Final = 5
"""People are told that it is good again when it has stayed so."""

NO_LEG: Final = LegId(0)

_RANK: Final[dict[Verdict, int]] = {"good": 0, "weak": 1, "poor": 2, "silent": 3}


class Sample(NamedTuple):
    """One second of one participant in one direction."""

    loss_ratio: float
    rtt_ms: float | None
    silent: bool


@dataclass(slots=True)
class Totals:
    """Where one leg's counts of packets stood at the last sample."""

    leg: LegId = NO_LEG
    received: int = 0
    lost: int = 0
    sent: dict[SlotId, int] = field(default_factory=dict)


@dataclass(slots=True)
class Judge:
    """The verdict on one participant in one direction."""

    verdict: Verdict = "good"
    heard: Sample | None = None
    """The latest sample; `None` while nothing could be judged."""
    _candidate: Verdict = "good"
    _samples: int = 0

    def hear(self, sample: Sample) -> Verdict | None:
        """Take a sample; give the new verdict when it changes."""
        self.heard = sample
        heard = verdict_of(sample)
        if heard == self.verdict:
            self._samples = 0
            return None
        if heard != self._candidate:
            self._candidate, self._samples = heard, 0
        self._samples += 1
        if self._samples < self._patience(heard):
            return None
        self.verdict, self._samples = heard, 0
        return heard

    def _patience(self, heard: Verdict) -> int:
        if "silent" in (heard, self.verdict):
            return 1
        worse = _RANK[heard] > _RANK[self.verdict]
        return WORSE_AFTER_SAMPLES if worse else BETTER_AFTER_SAMPLES


def is_troubled(verdict: Verdict) -> bool:
    """Whether people hear or see that something is wrong."""
    return _RANK[verdict] >= _RANK["poor"]


def verdict_of(sample: Sample) -> Verdict:
    """Judge one sample by itself."""
    if sample.silent:
        return "silent"
    rtt_ms = sample.rtt_ms or 0.0
    if sample.loss_ratio >= POOR_LOSS_RATIO or rtt_ms >= POOR_RTT_MS:
        return "poor"
    if sample.loss_ratio >= WEAK_LOSS_RATIO or rtt_ms >= WEAK_RTT_MS:
        return "weak"
    return "good"
