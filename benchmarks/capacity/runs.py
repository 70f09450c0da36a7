"""The runs of the capacity measurement: each with a relay of its own, from its start to its end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import floor, load
from benchmarks.capacity import search
from benchmarks.capacity.denominators import Comparison, compare
from benchmarks.harness.programs import Outcome
from benchmarks.harness.progress import Watch
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.repetition import PeopleMissing
from benchmarks.harness.stage import Stage
from benchmarks.load import Run
from benchmarks.served_relay import served_relay

START_S: Final = 3.0
"""Of a relay, about."""

FLOOR_AROUND_S: Final = floor.WARM_UP_S + 1.0

COMPARED: Final = {133: 50_000, 399: 150_000}
"""Consultations, and the packets a second they are compared with the floor at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A load of another kind: larger consultations, or another number of workers."""

    consultations: int
    parties: int = 2
    workers: int = 1


ONE_WORKER: Final = "2 parties, 1 worker"
TWO_WORKERS: Final = "2 parties, 2 workers"
SHAPES: Final = {
    ONE_WORKER: Shape(67),
    TWO_WORKERS: Shape(133, workers=2),
    "3 parties, 1 worker": Shape(22, parties=3),
    "4 parties, 1 worker": Shape(11, parties=4),
    "5 parties, 1 worker": Shape(7, parties=5),
}
"""Each worker relays about 25,000 packets a second, whatever the shape: so little that two workers
manage on one core, too, where a machine has no other."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """One run over the knee, and the floor right after it."""

    stages: Sequence[Stage]
    compared: Mapping[int, Comparison]
    """By their consultations, the stages that are held against the floor."""
    judged_by_libsrtp: int

    @property
    def knee(self) -> search.Knee:
        """Where capacity ended."""
        return search.knee_of(self.stages)

    @property
    def last_held(self) -> Stage:
        """Give the last held stage; the first, where none was."""
        return self.stages[max(0, self.knee.place)]

    def stage(self, running: int) -> Stage:
        """Give the stage with so many consultations."""
        return next(stage for stage in self.stages if stage.running == running)


def pilot(watch: Watch, chosen: Any) -> int:
    """Say about where to look for the knee."""

    def attempt(words: str) -> Run:
        with served_relay([load.RELAY_CORE], adaptation=chosen.adaptation) as relay:
            script = load.Script(relay)
            for count in search.PILOT:
                script.grow(f"{count} consultations", count, measure_s=3.0)
            return load.run(script, watch, seed=chosen.seed, words=words, judged=True)

    return search.aim(load.repeated(watch, "pilot", attempt).stages)


def ladders(watch: Watch, chosen: Any, aimed: int) -> list[Ladder]:
    """Go over the knee as often as was asked for."""
    done: list[Ladder] = []
    for index in range(chosen.runs):
        counts = search.ladder(aimed, done[-1].knee if done else None)
        done.append(_ladder(watch, chosen, counts, index))
    return done


def _ladder(watch: Watch, chosen: Any, counts: Sequence[int], index: int) -> Ladder:
    seed = chosen.seed + index

    def attempt(words: str) -> Run:
        with served_relay([load.RELAY_CORE], adaptation=chosen.adaptation) as relay:
            script = load.Script(relay)
            for count in counts:
                # Near the knee people come one by one, as they do; before it, time is saved.
                joins_per_s = 50.0 if count <= max(search.ANCHORS[:3]) else chosen.joins_per_s
                script.grow(
                    f"{count} consultations",
                    count,
                    measure_s=chosen.measure_s,
                    joins_per_s=joins_per_s,
                )
            return load.run(script, watch, seed=seed, words=words, judged=True)

    found = load.repeated(watch, f"run {index + 1}", attempt)
    stages = {stage.running: stage for stage in found.stages}
    compared = {}
    for running in COMPARED:

        def measure(gather_us: int, running: int = running) -> Outcome:
            document = floor.setup(
                running * floor.PACKETS_PER_CONSULTATION_S,
                2 * running,
                gather_us=gather_us,
                measure_s=chosen.measure_s,
                seed=seed,
            )
            words = f"run {index + 1}: floor, {COMPARED[running]:,} packets/s, {gather_us} µs"
            with watch.step(words, FLOOR_AROUND_S + chosen.measure_s):
                return floor.measure(document)

        compared[running] = compare(stages[running], measure)
    return Ladder(found.stages, compared, found.judged_by_libsrtp)


def expected_s(chosen: Any) -> float:
    """Say about how long all runs take."""
    joins_s = 2 * search.ANCHORS[2] / 50.0 + 2 * search.ANCHORS[2] / chosen.joins_per_s
    settle_s = load.ADAPTED_SETTLE_S if chosen.adaptation else load.SETTLE_S
    one_stage_s = settle_s + 1.0 + chosen.measure_s
    ladder_s = START_S + joins_s + 8 * one_stage_s + 4 * (chosen.measure_s + FLOOR_AROUND_S)
    shape_s = START_S + 4.0 + one_stage_s
    all_s: float = 25.0 + chosen.runs * (ladder_s + len(SHAPES) * shape_s)
    return all_s


def shapes(watch: Watch, chosen: Any) -> list[dict[str, Stage]]:
    """Measure each shape by itself; in turns, as often as was asked for.

    A shape in which people were missing, however often it was tried, is missing from its turn.
    """
    turns: list[dict[str, Stage]] = []
    for index in range(chosen.runs):
        found = {}
        for name, shape in SHAPES.items():
            with suppress(PeopleMissing):
                words = f"run {index + 1}: {name}"
                found[name] = _alone(watch, chosen, shape, words, chosen.seed + index)
        turns.append(found)
    return turns


def paired(turns: Sequence[dict[str, Stage]]) -> list[dict[str, Stage]]:
    """Keep the turns that say what two workers carry beside one."""
    return [turn for turn in turns if {ONE_WORKER, TWO_WORKERS} <= turn.keys()]


def by_shape(turns: Sequence[Mapping[str, Stage]]) -> dict[str, list[Stage]]:
    """Give what was measured of each shape that was measured at all."""
    found = {name: [turn[name] for turn in turns if name in turn] for name in SHAPES}
    return {name: stages for name, stages in found.items() if stages}


def speed_up(stages: Mapping[str, Stage]) -> float:
    """Say how much more two workers carry than one, by what a packet costs each.

    Only of a turn that has both.
    """
    one, two = (stages[name].cpu_ns_per_packet(MEDIA_THREADS) for name in (ONE_WORKER, TWO_WORKERS))
    return 2.0 * one / two


def relay_cores(workers: int) -> list[int]:
    """Give each worker a core beside the generator's; where there are too few, all share one."""
    others = [core for core in sorted(os.sched_getaffinity(0)) if core != load.GENERATOR_CORE]
    return others[:workers] if len(others) >= workers else others[:1]


def _alone(watch: Watch, chosen: Any, shape: Shape, words: str, seed: int) -> Stage:
    def attempt(words: str) -> Run:
        cores = relay_cores(shape.workers)
        with served_relay(cores, workers=shape.workers, adaptation=chosen.adaptation) as relay:
            script = load.Script(relay, parties=shape.parties)
            script.grow(words, shape.consultations, measure_s=chosen.measure_s)
            return load.run(script, watch, seed=seed, words=words)

    return load.repeated(watch, words, attempt).stages[0]
