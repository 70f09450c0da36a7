"""What slow consumers add to others' delay, as figures and bars, and what they say."""

from __future__ import annotations

import struct

from benchmarks.harness.readings import Between
from benchmarks.harness.stage import Stage
from benchmarks.slow_consumers_report import WHEN, Run, bars_of
from benchmarks.slow_people import ASK, framed
from tests.unit.benchmarks.conftest import reading
from tests.unit.benchmarks.played_load import path, stage_document


def stage(p99_ms: float, lost: int = 0, generator_core_share: float = 0.1) -> Stage:
    seen = path(10_000, lost, 1_000 * p99_ms / 2)
    document = stage_document(
        20, relayed=seen, relayed_clean=seen, generator_core_share=generator_core_share
    )
    return Stage(document, Between(reading(0), reading(5)), 20)


def run(*p99_ms: float, lost: int = 0, generator_core_share: float = 0.1) -> Run:
    assert len(p99_ms) == len(WHEN)
    return Run([stage(ms, lost, generator_core_share) for ms in p99_ms], cut_off=3)


def test_the_delay_is_held_against_the_mean_of_before_and_after() -> None:
    assert round(run(2.0, 5.0, 4.0).added_ms, 6) == 2.0


def test_the_bars_are_of_the_median_and_of_the_worst_loss() -> None:
    runs = [run(2.0, 3.0, 2.0), run(2.0, 9.0, 2.0), run(2.0, 2.5, 2.0, lost=200)]
    added, lost = bars_of(runs)
    assert (round(added.value or 0.0, 6), added.met) == (1.0, True)
    assert (round(lost.value or 0.0, 6), lost.met) == (2.0, False)
    assert not bars_of([run(2.0, 7.5, 2.0)])[0].met


def test_delay_that_the_generator_shaped_proves_nothing() -> None:
    bar = bars_of([run(2.0, 2.0, 2.0, generator_core_share=1.0)])[0]
    assert not bar.met
    assert "generator" in bar.doubt


def test_a_frame_says_its_length_and_nothing_is_masked() -> None:
    for payload in (ASK, b"x" * 125, b"x" * 126, b"x" * 65_535):
        frame = framed(payload)
        first, length = frame[0], frame[1]
        assert first == 0x81, "a whole text"
        assert length & 0x80, "clients mask (RFC 6455 §5.3)"
        size, begin = length & 0x7F, 2
        if size == 126:
            (size,) = struct.unpack_from("!H", frame, 2)
            begin = 4
        assert size == len(payload)
        assert frame[begin : begin + 4] == bytes(4)
        assert frame[begin + 4 :] == payload
