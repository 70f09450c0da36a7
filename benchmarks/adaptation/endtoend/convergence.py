"""How soon flows settle after a start or a change, and how evenly they share: RFC 8868. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from benchmarks.adaptation.endtoend import judging as judge
from benchmarks.adaptation.endtoend.course import Course
from benchmarks.adaptation.endtoend.scenarios import MBPS, Scenario

STAYS_S: Final = 2.0
"""What lasts so long is no coincidence of one key frame."""
LEAST_USED, MOST_USED = 0.7, 1.05
"""Of the capacity: a rate that has settled. Chromium's own stays at 0.65 to 0.85 when steady."""
MOST_UNEQUAL: Final = 3.0
"""RFC 8868 §3: flows of one priority are fair between a third and three times."""
WINDOWS_S: Final = (1, 5, 20)
FAIR_AFTER_S: Final = 20.0
"""Beyond the last coming, for the windows of 20 s to say something."""


def convergence(course: Course) -> dict[str, float]:
    """Say how long after each start and change the link's use settled, and how long at the worst.

    Nothing is said beside TCP, where it is not agreed how much of the link is the flows', and of
    layers, which use what they use.
    """
    scenario = course.scenario
    if scenario.transfers is not None or scenario.third:
        return {}
    arrived = judge.smooth(course.seconds, course.arrived_bps)
    so = (arrived >= LEAST_USED * course.capacity_bps) & (
        arrived <= MOST_USED * course.capacity_bps
    )
    found = {
        f"converged_after_{from_s:g}_s": judge.settled_s(
            course.seconds, so & (course.capacity_bps > 0), STAYS_S, from_s, to_s
        )
        for from_s, to_s in pairwise((*_events_s(scenario), scenario.lasts_s))
    }
    return found | {"converged_at_the_latest_s": max(found.values())}


def sharing(course: Course) -> dict[str, float]:
    """Say how evenly flows share once all are there, and how soon one that comes has its share."""
    scenario = course.scenario
    if len(course.flows) < 2:
        return {}
    rates = [flow.video_bps for flow in course.flows]
    span = (fair_from_s(scenario), scenario.lasts_s)
    found = {
        f"fairness_{window_s}_s": judge.fairness(course.seconds, rates, window_s, *span)
        for window_s in WINDOWS_S
    }
    for number, (flow, rate) in enumerate(zip(course.flows, rates, strict=True), 1):
        found[f"flow_{number}_mbps"] = judge.mean_of(course.seconds, rate, *span) / MBPS
        found[f"flow_{number}_longest_still_s"] = judge.longest_standstill_s(
            course.seconds, flow.frames, *span
        )
    comings = sorted({flow.starts_s for flow in scenario.flows if flow.starts_s})
    for from_s, to_s in pairwise((*comings, scenario.lasts_s)):
        there = [
            judge.smooth(course.seconds, rate)
            for rate, flow in zip(rates, scenario.flows, strict=True)
            if flow.starts_s <= from_s
        ]
        low, high = np.min(there, axis=0), np.max(there, axis=0)
        found[f"shares_after_{from_s:g}_s"] = judge.settled_s(
            course.seconds, (low > 0) & (high <= MOST_UNEQUAL * low), STAYS_S, from_s, to_s
        )
    return found


def fair_from_s(scenario: Scenario) -> float:
    """Say from when on all flows of a scenario are there, and have had time to share."""
    ends = [flow.paused_s[1] for flow in scenario.flows if flow.paused_s is not None]
    return max([flow.starts_s for flow in scenario.flows] + ends) + FAIR_AFTER_S


def _events_s(scenario: Scenario) -> list[float]:
    """Give when flows start, pause and go on, and the way down changes; the beginning first."""
    moments = {flow.starts_s for flow in scenario.flows} | set(scenario.capacity_changes_s)
    for flow in scenario.flows:
        moments |= set(flow.paused_s or ())
    return sorted(moments | {0.0})
