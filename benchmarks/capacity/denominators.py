"""Which floor the relay is held against, and why some are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.capacity import search
from benchmarks.harness.programs import Outcome
from benchmarks.harness.stage import Shares, Stage
from relay.config import MediaConfig

GATHERED_US: Final = (500, MediaConfig().gather_us)
"""As the relay gathers at little and at much load (`codecs/engine/src/gathering.rs`); the cheaper
of the two floors is the one that counts, whichever the relay used."""

SAME_RATE: Final = 0.05
"""By so much two packet rates may differ whose CPU a packet is compared."""

TRIES: Final = 2
"""Of a floor that somebody else on the machine disturbed."""


def untrusted(floor: Outcome, stage: Stage) -> str:
    """Say in words why a floor is no denominator of a stage's cost; nothing if it is one.

    What the host takes is not in anybody's processor time, and it took of the relay's stage too.
    """
    seen = floor["generator"]
    shares = Shares.of(seen)
    if shares.generator_was_late:
        return f"its generator was late ({shares.words})"
    path = seen["relayed_clean"] if seen["relayed_clean"]["received"] else seen["relayed"]
    lost = path["lost"] / max(1, path["expected"])
    if floor["failed"] or lost >= search.LOSS_SHARE:
        return f"it lost {lost:.2%} of its packets, and {floor['failed']} failed"
    apart = abs(floor["packets_per_s"] / max(1.0, stage.relayed_per_s) - 1)
    if apart > SAME_RATE:
        return f"its packet rate was {apart:.1%} apart from the relay's"
    return ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A stage of the relay, and the floors that were run right after it."""

    stage: Stage
    floors: Sequence[Outcome]
    """One for each way to gather, with `gather_us`; none where the stage was not held."""

    @property
    def refusal(self) -> str:
        """Say in words why there is no ratio; nothing if there is one."""
        limit = search.limit_of(self.stage)
        if limit:
            return f"the relay's stage was not held ({limit})"
        for floor in self.floors:
            why = untrusted(floor, self.stage)
            if why:
                return f"the floor that gathers {floor['gather_us']} µs: {why}"
        return "" if self.floors else "no floor was run"

    @property
    def floor_ns(self) -> float:
        """Give the cheaper floor's CPU for a packet; only where there is no refusal."""
        assert not self.refusal
        return float(min(floor["cpu_ns_per_packet"] for floor in self.floors))

    def ratio(self, threads: str = "") -> float:
        """Give the relay's CPU per relayed packet over the floor's."""
        return self.stage.cpu_ns_per_packet(threads) / self.floor_ns


def compare(stage: Stage, measure: Callable[[int], Outcome]) -> Comparison:
    """Run the floors for a stage.

    Args:
        stage: Of the relay; if it was not held, no floor is run.
        measure: Runs a floor that gathers for so many microseconds.

    """
    if search.limit_of(stage):
        return Comparison(stage, [])
    return Comparison(stage, [_undisturbed(stage, measure, us) for us in GATHERED_US])


def _undisturbed(stage: Stage, measure: Callable[[int], Outcome], gather_us: int) -> Outcome:
    tried: list[Outcome] = []
    for _ in range(TRIES):
        tried.append(measure(gather_us) | {"gather_us": gather_us})
        if not untrusted(tried[-1], stage):
            return tried[-1]
    return min(tried, key=lambda floor: Shares.of(floor["generator"]).void)
