"""What has to be said of a capacity measurement: what limited its runs, and what was left out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.capacity import runs, search
from benchmarks.capacity.runs import COMPARED, Ladder
from benchmarks.harness import medians
from benchmarks.harness.stage import Stage


def of(ladders: Sequence[Ladder], shapes: Sequence[dict[str, Stage]], held: int) -> list[str]:
    """Say what limited the runs, what was left out, and why."""
    last = [ladder.last_held for ladder in ladders]
    limits = [ladder.knee.limit for ladder in ladders]
    share = statistics.median(stage.server.core_share() for stage in last)
    extrapolated = statistics.median(map(search.extrapolated, last))
    notes = [
        f"At {held} consultations the relay used {share:.0%} of its core.",
        "The relay's cost is its whole process: packet workers, Python, libraries.",
        "Two workers are compared by their CPU a packet, each with the load of the one.",
    ]
    others = limits.count("generator") + limits.count("host")
    if others * 2 >= len(limits):
        notes.append(
            f"Not the relay but the generator was the limit in {limits.count('generator')} runs "
            f"and the host in {limits.count('host')}: what is held is a lower bound. "
            f"Extrapolated (not measured) by the relay's CPU a consultation, its core would be "
            f"full at {extrapolated:,.0f}."
        )
    sharp = sum(ladder.knee.is_sharp for ladder in ladders)
    notes.append(
        f"The figure is the median of all {len(ladders)} runs; {sharp} of them found the knee to "
        f"within {search.SHARP:.0%}."
    )
    for index, ladder in enumerate(ladders, 1):
        void = [stage for stage in ladder.stages if not stage.is_trusted]
        notes += [
            f"Run {index}, {stage.running} consultations: {medians.why_untrusted(stage)}."
            for stage in void
        ]
    return [*notes, *_floor_notes(ladders), *_shape_notes(shapes)]


def _floor_notes(ladders: Sequence[Ladder]) -> list[str]:
    notes = []
    for running, rate in COMPARED.items():
        refusals = {
            index: ladder.compared[running].refusal for index, ladder in enumerate(ladders, 1)
        }
        notes += [
            f"At {rate:,} packets/s run {index} has no ratio to the floor: {why}."
            for index, why in refusals.items()
            if why
        ]
        if all(refusals.values()):
            notes.append(f"No run has a ratio at {rate:,} packets/s: its bar has no figure.")
    return notes


def _shape_notes(shapes: Sequence[dict[str, Stage]]) -> list[str]:
    found = runs.by_shape(shapes)
    notes = []
    for name in runs.SHAPES:
        stages = found.get(name, [])
        if len(stages) < len(shapes):
            notes.append(f"«{name}» was measured in {len(stages)} of {len(shapes)} turns only.")
        notes += medians.caution(stages, f"«{name}»") if stages else []
    if not runs.paired(shapes):
        notes.append("No turn has one worker and two: what two carry is not judged.")
    return notes
