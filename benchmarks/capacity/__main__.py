"""Measure what one core holds: `python -m benchmarks.capacity`."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks import planned_capacity
from benchmarks.capacity import drawing, notes, runs, search
from benchmarks.capacity.denominators import GATHERED_US
from benchmarks.capacity.runs import COMPARED, Ladder
from benchmarks.harness import aside, failure, machine, options, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import without_buckets
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import WITHHELD_SHARE, Stage

HELD, HELD_STRETCH = 450, 800
FLOOR_RATIO, FLOOR_RATIO_STRETCH = 1.4, 1.2
FIRST_FLOOR_RATIO: Final = 2.0
"""What the first consultation had to reach; the bar above replaced it, and it still holds."""
MEMORY_BYTES: Final = 300_000
SPEED_UP: Final = 1.8


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("capacity", "Measure how many consultations one core holds.")
    parser.add_argument("--measure-s", type=options.seconds, default=4.0, help="each stage")
    parser.add_argument(
        "--aim", type=options.within(10, 5_000), help="about the capacity; default: a pilot says"
    )
    parser.add_argument(
        "--joins-per-s",
        type=options.within(1, 200),
        default=25,
        help="how fast the last consultations join",
    )
    options.add_adaptation(parser)
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    with progress.watch("capacity", runs.expected_s(chosen)) as watch:
        aimed = chosen.aim or runs.pilot(watch, chosen)
        ladders = runs.ladders(watch, chosen, aimed)
        shapes = runs.shapes(watch, chosen)
    held = _held(ladders)
    why_kept = _why_not_adopted(ladders, chosen, parser)
    result = Result(
        name=options.result_name("capacity", adaptation=chosen.adaptation),
        configuration=_configuration(chosen, aimed),
        figures=_figures(ladders, shapes, held) | {"repeated": watch.repetition.rows()},
        bars=[*_bars(ladders, shapes, held), *watch.repetition.bars],
        notes=[*notes.of(ladders, shapes, held), *watch.repetition.notes, *why_kept],
    )
    if not why_kept:
        per_s = result.figures["relayed_packets_per_s_per_core"]
        lower_bound = any(ladder.knee.limit not in search.RELAY_LIMITS for ladder in ladders)
        planned_capacity.adopt(per_s, result, lower_bound=lower_bound)
    drawing.draw(result.name, ladders, shapes, held)
    path = result.write()
    drawing.report_on(result, ladders, shapes)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _why_not_adopted(
    ladders: Sequence[Ladder], chosen: Any, parser: argparse.ArgumentParser
) -> list[str]:
    """Say why the planner keeps the figure it has; nothing if it gets this one."""
    relay = sum(ladder.knee.limit in search.RELAY_LIMITS for ladder in ladders)
    others = [name for name, value in vars(chosen).items() if value != parser.get_default(name)]
    if others:
        return [f"The planner keeps its figure: {', '.join(others)} was not left as it is."]
    if 2 * relay <= len(ladders):
        return [
            (
                f"The planner keeps its figure: in {len(ladders) - relay} of {len(ladders)} runs "
                "the relay was not what ended the capacity."
            )
        ]
    return []


def _held(ladders: Sequence[Ladder]) -> int:
    """Give the median over all runs, but those that generator or host spoiled altogether."""
    knees = [ladder.knee for ladder in ladders]
    telling = [knee.held for knee in knees if knee.held or knee.limit in search.RELAY_LIMITS]
    held = int(statistics.median_low(telling)) if telling else 0
    if telling and held == 0:
        limits = ", ".join(knee.limit for knee in knees)
        raise BenchmarkFailed(f"not even the first stage was held in any run (limit: {limits})")
    return held


def _configuration(chosen: Any, aimed: int) -> dict[str, Any]:
    return {
        "runs": chosen.runs,
        "measured_s_each_stage": chosen.measure_s,
        "aimed_at": aimed,
        "criteria": f"loss < {search.LOSS_SHARE:.1%}, "
        f"kept back on purpose < {WITHHELD_SHARE:.0%}, "
        f"p99 added delay < {search.ADDED_P99_MS:g} ms, "
        f"join p95 < {search.JOIN_P95_MS / 1_000:g} s, every join succeeds",
        "joins_per_s_near_the_knee": chosen.joins_per_s,
        "adaptation": chosen.adaptation,
        "protection": "AEAD_AES_128_GCM",
        "switched_on": "signalling, ICE, DTLS, TWCC and RTCP both ways, caches, metrics (scraped)",
        "floor": "same number of peers and packets; the cheaper of gathering "
        + " and ".join(f"{gathered} µs" for gathered in GATHERED_US),
        "harness": aside.WORDS,
    }


def _bars(ladders: Sequence[Ladder], shapes: Sequence[dict[str, Stage]], held: int) -> list[Bar]:
    each = statistics.median(_each_per_s(ladder.last_held) for ladder in ladders)
    words = f"two-party consultations held on one core, {each:.0f} relayed packets/s each"
    doubt = "" if held else "generator or host spoiled every stage of every run"
    found = held or None
    bars = [Bar(words, found, "consultations", HELD, "at least", HELD_STRETCH, unproven=doubt)]
    for running, rate in COMPARED.items():
        ratios = _ratios(ladders, running)
        ratio = statistics.median(ratios) if ratios else None
        doubt = "" if ratios else _why_no_ratio(ladders, running)
        words = f"CPU a relayed packet, relay / floor, at {rate:,} packets/s"
        bars.append(Bar(words, ratio, "times", FLOOR_RATIO, "at most", FLOOR_RATIO_STRETCH, doubt))
        if rate == min(COMPARED.values()):
            words += " (first consultation)"
            bars.append(Bar(words, ratio, "times", FIRST_FLOOR_RATIO, unproven=doubt))
    memory_kb = _memory_bytes(ladders) / 1_000
    words = "memory of a consultation, beside the retransmission cache"
    bars.append(Bar(words, memory_kb, "kB", MEMORY_BYTES / 1_000))
    paired = runs.paired(shapes)
    speed_up = statistics.median(map(runs.speed_up, paired)) if paired else None
    doubt = "" if len(runs.relay_cores(2)) == 2 else "both workers shared one core"
    doubt = doubt if paired else "people were missing from every run"
    words = "two workers carry, of what one does (by CPU a packet)"
    bars.append(Bar(words, speed_up, "times", SPEED_UP, "at least", unproven=doubt))
    return bars


def _ratios(ladders: Sequence[Ladder], running: int, threads: str = "") -> list[float]:
    """Give the ratio of each run that has one."""
    compared = (ladder.compared[running] for ladder in ladders)
    return [one.ratio(threads) for one in compared if not one.refusal]


def _why_no_ratio(ladders: Sequence[Ladder], running: int) -> str:
    """Say why no run has a ratio at a rate; each run's own reason is among the notes."""
    limits = {search.limit_of(ladder.compared[running].stage) for ladder in ladders}
    told = [f"no valid stage reached that rate ({limit})" for limit in sorted(limits - {""})]
    if "" in limits:
        told.append("a valid stage had no floor to be compared with")
    return "; ".join(told)


