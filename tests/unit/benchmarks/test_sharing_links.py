"""How soon flows that share a link have their share, and how evenly they share then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.convergence import convergence, fair_from_s, sharing
from benchmarks.adaptation.endtoend.course import Course
from benchmarks.adaptation.endtoend.scenarios import SCENARIOS
from tests.unit.benchmarks.test_call_course import course

MBPS = 1e6


def shared(name: str, *rates: float) -> Course:
    """Flows of a scenario that have these rates from two seconds after they come."""
    scenario, one = SCENARIOS[name], course(Way.RELAY, name)
    flows = tuple(
        replace(
            one.flows[0],
            video_bps=np.where(one.seconds >= flow.starts_s + 2, mbps * MBPS, 0.01 * MBPS),
        )
        for flow, mbps in zip(scenario.flows, rates, strict=True)
    )
    arrived = np.sum([flow.video_bps for flow in flows], axis=0)
    return replace(one, flows=flows, arrived_bps=arrived)


def test_flows_share_once_the_smallest_has_a_third_of_the_largest() -> None:
    found = sharing(shared("rfc8867_5_4", 1.2, 1.0, 0.6))
    assert found["fairness_20_s"] == pytest.approx(2.0)
    assert found["fairness_1_s"] == pytest.approx(2.0)
    assert [found[f"flow_{number}_mbps"] for number in (1, 2, 3)] == pytest.approx([1.2, 1.0, 0.6])
    assert found["flow_2_longest_still_s"] <= 0.4
    assert found["shares_after_20_s"] == pytest.approx(2.4, abs=0.4)
    assert found["shares_after_40_s"] == pytest.approx(2.4, abs=0.5)


def test_a_flow_that_gets_nothing_never_shares() -> None:
    found = sharing(shared("rfc8867_5_4", 1.2, 1.0, 0.1))
    assert found["shares_after_40_s"] == float("inf")
    assert found["fairness_5_s"] == pytest.approx(12.0)


def test_fairness_waits_for_the_last_to_come_and_for_whoever_pauses() -> None:
    assert fair_from_s(SCENARIOS["rfc8867_5_5"]) == 60
    assert fair_from_s(SCENARIOS["rfc8867_5_8"]) == 80
    assert fair_from_s(SCENARIOS["two_receivers"]) == 20


def test_each_coming_has_to_settle_again() -> None:
    found = convergence(shared("rfc8867_5_4", 1.3, 1.3, 0.7))
    assert found["converged_after_0_s"] == float("inf"), "1.3 of 3.5 is no use of a link"
    assert found["converged_after_20_s"] == pytest.approx(2.8, abs=0.4)
    assert found["converged_after_40_s"] == pytest.approx(0.0, abs=0.2)
    assert found["converged_at_the_latest_s"] == float("inf")


def test_beside_tcp_nobody_says_what_is_settled() -> None:
    assert convergence(course(Way.RELAY, "rfc8867_5_7")) == {}
