"""What was found of outages, held against what it has to be; plot and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks import durations
from benchmarks.durations import Durations, Quantile
from benchmarks.harness import report
from benchmarks.harness.results import Bar, Result
from benchmarks.outages.cases import Attempt

Figure = Literal["sound", "picture", "silence", "told", "word"]
Found = dict[str, list[Attempt]]

FIGURES: Final[Mapping[Figure, str]] = {
    "sound": "until both hear each other",
    "picture": "until both see each other",
    "silence": "longest silence",
    "word": "until both are told that something is amiss",
    "told": "until both are told of a lost connection",
}
LEFT_OUT_S: Final = 0.1
"""Two looks of a page: what is shorter cannot be told from a look that came late."""

AROUND_S: Final = 16.0
"""What an attempt takes beside the outage itself; for the progress bar."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is held against what, of one kind of outage."""

    words: str
    bars: Sequence[tuple[Figure, Quantile, float]]
    needs_networks: bool = False
    lasts: bool = False
    """Whether it goes on for `--outage-s`."""


OUTAGE: Final[Sequence[tuple[Figure, Quantile, float]]] = (
    ("word", "p95", 8.0),
    ("sound", "p95", 2.0),
    ("picture", "p95", 3.0),
)
RELOAD: Final[Sequence[tuple[Figure, Quantile, float]]] = (
    ("sound", "p95", 5.0),
    ("picture", "p95", 5.0),
)

CASES: Final[Mapping[str, Case]] = {
    "dead zone": Case("every packet is lost", OUTAGE, needs_networks=True, lasts=True),
    "no network": Case("the device has no network", OUTAGE, needs_networks=True, lasts=True),
    "other network": Case("Wi-Fi becomes mobile", [("sound", "p95", 3.0)], needs_networks=True),
    "new port": Case("the same sockets from new ports (NAT)", [("sound", "p95", 1.0)]),
    "socket alone": Case("the WebSocket alone ends", [("silence", "max", LEFT_OUT_S)]),
    "page anew": Case("the page is loaded anew", RELOAD),
}
"""By the names they are chosen by."""


def expected_s(name: str, outage_s: float) -> float:
    """Say how long an attempt takes, about."""
    return AROUND_S + (outage_s if CASES[name].lasts else 0.0)


def durations_of(seen: Sequence[Attempt], figure: Figure) -> Durations:
    """Give one figure of all attempts."""
    return Durations([getattr(each, f"{figure}_s") for each in seen])


def bars_of(found: Mapping[str, Sequence[Attempt]]) -> list[Bar]:
    """Hold every case against what it has to be."""
    bars = [
        durations_of(seen, figure).bar(
            f"{CASES[name].words}: {FIGURES[figure]}, {_named(which)}", which, most_s
        )
        for name, seen in found.items()
        for figure, which, most_s in CASES[name].bars
    ]
    lost = sum(not each.seat_kept for seen in found.values() for each in seen)
    return [*bars, Bar("seats lost, or comings and goings told for nothing", lost, "times", 0)]


def notes_of(found: Mapping[str, Sequence[Attempt]]) -> list[str]:
    """Say what the figures are of."""
    times = ", ".join(f"«{CASES[name].words}» {len(seen)} times" for name, seen in found.items())
    return [
        f"{times}; each in a consultation of its own and at a random moment.",
        "What is back counts from when the network is, else from the beginning; the later of both.",
        "Sound is back when it is decoded, not made up for losses, and goes on for half a second.",
        "Amiss: that somebody is not heard or seen, or that a connection is lost.",
        "Pages look every 50 ms. Browsers, relay and harness share the machine's cores.",
    ]


def _named(which: Quantile) -> str:
    return "longest" if which == "max" else which


def draw(found: Mapping[str, Sequence[Attempt]]) -> None:
    """Draw the time until sound is back."""
    rows = {CASES[name].words: durations_of(seen, "sound") for name, seen in found.items()}
    durations.draw("outages", "Until both hear each other again", rows, None)


def write(result: Result, found: Mapping[str, Sequence[Attempt]]) -> None:
    """Write the report."""
    rows = [
        [CASES[name].words, words, *durations_of(seen, figure).cells()]
        for name, seen in found.items()
        for figure, words in FIGURES.items()
    ]
    report.write(
        result,
        title="Outages",
        summary="Networks go, come back, or become others in mid-consultation; two pages in "
        "Chromium say from when on sound and pictures flow again.",
        drawn=[report.Plot("outages", "Time until both hear each other again, by outage")],
        tables=[
            report.Table("By outage (s)", ["outage", "figure", *durations.headings("it")], rows)
        ],
    )
