"""Half an hour at half capacity: does memory grow, do descriptors stay, is anything lost?

`python -m benchmarks.soak`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks import load
from benchmarks.harness import aside, failure, machine, medians, options, plots, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import mean_shares
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import WITHHELD_SHARE, Stage
from benchmarks.known_capacity import measured_capacity
from benchmarks.served_relay import served_relay

PIECE_S: Final = 60.0
"""The soak is measured minute by minute."""

SETTLED_AFTER: Final = 3
"""Minutes until caches, buffers and pools have the size they keep."""

JUDGED_FROM_MINUTES: Final = 30
"""In less, what grows slowly cannot be told from what comes and goes."""

MORE_FILES: Final = 2
"""Two scrapes may be on their way at the moment of a reading."""

GROWTH_SHARE: Final = 0.02
"""What the comings and goings of a thousand visits may leave behind, too."""

LOSS_SHARE: Final = 0.001
ADDED_P99_MS: Final = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("soak", "Let a relay run at half its capacity, and watch it.")
    parser.add_argument("--minutes", type=options.within(2, 24 * 60), default=30)
    parser.add_argument(
        "--consultations",
        type=options.within(1, 5_000),
        help="that go on; default: half of what the capacity measurement found",
    )
    options.add_adaptation(parser)
    parser.set_defaults(runs=1)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    count = chosen.consultations or max(1, measured_capacity(adaptation=chosen.adaptation) // 2)

    begun = _now()
    with (
        progress.watch("soak", chosen.minutes * (PIECE_S + 1.0) + 2 * count / 50 + 5.0) as watch,
        served_relay([load.RELAY_CORE], adaptation=chosen.adaptation) as relay,
    ):
        script = load.Script(relay)
        for minute in range(chosen.minutes):
            script.grow(f"minute {minute + 1}", count, measure_s=PIECE_S, settle_s=0.0)
        words = f"{count} consultations"
        # Who is dropped is a finding, and no reason to lose the others'.
        stages = load.run(script, watch, seed=chosen.seed, words=words, judged=True).stages
    if not any(stage.path("relayed", clean=False)["received"] for stage in stages):
        raise BenchmarkFailed(
            f"not a packet of {count} consultations arrived in {chosen.minutes} minutes; nothing "
            "was written"
        )
    result = _result(chosen, count, stages, (begun, _now()))
    _draw(result.name, stages)
    path = result.write()
    _report(result, stages)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def growth_share(values: Sequence[float]) -> float:
    """Say by what share of itself something grew, from begin to end, by its median slope."""
    return slope(values) * (len(values) - 1) / statistics.mean(values)


def slope(values: Sequence[float]) -> float:
    """Say by how much something grew from one value to the next, at least two being there.

    The median of the slopes between all pairs (Theil and Sen): one odd minute moves nothing.
    """
    slopes = [
        (later - earlier) / (place - index)
        for index, earlier in enumerate(values)
        for place, later in enumerate(values[index + 1 :], index + 1)
    ]
    return statistics.median(slopes)


def _result(chosen: Any, count: int, stages: Sequence[Stage], times: tuple[str, str]) -> Result:
    long_enough = chosen.minutes >= JUDGED_FROM_MINUTES
    seen = _Seen.of(stages)
    return Result(
        name=options.result_name("soak", adaptation=chosen.adaptation),
        configuration={
            "consultations": count,
            "minutes": chosen.minutes,
            "seed": chosen.seed,
            "adaptation": chosen.adaptation,
            "begun_at": times[0],
            "ended_at": times[1],
            "growth": f"median slope over the time after the first {SETTLED_AFTER} minutes, of "
            "resident memory without the retransmission caches",
            "harness": aside.WORDS,
            "protection": load.AES_GCM,
            "switched_on": "signalling, ICE, DTLS, TWCC and RTCP both ways, caches, metrics",
        },
        figures={
            "packets_relayed": round(sum(stage.packets for stage in stages)),
            "growth_percent": round(100 * growth_share(seen.beside_caches), 3),
            "growth_bytes_per_minute": round(slope(seen.beside_caches)),
            "bytes_beside_caches_first_last": [seen.beside_caches[0], seen.beside_caches[-1]],
            "cached_bytes_last": round(stages[-1].server.after.cached_bytes),
            "open_files_first_most": [seen.files[0], max(seen.files)],
            "threads_first_most": [seen.threads[0], max(seen.threads)],
            "loss_percent": round(100 * seen.loss_share, 5),
            "dropped_or_absent": seen.missing,
            "joins": stages[0].row()["joins"],
            "minutes": [stage.row() for stage in stages],
        },
        bars=seen.bars(adaptation=chosen.adaptation) if long_enough else [],
        notes=[
            "Loss is of windows that are clean; a minute that says nothing is left out.",
            f"All {chosen.minutes} minutes: {mean_shares(stages).words}. A soak is not repeated.",
            *(
                f"{stage.found['name']}: {medians.why_untrusted(stage)}."
                for stage in stages
                if not stage.is_trusted
            ),
        ],
        unjudged=""
        if long_enough
        else f"{chosen.minutes} minutes are too short to judge growth: figures, and no bars "
        f"(from {JUDGED_FROM_MINUTES} minutes).",
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is judged, of the minutes in which caches, buffers and pools had settled."""

    beside_caches: Sequence[float]
    """Resident bytes without the retransmission caches', by minute."""
    files: Sequence[int]
    threads: Sequence[int]
    loss_share: float
    withheld_share: float
    added_p99_ms: float | None
    """Of the median minute; nothing where not a packet arrived in a clean window."""
    doubt: str
    """Why what became of packets shows nothing for certain."""
    missing: int

    @classmethod
    def of(cls, stages: Sequence[Stage]) -> _Seen:
        settled = stages[min(SETTLED_AFTER, len(stages) - 2) :]
        readings = [stage.server.after for stage in settled]
        # A minute in which nobody was there says nothing of loss or delay.
        kept = [stage for stage in stages if stage.is_trusted and stage.path("relayed")["expected"]]
        heard = [stage for stage in kept or stages if stage.path("relayed")["received"]]
        added_ms = [stage.added_ms("p99") for stage in heard]
        counted = [stage.path("relayed", clean=bool(kept)) for stage in kept or stages]
        lost = sum(path["lost"] for path in counted)
        expected = sum(path["expected"] for path in counted)
        withheld = sum(path["withheld"] for path in counted)
        return cls(
            beside_caches=[r.process.resident_bytes - r.cached_bytes for r in readings],
            files=[r.process.open_files for r in readings],
            threads=[len(r.process.threads) for r in readings],
            loss_share=lost / max(1, expected),
            withheld_share=withheld / max(1, withheld + expected),
            added_p99_ms=statistics.median(added_ms) if added_ms else None,
            doubt="" if 2 * len(kept) >= len(stages) else "most minutes were disturbed or empty",
            missing=sum(stage.ended for stage in stages) + stages[0].failed_joins,
        )

    def bars(self, *, adaptation: bool) -> list[Bar]:
        growth = 100 * growth_share(self.beside_caches)
        files, threads = (max(seen) - seen[0] for seen in (self.files, self.threads))
        loss = 100 * self.loss_share
        # Without adaptation nothing is ever kept back.
        withheld = [
            Bar(
                "pictures kept back on purpose",
                100 * self.withheld_share,
                "%",
                100 * WITHHELD_SHARE,
                unproven=self.doubt,
            )
        ]
        silent = "" if self.added_p99_ms is not None else "no packet arrived in a clean window"
        return [
            Bar("growth of memory, beside the caches", growth, "%", 100 * GROWTH_SHARE),
            Bar("most open descriptors above the first", files, "descriptors", MORE_FILES),
            Bar("most threads above the first", threads, "threads", 0),
            Bar("packets lost", loss, "%", 100 * LOSS_SHARE, unproven=self.doubt),
            *(withheld if adaptation else []),
            Bar(
                "delay added, p99",
                self.added_p99_ms,
                "ms",
                ADDED_P99_MS,
                unproven=silent or self.doubt,
            ),
            Bar("participants dropped, or never there", self.missing, "participants", 0),
        ]


