"""What the relay's figures have to be, and Chromium's own beside them. Pure.

A bar's figure is the median over the relay's runs; a run in which something never happened counts
as infinite, so that a median says what usually is. So does a call that came to nothing.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.adaptation.endtoend.figures import Figures
from benchmarks.harness.results import Bar, Sense

Found = Mapping[str, Sequence[Figures]]
"""By scenario, the figures of each run."""


@dataclass(frozen=True, slots=True)
class Target:
    """One figure of one scenario, and what it has to be."""

    scenario: str
    figure: str
    words: str
    unit: str
    target: float
    sense: Sense = "at most"


def bars(found: Found, runs_wanted: int) -> list[Bar]:
    """Hold the relay's runs against their targets.

    Args:
        found: The relay's figures, by scenario, of runs that count; of others there are no bars.
        runs_wanted: With fewer a bar is unproven.

    """
    return [
        _bar(each, [run.get(each.figure, math.nan) for run in found[each.scenario]], runs_wanted)
        for each in TARGETS
        if each.scenario in found
    ]


def bars_beside(found: Found, direct: Found, runs_wanted: int) -> list[Bar]:
    """Hold the relay's runs against what the browsers made of the same link directly.

    Args:
        found: The relay's figures, by scenario, of runs that count; of others there are no bars.
        direct: Those of direct calls.
        runs_wanted: With fewer a bar is unproven.

    """
    return [
        _bar_beside(each, found[each.scenario], direct.get(each.scenario, ()), runs_wanted)
        for each in BESIDE
        if each.scenario in found
    ]


def of_failure(scenario: str) -> Figures:
    """Give the figures of a call that came to nothing: the worst of all that is held to a bar."""
    return {
        each.figure: math.inf if each.sense == "at most" else 0.0
        for each in (*TARGETS, *BESIDE)
        if each.scenario == scenario
    }


def median(values: Sequence[float]) -> float:
    """Give the median of what was said (of two middles their mean); NaN if nothing was."""
    said = [value for value in values if not math.isnan(value)]
    return float(statistics.median(said)) if said else math.nan


def _bar_beside(
    target: Target, own: Sequence[Figures], direct: Sequence[Figures], runs_wanted: int
) -> Bar:
    values, others = ([run.get(target.figure, math.nan) for run in runs] for runs in (own, direct))
    beside = median(others)
    if not math.isfinite(beside):
        bar = _bar(target, values, runs_wanted)
        return replace(bar, unproven=bar.unproven or "no direct call stands beside it")
    margin = target.target if target.sense == "at most" else -target.target
    return _bar(replace(target, target=round(beside + margin, 2)), values, runs_wanted)


def _bar(target: Target, values: Sequence[float], runs_wanted: int) -> Bar:
    value = median(values)
    told = sum(not math.isnan(each) for each in values)
    doubt = f"of {told} runs, and {runs_wanted} are asked for" if told < runs_wanted else ""
    if not values:
        doubt = "no run counts"
    elif math.isnan(value):
        doubt = "nobody told it"
    elif math.isinf(value):
        doubt = "it did not happen"
    return Bar(
        f"{target.scenario}: {target.words}",
        value if math.isfinite(value) else None,
        target.unit,
        target.target,
        target.sense,
        unproven=doubt,
    )


_NO_TCP: Final = (
    "step",
    "step_layers",
    "narrow",
    "narrow_layers",
    "outage",
    "two_receivers",
    "rfc8867_5_1",
    "rfc8867_5_2",
    "rfc8867_5_3",
    "rfc8867_5_4",
    "rfc8867_5_5",
    "rfc8867_5_8",
)

_USED: Final = "used with padding and retransmissions"
"""A link does not tell them from media; `media_mbps` stands beside it."""
_HIGHEST: Final = "time with the link used to 85 % or the highest layer that fits"


def _of_step(scenario: str) -> tuple[Target, ...]:
    """Give what both modes have to reach on 2.5, 0.5 and 2.5 Mbit/s."""

    def target(figure: str, words: str, unit: str, most: float) -> Target:
        return Target(scenario, figure, words, unit, most)

    return (
        target("estimate_down_s", "estimate within 0.5 Mbit/s after the drop", "s", 1.0),
        target("sent_down_s", "sent within 0.5 Mbit/s after the drop", "s", 1.2),
        target("queue_above_200_ms_s", "queue above 200 ms after the drop", "s", 2.5),
        target("queue_below_50_ms_s", "queue below 50 ms for good after the drop", "s", 4.0),
        target("freezes_after_drop", "freezes after the drop", "freezes", 2),
        target("frozen_after_drop_s", "frozen after the drop", "s", 1.5),
        target("audio_lost_after_drop_percent", "sound lost after the drop", "%", 0.3),
        target("audio_concealed_after_drop_percent", "sound made up after the drop", "%", 1.0),
        target("estimate_1_5_s", "estimate of 1.5 Mbit/s after the restore", "s", 8.0),
        target("estimate_90_percent_s", "estimate of 90 % after the restore", "s", 15.0),
        target("queue_p95_steady_ms", "queue when steady, 95th percentile", "ms", 60),
    )


TARGETS: Final = (
    *_of_step("step"),
    Target("step", "utilisation_at_0_5_percent", f"{_USED} of 0.5 Mbit/s", "%", 85, "at least"),
    Target("step", "utilisation_at_2_5_percent", f"{_USED} of 2.5 Mbit/s", "%", 85, "at least"),
    Target("step", "start_up_s", "2 Mbit/s after the first packet", "s", 4.0),
    Target("step", "size_changes_steady_a_minute", "changes of size when steady", "a minute", 2),
    *_of_step("step_layers"),
    Target("step_layers", "highest_at_0_5_percent", f"{_HIGHEST}, 0.5 Mbit/s", "%", 85, "at least"),
    Target(
        "step_layers", "highest_that_fits_percent", f"{_HIGHEST}, 2.5 Mbit/s", "%", 85, "at least"
    ),
    Target("step_layers", "top_layer_s", "top layer after the first packet", "s", 4.0),
    Target("step_layers", "key_frames_asked_a_change", "key frames asked for", "a change", 1),
    Target(
        "step_layers", "layer_changes_steady_a_minute", "changes when steady, 2.5", "a minute", 2
    ),
    Target(
        "step_layers", "layer_changes_at_0_5_a_minute", "changes when steady, 0.5", "a minute", 2
    ),
    Target("narrow_layers", "layer_changes_steady_a_minute", "changes when steady", "a minute", 2),
    Target("narrow_layers", "highest_that_fits_percent", _HIGHEST, "%", 85, "at least"),
    Target("narrow_layers", "queue_p95_ms", "queue, 95th percentile", "ms", 60),
    Target("narrow", "picture_paused_s", "picture paused after the drop", "s", 2.0),
    Target("narrow", "audio_lost_in_narrow_percent", "sound lost on 100 kbit/s", "%", 1.0),
    Target("narrow", "queue_p95_in_narrow_ms", "queue on 100 kbit/s, 95th percentile", "ms", 150),
    Target("narrow", "picture_back_s", "picture back after the restore", "s", 10.0),
    Target("loss_2", "utilisation_percent", _USED, "%", 90, "at least"),
    Target("loss_10", "utilisation_percent", _USED, "%", 70, "at least"),
    Target("loss_20", "utilisation_percent", _USED, "%", 40, "at least"),
    Target("loss_2", "audio_concealed_percent", "sound made up", "%", 0.1),
    Target("loss_10", "audio_concealed_percent", "sound made up", "%", 1.0),
    Target("loss_20", "audio_concealed_percent", "sound made up", "%", 3.0),
    Target("two_receivers", "fairness_20_s", "ratio of the two over 20 s", "times", 2.0),
    *(
        Target(name, "fairness_20_s", "ratio of the flows over 20 s", "times", 3.0)
        for name in ("rfc8867_5_2", "rfc8867_5_4", "rfc8867_5_5", "rfc8867_5_8")
    ),
    *(
        Target(name, "longest_standing_queue_s", "longest queue above 100 ms", "s", 5.0)
        for name in _NO_TCP
    ),
)

BESIDE: Final = tuple(
    target
    for scenario in ("loss_2", "loss_10", "loss_20")
    for target in (
        Target(scenario, "frozen_s", "frozen in 50 s, beside a direct call", "s", 1.0),
        Target(
            scenario, "frames_per_s", "frames, beside a direct call", "a second", 1.0, "at least"
        ),
    )
)
"""What has to be as a direct call's median, but for so much: 2 % of the time, one frame of 25."""
