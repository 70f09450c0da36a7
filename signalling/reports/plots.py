"""A course as a drawing: inline SVG, with what it shows in words. Pure. Called by the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from statistics import median
from typing import Final, NamedTuple

from signalling.api.schemas import Course, Slots
from signalling.reports.words import Words

WIDTH: Final = 720
HEIGHT: Final = 96
_MARGIN_LEFT: Final = 44
_MARGIN_BELOW: Final = 16
_MARGIN_ABOVE: Final = 8
_LOSS_HEIGHT: Final = 24
"""Of a slot in which everything was lost."""
_HUNDRED: Final = 100
_LEAST_TOP_KBPS: Final = 10
"""A voice that is silent is some kbit/s: its noise is not drawn as mountains."""


class Band(NamedTuple):
    """A time in which something was cut off or silent."""

    began: datetime
    ended: datetime


def figures_in_words(course: Course, words: Words) -> str:
    """Sum a course up."""
    rates = [rate for rate in course.kbps if rate is not None]
    if not rates:
        return words.no_rates()
    lost = max((ratio for ratio in course.loss_ratio if ratio is not None), default=0.0)
    return words.rates(min(rates), round(median(rates)), max(rates), lost * _HUNDRED)


def plot(
    course: Course, slots: Slots, bands: Sequence[Band], *, name: str, words: str, ends: str
) -> str:
    """Draw a course's rate as a line, its loss as bars, and what was silent as bands.

    Args:
        course: What is drawn.
        slots: What it is divided by.
        bands: The times in which it was cut off or silent.
        name: Unique on the page: the drawing's own id.
        words: What the drawing shows, for whoever does not see it.
        ends: When the first slot begins and the last one ends, for whoever does.

    """
    count = max(1, slots.count)
    step = (WIDTH - _MARGIN_LEFT) / count
    top = max([_LEAST_TOP_KBPS, *(rate for rate in course.kbps if rate is not None)])
    inside = HEIGHT - _MARGIN_ABOVE

    def across(slot: float) -> float:
        return _MARGIN_LEFT + slot * step

    def up(kbps: int) -> float:
        return _MARGIN_ABOVE + inside * (1 - kbps / top)

    parts = [
        f'<rect class="band" x="{x:.1f}" y="{_MARGIN_ABOVE}" width="{width:.1f}" '
        f'height="{inside}"/>'
        for x, width in _placed(bands, slots, step)
    ]
    parts += [
        f'<polyline class="rate" points="{_points(run, across, up)}"/>'
        for run in _runs(course.kbps, course.first)
    ]
    parts += [
        f'<rect class="lost" x="{across(course.first + index):.1f}" '
        f'y="{HEIGHT - ratio * _LOSS_HEIGHT:.1f}" width="{max(1.0, step):.1f}" '
        f'height="{ratio * _LOSS_HEIGHT:.1f}"/>'
        for index, ratio in enumerate(course.loss_ratio)
        if ratio
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + _MARGIN_BELOW}" role="img" '
        f'aria-labelledby="{name}"><title id="{name}">{escape(words)}</title>'
        f"{''.join(parts)}"
        f'<rect class="frame" x="{_MARGIN_LEFT}" y="{_MARGIN_ABOVE}" '
        f'width="{WIDTH - _MARGIN_LEFT}" height="{inside}"/>'
        f'<text class="scale" x="{_MARGIN_LEFT - 4}" y="{_MARGIN_ABOVE + 8}" '
        f'text-anchor="end">{top}</text>'
        f'<text class="scale" x="{_MARGIN_LEFT - 4}" y="{HEIGHT}" text-anchor="end">0</text>'
        f'<text class="scale" x="{WIDTH}" y="{HEIGHT + _MARGIN_BELOW - 3}" '
        f'text-anchor="end">{escape(ends)}</text></svg>'
    )


def _placed(bands: Sequence[Band], slots: Slots, step: float) -> Iterator[tuple[float, float]]:
    """Give where each band begins and how wide it is; what is outside is not drawn."""
    width = timedelta(seconds=slots.width_s)
    for band in bands:
        began = max(0.0, (band.began - slots.begins_at) / width)
        ended = min(float(slots.count), (band.ended - slots.begins_at) / width)
        if ended >= began:
            yield _MARGIN_LEFT + began * step, max(1.0, (ended - began) * step)


def _runs(rates: Sequence[int | None], first: int) -> Iterator[list[tuple[int, int]]]:
    """Give the parts of a line between what is unknown: slot and rate."""
    run: list[tuple[int, int]] = []
    for slot, rate in enumerate((*rates, None), start=first):
        if rate is not None:
            run.append((slot, rate))
        elif run:
            yield run
            run = []


def _points(
    run: Sequence[tuple[int, int]], across: Callable[[float], float], up: Callable[[int], float]
) -> str:
    """Write a line's points, each over the middle of its slot; a single one as a short line."""
    places = [(across(slot + 0.5), up(rate)) for slot, rate in run]
    if len(places) == 1:
        x, y = places[0]
        places = [(x - 1, y), (x + 1, y)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
