"""Compare the relay with Janus: `python -m benchmarks.peers`."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import janus_process, load, private_network
from benchmarks.capacity import search
from benchmarks.harness import failure, machine, medians, options, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.results import Bar, Result
from benchmarks.peers import drawing, rounds
from benchmarks.peers.contestants import contestants
from benchmarks.peers.rounds import TOGETHER, Turns

TIMES_HELD: Final = 8.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = options.parser("peers", "Compare the relay with Janus, side by side.")
    parser.add_argument("--measure-s", type=options.seconds, default=4.0, help="each stage")
    parser.add_argument(
        "--libsrtp-openssl",
        type=Path,
        metavar="FOLDER",
        help="of a libsrtp2.so.1 built with OpenSSL: Janus is measured with that one, too",
    )
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(given)
    machine.need_cores(2)
    janus_process.installed()
    folder = chosen.libsrtp_openssl
    if folder and not (folder / "libsrtp2.so.1").is_file():
        raise BenchmarkFailed(f"{folder} has no libsrtp2.so.1; deploy/setup/peers.sh builds one")
    private_network.enter("benchmarks.peers", given)

    every = contestants(folder)
    with progress.watch("peers", rounds.expected_s(chosen, every)) as watch:
        turns = rounds.play(watch, every, chosen)
    relay, best = _relay(turns), _best_packaged(turns)
    for one, name in ((best, "Janus"), (relay, "the relay")):
        if not one.held and not one.was_never_full:
            limits = ", ".join(knee.limit for knee in one.knees)
            raise BenchmarkFailed(f"{name} held not even the first stage in any round ({limits})")
    result = Result(
        name="peers",
        configuration=_configuration(chosen),
        figures=_figures(turns, relay, best) | {"repeated": watch.repetition.rows()},
        bars=_bars(turns, relay, best),
        notes=[*_notes(turns, relay, best), *watch.repetition.notes],
    )
    drawing.draw(turns)
    path = result.write()
    drawing.report_on(result, turns)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _relay(turns: Sequence[Turns]) -> Turns:
    return next(one for one in turns if one.contestant.is_relay)


def _best_packaged(turns: Sequence[Turns]) -> Turns:
    """Give the better Janus of those that run as the package has them."""
    return max((one for one in turns if one.contestant.is_packaged), key=lambda one: one.held)


def _bars(turns: Sequence[Turns], relay: Turns, best: Turns) -> list[Bar]:
    words = f"consultations held on one core, relay / {best.contestant.name}"
    why = _why_unproven(turns)
    if why:
        words += " (at most)" if not relay.was_never_full else ""
    elif relay.was_never_full:
        words += " (at least)"
    return [Bar(words, _times_held(relay, best), "times", TIMES_HELD, "at least", unproven=why)]


def _times_held(relay: Turns, best: Turns) -> float | None:
    """Give the multiple; nothing where nobody could see what Janus holds: the bar says so."""
    return relay.held / best.held if best.held else None


def _why_unproven(turns: Sequence[Turns]) -> str:
    """Say why nobody knows how much more the relay holds: a Janus may hold more than it showed."""
    never_full = [
        f"«{one.contestant.name}»"
        for one in turns
        if one.contestant.is_packaged and one.was_never_full
    ]
    return f"{' and '.join(never_full)} was never shown to be full" if never_full else ""


def _configuration(chosen: Any) -> dict[str, Any]:
    return {
        "runs": chosen.runs,
        "measured_s_each_stage": chosen.measure_s,
        "janus": janus_process.version(),
        "criteria": f"loss < {search.LOSS_SHARE:.1%}, p99 added delay < "
        f"{search.ADDED_P99_MS:g} ms, every join succeeds",
        "protection": f"{load.AES_GCM} on both; at {TOGETHER} consultations also "
        f"{rounds.OTHER_PROFILE} on both",
        "cores": f"server {load.RELAY_CORE} (all its threads), generator {load.GENERATOR_CORE}",
        "network": "a network namespace; relay on 127.0.0.1, Janus on "
        f"{private_network.ADDRESS}, both through the kernel's loopback",
        "relay_has": "its defaults: one worker, caches, TWCC and RTCP both ways, metrics (scraped)",
        "janus_has": "VideoRoom and WebSocket, ICE-lite, TWCC and RTCP both ways, its defaults "
        "else; no recording, no event handlers, no logging",
        "legs": "relay: one transport a participant; Janus: two, as its VideoRoom has them",
    }


def _figures(turns: Sequence[Turns], relay: Turns, best: Turns) -> dict[str, Any]:
    times_held = _times_held(relay, best)
    return {
        "times_held": None if times_held is None else round(times_held, 2),
        "times_cpu_per_packet_together": round(
            _median_ns(best.together()) / _median_ns(relay.together()), 2
        ),
        "times_cpu_per_packet_at_best": round(
            _median_ns(best.at_best()) / _median_ns(relay.at_best()), 2
        ),
        "contestants": {one.contestant.name: _row(one) for one in turns},
    }


def _row(one: Turns) -> dict[str, Any]:
    memory = [
        rounds.memory_bytes(stages, knee)
        for stages, knee in zip(one.ladders, one.knees, strict=True)
    ]
    return {
        "held_consultations": one.held,
        "held_in_each_run": [knee.held for knee in one.knees],
        "limit_in_each_run": [knee.limit or "none reached" for knee in one.knees],
        f"cpu_ns_per_packet_at_{TOGETHER}": round(_median_ns(one.together())),
        "cpu_ns_per_packet_at_best": round(_median_ns(one.at_best())),
        "core_share_at_best": round(
            statistics.median(stage.server.core_share() for stage in one.at_best()), 3
        ),
        "added_p99_ms_at_best": round(
            statistics.median(stage.added_ms("p99") for stage in one.at_best()), 3
        ),
        "bytes_per_consultation": round(statistics.median(memory)),
        "runs": [
            [stage.row() | {"limit": search.limit_of(stage)} for stage in stages]
            for stages in one.ladders
        ],
        "runs_on_other_profile": [stage.row() for stage in one.other_profile],
    } | _other_profile(one)


def _other_profile(one: Turns) -> dict[str, int]:
    """Give nothing where people were missing from it."""
    name = f"cpu_ns_per_packet_at_{TOGETHER}_on_{rounds.OTHER_PROFILE}"
    return {name: round(_median_ns(one.other_profile))} if one.other_profile else {}


def _median_ns(stages: Sequence[Any]) -> float:
    return float(statistics.median(rounds.cpu_ns_per_packet(stage) for stage in stages))


def _notes(turns: Sequence[Turns], relay: Turns, best: Turns) -> list[str]:
    cheapest = min(turns, key=lambda one: (one.contestant.is_relay, _median_ns(one.together())))
    media = statistics.median(
        stage.server.core_share(MEDIA_THREADS) / max(1e-9, stage.server.core_share())
        for stage in relay.at_best()
    )
    whose = (
        "CPU is of the whole process, for each packet that arrived at a participant. Of the "
        f"relay's, {media:.0%} is its packet worker's when it is full; the rest is Python's."
    )
    notes = [
        whose,
        f"The better Janus as packaged is «{best.contestant.name}».",
        "Memory is what a consultation adds to the process, retransmission buffers included.",
        f"The cheapest Janus at {TOGETHER} consultations is «{cheapest.contestant.name}».",
    ]
    notes += [
        f"{one.contestant.name} was not shown to be full in most runs (ended by "
        f"{', '.join(knee.limit or 'nothing' for knee in one.knees)}): what is held is a lower "
        "bound."
        for one in turns
        if one.was_never_full
    ]
    for one in turns:
        for index, stages in enumerate(one.ladders, 1):
            notes += [
                f"{one.contestant.name}, run {index}, {stage.running} consultations: "
                f"{medians.why_untrusted(stage)}."
                for stage in stages
                if not stage.is_trusted
            ]
    return notes


if __name__ == "__main__":
    failure.run("peers", main)
