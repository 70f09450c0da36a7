"""How probes are judged, on probes whose delays, rates and losses are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.adaptation import emulator_accuracy
from benchmarks.adaptation.accuracy_cases import (
    Case,
    cases,
    delay_figures,
    loss_figures,
    pooled_sigmas,
    rate_figures,
    sigmas,
    trace_figures,
)
from benchmarks.adaptation.emulator_accuracy import Found
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.adaptation.make_traces import LTE, OPPORTUNITY_BITS, RECIPES, lines_of
from benchmarks.adaptation.probe import PAYLOAD_TYPE
from benchmarks.adaptation.probing import Arrived, Stream
from benchmarks.adaptation.truth_log import RECORD, TruthLog, Verdict

NS_PER_MS = 1_000_000
NO_LOG = TruthLog(0, np.zeros(0, RECORD))


def arrived(stream: Stream, delays_ms: Any, *, lost: tuple[int, ...] = ()) -> Arrived:
    """Give a stream of which each packet took so long."""
    number = np.setdiff1d(np.arange(stream.count, dtype=np.int64), np.array(lost, np.int64))
    sent_ns = (number * 1e9 / stream.packets_per_s).astype(np.int64)
    delays_ns = (np.broadcast_to(delays_ms, stream.count)[number] * NS_PER_MS).astype(np.int64)
    return Arrived(stream, number, sent_ns, sent_ns + delays_ns)


def log_of(found: Arrived, *, late_ms: float = 0.0, lost: int = 0) -> TruthLog:
    """Give the log that belongs to it; of what arrived, it knows delays that differ by so much."""
    records = np.zeros(len(found.number) + lost, RECORD)
    records["verdict"][len(found.number) :] = Verdict.LOST
    told = records[: len(found.number)]
    told["payload_type"], told["timestamp"] = PAYLOAD_TYPE, found.number
    told["left_ns"] = ((found.delay_ms - late_ms) * NS_PER_MS).astype(np.uint64)
    # The log has them in another order.
    records[: len(found.number)] = told[::-1].copy()
    return TruthLog(0, records)


def test_a_delay_is_held_against_the_one_asked_for_and_against_the_log() -> None:
    delays_ms = np.full(1_000, 50.2)
    delays_ms[:20] = 53.0
    found = arrived(Stream(1_000, 200, 1.0), delays_ms)
    figures = delay_figures(found, log_of(found, late_ms=0.1))
    assert figures["median_error_ms"] == pytest.approx(0.2)
    assert figures["p99_error_ms"] == pytest.approx(3.0)
    assert figures["log_median_difference_ms"] == pytest.approx(0.1, abs=1e-3)


def test_a_rate_is_of_what_came_between_the_first_and_the_last() -> None:
    stream = Stream(100, 1_250, 10.0)
    figures = rate_figures(1_000_000)(arrived(stream, 300.0), NO_LOG)
    assert figures["rate_error_percent"] == pytest.approx(0.0, abs=1e-6)
    assert figures["longest_wait_error_ms"] == pytest.approx(0.0)
    assert rate_figures(1_250_000)(arrived(stream, 310.0), NO_LOG) == pytest.approx(
        {"rate_error_percent": 20.0, "longest_wait_error_ms": 10.0}
    )
    # Two packets of 10 ms are what a queue may fall short by.
    short = rate_figures(1_000_000)(arrived(stream, 275.0), NO_LOG)
    assert short["longest_wait_error_ms"] == pytest.approx(5.0)


def test_a_trace_is_compared_over_one_turn_wherever_it_begins() -> None:
    for begin in (0, 700):
        lines_ms = np.array(lines_of(LTE))
        turns_ms = np.concatenate([lines_ms + turn * LTE.lasts_ms for turn in range(3)])[begin:]
        number = np.arange(len(turns_ms))
        stream = Stream(1_000, OPPORTUNITY_BITS // 8, 30.0)
        found = Arrived(stream, number, turns_ms * NS_PER_MS, turns_ms * NS_PER_MS)
        # The last millisecond of a turn may have more than one opportunity.
        assert trace_figures(LTE)(found, NO_LOG)["rate_error_percent"] < 0.3


def test_losses_are_counted_here_and_by_the_log() -> None:
    found = arrived(Stream(1_000, 200, 1.0), 50.0, lost=(3, 500, 999))
    assert loss_figures(found, log_of(found, lost=2)) == {
        "sent": 1_000,
        "lost": 3,
        "lost_by_log": 2,
    }


def test_a_chain_of_states_spreads_its_losses_more_widely_than_single_ones() -> None:
    # 10,000 packets at 10 %: the deviation is 30.
    assert sigmas(0.1, sent=10_000, lost=1_060) == pytest.approx(2.0)
    # A chain without memory is the same.
    assert sigmas({"p": 0.1, "r": 0.9}, sent=10_000, lost=1_060) == pytest.approx(2.0)
    bursts = sigmas({"p": 0.02, "r": 0.18}, sent=10_000, lost=1_060)
    assert bursts == pytest.approx(2.0 / 3.0)
    case = next(case for case in cases() if case.name == "loss of 10 %")
    runs: list[dict[str, float]] = [{"sent": 5_000, "lost": lost} for lost in (500, 560)]
    assert pooled_sigmas(case, runs) == pytest.approx(2.0)


def played(case: Case, setup: LinkSetup) -> Found:
    """Play an emulator that does what it is asked, but for its loss."""
    assert setup.seed >= 1
    assert setup.busy_wait_us > 0
    assert setup.keep_awake
    found = arrived(case.stream, 50.0)
    if "trace_path" in case.down:
        recipe = next(recipe for recipe in RECIPES if case.name == f"trace {recipe.name}")
        moments_ns = np.array(lines_of(recipe), np.int64) * NS_PER_MS
        found = Arrived(case.stream, np.arange(len(moments_ns)), moments_ns, moments_ns)
    outcome = {
        "late": {"p99_us": 700.0},
        "goes_first": setup.seed == 1,
        "never_seen": {"client": 0, "server": 1},
    }
    return Found(found, outcome, case.find(found, log_of(found)), stolen_share=0.03)


def test_the_self_test_goes_from_its_command_line_to_its_report(
    results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator_accuracy, "_measured", played)
    monkeypatch.setattr(emulator_accuracy, "need_rights", lambda: None)
    assert emulator_accuracy.main(["--runs", "2"]) == 0
    document = json.loads((results_folder / "emulator.json").read_text())
    bars = {bar["name"]: bar for bar in document["bars"]}
    assert bars["delay of 50 ms, 20,000 packets/s: delay error, p99"]["met"]
    # Nothing was lost where something should have been.
    assert not bars["loss of 10 %: distance from the model, all runs together"]["met"]
    unseen = bars["packets that the emulator was too late to take in"]
    assert (unseen["value"], unseen["met"]) == (2 * len(cases()), False)
    assert any("run 2: the emulator itself was 0.70 ms late" in note for note in document["notes"])
    assert sum("could not go before others" in note for note in document["notes"]) == len(cases())
    # There are two spare attempts, and all were disturbed.
    assert document["figures"]["repeated"][0]["run"] == "delay of 50 ms, 500 packets/s, run 1"
    assert all(one["disturbed"] for one in document["figures"]["repeated"])
    assert (results_folder / "emulator.html").read_text().count("data:image/png;base64,") == 2


def test_what_nobody_counted_is_no_zero() -> None:
    case = cases()[0]
    one = played(case, LinkSetup(busy_wait_us=100, keep_awake=True))
    one.outcome["never_seen"]["server"] = None
    bar = emulator_accuracy.unseen({case.name: [one]})
    assert (bar.value, bar.met) == (None, False)
