"""What counts as a pause of the machine."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.machine_pauses import BUCKET_S, Run, in_buckets, stretches


def test_stretches_of_slow_buckets_have_a_beginning_and_a_length() -> None:
    slow = np.array([1, 0, 1, 1, 0, 0, 1], dtype=bool)
    begin_s, length_s = zip(*stretches(slow), strict=True)
    assert begin_s == pytest.approx((0.0, 0.04, 0.12))
    assert length_s == pytest.approx((0.02, 0.04, 0.02))
    assert stretches(np.zeros(4, dtype=bool)) == []


def test_work_is_compared_with_the_usual_piece() -> None:
    took_s = np.full(200, 0.001)
    took_s[100:104] = 0.005
    buckets = in_buckets(np.cumsum(took_s) - took_s, took_s, 10)
    assert buckets[5] == pytest.approx(5.0)
    assert np.delete(buckets, 5).max() == pytest.approx(1.0)


def test_a_core_that_stands_still_is_slow_in_every_bucket_of_that_time() -> None:
    took_s = np.array([0.01] * 10 + [0.2] + [0.01] * 10)
    buckets = in_buckets(np.cumsum(took_s) - took_s, took_s, 20)
    assert (buckets > 2.0).tolist() == [False] * 5 + [True] * 10 + [False] * 5


def test_a_core_that_rests_is_not_slow() -> None:
    began_s = np.arange(0, 0.2, 0.01)
    buckets = in_buckets(began_s, np.full(20, 0.001), 10)
    assert buckets == pytest.approx(np.ones(10))
    assert in_buckets(np.array([0.001, 0.07]), np.full(2, 0.001), 4).tolist() == pytest.approx(
        [1.0, 0.0, 0.0, 1.0]
    )


def test_a_pause_is_of_both_cores_at_once() -> None:
    first, second = np.ones(100), np.ones(100)
    first[10:14] = 8.0
    first[50] = 3.0
    second[12:15] = 6.0
    row = Run((first, second)).row()
    assert row["pauses"] == 1
    assert row["longest_pause_ms"] == pytest.approx(2 * BUCKET_S * 1_000)
    assert row["slow_share"] == pytest.approx(0.06)
    assert row["slowest"] == 6.0
    assert row["median_gap_s"] is None


def test_a_calm_machine_has_none() -> None:
    row = Run((np.ones(100), np.ones(100))).row()
    assert row["pauses"] == 0
    assert row["slow_share"] == 0.0
    assert row["longest_pause_ms"] is None
