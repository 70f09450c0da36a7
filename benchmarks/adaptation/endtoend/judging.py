"""What a curve over time is worth: the figures of RFC 8868, and those our bars are about. Pure.

A curve is values at `seconds`, evenly spaced; times that are given back count from the moment that
was asked about. What never happened is infinite, what was never said is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEVER: Final = float("inf")


def between(seconds: Floats, from_s: float, to_s: float) -> NDArray[np.bool_]:
    """Choose the steps of a span."""
    chosen: NDArray[np.bool_] = (seconds >= from_s) & (seconds < to_s)
    return chosen


def first_at_most_s(
    seconds: Floats, values: Floats, most: float, from_s: float, to_s: float = NEVER
) -> float:
    """Say how long after a moment a curve is first so low; NaN if nobody told it."""
    if np.isnan(values[between(seconds, from_s, to_s)]).all():
        return float("nan")
    return _first_s(seconds, values <= most, from_s, to_s)


def first_at_least_s(
    seconds: Floats, values: Floats, least: float, from_s: float, to_s: float = NEVER
) -> float:
    """Say how long after a moment a curve is first so high; NaN if nobody told it."""
    if np.isnan(values[between(seconds, from_s, to_s)]).all():
        return float("nan")
    return _first_s(seconds, values >= least, from_s, to_s)


def _first_s(seconds: Floats, so: NDArray[np.bool_], from_s: float, to_s: float) -> float:
    found = seconds[so & between(seconds, from_s, to_s)]
    return float(found[0] - from_s) if len(found) else NEVER


def for_good_s(seconds: Floats, values: Floats, most: float, from_s: float, to_s: float) -> float:
    """Say how long after a moment a curve is below a value, and stays there to the end."""
    chosen = between(seconds, from_s, to_s)
    above = seconds[chosen & (values >= most)]
    if not len(above):
        return 0.0
    ends_s = float(above[-1] + _step_s(seconds))
    return NEVER if ends_s >= min(to_s, seconds[-1]) else ends_s - from_s


def time_above_s(
    seconds: Floats, values: Floats, limit: float, from_s: float, to_s: float
) -> float:
    """Say for how much of a span a curve is above a value."""
    return float(np.sum(values[between(seconds, from_s, to_s)] > limit) * _step_s(seconds))


def longest_above_s(
    seconds: Floats, values: Floats, limit: float, from_s: float, to_s: float
) -> float:
    """Say for how long at a stretch it is."""
    longest = running = 0
    for above in values[between(seconds, from_s, to_s)] > limit:
        running = running + 1 if above else 0
        longest = max(longest, running)
    return longest * _step_s(seconds)


def mean_of(seconds: Floats, values: Floats, from_s: float, to_s: float) -> float:
    """Give a curve's mean over a span; NaN without one."""
    chosen = values[between(seconds, from_s, to_s)]
    return float(chosen.mean()) if len(chosen) else float("nan")


def quantile_of(seconds: Floats, values: Floats, share: float, from_s: float, to_s: float) -> float:
    """Give what a share of a span is at most."""
    chosen = values[between(seconds, from_s, to_s)]
    return float(np.quantile(chosen, share)) if len(chosen) else float("nan")


def utilisation(
    seconds: Floats, arrived_bps: Floats, capacity_bps: Floats, from_s: float, to_s: float
) -> float:
    """Give the share of what a link could carry in a span that was carried, media or not."""
    chosen = between(seconds, from_s, to_s) & (capacity_bps > 0)
    could = float(capacity_bps[chosen].sum())
    return float(arrived_bps[chosen].sum()) / could if could > 0 else float("nan")


def grown(seconds: Floats, counted: Floats, from_s: float, to_s: float) -> float:
    """Say by how much a counter grew in a span; before it was first heard of it was nothing."""
    known = np.where(np.isnan(counted), 0.0, counted)
    chosen = np.flatnonzero(between(seconds, from_s, to_s))
    if not len(chosen):
        return float("nan")
    before = known[chosen[0] - 1] if chosen[0] > 0 else 0.0
    return float(known[chosen[-1]] - before)


def share_of(part: float, whole: float) -> float:
    """Give a share; of nothing there is none."""
    return part / whole if whole > 0 else float("nan")


