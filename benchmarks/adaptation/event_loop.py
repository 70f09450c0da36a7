"""What news of many paths costs the relay's event loop, and whether it holds anything else up.

`python -m benchmarks.adaptation.event_loop`. A real relay with its engine is full of people; it is
told of their paths as its engine would tell it (`estimate_news`), in real time, and the policy does
all that follows. No packet flows: it is Python's side that is measured, for which Rust never waits.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from benchmarks.adaptation import estimate_news
from benchmarks.adaptation.estimate_news import BATCH_S, News
from benchmarks.adaptation.full_house import FullHouse, full_house
from benchmarks.harness import failure, options, plots, progress, report
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stolen_time import ProcessorTime
from relay.engine import Event
from signalling.logs import configure_logs

MOST_PERCENT: Final = {1_000: 5.0, 4_000: 20.0}
"""Receivers, and the share of a core that news of their paths may cost."""
MOST_LAG_MS: Final = 20.0
COST: Final = (
    "The cost is the processor time of the loop's thread from a batch's arrival until all that "
    "follows from it is done."
)
PROBED_EVERY_S: Final = 0.005
SETTLE_S: Final = 3.0
"""Beginnings are over: everybody has been looked at, and pictures have their first layers."""
EXPECTED_S: Final = {"a receiver": 0.03, "start": 2.0}
"""Of links and of joins; for the progress bar only."""


@dataclass(frozen=True, slots=True)
class Found:
    """One run."""

    receivers: int
    news_per_s: float
    """Estimates told."""
    cost_percent: float
    """Of a core: passing them on, deciding what follows, telling the engine and the people."""
    batch_p99_ms: float
    """How long the loop is held by a batch, but for one in a hundred."""
    loop_percent: float
    """Of a core: all that the loop's thread did meanwhile, the second's rounds included."""
    lag_p50_ms: float
    lag_p99_ms: float
    lag_max_ms: float
    stolen_percent: float
    """Of all processors' time, what the host took away meanwhile."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("adaptation.event_loop", "Tell a relay of many paths, and watch it.")
    parser.set_defaults(runs=3)
    parser.add_argument(
        "--receivers", type=options.within(2, 20_000), nargs="+", default=list(MOST_PERCENT)
    )
    parser.add_argument("--seconds", type=options.seconds, default=15.0, help="of each run")
    chosen = parser.parse_args(arguments)
    configure_logs(level="warning", form="console")
    each_s = [
        EXPECTED_S["start"] + EXPECTED_S["a receiver"] * count + SETTLE_S + chosen.seconds
        for count in chosen.receivers
    ]
    runs: dict[int, list[Found]] = {}
    with progress.watch("event loop", chosen.runs * sum(each_s), spare=0) as watch:
        for run in range(chosen.runs):
            for count, expected_s in zip(chosen.receivers, each_s, strict=True):
                with watch.step(f"{count:,} receivers, run {run + 1}", expected_s):
                    found = measure(count, chosen.seconds, chosen.seed + run)
                runs.setdefault(count, []).append(found)
    result = _result(chosen, runs)
    path = result.write()
    _draw(runs)
    _report(result, runs)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def measure(receivers: int, seconds: float, seed: int) -> Found:
    """Fill a relay, tell it of everybody's path for so long, and watch its loop."""
    rates = estimate_news.rates_bps(receivers, SETTLE_S + seconds, seed)
    return asyncio.run(_told(receivers, estimate_news.batches(rates, seed)))


async def _told(receivers: int, batches: Sequence[Sequence[News]]) -> Found:
    settled = round(SETTLE_S / BATCH_S)
    async with full_house(receivers) as house:
        await _tell(house, batches[:settled])
        before, began_s = ProcessorTime.now(), time.monotonic()
        thread_s = time.thread_time()
        lags_s: list[float] = []
        probe = asyncio.create_task(_probe(lags_s), name="probe")
        costs_s = await _tell(house, batches[settled:])
        _ = probe.cancel()
        lasted_s, thread_s = time.monotonic() - began_s, time.thread_time() - thread_s
        stolen = ProcessorTime.now().stolen_share_since(before)
    lags_ms = 1e3 * np.array(lags_s)
    return Found(
        receivers=receivers,
        news_per_s=sum(map(len, batches[settled:])) / lasted_s,
        cost_percent=100 * sum(costs_s) / lasted_s,
        batch_p99_ms=1e3 * float(np.quantile(costs_s, 0.99)),
        loop_percent=100 * thread_s / lasted_s,
        lag_p50_ms=float(np.quantile(lags_ms, 0.5)),
        lag_p99_ms=float(np.quantile(lags_ms, 0.99)),
        lag_max_ms=float(lags_ms.max()),
        stolen_percent=100 * stolen,
    )


