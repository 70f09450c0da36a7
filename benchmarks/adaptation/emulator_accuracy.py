"""Whether the link emulator does what it is asked to (`make bench-emulator`).

Probes go through real TUN devices between two network namespaces, and are timed from outside: when
they were sent by who sends, when they arrived by the kernel. Needs root.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.adaptation.accuracy_cases import (
    ONE_WAY_MS,
    QUEUE_MS,
    Case,
    Figures,
    cases,
    pooled_sigmas,
)
from benchmarks.adaptation.emulated_link import emulated_link
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.adaptation.make_traces import LTE, OPPORTUNITY_BITS, lines_of
from benchmarks.adaptation.probing import Arrived, probe
from benchmarks.adaptation.sides import need_rights
from benchmarks.harness import failure, machine, options, plots, progress, report
from benchmarks.harness.programs import without_buckets
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Shares
from benchmarks.harness.stolen_time import ProcessorTime

PROBE_CORE: Final = 0
EMULATOR_CORE: Final = 1
BIN_MS: Final = 200
FINE_BIN_MS: Final = 20

MOST_ERROR_MS: Final = 0.5
"""An emulator that was itself later at p99 says so."""

BARS: Final[Mapping[str, tuple[str, str, float]]] = {
    "median_error_ms": ("delay error, median", "ms", MOST_ERROR_MS),
    "p99_error_ms": ("delay error, p99", "ms", MOST_ERROR_MS),
    "log_median_difference_ms": (
        "its log's delay beside the receiver's, median",
        "ms",
        MOST_ERROR_MS,
    ),
    "rate_error_percent": ("rate error", "%", 1.0),
    "longest_wait_error_ms": (f"longest wait in a queue of {QUEUE_MS:g} ms, p99, error", "ms", 1.0),
}
"""What has to be, by figure: words, unit, target."""

BUSY_WAIT_US: Final = 100
"""What a timer of a virtual machine is late by, about; 500 packets a second take a twentieth of the
emulator's core so."""

MOST_STOLEN: Final = 0.02
"""Of the processors' time; more, and a run is made again."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a case came to."""

    arrived: Arrived
    outcome: dict[str, Any]
    figures: Figures
    stolen_share: float
    """Of all processors' time, what the host took away meanwhile."""

    @property
    def shares(self) -> Shares:
        """Say how far it was disturbed."""
        return Shares(void=self.stolen_share, stolen=self.stolen_share, late=0.0)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        stolen = {"stolen_share": round(self.stolen_share, 4)}
        return {**self.figures, **stolen, "emulator": self.outcome}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    name = "adaptation.emulator_accuracy"
    parser = options.parser(name, "Test the link emulator: its delays, rates, losses, traces.")
    parser.set_defaults(runs=3)
    parser.add_argument(
        "--busy-wait-us",
        type=options.within(0, 1_000),
        default=BUSY_WAIT_US,
        help="how long before a packet is due the emulator stays awake",
    )
    parser.add_argument(
        "--let-cores-sleep",
        action="store_true",
        help="let idle cores be halted, as they are without a measurement",
    )
    chosen = parser.parse_args(arguments)
    need_rights()
    machine.need_cores(2)

    every = cases()
    found: dict[str, list[Found]] = {case.name: [] for case in every}
    expected_s = chosen.runs * sum(case.lasts_s for case in every)
    with progress.watch("emulator", expected_s) as watch:
        for run in range(chosen.runs):
            for case in every:

                def attempt(words: str, case: Case = case, seed: int = chosen.seed + run) -> Found:
                    with watch.step(words, case.lasts_s):
                        return _measured(case, _setup(chosen, case, seed))

                words = f"{case.name}, run {run + 1}"
                one = watch.repetition.least_disturbed(
                    words, attempt, lambda found: found.shares, most_stolen=MOST_STOLEN
                )
                found[case.name].append(one)
    drawn = {name: runs[0].arrived for name, runs in found.items()}
    result = _result(chosen, every, found, watch.repetition)
    _draw_trace(drawn[f"trace {LTE.name}"])
    _draw_errors([arrived for name, arrived in drawn.items() if name.startswith("delay")])
    path = result.write()
    _report(result, {name: [one.figures for one in runs] for name, runs in found.items()})
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _setup(chosen: Any, case: Case, seed: int) -> LinkSetup:
    return LinkSetup(
        down=case.down,
        seed=seed,
        busy_wait_us=chosen.busy_wait_us,
        keep_awake=not chosen.let_cores_sleep,
        core=EMULATOR_CORE,
    )


def _measured(case: Case, setup: LinkSetup) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        before = ProcessorTime.now()
        with emulated_link(setup, log_path=Path(folder) / "link.log") as link:
            arrived = probe(link, case.stream, settle_s=case.settle_s, core=PROBE_CORE)
        after = ProcessorTime.now()
        if not len(arrived.number):
            raise failure.BenchmarkFailed(f"{case.name}: no probe arrived")
        figures = case.find(arrived, link.truth())
    stolen_share = after.stolen_share_since(before)
    return Found(arrived, without_buckets(link.outcome), figures, stolen_share)


