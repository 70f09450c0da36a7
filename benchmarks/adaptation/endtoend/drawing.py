"""The plots of runs: what a link carried, what was believed, how long one waited, who saw what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.course import STEP_S, Course
from benchmarks.adaptation.endtoend.scenarios import MBPS, Scenario
from benchmarks.harness import plots, report

NAMES: Final = {Way.RELAY: "through the relay", Way.DIRECT: "Chromium to Chromium"}
QUEUE_COLOUR: Final = plots.STAGES[4]
LARGEST_WAIT_MS: Final = 600
HEADROOM: Final = 1.6


def draw(name: str, scenario: Scenario, courses: Sequence[Course]) -> report.Plot:
    """Draw one run of each way over the same time.

    Args:
        name: Of the plot.
        scenario: What was played.
        courses: The runs, one of each way.

    """
    words = f"{scenario.words[0].upper()}{scenario.words[1:]}"
    with plots.panels(name, words, 2 * len(courses)) as axes:
        for number, course in enumerate(courses):
            _rates(axes[2 * number], course)
            _seen(axes[2 * number + 1], course)
        axes[-1].set_xlabel("seconds")
    return shown(name, scenario)


def shown(name: str, scenario: Scenario) -> report.Plot:
    """Say what a plot that was drawn shows."""
    ways = " and ".join(NAMES.values())
    return report.Plot(
        name,
        f"{scenario.name}: capacity, estimate, rates and queue over time, then picture size, "
        f"layers chosen, freezes and lost sound; {ways}",
    )


def _rates(axes: Axes, course: Course) -> None:
    seconds = course.seconds
    carried = course.capacity_bps[np.isfinite(course.capacity_bps)]
    # What is sent beyond is lost; how far beyond says nothing more.
    top = HEADROOM * float(np.max(carried, initial=0.0) or np.max(course.sent_bps, initial=1.0))
    axes.step(
        seconds,
        course.capacity_bps / MBPS,
        where="post",
        color="black",
        ls="--",
        lw=1,
        zorder=5,
        label="capacity",
    )
    axes.plot(seconds, course.sent_bps / MBPS, color=plots.STAGES[0], lw=0.8, label="sent")
    axes.plot(seconds, course.media_bps / MBPS, color=plots.RELAY, lw=1.2, label="media arrived")
    for values, label, colour in (
        (course.estimate_bps, "estimate", plots.TARGET),
        (course.encoder_bps, "encoder's target", plots.STAGES[3]),
    ):
        if not np.isnan(values).all():
            axes.plot(seconds, np.minimum(values, top) / MBPS, color=colour, lw=1, label=label)
    axes.set_ylim(0, top / MBPS)
    axes.set_ylabel("Mbit/s")
    about: dict[str, Any] = {
        "transform": axes.transAxes,
        "va": "top",
        "fontsize": 9,
        "fontweight": "bold",
    }
    axes.text(0.01, 0.97, NAMES[course.way], **about)
    wait = axes.twinx()
    wait.fill_between(course.fine_seconds, course.wait_ms, color=QUEUE_COLOUR, alpha=0.5, lw=0)
    wait.set_ylim(0, LARGEST_WAIT_MS)
    wait.set_ylabel("queue, ms")
    wait.grid(visible=False)
    axes.set_zorder(wait.get_zorder() + 1)
    axes.patch.set_visible(False)
    axes.legend(fontsize=7, loc="upper right", ncols=5)


def _seen(axes: Axes, course: Course) -> None:
    changes_s = course.layer_changes_s
    shown_s = changes_s[(changes_s > 0) & (changes_s < course.scenario.lasts_s)]
    for number, at_s in enumerate(shown_s):
        label = "relay chose other layers" if number == 0 else None
        axes.axvline(at_s, color=plots.FLOOR, lw=0.8, ls=":", label=label)
    for number, flow in enumerate(course.flows):
        colour = plots.STAGES[(1, 3, 5)[number % 3]]
        label = "lines of the picture" if len(course.flows) == 1 else f"receiver {number + 1}"
        axes.step(course.seconds, flow.height, where="post", color=colour, lw=1.2, label=label)
        frozen = np.diff(np.nan_to_num(flow.frozen_s), prepend=0.0) > STEP_S / 4
        # The second when a freeze was over; the browser tells it only then.
        axes.plot(
            course.seconds[frozen], flow.height[frozen], "x", color=colour, label="froze until here"
        )
    axes.set_ylim(0, 420)
    axes.set_ylabel("lines")
    lost = axes.twinx()
    every = sum(flow.audio_lost for flow in course.flows)
    lost.bar(course.seconds, every, width=STEP_S, color=plots.TARGET, label="sound lost")
    lost.set_ylim(0, 30)
    lost.set_ylabel("sound packets lost")
    lost.grid(visible=False)
    axes.set_zorder(lost.get_zorder() + 1)
    axes.patch.set_visible(False)
    axes.legend(fontsize=7, loc="lower right", ncols=3, frameon=True, framealpha=0.8)