def recovery_s(seconds: Floats, counted: Floats, from_s: float, to_s: float = NEVER) -> float:
    """Say how long after a moment a counter first grows again."""
    known = np.where(np.isnan(counted), 0.0, counted)
    grew = np.append([False], np.diff(known) > 0)
    return _first_s(seconds, grew, from_s, to_s)


def longest_standstill_s(seconds: Floats, counted: Floats, from_s: float, to_s: float) -> float:
    """Say for how long at a stretch a counter did not grow."""
    known = np.where(np.isnan(counted), 0.0, counted)
    still = np.append([0.0], (np.diff(known) <= 0).astype(np.float64))
    return longest_above_s(seconds, still, 0.5, from_s, to_s)


def stills(
    seconds: Floats, counted: Floats, least_s: float, from_s: float, to_s: float
) -> tuple[float, float]:
    """Say how often a counter stood still for so long at least, and for how long in all."""
    known = np.where(np.isnan(counted), 0.0, counted)
    stood = np.append([0], (np.diff(known) <= 0).astype(int))[between(seconds, from_s, to_s)]
    edges = np.diff(np.concatenate(([0], stood, [0])))
    step_s = _step_s(seconds)
    lasted_s = (np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)) * step_s
    long_s = lasted_s[lasted_s >= least_s - step_s / 2]
    return float(len(long_s)), float(long_s.sum())


def changes_a_minute(seconds: Floats, values: Floats, from_s: float, to_s: float) -> float:
    """Say how often a curve of steps took another value."""
    chosen = values[between(seconds, from_s, to_s)]
    known = chosen[~np.isnan(chosen) & (chosen > 0)]
    return float(np.count_nonzero(np.diff(known))) * 60.0 / (to_s - from_s)


def swings_a_minute(
    seconds: Floats, values: Floats, factor: float, within_s: float, from_s: float, to_s: float
) -> float:
    """Count oscillations: falls by a factor within so short a time (RFC 8868 §3)."""
    chosen = values[between(seconds, from_s, to_s)]
    reach = max(1, round(within_s / _step_s(seconds)))
    swings, index = 0, 0
    while index < len(chosen):
        ahead = chosen[index : index + reach + 1]
        if ahead[0] > 0 and ahead.min() * factor <= ahead[0]:
            swings += 1
            index += reach
        else:
            index += 1
    return swings * 60.0 / (to_s - from_s)


def fairness(
    seconds: Floats, flows: Sequence[Floats], window_s: float, from_s: float, to_s: float
) -> float:
    """Give the ratio of the largest flow's rate to the smallest's in the worst window."""
    steps = max(1, round(window_s / _step_s(seconds)))
    chosen = between(seconds, from_s, to_s)
    whole = int(chosen.sum()) // steps * steps
    if not whole:
        return float("nan")
    means = [flow[chosen][:whole].reshape(-1, steps).mean(axis=1) for flow in flows]
    return max(_ratio(rates) for rates in zip(*means, strict=True))


def _ratio(rates: Sequence[float]) -> float:
    low, high = min(rates), max(rates)
    return float(high / low) if low > 0 else NEVER


def settled_s(
    seconds: Floats, so: NDArray[np.bool_], for_s: float, from_s: float, to_s: float
) -> float:
    """Say how long after a moment something first stays so for a while.

    The while has to end within the span; where it does not, it did not happen.
    """
    steps = max(1, round(for_s / _step_s(seconds)))
    running = 0
    for index in np.flatnonzero(between(seconds, from_s, to_s)):
        running = running + 1 if so[index] else 0
        if running == steps:
            return float(seconds[index - steps + 1] - from_s)
    return NEVER


def smooth(seconds: Floats, values: Floats, over_s: float = 1.0) -> Floats:
    """Give the mean over the time that ends with each step; before the first it was nothing."""
    steps = max(1, round(over_s / _step_s(seconds)))
    sums = np.cumsum(np.append(np.zeros(steps), values))
    means: Floats = (sums[steps:] - sums[:-steps]) / steps
    return means


def _step_s(seconds: Floats) -> float:
    return float(seconds[1] - seconds[0])
