"""Verdicts that do not flicker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.places.quality import BETTER_AFTER_SAMPLES, Judge, Sample, verdict_of
from relay.rooms.events import Verdict

GOOD = Sample(0.0, 20.0, silent=False)
POOR = Sample(0.2, 20.0, silent=False)
SILENT = Sample(0.0, None, silent=True)


@pytest.mark.parametrize(
    ("sample", "verdict"),
    [
        (Sample(0.029, 299.0, silent=False), "good"),
        (Sample(0.03, None, silent=False), "weak"),
        (Sample(0.0, 300.0, silent=False), "weak"),
        (Sample(0.1, 0.0, silent=False), "poor"),
        (Sample(0.0, 600.0, silent=False), "poor"),
        (Sample(1.0, 900.0, silent=True), "silent"),
    ],
)
def test_a_sample_is_judged_by_its_worst(sample: Sample, verdict: Verdict) -> None:
    assert verdict_of(sample) == verdict


def test_it_is_good_again_when_it_has_stayed_so() -> None:
    judge = Judge()
    assert [judge.hear(POOR) for _ in range(2)] == [None, "poor"]
    for _ in range(BETTER_AFTER_SAMPLES - 1):
        assert judge.hear(GOOD) is None
    assert judge.hear(POOR) is None
    for _ in range(BETTER_AFTER_SAMPLES - 1):
        assert judge.hear(GOOD) is None
    assert judge.hear(GOOD) == "good"


def test_silence_is_told_at_once_and_so_is_its_end() -> None:
    judge = Judge()
    assert judge.hear(SILENT) == "silent"
    assert judge.hear(GOOD) == "good"


@given(st.lists(st.sampled_from([GOOD, POOR, SILENT])))
def test_a_verdict_is_told_only_when_it_changes(samples: list[Sample]) -> None:
    judge, before = Judge(), "good"
    for sample in samples:
        told = judge.hear(sample)
        if told is not None:
            assert told != before
            assert told == verdict_of(sample) == judge.verdict
            before = told


@given(st.lists(st.sampled_from([GOOD, POOR]), min_size=1))
def test_at_most_one_change_in_two_samples(samples: list[Sample]) -> None:
    judge = Judge()
    changes = sum(judge.hear(sample) is not None for sample in samples)
    assert changes <= len(samples) // 2
