"""The physical floor: what receiving, decrypting, encrypting and sending costs on this machine.

`python -m benchmarks.floor`. The relay's own cost is held against it by `benchmarks.capacity`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.harness import failure, machine, options, plots, programs, progress, report
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Shares
from benchmarks.load import GENERATOR_CORE, RELAY_CORE
from relay.config import MediaConfig

PACKETS_PER_CONSULTATION_S: Final = 376
"""Both directions: 30 frames of 4.6 packets on average, and 50 packets of sound, each."""

REFERENCE_NS: Final = {10_000: (7_477, 8_172), 50_000: (3_684, 4_037), 200_000: (2_990, 3_337)}
"""A bare loop in C on another machine (AMD EPYC, kernel 6.18): GSO out, 1 ms tick, EVP GCM."""

SLACK: Final = 1.2
"""A floor further above its matching row is a bug in the floor or a disturbed run."""

WARM_UP_S: Final = 2.0


def setup(
    packets_per_s: int, peers: int, *, gather_us: int, measure_s: float, seed: int
) -> dict[str, Any]:
    """Give the floor program's document: so many packets a second among so many peers."""
    consultations = max(1, peers // 2)
    return {
        "consultations": consultations,
        "pace": packets_per_s / (consultations * PACKETS_PER_CONSULTATION_S),
        "seed": seed,
        "warm_up_s": WARM_UP_S,
        "measure_s": measure_s,
        "gather_us": gather_us,
        "relay_core": RELAY_CORE,
        "generator_core": GENERATOR_CORE,
        "receive_buffer_bytes": MediaConfig().receive_buffer_bytes,
        # As `load` has them for the relay: who reads runs spares the sender's thread the cutting,
        # so a floor without them would flatter the relay.
        "batched_sends": True,
        "receives_runs": True,
    }


def peers_at_real_pace(packets_per_s: int) -> int:
    """Say how many participants send so many packets a second."""
    return 2 * max(1, round(packets_per_s / PACKETS_PER_CONSULTATION_S))


def measure(document: dict[str, Any]) -> programs.Outcome:
    """Run the floor once."""
    expected_s = document["warm_up_s"] + document["measure_s"] + 1.0
    timeout_s = expected_s + 30.0
    return programs.run("floor", document, timeout_s=timeout_s, harness_core=GENERATOR_CORE)


def shares_of(outcome: programs.Outcome) -> Shares:
    """Say how much of a floor's time was void, and why."""
    return Shares.of(outcome["generator"])


def median(outcomes: Sequence[programs.Outcome], name: str) -> float:
    """Give a figure's median over runs."""
    return float(statistics.median(outcome[name] for outcome in outcomes))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("floor", "Measure the physical floor of relaying on this machine.")
    rates = options.within(1_000, 400_000)
    parser.add_argument("--packets-per-s", type=rates, nargs="+", default=[10_000, 50_000])
    parser.add_argument(
        "--peers", type=options.within(2, 8_000), help="default: as many as send that much"
    )
    parser.add_argument("--gather-us", type=options.within(0, 5_000), default=1_000)
    parser.add_argument("--measure-s", type=options.seconds, default=10.0)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)

    outcomes: dict[int, list[programs.Outcome]] = {rate: [] for rate in chosen.packets_per_s}
    one_run_s = WARM_UP_S + chosen.measure_s + 1.0
    with progress.watch("floor", one_run_s * chosen.runs * len(outcomes)) as watch:
        for index in range(chosen.runs):
            for rate, found in outcomes.items():
                document = setup(
                    rate,
                    chosen.peers or peers_at_real_pace(rate),
                    gather_us=chosen.gather_us,
                    measure_s=chosen.measure_s,
                    seed=chosen.seed + index,
                )

                def attempt(words: str, document: dict[str, Any] = document) -> programs.Outcome:
                    with watch.step(words, one_run_s):
                        return measure(document)

                words = f"{rate:,} packets/s, run {index + 1}"
                found.append(watch.repetition.least_disturbed(words, attempt, shares_of))
    result = _result(chosen, outcomes, watch.repetition)
    _draw(outcomes)
    path = result.write()
    _report(result, outcomes)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _result(
    chosen: Any, outcomes: dict[int, list[programs.Outcome]], repetition: Repetition
) -> Result:
    bars = []
    for rate, every in outcomes.items():
        words = f"floor at {rate:,} packets/s"
        found = [outcome for outcome in every if _is_trusted(outcome)]
        doubt = "" if found else "every run was disturbed"
        found = found or every
        reference = REFERENCE_NS.get(rate)
        if reference and chosen.gather_us == 1_000:
            target = round(SLACK * reference[1])
            cpu_ns = median(found, "cpu_ns_per_packet")
            bars.append(Bar(words, cpu_ns, "ns CPU a packet", target, unproven=doubt))
        lost = statistics.median(outcome["generator"]["relayed_clean"]["lost"] for outcome in found)
        words = f"packets lost by the {words}"
        bars.append(Bar(words, float(lost), "packets", 0, unproven=doubt))
    return Result(
        name="floor",
        configuration={
            "runs": chosen.runs,
            "measured_s": chosen.measure_s,
            "gather_us": chosen.gather_us,
            "peers": chosen.peers or "as many as send the rate at real pace",
            "traffic": "VP8 frames of sizes captured from Chromium, in bursts; Opus",
            "protection": "AEAD_AES_128_GCM (aws-lc-rs), contexts kept",
            "cores": f"relay {RELAY_CORE}, generator {GENERATOR_CORE}",
        },
        figures={
            str(rate): {
                "median_cpu_ns_per_packet": median(found, "cpu_ns_per_packet"),
                "median_packets_per_message": median(found, "packets_per_message"),
                "windows": [shares_of(outcome).row() for outcome in found],
                "runs": [programs.without_buckets(outcome) for outcome in found],
            }
            for rate, found in outcomes.items()
        }
        | {"repeated": repetition.rows()},
        bars=bars,
        notes=[*_notes(outcomes), *repetition.notes],
    )


