"""The runs of the comparison: in each round every contestant has its turn, in another order."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from benchmarks import load
from benchmarks.capacity import search
from benchmarks.harness.progress import Watch
from benchmarks.harness.stage import GENERATOR_IS_FULL as FULL
from benchmarks.harness.stage import Stage
from benchmarks.peers.contestants import Contestant

TOGETHER: Final = 20
"""Consultations that every contestant carries, so that the cost of a packet can be compared."""

PILOT: Final = (5, 10, TOGETHER)
BEFORE_KNEE: Final = (0.25, 0.5)
AROUND_AIM: Final = (0.7, 0.8, 0.9, 1.0, 1.1)
AROUND_KNEE: Final = (0.85, 0.925, 1.0, 1.075, 1.15)
ABOVE_TOP: Final = (1.0, 1.15, 1.3, 1.5)
JOINS_PER_S: Final = 10.0
"""People come one by one, as they do: a burst of handshakes is not what is compared here."""

START_S: Final = 3.0
OTHER_PROFILE: Final = "AES_CM_128_HMAC_SHA1_80"


@dataclass(frozen=True, slots=True)
class Knee:
    """Where one run's capacity ended."""

    held: int
    """Consultations of the last held stage; 0 if none was."""

    place: int
    """Of that stage in the run; -1 if there is none."""

    limit: str
    """What ended it; nothing if the last stage was held."""


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
        """Consultations held on the core: the median over rounds."""
        return int(statistics.median_low(knee.held for knee in self.knees))

    @property
    def generator_was_limit(self) -> bool:
        """Whether it holds more than could be shown, in most rounds."""
        unreached = [knee.limit in {"", "generator"} for knee in self.knees]
        return 2 * sum(unreached) > len(unreached)

    def together(self) -> list[Stage]:
        """Give the stages with the number that all carry."""
        return [_stage_of(stages, TOGETHER) for stages in self.ladders]

    def at_best(self) -> list[Stage]:
        """Give each round's last held stage; its first, where none was."""
        pairs = zip(self.ladders, self.knees, strict=True)
        return [stages[max(0, knee.place)] for stages, knee in pairs]


def knee_of(stages: Sequence[Stage]) -> Knee:
    """Find the last held stage before the first that the server did not hold.

    How fast people join is not compared here. A stage that the generator spoiled says nothing of
    the server, neither good nor bad.
    """
    held, place, limit = 0, -1, ""
    for index, stage in enumerate(stages):
        limit = search.limit_of(stage)
        if limit == "generator":
            continue
        if limit and (limit != "joins" or stage.failed_joins):
            break
        held, place, limit = stage.running, index, ""
    return Knee(held, place, limit)


def cpu_ns_per_packet(stage: Stage) -> float:
    """Give processor time of the whole process for each packet that arrived: alike for all."""
    return stage.server.cpu_ns() / max(1.0, stage.relayed_per_s * stage.server.seconds)


def memory_bytes(stages: Sequence[Stage], knee: Knee) -> float:
    """Say by how much resident memory grows with a consultation, all buffers included."""
    counted = stages[: max(2, knee.place + 1)]
    resident = [stage.server.after.process.resident_bytes for stage in counted]
    return _line([stage.running for stage in counted], resident)[0]


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
            one.other_profile.append(_other_profile(watch, one, chosen, words))
    return turns


def expected_s(chosen: Any, contestants: Sequence[Contestant]) -> float:
    """Say about how long all of it takes."""
    each_s = load.SETTLE_S + 1.0 + chosen.measure_s
    ladder_s = START_S + 2 * 60 / JOINS_PER_S + 8 * each_s
    alone_s = START_S + 2 * TOGETHER / JOINS_PER_S + each_s
    pilot_s = alone_s + 2 * each_s
    every: float = len(contestants) * (pilot_s + chosen.runs * (ladder_s + alone_s))
    return every


def steps(aimed: int, last: Knee | None) -> list[int]:
    """Choose a run's stages: the number that all carry, some below the knee, more around it."""
    top, shares = aimed, list(AROUND_AIM)
    if last is not None and last.held:
        top, shares = last.held, list(AROUND_KNEE if last.limit else ABOVE_TOP)
    counts = {TOGETHER, *(round(top * share) for share in [*BEFORE_KNEE, *shares])}
    return sorted(count for count in counts if count > 0)


def _aim(watch: Watch, contestant: Contestant, chosen: Any) -> int:
    with contestant.start() as server:
        script = load.Script(server)
        for count in PILOT:
            script.grow(f"{count} consultations", count, measure_s=3.0, joins_per_s=JOINS_PER_S)
        words = f"{contestant.name}: pilot"
        found = load.run(script, watch, seed=chosen.seed, words=words, judged=True)
    counts = [stage.running for stage in found.stages][1:]
    filled = [
        _filled_at(counts, [stage.server.core_share() for stage in found.stages][1:], 1.0),
        _filled_at(counts, [stage.generator_share for stage in found.stages][1:], FULL),
    ]
    return max(TOGETHER, round(min(filled)))


def _climb(watch: Watch, one: Turns, chosen: Any, words: str, seed: int) -> Sequence[Stage]:
    last = one.knees[-1] if one.ladders else None
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
        return load.run(script, watch, seed=seed, words=words, judged=True).stages


def _other_profile(watch: Watch, one: Turns, chosen: Any, words: str) -> Stage:
    with one.contestant.start() as server:
        script = load.Script(server)
        script.grow(words, TOGETHER, measure_s=chosen.measure_s, joins_per_s=JOINS_PER_S)
        found = load.run(
            script, watch, seed=chosen.seed, words=f"{words}, AES-CM", profile=OTHER_PROFILE
        )
    return found.stages[0]


def _filled_at(counts: Sequence[int], shares: Sequence[float], full: float) -> float:
    """Follow the line: how many would keep a core busy."""
    slope, start = _line(counts, shares)
    return (full - start) / slope if slope > 0 else float(counts[-1])


def _line(across: Sequence[float], up: Sequence[float]) -> tuple[float, float]:
    slope, start = np.polyfit(np.asarray(across, float), np.asarray(up, float), 1)
    return float(slope), float(start)


def _stage_of(stages: Sequence[Stage], running: int) -> Stage:
    return next(stage for stage in stages if stage.running == running)
