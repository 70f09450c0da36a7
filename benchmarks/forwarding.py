"""The relay over loopback: what delay it adds, what it loses, and what it costs beside the floor.

`python -m benchmarks.forwarding`. Each run measures 50 consultations through a relay and, beside
them, consultations without one; then as many as make the rate asked for; then the floor with the
same number of peers, the same traffic and the same gathering time.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks import consultations, floor
from benchmarks.floor import GENERATOR_CORE, RELAY_CORE, WARM_UP_S, without_buckets
from benchmarks.harness import failure, machine, options, oracle, plots, programs, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Bar, Result
from benchmarks.relay_under_test import Reading, relay_under_test

BARE_CONSULTATIONS: Final = 2
"""Enough for 7,500 delays without a relay in 10 s, and too few to disturb the others."""

SAMPLES: Final = 8
RECEIVE_BUFFER_BYTES: Final = 4 * 1024 * 1024
ADDED_P99_MS, LOST_PACKETS, FLOOR_RATIO = 2.0, 0, 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("forwarding", "Measure the relay over loopback, beside the floor.")
    parser.add_argument("--consultations", type=options.within(1, 1_000), default=50)
    parser.add_argument("--packets-per-s", type=options.within(1_000, 400_000), default=50_000)
    parser.add_argument("--gather-us", type=options.within(0, 900), default=500)
    parser.add_argument("--measure-s", type=options.seconds, default=10.0)
    parser.add_argument(
        "--accept-late",
        action="store_true",
        help="keep runs in which the generator was late, and say so",
    )
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    many = floor.peers_at_real_pace(chosen.packets_per_s) // 2

    runs = []
    one_run_s = WARM_UP_S + chosen.measure_s + 4.0
    with progress.watch("forwarding", 3 * one_run_s * chosen.runs) as watch:
        for index in range(chosen.runs):
            seed = chosen.seed + index
            with watch.step(f"{chosen.consultations} consultations, run {index + 1}", one_run_s):
                delay = measure_relay(chosen.consultations, chosen, seed)
            with watch.step(f"{many} consultations, run {index + 1}", one_run_s):
                cost = measure_relay(many, chosen, seed)
            with watch.step(f"floor, run {index + 1}", one_run_s):
                document = floor.setup(
                    many * floor.PACKETS_PER_CONSULTATION_S,
                    2 * many,
                    gather_us=chosen.gather_us,
                    measure_s=chosen.measure_s,
                    seed=seed,
                )
                below = floor.measure(document)
            runs.append({"delay": delay, "cost": cost, "floor": below} | _added(delay, cost, below))
    kept = runs if chosen.accept_late else [run for run in runs if not run["generator_was_late"]]
    if not kept:
        late_ms = statistics.median(run["lateness_p99_ms"] for run in runs)
        raise BenchmarkFailed(
            f"the generator was late in every run (p99 {late_ms:.1f} ms): others use its "
            "core. Nothing was written; stop what else runs, or pass --accept-late"
        )
    result = _result(chosen, runs, kept, many)
    _draw(kept)
    path = result.write()
    _report(result, kept)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def measure_relay(count: int, chosen: Any, seed: int) -> dict[str, Any]:
    """Send that many consultations through a relay once.

    Raises:
        BenchmarkFailed: The relay or the generator failed, or libsrtp disagrees with both.

    """
    through, direct = consultations.relayed(count), consultations.bare(BARE_CONSULTATIONS)
    readings: dict[str, Reading] = {}
    with relay_under_test(
        through,
        core=RELAY_CORE,
        gather_us=chosen.gather_us,
        receive_buffer_bytes=RECEIVE_BUFFER_BYTES,
    ) as relay:

        def read(milestone: programs.Milestone) -> None:
            readings[milestone] = relay.read()

        setup = consultations.setup(
            through,
            direct,
            relay=relay.address,
            seed=seed,
            core=GENERATOR_CORE,
            warm_up_s=WARM_UP_S,
            measure_s=chosen.measure_s,
            samples=SAMPLES,
        )
        timeout_s = WARM_UP_S + chosen.measure_s + 60.0
        outcome = programs.run("paced_sender", setup, timeout_s=timeout_s, on_milestone=read)
        relay.read()
    judged = oracle.judge(outcome.pop("samples"), through + direct)
    if outcome["damaged"] or outcome["unusable"]:
        raise BenchmarkFailed(
            f"{outcome['damaged']} payloads came out other than they went in, and "
            f"{outcome['unusable']} datagrams could not be opened"
        )
    return outcome | _cost(readings) | {"judged_by_libsrtp": judged}


def _cost(readings: dict[str, Reading]) -> dict[str, Any]:
    before, after = readings["measuring"], readings["measured"]
    counted = {name: after.counters[name] - before.counters[name] for name in after.counters}
    relayed = after.relayed() - before.relayed()
    if relayed <= 0:
        raise BenchmarkFailed("the relay forwarded nothing while it was measured")
    worker_ns = after.worker_cpu_ns - before.worker_cpu_ns
    process_ns = after.process_cpu_ns - before.process_cpu_ns
    return {
        "relayed_by_relay": relayed,
        "worker_cpu_ns_per_packet": worker_ns / relayed,
        "process_cpu_ns_per_packet": process_ns / relayed,
        "packets_per_message": counted["segments_sent"] / max(1, counted["messages_sent"]),
        "packets_per_batch": counted["datagrams_received"] / max(1, counted["receive_batches"]),
        "kernel_drops": counted["kernel_drops"],
        "send_errors": counted["send_errors"],
        "memory_bytes": after.memory_bytes,
        "counters": {name: value for name, value in counted.items() if value},
    }


def _added(delay: dict[str, Any], cost: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    relayed, bare = delay["relayed"]["delay"], delay["bare"]["delay"]
    parts = (delay, cost, below["generator"])
    return {
        "added_p50_ms": (relayed["p50_us"] - bare["p50_us"]) / 1_000,
        "added_p99_ms": (relayed["p99_us"] - bare["p99_us"]) / 1_000,
        "bare_p50_ms": bare["p50_us"] / 1_000,
        "bare_p99_ms": bare["p99_us"] / 1_000,
        "lost": delay["relayed"]["lost"] + cost["relayed"]["lost"],
        "worker_cpu_ns_per_packet": cost["worker_cpu_ns_per_packet"],
        "process_cpu_ns_per_packet": cost["process_cpu_ns_per_packet"],
        "floor_cpu_ns_per_packet": below["cpu_ns_per_packet"],
        "ratio": cost["worker_cpu_ns_per_packet"] / below["cpu_ns_per_packet"],
        "generator_was_late": any(part["generator_is_bottleneck"] for part in parts),
        "lateness_p99_ms": max(part["lateness"]["p99_us"] for part in parts) / 1_000,
    }


def _result(chosen: Any, runs: Sequence[Any], kept: Sequence[Any], many: int) -> Result:
    medians = {
        name: statistics.median(run[name] for run in kept)
        for name, value in kept[0].items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    late = sum(run["generator_was_late"] for run in runs)
    return Result(
        name="forwarding",
        configuration={
            "runs": chosen.runs,
            "measured_s": chosen.measure_s,
            "consultations_for_delay": chosen.consultations,
            "consultations_for_cost": many,
            "packets_per_s_for_cost": many * floor.PACKETS_PER_CONSULTATION_S,
            "gather_us": chosen.gather_us,
            "protection": "AEAD_AES_128_GCM",
            "switched_on": "TWCC and RTCP both ways, STUN checks, caches, counters, reports",
            "cores": f"relay {RELAY_CORE} (all its threads), generator {GENERATOR_CORE}",
        },
        figures={
            "medians": medians,
            "runs_kept": len(kept),
            "runs": [without_buckets(run) for run in runs],
        },
        bars=[
            Bar(
                f"delay added at {chosen.consultations} consultations, p99",
                medians["added_p99_ms"],
                "ms",
                ADDED_P99_MS,
            ),
            Bar("packets lost by the relay", max(r["lost"] for r in kept), "packets", LOST_PACKETS),
            Bar(
                f"CPU a relayed packet, relay / floor, at {chosen.packets_per_s:,} packets/s",
                medians["ratio"],
                "times",
                FLOOR_RATIO,
            ),
        ],
        notes=_notes(chosen, len(runs), late, medians["process_cpu_ns_per_packet"]),
    )


def _notes(chosen: Any, runs: int, late: int, process_ns: float) -> list[str]:
    fate = "kept: the figures are disturbed" if chosen.accept_late else "left out"
    late_words = f"The generator was late in {late} of {runs} runs"
    return [
        "Legs are set up with keys from this benchmark: signalling and DTLS take no part yet.",
        f"The relay's cost is its worker's; with Python's thread, {process_ns:,.0f} ns a packet.",
        f"{late_words}, which are {fate}." if late else f"{late_words}.",
    ]


def _draw(kept: Sequence[Any]) -> None:
    with plots.plot("forwarding_delay", "One-way delay through the relay, and without it") as axes:
        for index, run in enumerate(kept):
            for name, colour in (("relayed", plots.RELAY), ("bare", plots.FLOOR)):
                edges, shares = plots.exceeding(run["delay"][name]["delay"]["buckets"])
                words = {"relayed": "through the relay", "bare": "bare loopback"}[name]
                label = words if index == 0 else None
                axes.plot([edge / 1_000 for edge in edges], shares, color=colour, label=label)
        axes.axhline(0.01, color=plots.TARGET, linewidth=0.8, linestyle="--", label="p99")
        axes.set(
            xscale="log", yscale="log", xlabel="ms", ylabel="share of packets that took longer"
        )
        axes.legend()
    with plots.plot("forwarding_cost", "CPU per relayed packet, and the floor beside it") as axes:
        for index, run in enumerate(kept):
            axes.bar(
                index - 0.2,
                run["worker_cpu_ns_per_packet"],
                0.4,
                color=plots.RELAY,
                label="relay" if index == 0 else None,
            )
            axes.bar(
                index + 0.2,
                run["floor_cpu_ns_per_packet"],
                0.4,
                color=plots.FLOOR,
                label="floor" if index == 0 else None,
            )
        axes.set_xticks(range(len(kept)), [f"run {index + 1}" for index in range(len(kept))])
        axes.set_ylabel("ns")
        axes.legend()


def _report(result: Result, kept: Sequence[Any]) -> None:
    columns = {
        "added p50, ms": "added_p50_ms",
        "added p99, ms": "added_p99_ms",
        "bare p99, ms": "bare_p99_ms",
        "lost": "lost",
        "relay, ns": "worker_cpu_ns_per_packet",
        "process, ns": "process_cpu_ns_per_packet",
        "floor, ns": "floor_cpu_ns_per_packet",
        "ratio": "ratio",
        "generator late p99, ms": "lateness_p99_ms",
    }
    rows = [[f"{run[name]:,.2f}" for name in columns.values()] for run in kept]
    report.write(
        result,
        title="The relay over loopback",
        summary="Real-pace consultations through a relay on one core: the delay it adds to each "
        "packet, what it loses, and its processor time beside the physical floor of this machine.",
        drawn=[
            report.Plot("forwarding_delay", "Distribution of one-way delays"),
            report.Plot("forwarding_cost", "CPU time per packet of relay and floor, run by run"),
        ],
        tables=[report.Table("Runs", list(columns), rows)],
    )


if __name__ == "__main__":
    failure.run("forwarding", lambda: main(sys.argv[1:]))