def _each_per_s(stage: Stage) -> float:
    return stage.relayed_per_s / stage.running


def _memory_bytes(ladders: Sequence[Ladder]) -> float:
    """Leave out what came after the knee: queues are no consultation's memory."""
    slopes = [
        search.bytes_per_consultation(ladder.stages[: max(2, ladder.knee.place + 1)])
        for ladder in ladders
    ]
    return statistics.median(slopes)


def _figures(
    ladders: Sequence[Ladder], shapes: Sequence[dict[str, Stage]], held: int
) -> dict[str, Any]:
    last = [ladder.last_held for ladder in ladders]
    return {
        "held_consultations": held,
        "held_in_each_run": [ladder.knee.held for ladder in ladders],
        "limit_in_each_run": [ladder.knee.limit or "none reached" for ladder in ladders],
        "relayed_packets_per_s_each": round(statistics.median(map(_each_per_s, last))),
        "relay_core_share_when_held": round(
            statistics.median(stage.server.core_share() for stage in last), 3
        ),
        "generator_core_share_when_held": round(
            statistics.median(stage.generator_share for stage in last), 3
        ),
        "extrapolated_consultations": round(statistics.median(map(search.extrapolated, last))),
        "relayed_packets_per_s_per_core": round(
            statistics.median(stage.relayed_per_s for stage in last)
        ),
        "bytes_per_consultation": round(_memory_bytes(ladders)),
        "cached_bytes_per_consultation": round(
            statistics.median(s.server.after.cached_bytes / s.running for s in last)
        ),
        "cpu_ns_per_packet": {
            str(rate): _compared(ladders, running) for running, rate in COMPARED.items()
        },
        "shapes": {
            name: {
                "cpu_ns_per_packet": round(
                    statistics.median(stage.cpu_ns_per_packet() for stage in stages)
                ),
                "runs": [stage.row() for stage in stages],
            }
            for name, stages in runs.by_shape(shapes).items()
        },
        "runs": [
            {
                "stages": [stage.row() | {"limit": search.limit_of(stage)} for stage in run.stages],
                "floors": {
                    str(running): {
                        "refused": one.refusal,
                        "runs": [without_buckets(found) for found in one.floors],
                    }
                    for running, one in run.compared.items()
                },
                "judged_by_libsrtp": run.judged_by_libsrtp,
            }
            for run in ladders
        ],
    }


def _compared(ladders: Sequence[Ladder], running: int) -> dict[str, float]:
    stages = [ladder.stage(running) for ladder in ladders]
    found = {
        "relay": round(statistics.median(stage.cpu_ns_per_packet() for stage in stages)),
        "of_it_media_workers": round(
            statistics.median(stage.cpu_ns_per_packet(MEDIA_THREADS) for stage in stages)
        ),
        "void_share": round(statistics.median(stage.void_share for stage in stages), 3),
    }
    ratios = _ratios(ladders, running)
    if not ratios:
        return found
    kept = [run.compared[running] for run in ladders if not run.compared[running].refusal]
    media = _ratios(ladders, running, MEDIA_THREADS)
    return found | {
        "floor": round(statistics.median(one.floor_ns for one in kept)),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_of_media_workers": round(statistics.median(media), 3),
    }


if __name__ == "__main__":
    failure.run("capacity", lambda: main(sys.argv[1:]))
