"""The runs of the comparison: in each round every contestant has its turn, in another order."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks import load
from benchmarks.capacity import search
from benchmarks.capacity.search import Knee
from benchmarks.harness.progress import Watch
from benchmarks.harness.repetition import PeopleMissing
from benchmarks.harness.stage import Stage
from benchmarks.peers.contestants import Contestant

TOGETHER: Final = 20
"""Consultations that every contestant carries, so that the cost of a packet can be compared."""

PILOT: Final = (5, 10, TOGETHER)
BEFORE_KNEE: Final = (0.5,)
AROUND_AIM: Final = (0.7, 0.85, 1.0, 1.2)
AROUND_KNEE: Final = (0.85, 0.95, 1.05, 1.15)
ABOVE_TOP: Final = (1.0, 1.15, 1.3, 1.5)
JOINS_PER_S: Final = 10.0
"""People come one by one, as they do: a burst of handshakes is not what is compared here."""

START_S: Final = 3.0
OTHER_PROFILE: Final = "AES_CM_128_HMAC_SHA1_80"


@dataclass(slots=True)
class Turns:
    """What one contestant did, round by round."""

    contestant: Contestant
    aimed: int = 0
    ladders: list[Sequence[Stage]] = field(default_factory=list)
    """On AES-GCM, up to its knee and a little over it."""

    other_profile: list[Stage] = field(default_factory=list)
    """The same number for all, on AES-CM with HMAC-SHA1."""

    @property
    def knees(self) -> list[Knee]:
        """Where each round's capacity ended."""
        return [knee_of(stages) for stages in self.ladders]

    @property
    def held(self) -> int:
        """Consultations held on the core: the median over rounds that say something of it."""
        told = [knee.held for knee in self.knees if knee.held or knee.limit in search.RELAY_LIMITS]
        return int(statistics.median_low(told or [0]))

    @property
    def was_never_full(self) -> bool:
        """Whether it may hold more than could be shown: in half of the rounds, or more."""
        unreached = [knee.limit not in search.RELAY_LIMITS for knee in self.knees]
        return 2 * sum(unreached) >= len(unreached)

    def together(self) -> list[Stage]:
        """Give the stages with the number that all carry."""
        return [_stage_of(stages, TOGETHER) for stages in self.ladders]

    def at_best(self) -> list[Stage]:
        """Give each round's last held stage; its first, where none was."""
        pairs = zip(self.ladders, self.knees, strict=True)
        return [stages[max(0, knee.place)] for stages, knee in pairs]


def knee_of(stages: Sequence[Stage]) -> Knee:
    """Find where a run's capacity ended; how fast people join is not compared here."""
    return search.knee_of(stages, slow_joins_count=False)


def cpu_ns_per_packet(stage: Stage) -> float:
    """Give processor time of the whole process for each packet that arrived: alike for all."""
    return stage.server.cpu_ns() / max(1.0, stage.relayed_per_s * stage.server.seconds)


def memory_bytes(stages: Sequence[Stage], knee: Knee) -> float:
    """Say by how much resident memory grows with a consultation, all buffers included."""
    counted = stages[: max(2, knee.place + 1)]
    resident = [stage.server.after.process.resident_bytes for stage in counted]
    return search.line([stage.running for stage in counted], resident)[0]


def play(watch: Watch, contestants: Sequence[Contestant], chosen: Any) -> list[Turns]:
    """Let all have their turns."""
    turns = [Turns(contestant) for contestant in contestants]
    for one in turns:
        one.aimed = _aim(watch, one.contestant, chosen)
    for index in range(chosen.runs):
        # Whoever begins a round is another each time: the machine may warm up, or others come.
        first = index % len(turns)
        for one in turns[first:] + turns[:first]:
            words = f"{one.contestant.name}, run {index + 1}"
            one.ladders.append(_climb(watch, one, chosen, words, chosen.seed + index))
            if index == 0:
                # No bar is of it.
                with suppress(PeopleMissing):
                    one.other_profile.append(_other_profile(watch, one, chosen, words))
    return turns


def expected_s(chosen: Any, contestants: Sequence[Contestant]) -> float:
    """Say about how long all of it takes."""
    each_s = load.SETTLE_S + 1.0 + chosen.measure_s
    # The most crowded of them come in 20 s.
    ladder_s = START_S + 20.0 + 6 * each_s
    alone_s = START_S + 2 * TOGETHER / JOINS_PER_S + each_s
    pilot_s = alone_s + 2 * each_s
    every: float = len(contestants) * (pilot_s + alone_s + chosen.runs * ladder_s)
    return every


def steps(aimed: int, last: Knee | None) -> list[int]:
    """Choose a run's stages: the number that all carry, some below the knee, more around it."""
    top, shares = aimed, list(AROUND_AIM)
    if last is not None and last.held:
        top, shares = last.held, list(AROUND_KNEE if last.limit else ABOVE_TOP)
    counts = {TOGETHER, *(round(top * share) for share in [*BEFORE_KNEE, *shares])}
    return sorted(count for count in counts if count > 0)


def _aim(watch: Watch, contestant: Contestant, chosen: Any) -> int:
    def attempt(words: str) -> load.Run:
        with contestant.start() as server:
            script = load.Script(server)
            for count in PILOT:
                script.grow(f"{count} consultations", count, measure_s=3.0, joins_per_s=JOINS_PER_S)
            return _played(contestant, script, watch, seed=chosen.seed, words=words, judged=True)

    found = load.repeated(watch, f"{contestant.name}: pilot", attempt)
    return max(TOGETHER, search.aim(found.stages))


def _played(contestant: Contestant, script: load.Script, watch: Watch, **how: Any) -> load.Run:
    """Play it; what a peer that is too full mangles is its loss, and ends no comparison."""
    return load.run(script, watch, opens_all=contestant.is_relay, **how)


def _climb(watch: Watch, one: Turns, chosen: Any, words: str, seed: int) -> Sequence[Stage]:
    last = one.knees[-1] if one.ladders else None

    def attempt(words: str) -> load.Run:
        with one.contestant.start() as server:
            script = load.Script(server)
            for count in steps(one.aimed, last):
                joins_per_s = JOINS_PER_S if count <= 2 * TOGETHER else max(JOINS_PER_S, count / 10)
                script.grow(
                    f"{count} consultations",
                    count,
                    measure_s=chosen.measure_s,
                    joins_per_s=joins_per_s,
                )
            return _played(one.contestant, script, watch, seed=seed, words=words, judged=True)

    return load.repeated(watch, words, attempt).stages


def _other_profile(watch: Watch, one: Turns, chosen: Any, words: str) -> Stage:
    def attempt(words: str) -> load.Run:
        with one.contestant.start() as server:
            script = load.Script(server)
            script.grow(words, TOGETHER, measure_s=chosen.measure_s, joins_per_s=JOINS_PER_S)
            return _played(
                one.contestant,
                script,
                watch,
                seed=chosen.seed,
                words=words,
                profile=OTHER_PROFILE,
            )

    return load.repeated(watch, f"{words}, AES-CM", attempt).stages[0]


def _stage_of(stages: Sequence[Stage], running: int) -> Stage:
    return next(stage for stage in stages if stage.running == running)
