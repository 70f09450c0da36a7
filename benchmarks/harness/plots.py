"""Plots in one style, as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import (
    FuncFormatter,
    LogFormatter,
    LogLocator,
    NullFormatter,
)

from benchmarks.harness.results import FOLDER

RELAY: Final = "#1f6f8b"
FLOOR: Final = "#99a8b2"
TARGET: Final = "#c8553d"
STAGES: Final = ("#0b3954", "#1f6f8b", "#4fa3bf", "#a7c957", "#e9c46a", "#c8553d")

_STYLE: Final[dict[Any, Any]] = {
    "figure.figsize": (8.0, 4.2),
    "figure.dpi": 140,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


@contextmanager
def plot(name: str, title: str) -> Iterator[Axes]:
    """Draw into the axes; the plot is `results/NAME.png` afterwards."""
    with panels(name, title, 1) as (axes,):
        yield axes


@contextmanager
def panels(name: str, title: str, count: int) -> Iterator[Sequence[Axes]]:
    """Draw into panels above one another that share what is across."""
    width, height = _STYLE["figure.figsize"]
    with mpl.rc_context(_STYLE):
        figure, grid = plt.subplots(
            count,
            sharex=True,
            squeeze=False,
            layout="constrained",
            figsize=(width, height * (1 + 0.45 * (count - 1))),
        )
        every = [row[0] for row in grid]
        every[0].set_title(title, loc="left", fontweight="bold")
        try:
            yield every
            for axes in every:
                _make_readable(axes)
            FOLDER.mkdir(exist_ok=True)
            figure.savefig(path_of(name))
        finally:
            plt.close(figure)


def label_shares(axes: Axes) -> None:
    """Write shares as percent."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))


def percent(axes: Axes) -> None:
    """Show shares from nothing to all, as percent."""
    axes.set_ylim(0, max(1.0, axes.get_ylim()[1]))
    label_shares(axes)


def _make_readable(axes: Axes) -> None:
    """Write 0.5, not a power of ten, where nobody asked for another form."""
    for axis in (axes.xaxis, axes.yaxis):
        if not isinstance(axis.get_major_formatter(), LogFormatter):
            continue
        low, high = axis.get_view_interval()
        if high < low * 1_000:
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def path_of(name: str) -> Path:
    """Say where a plot is."""
    return FOLDER / f"{name}.png"


def exceeding(buckets: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """Turn a distribution's buckets into the share of packets that took longer than each edge."""
    total = sum(count for _, count in buckets) or 1
    edges, shares, left = [], [], total
    for edge, count in buckets:
        left -= count
        edges.append(edge)
        shares.append(left / total)
    return edges, shares