def _is_trusted(outcome: programs.Outcome) -> bool:
    shares = shares_of(outcome)
    return not (shares.generator_was_late or shares.host_left_too_little)


def _notes(outcomes: dict[int, list[programs.Outcome]]) -> list[str]:
    notes = [
        "The reference was measured in C on an AMD EPYC; this machine is not that machine.",
        "A send is charged with its delivery: on loopback the sender's thread does both.",
    ]
    for rate, found in outcomes.items():
        for index, outcome in enumerate(found, 1):
            if not _is_trusted(outcome):
                notes.append(
                    f"{rate:,} packets/s, run {index}: not real pace all the time, so its batches "
                    f"are not either ({shares_of(outcome).words})."
                )
    return notes


def _draw(outcomes: dict[int, list[programs.Outcome]]) -> None:
    with plots.plot("floor", "CPU per relayed packet: the floor of this machine") as axes:
        rates = list(outcomes)
        places = range(len(rates))
        axes.bar(
            places,
            [median(outcomes[rate], "cpu_ns_per_packet") for rate in rates],
            width=0.5,
            color=plots.RELAY,
            label="here, median",
        )
        for place, rate in zip(places, rates, strict=True):
            for outcome in outcomes[rate]:
                axes.plot(place, outcome["cpu_ns_per_packet"], "k.", alpha=0.5)
            if rate in REFERENCE_NS:
                low, high = REFERENCE_NS[rate]
                axes.fill_between(
                    [place - 0.3, place + 0.3], low, high, color=plots.TARGET, alpha=0.5
                )
        axes.set_xticks(places, [f"{rate:,} packets/s" for rate in rates])
        axes.set_ylabel("ns")
        axes.plot(
            [], [], color=plots.TARGET, linewidth=6, alpha=0.5, label="reference, another machine"
        )
        axes.legend()


def _report(result: Result, outcomes: dict[int, list[programs.Outcome]]) -> None:
    columns = {
        "CPU ns a packet": "cpu_ns_per_packet",
        "of it in the kernel": "kernel_share",
        "core used": "core_share",
        "packets/s": "packets_per_s",
        "packets a read": "packets_per_batch",
        "packets a trip": "packets_per_message",
    }
    rows = [
        [
            f"{rate:,}",
            *(f"{median(found, name):,.2f}" for name in columns.values()),
            *(
                f"{statistics.median(shares_of(outcome).row()[name] for outcome in found):.0%}"
                for name in ("void_share", "stolen_share", "late_share")
            ),
        ]
        for rate, found in outcomes.items()
    ]
    headings = ["packets/s asked", *columns, "void", "of it stolen", "generator late"]
    report.write(
        result,
        title="The physical floor of relaying",
        summary="The least processor time this machine needs to receive a packet, decrypt it, "
        "encrypt it for its receiver and send it: the best bare loop, without a relay's duties.",
        drawn=[report.Plot("floor", "CPU time per packet at each rate, beside the reference")],
        tables=[report.Table("Medians", headings, rows)],
    )


if __name__ == "__main__":
    failure.run("floor", lambda: main(sys.argv[1:]))
