"""Half an hour at half capacity: does memory grow, do descriptors stay, is anything lost?

`python -m benchmarks.soak`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks import load
from benchmarks.harness import aside, failure, machine, medians, options, plots, progress, report
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Stage
from benchmarks.latency import measured_capacity
from benchmarks.served_relay import served_relay

PIECE_S: Final = 60.0
"""The soak is measured minute by minute."""

SETTLED_AFTER: Final = 3
"""Minutes until caches, buffers and pools have the size they keep."""

GROWTH_SHARE: Final = 0.02
"""What the comings and goings of a thousand visits may leave behind, too."""

LOSS_SHARE: Final = 0.001


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("soak", "Let a relay run at half its capacity, and watch it.")
    parser.add_argument("--minutes", type=options.within(5, 24 * 60), default=30)
    parser.add_argument(
        "--consultations",
        type=options.within(1, 5_000),
        help="that go on; default: half of what the capacity measurement found",
    )
    parser.set_defaults(runs=1)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    count = chosen.consultations or max(1, measured_capacity() // 2)

    begun = _now()
    with (
        progress.watch("soak", chosen.minutes * (PIECE_S + 1.0) + 2 * count / 50 + 5.0) as watch,
        served_relay([load.RELAY_CORE]) as relay,
    ):
        script = load.Script(relay)
        for minute in range(chosen.minutes):
            script.grow(f"minute {minute + 1}", count, measure_s=PIECE_S, settle_s=0.0)
        stages = load.run(script, watch, seed=chosen.seed, words=f"{count} consultations").stages
    result = _result(chosen, count, stages, (begun, _now()))
    _draw(stages)
    path = result.write()
    _report(result, stages)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def growth_share(values: Sequence[float]) -> float:
    """Say by what share of itself something grew, from begin to end, by its median slope.

    The median of the slopes between all pairs (Theil and Sen): one odd minute moves nothing.
    """
    slopes = [
        (later - earlier) / (place - index)
        for index, earlier in enumerate(values)
        for place, later in enumerate(values[index + 1 :], index + 1)
    ]
    return statistics.median(slopes) * (len(values) - 1) / statistics.mean(values)


def _result(chosen: Any, count: int, stages: Sequence[Stage], times: tuple[str, str]) -> Result:
    trusted = medians.trusted(stages, f"{count} consultations")
    left_out = len(stages) - len(trusted)
    settled = stages[SETTLED_AFTER:]
    resident = [stage.server.after.process.resident_bytes for stage in settled]
    files = [stage.server.after.process.open_files for stage in settled]
    threads = [len(stage.server.after.process.threads) for stage in settled]
    lost = sum(stage.path("relayed")["lost"] for stage in trusted)
    expected = sum(stage.path("relayed")["expected"] for stage in trusted)
    return Result(
        name="soak",
        configuration={
            "consultations": count,
            "minutes": chosen.minutes,
            "seed": chosen.seed,
            "begun_at": times[0],
            "ended_at": times[1],
            "growth": f"median slope over the time after the first {SETTLED_AFTER} minutes",
            "harness": aside.WORDS,
            "protection": load.AES_GCM,
            "switched_on": "signalling, ICE, DTLS, TWCC and RTCP both ways, caches, metrics",
        },
        figures={
            "packets_relayed": round(sum(stage.packets for stage in stages)),
            "resident_bytes_first_last": [resident[0], resident[-1]],
            "open_files_first_last": [files[0], files[-1]],
            "threads_first_last": [threads[0], threads[-1]],
            "joins": stages[0].row()["joins"],
            "minutes": [stage.row() for stage in stages],
        },
        bars=[
            Bar("growth of resident memory", 100 * growth_share(resident), "%", 100 * GROWTH_SHARE),
            Bar("growth of open descriptors", files[-1] - files[0], "descriptors", 0),
            Bar("growth of threads", threads[-1] - threads[0], "threads", 0),
            Bar("packets lost", 100 * lost / max(1, expected), "%", 100 * LOSS_SHARE),
        ],
        notes=[
            f"Minutes left out for loss, the generator being the limit: {left_out}.",
            "Memory includes the retransmission caches, which are full after two seconds.",
        ],
    )


def _draw(stages: Sequence[Stage]) -> None:
    minutes = list(range(1, len(stages) + 1))
    with plots.panels("soak", "A relay at half its capacity", 3) as (memory, delay, files):
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
            f"{stage.added_ms('p50'):.2f}",
            f"{stage.added_ms('p99'):.2f}",
            f"{stage.server.core_share():.0%}",
            f"{stage.void_share:.0%}",
        ]
        for minute, stage in enumerate(stages, 1)
    ]
    headings = [
        "minute",
        "resident, MB",
        "descriptors",
        "packets/s",
        "lost",
        "added p50, ms",
        "added p99, ms",
        "relay's core",
        "void",
    ]
    report.write(
        result,
        title="A soak at half capacity",
        summary="The same consultations go on and on; memory, descriptors and threads are read "
        "every minute, and so are delay and loss.",
        drawn=[report.Plot("soak", "Memory, added delay and open descriptors over time")],
        tables=[report.Table("Minute by minute", headings, rows)],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    failure.run("soak", lambda: main(sys.argv[1:]))
