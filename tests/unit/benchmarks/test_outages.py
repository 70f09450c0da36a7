"""What pages noted of an outage becomes figures, and figures are held against bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from benchmarks.outages import outcome
from benchmarks.outages.cases import Attempt, Noticed, is_word_of_it
from benchmarks.outages.flowing import (
    Sample,
    longest_silence_s,
    picture_back_s,
    samples_of,
    sound_back_s,
)

EVERY_MS = 50.0
GOOD = Attempt(0.0, 0.5, 0.6, 0.05, 9.0, 2.0, seat_kept=True)


def heard(*pattern: bool, frames: Iterable[float] = ()) -> list[Sample]:
    """Give intervals in which sound flowed or did not, and how many frames came."""
    counts = [*frames, *[0.0] * len(pattern)]
    return [
        Sample((index + 1) * EVERY_MS, EVERY_MS, EVERY_MS / 1_000 * flows, counts[index])
        for index, flows in enumerate(pattern)
    ]


def test_sound_is_back_when_it_goes_on() -> None:
    samples = heard(*[True] * 4, *[False] * 10, *[True] * 12)
    assert sound_back_s(samples, since_ms=200.0) == 0.55
    assert round(longest_silence_s(samples, 0.0, 2_000.0), 6) == 0.5


def test_a_scrap_out_of_a_buffer_is_no_return() -> None:
    samples = heard(True, True, *[False] * 10, *[True] * 12)
    assert sound_back_s(samples, since_ms=0.0) == 0.65


def test_sound_that_never_stopped_was_never_away() -> None:
    samples = heard(*[True] * 30)
    assert sound_back_s(samples, since_ms=400.0) == 0.05
    assert longest_silence_s(samples, 0.0, 1_500.0) == 0.0


def test_what_has_just_begun_is_not_known_to_go_on() -> None:
    samples = heard(*[False] * 10, *[True] * 5)
    assert sound_back_s(samples, since_ms=0.0) is None
    assert sound_back_s([], since_ms=0.0) is None


def test_a_look_that_comes_late_has_missed_nothing() -> None:
    samples = [Sample(50.0, 50.0, 0.05, 1), Sample(450.0, 400.0, 0.39, 9)]
    assert longest_silence_s(samples, 0.0, 500.0) == 0.0


def test_pictures_are_back_with_the_first_frame_of_those_that_go_on() -> None:
    lone = [0.0, 1.0, *[0.0] * 12]
    samples = heard(*[True] * 40, frames=[*lone, *[1.0] * 26])
    assert picture_back_s(samples, since_ms=0.0) == 0.75
    assert picture_back_s(heard(*[True] * 40), since_ms=0.0) is None


def test_the_first_interval_of_a_page_has_no_beginning() -> None:
    row = {"at_ms": 1.0, "elapsed_ms": 0.0, "sound_s": 0.0, "frames": 0}
    assert samples_of([row, row | {"elapsed_ms": 50.0}]) == [Sample(1.0, 50.0, 0.0, 0.0)]


def test_words_of_an_outage_are_about_ones_own_network_or_the_others() -> None:
    assert is_word_of_it({"name": "state", "what": "reconnecting", "reason": "offline"})
    assert is_word_of_it({"name": "state", "what": "waiting", "reason": "interrupted"})
    assert is_word_of_it({"name": "participant", "what": "interrupted", "reason": ""})
    assert not is_word_of_it({"name": "state", "what": "connected", "reason": ""})
    assert not is_word_of_it({"name": "participant", "what": "back", "reason": ""})
    assert not is_word_of_it({"name": "silence", "what": "stopped", "reason": ""})


def test_a_row_says_who_noticed_what() -> None:
    patient = Noticed(0.5, None, 2.0004, silence_told_s=1.8)
    row = replace(GOOD, noticed={"patient": patient}).row()
    assert row["noticed"] == {
        "patient": {"sound_s": 0.5, "picture_s": None, "told_s": 2.0, "silence_told_s": 1.8}
    }
    assert row["sound_s"] == 0.5
    assert patient.word_s == 1.8
    assert replace(patient, silence_told_s=None).word_s == 2.0004
    assert replace(patient, silence_told_s=None, told_s=None).word_s is None


def test_every_case_has_its_bars_and_a_lost_seat_is_one_of_its_own() -> None:
    found = {name: [GOOD] * 20 for name in outcome.CASES}
    found["socket alone"] = [replace(GOOD, seat_kept=False), *[GOOD] * 19]
    bars = outcome.bars_of(found)
    assert len(bars) == sum(len(case.bars) for case in outcome.CASES.values()) + 1
    assert all(bar.met for bar in bars[:-1])
    assert bars[-1].value == 1
    assert not bars[-1].met


def test_sound_that_does_not_come_back_is_no_figure() -> None:
    silent = replace(GOOD, sound_s=None, silence_s=None)
    (bar, _) = outcome.bars_of({"new port": [silent] * 20})
    assert bar.value is None
    assert bar.doubt == "20 of 20 were waited for in vain"