def _draw(name: str, stages: Sequence[Stage]) -> None:
    minutes = list(range(1, len(stages) + 1))
    with plots.panels(name, "A relay at half its capacity", 3) as (memory, delay, files):
        processes = [stage.server.after.process for stage in stages]
        for values, colour, words in (
            ([p.resident_bytes / 1e6 for p in processes], plots.RELAY, "resident memory"),
            ([s.server.after.cached_bytes / 1e6 for s in stages], plots.FLOOR, "of it caches"),
        ):
            memory.plot(minutes, values, color=colour, label=words)
        for quantile, colour in (("p50", plots.STAGES[2]), ("p99", plots.RELAY)):
            added = [max(0.01, stage.added_ms(quantile)) for stage in stages]
            delay.plot(minutes, added, color=colour, label=f"added delay, {quantile}")
        files.plot(minutes, [p.open_files for p in processes], color=plots.RELAY)
        memory.set(ylabel="MB", ylim=(0, None))
        delay.set(ylabel="ms", yscale="log")
        files.set(ylabel="open descriptors", xlabel="minute", ylim=(0, None))
        memory.legend(fontsize=8)
        delay.legend(fontsize=8)


def _report(result: Result, stages: Sequence[Stage]) -> None:
    rows = [
        [
            minute,
            f"{stage.server.after.process.resident_bytes / 1e6:,.1f}",
            stage.server.after.process.open_files,
            f"{stage.relayed_per_s:,.0f}",
            f"{stage.loss_share():.4%}",
            f"{stage.withheld_share():.2%}",
            f"{stage.added_ms('p50'):.2f}",
            f"{stage.added_ms('p99'):.2f}",
            f"{stage.server.core_share():.0%}",
            *(f"{share:.0%}" for share in stage.shares.row().values()),
        ]
        for minute, stage in enumerate(stages, 1)
    ]
    headings = [
        "minute",
        "resident, MB",
        "descriptors",
        "packets/s",
        "lost",
        "kept back",
        "added p50, ms",
        "added p99, ms",
        "relay's core",
        "void",
        "of it stolen",
        "generator late",
    ]
    report.write(
        result,
        title="A soak at half capacity",
        summary="The same consultations go on and on; memory, descriptors and threads are read "
        "every minute, and so are delay and loss.",
        drawn=[report.Plot(result.name, "Memory, added delay and open descriptors over time")],
        tables=[report.Table("Minute by minute", headings, rows)],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    failure.run("soak", lambda: main(sys.argv[1:]))