def _result(
    chosen: Any,
    every: Sequence[Case],
    found: Mapping[str, Sequence[Found]],
    repetition: Repetition,
) -> Result:
    bars = [bar for case in every for bar in _bars(case, [one.figures for one in found[case.name]])]
    bars.append(unseen(found))
    return Result(
        name="emulator",
        configuration={
            "runs": chosen.runs,
            "busy_wait_us": chosen.busy_wait_us,
            "idle cores": "may sleep" if chosen.let_cores_sleep else "are kept awake",
            "cores": f"emulator {EMULATOR_CORE}, probes {PROBE_CORE}",
            "timed_by": "the sender's clock before it sends, the kernel's stamp on arrival",
        },
        figures={name: [one.row() for one in runs] for name, runs in found.items()}
        | {"repeated": repetition.rows()},
        bars=bars,
        notes=[*_notes(found), *repetition.notes],
    )


def _bars(case: Case, figures: Sequence[Figures]) -> list[Bar]:
    bars = [
        Bar(f"{case.name}: {words}", _median(figures, key), unit, target)
        for key, (words, unit, target) in BARS.items()
        if key in figures[0]
    ]
    if "lost" in figures[0]:
        words = f"{case.name}: distance from the model, all runs together"
        bars.append(Bar(words, pooled_sigmas(case, figures), "standard deviations", 3))
        differ = sum(abs(each["lost"] - each["lost_by_log"]) for each in figures)
        bars.append(Bar(f"{case.name}: losses beside the log's", differ, "packets", 0))
    return bars


def unseen(found: Mapping[str, Sequence[Found]]) -> Bar:
    """Count what the emulator was too late for, if somebody did."""
    every = [
        count
        for runs in found.values()
        for one in runs
        for count in one.outcome["never_seen"].values()
    ]
    words = "packets that the emulator was too late to take in"
    if None in every:
        return Bar(words, None, "packets", 0, unproven="a link's devices were gone before its end")
    return Bar(words, sum(every), "packets", 0)


def _median(figures: Sequence[Figures], key: str) -> float:
    return float(statistics.median(each[key] for each in figures))


def _notes(found: Mapping[str, Sequence[Found]]) -> list[str]:
    notes = ["Errors include what the kernel needs on both sides of the emulator."]
    for name, runs in found.items():
        for number, one in enumerate(runs, 1):
            if not one.outcome["goes_first"]:
                notes.append(f"{name}, run {number}: the emulator could not go before others.")
            late_ms = one.outcome["late"]["p99_us"] / 1_000
            if late_ms > MOST_ERROR_MS:
                stolen = f"the host took {one.stolen_share:.1%} of the processors"
                words = f"the emulator itself was {late_ms:.2f} ms late at p99; {stolen}"
                notes.append(f"{name}, run {number}: {words}.")
    return notes


def _draw_trace(arrived: Arrived) -> None:
    edges_ms = np.arange(0, LTE.lasts_ms + 1, FINE_BIN_MS)
    asked, _ = np.histogram(lines_of(LTE), edges_ms)
    came, _ = np.histogram((arrived.arrived_ns - arrived.arrived_ns[0]) / 1e6, edges_ms)
    # The link began before the first probe, and its trace with it: look where they fit best.
    turned = max((np.roll(asked, -by) for by in range(len(asked))), key=lambda turn: turn @ came)
    coarse = BIN_MS // FINE_BIN_MS
    with plots.plot("emulator", f"The trace {LTE.name}, and what came through it") as axes:
        for counts, bits, words, style, color in (
            (turned, OPPORTUNITY_BITS, "the trace", "-", plots.FLOOR),
            (came, 8 * arrived.stream.ip_bytes, "received", "--", plots.RELAY),
        ):
            mbps = counts.reshape(-1, coarse).sum(axis=1) * bits / (BIN_MS * 1_000)
            axes.step(
                edges_ms[:-1:coarse] / 1_000, mbps, style, where="post", color=color, label=words
            )
        axes.set_xlabel("seconds")
        axes.set_ylabel("Mbit/s")
        axes.legend()


def _draw_errors(every: Sequence[Arrived]) -> None:
    with plots.plot("emulator_delay", f"Delay beyond the {ONE_WAY_MS:g} ms asked for") as axes:
        for arrived, color in zip(every, plots.STAGES[1::2], strict=False):
            late_ms = np.sort(arrived.delay_ms) - ONE_WAY_MS
            share = 1 - np.arange(len(late_ms)) / len(late_ms)
            words = f"{arrived.stream.packets_per_s:,.0f} packets/s"
            axes.plot(np.maximum(late_ms, 1e-3), share, color=color, label=words)
        axes.axvline(MOST_ERROR_MS, color=plots.TARGET, label="has to be, at p99")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("ms")
        axes.set_ylabel("share of packets that is later")
        axes.legend()


def _report(result: Result, found: Mapping[str, Sequence[Figures]]) -> None:
    rows = [
        [name, key, *(f"{each[key]:,.3f}" for each in runs)]
        for name, runs in found.items()
        for key in runs[0]
    ]
    runs = [f"run {number}" for number in range(1, result.configuration["runs"] + 1)]
    report.write(
        result,
        title="The link emulator's accuracy",
        summary="Probes through the emulated link, timed from outside, beside what the link was "
        "asked to do. Every measurement of adaptation rests on it.",
        drawn=[
            report.Plot("emulator", "The trace's rate over time, and the received rate on it"),
            report.Plot("emulator_delay", "How many packets were later than asked, by how much"),
        ],
        tables=[report.Table("Every run", ["case", "figure", *runs], rows)],
    )


if __name__ == "__main__":
    failure.run("emulator", lambda: main(sys.argv[1:]))
