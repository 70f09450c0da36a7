"""The door to the compiled estimator: rows in and out, places, and lies that change nobody else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.congestion.estimator import LOST, PROBE, SAMPLE, Estimator, Rows

HOUR_US = 3_600_000_000
TICK_US = 100_000
LEAST_BPS, MOST_BPS, START_BPS = 50_000, 20_000_000, 300_000


def feedback(receiver: int, turn: int, *, cluster: int = 0) -> Rows:
    """Tell of ten packets of 1,000 bytes that left in a tick and came 20 ms later."""
    made = np.zeros(10, dtype=SAMPLE)
    place = np.arange(10)
    made["receiver"], made["cluster"], made["feedback"] = receiver, cluster, turn
    made["feedback_us"] = HOUR_US + (turn + 1) * TICK_US
    made["sequence"] = 10 * turn + place
    made["sent_us"] = HOUR_US + turn * TICK_US + 10_000 * place
    made["arrival_us"] = 7_000_000 + turn * TICK_US + 10_000 * place
    made["size_bytes"] = 1_000
    return made


def test_a_path_that_carries_all_it_is_sent_gets_more_and_is_asked_for_more() -> None:
    estimator = Estimator()
    assert [estimator.admit(), estimator.admit()] == [0, 1]
    asked = []
    for turn in range(40):
        now_us = HOUR_US + (turn + 1) * TICK_US
        asked.append(estimator.update(feedback(1, turn), now_us))
    bursts = np.concatenate(asked)
    assert bursts.dtype == PROBE
    assert bursts[0].tolist() == (1, 1, 3 * START_BPS, 5, 337)
    assert bursts["receiver"].tolist() == [1] * len(bursts)
    assert estimator.rates_bps[0] == START_BPS
    assert START_BPS < estimator.rates_bps[1] < 1_300_000


def test_a_burst_that_arrived_lifts_the_rate_at_once() -> None:
    estimator = Estimator()
    estimator.admit()
    (burst,) = estimator.update(feedback(0, 0), HOUR_US + TICK_US)
    told = feedback(0, 1, cluster=burst["cluster"])
    # 900 kbit/s: 1,000 bytes each 8.9 ms.
    gaps_us = 8_889 * np.arange(10)
    told["sent_us"] = HOUR_US + TICK_US + gaps_us
    told["arrival_us"] = 7_000_000 + TICK_US + gaps_us
    estimator.update(told, HOUR_US + 2 * TICK_US)
    assert estimator.rates_bps[0] == pytest.approx(900_000, rel=0.01)


def test_a_burst_that_was_lost_measures_nothing() -> None:
    estimator = Estimator()
    estimator.admit()
    (burst,) = estimator.update(feedback(0, 0), HOUR_US + TICK_US)
    told = feedback(0, 1, cluster=burst["cluster"])
    told["arrival_us"] = LOST
    estimator.update(told, HOUR_US + 2 * TICK_US)
    assert estimator.rates_bps[0] == pytest.approx(START_BPS, rel=0.01)


def test_feedbacks_of_one_tick_are_heard_one_after_the_other() -> None:
    apart, together = Estimator(), Estimator()
    for estimator in (apart, together):
        estimator.admit()
    for turn in range(0, 40, 2):
        now_us = HOUR_US + (turn + 2) * TICK_US
        both = [feedback(0, turn), feedback(0, turn + 1)]
        together.update(np.concatenate(both), now_us)
        for each in both:
            apart.update(each, now_us)
    assert apart.rates_bps[0] > START_BPS
    assert apart.rates_bps.tolist() == together.rates_bps.tolist()


def test_half_a_row_is_refused() -> None:
    estimator = Estimator()
    estimator.admit()
    with pytest.raises(ValueError, match="whole rows"):
        estimator._paths.update(bytes(SAMPLE.itemsize + 1), HOUR_US)


LIES = st.lists(
    st.tuples(
        st.integers(0, 5),  # receiver: the liar is 1; nobody has 4 and 5
        st.integers(0, 2**40),  # feedback
        st.one_of(st.integers(0, 100), st.integers(0, 2**64 - 1)),  # sequence
        st.integers(HOUR_US - 2**31, HOUR_US + 2**31),  # sent_us
        st.one_of(st.integers(-(2**63), 2**63 - 1), st.just(LOST), st.integers(0, 10**6)),
        st.one_of(st.integers(0, 2**32 - 1), st.just(1_200)),  # size_bytes
        st.integers(0, 3),  # cluster
    ),
    max_size=40,
)


def lies(rows: list[tuple[int, ...]]) -> Rows:
    made = np.zeros(len(rows), dtype=SAMPLE)
    names = (
        "receiver", "feedback", "sequence", "sent_us", "arrival_us", "size_bytes", "cluster",
    )  # fmt: skip
    for place, row in enumerate(sorted(rows, key=lambda row: row[0])):
        for name, value in zip(names, row, strict=True):
            made[name][place] = value
    made["feedback_us"] = HOUR_US
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(LIES, min_size=1, max_size=4))
def test_lies_stay_bounded_and_change_nobody_else(
    feedbacks: list[list[tuple[int, ...]]],
) -> None:
    lied_to, calm = Estimator(), Estimator()
    for estimator in (lied_to, calm):
        for _ in range(4):
            estimator.admit()
    for turn, rows in enumerate(feedbacks):
        now_us = HOUR_US + turn * TICK_US
        told = lies(rows)
        bursts = lied_to.update(told, now_us)
        calm.update(told[told["receiver"] != 1], now_us)
        rates = lied_to.rates_bps
        assert ((rates >= LEAST_BPS) & (rates <= MOST_BPS)).all()
        assert (bursts["rate_bps"] <= MOST_BPS).all()
        others = [0, 2, 3]
        assert rates[others].tolist() == calm.rates_bps[others].tolist()