async def _tell(house: FullHouse, batches: Sequence[Sequence[News]]) -> list[float]:
    """Tell each batch in its time; give the processor time that each took."""
    legs, costs_s = house.receivers, []
    began_s = time.monotonic()
    for number, batch in enumerate(batches):
        await asyncio.sleep(began_s + number * BATCH_S - time.monotonic())
        event = Event.Estimates(
            estimates=[
                (legs[who], rate_bps, estimate_bps, owed_bps, told, lost)
                for who, rate_bps, estimate_bps, owed_bps, told, lost in batch
            ]
        )
        before_s = time.thread_time()
        house.hear(event)
        costs_s.append(time.thread_time() - before_s)
    return costs_s


async def _probe(lags_s: list[float]) -> None:
    """See how late the loop wakes somebody up, until cancelled."""
    while True:
        due_s = time.monotonic() + PROBED_EVERY_S
        await asyncio.sleep(PROBED_EVERY_S)
        lags_s.append(max(0.0, time.monotonic() - due_s))


def _median(found: Sequence[Found], figure: str) -> float:
    return statistics.median(float(getattr(each, figure)) for each in found)


def _result(chosen: Any, runs: dict[int, list[Found]]) -> Result:
    bars = []
    for count, found in runs.items():
        people = f"{count:,} receivers"
        if (most := MOST_PERCENT.get(count)) is not None:
            cost = _median(found, "cost_percent")
            bars.append(Bar(f"news of the paths of {people}", cost, "% of a core", most))
        lag = _median(found, "lag_p99_ms")
        bars.append(Bar(f"lateness of the event loop, p99, {people}", lag, "ms", MOST_LAG_MS))
    return Result(
        name="event_loop",
        configuration={
            "runs": chosen.runs,
            "seed": chosen.seed,
            "seconds": chosen.seconds,
            "rooms": "of two, every fifth of three",
            "links": "random, 0.1 to 10 Mbit/s; after 10 s of their life",
        },
        figures={str(count): [asdict(each) for each in found] for count, found in runs.items()},
        bars=bars,
        notes=[
            "No packet flows; the engine's workers only take commands.",
            COST,
            *(_words(count, found) for count, found in runs.items()),
        ],
    )


def _words(count: int, found: Sequence[Found]) -> str:
    """Say in a sentence what was told, and what else the loop did."""
    news, loop = _median(found, "news_per_s"), _median(found, "loop_percent")
    batch, stolen = _median(found, "batch_p99_ms"), max(each.stolen_percent for each in found)
    return (
        f"{count:,} receivers: {news:,.0f} estimates a second; a batch takes up to {batch:.1f} ms "
        f"(p99); with the rounds of each second the loop took {loop:.0f} % of a core; the host "
        f"took away at most {stolen:.1f} % of a run."
    )


def _draw(runs: dict[int, list[Found]]) -> None:
    with plots.plot("event_loop", "The event loop while paths change") as axes:
        counts = sorted(runs)
        for figure, words, colour in (
            ("cost_percent", "news of paths, % of a core", plots.RELAY),
            ("loop_percent", "the whole loop, % of a core", plots.STAGES[2]),
            ("lag_p99_ms", "lateness, p99, ms", plots.TARGET),
        ):
            medians = [_median(runs[count], figure) for count in counts]
            axes.plot(counts, medians, "o-", color=colour, label=words)
        axes.set(xlabel="receivers", ylim=(0, None))
        axes.legend(fontsize=8)


def _report(result: Result, runs: dict[int, list[Found]]) -> None:
    headings = [name.replace("_", " ") for name in Found.__slots__]
    rows = [
        [f"{getattr(each, name):,.2f}" for name in Found.__slots__]
        for found in runs.values()
        for each in found
    ]
    report.write(
        result,
        title="The event loop while paths change",
        summary="What a relay full of people costs its event loop when it is told, in real time, "
        "what everybody's path carries.",
        drawn=[report.Plot("event_loop", "Cost and lateness of the event loop, by receivers")],
        tables=[report.Table("Every run", headings, rows)],
    )


if __name__ == "__main__":
    failure.run("event_loop", lambda: main(sys.argv[1:]))
