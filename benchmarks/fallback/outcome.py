"""What was found of blocked networks, held against what it has to be; plot and report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks import durations
from benchmarks.durations import Durations
from benchmarks.fallback.dying import DEATHS, QUICK_S, Fallback
from benchmarks.fallback.houses import KINDS, Kind
from benchmarks.fallback.joining import Joined
from benchmarks.fallback.network import Left
from benchmarks.harness import report
from benchmarks.harness.results import Bar, Result

FIRST_FRAME_S: Final = 6.0
BACK_S: Final = 5.0

JOINS: Final[Mapping[Left, str]] = {
    "tcp": "TCP to the relay",
    "turn tcp": "TURN over TCP",
    "turn tls": "TURN over TLS",
}
"""What alone is let through while somebody comes in."""


@dataclass(frozen=True, slots=True)
class Found:
    """All that was measured."""

    joins: dict[tuple[Kind, Left], list[Joined]] = field(default_factory=dict)
    deaths: dict[tuple[Kind, str], list[Fallback]] = field(default_factory=dict)
    spoilt: list[str] = field(default_factory=list)
    """Why calls were made again: before there was anything to measure, or because a page failed."""

    def figures(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "joins": {
                f"{kind}, {left}": [each.row() for each in seen]
                for (kind, left), seen in self.joins.items()
            },
            "deaths": {
                f"{kind}, {name}": [each.row() for each in seen]
                for (kind, name), seen in self.deaths.items()
            },
            "spoilt": list(self.spoilt),
        }


def bars_of(found: Found) -> list[Bar]:
    """Hold it against what it has to be."""
    bars = [
        pictures(seen).bar(
            f"{KINDS[kind]}, {JOINS[left]} alone: from the click to the first remote frame, p95",
            "p95",
            FIRST_FRAME_S,
        )
        for (kind, left), seen in found.joins.items()
    ]
    bars += [
        back(seen).bar(
            f"{KINDS[kind]}, {DEATHS[name].words}: until both hear and see each other, p95",
            "p95",
            BACK_S,
        )
        for (kind, name), seen in found.deaths.items()
    ]
    bars += [
        words.bar(f"{KINDS[kind]}: until both are told that something is amiss, p95", "p95", BACK_S)
        for kind, words in _told(found)
    ]
    return [*bars, *_counts(found)]


def _told(found: Found) -> Iterator[tuple[Kind, Durations]]:
    """Give when people were told, by browser; where what died was soon over they need not be."""
    for kind in KINDS:
        seen = [each for (of, _), several in found.deaths.items() if of == kind for each in several]
        words = Durations([each.seen.word_s for each in seen if each.needs_words])
        if words.every_s:
            yield kind, words


def _counts(found: Found) -> Iterator[Bar]:
    came = [(left, each) for (_, left), seen in found.joins.items() for each in seen]
    died = [(name, each) for (_, name), seen in found.deaths.items() for each in seen]
    untold = sum(each.told_s is None for _, each in [*came, *died])
    yield Bar("calls of which somebody was not told in words which way they go", untold, "calls", 0)
    astray = sum(each.is_astray(left) for left, each in came)
    astray += sum(each.is_astray(DEATHS[name].left) for name, each in died)
    yield Bar("calls that went by a way that was held back", astray, "calls", 0)
    if died:
        lost = sum(not each.seen.seat_kept for _, each in died)
        yield Bar("seats lost, or comings and goings told for nothing", lost, "times", 0)


def notes_of(found: Found) -> list[str]:
    """Say what the figures are of."""
    times = min(len(seen) for seen in (*found.joins.values(), *found.deaths.values()))
    notes = [
        f"Each {times} times, in rooms of their own; both people are behind the same firewall.",
        "The first frame counts from the click on the link: page, devices and signalling included.",
        "Back: both hear and see each other, the later of both, from when packets get lost.",
        f"Amiss: somebody is not heard or seen, or cut off; what is over in {QUICK_S:g} s is not.",
        "Pages look every 50 ms. Browsers, relay, coturn and harness share the machine's cores.",
    ]
    if found.spoilt:
        notes.append(f"Calls that did not come about and were made again: {len(found.spoilt)}.")
    return notes


def pictures(seen: Sequence[Joined]) -> Durations:
    """Give the times until the first frame."""
    return Durations([each.picture_s for each in seen])


def back(seen: Sequence[Fallback]) -> Durations:
    """Give the times until both hear and see each other again."""
    return Durations([each.back_s for each in seen])


def draw(found: Found) -> None:
    """Draw first frames and returns."""
    rows = {
        f"{KINDS[kind]}, {JOINS[left]}: first frame": pictures(seen)
        for (kind, left), seen in found.joins.items()
    }
    rows |= {
        f"{KINDS[kind]}, {DEATHS[name].words}: back": back(seen)
        for (kind, name), seen in found.deaths.items()
    }
    durations.draw("fallback", "First frames, and returns, where UDP is blocked", rows, None)


def write(result: Result, found: Found) -> None:
    """Write the report."""
    joins = [
        [KINDS[kind], JOINS[left], words, *Durations(every_s).cells()]
        for (kind, left), seen in found.joins.items()
        for words, every_s in (
            ("first remote frame", [each.picture_s for each in seen]),
            ("sound", [each.sound_s for each in seen]),
            ("told which way", [each.told_s for each in seen]),
        )
    ]
    deaths = [
        [KINDS[kind], DEATHS[name].words, words, *Durations(every_s).cells()]
        for (kind, name), seen in found.deaths.items()
        for words, every_s in (
            ("sound is back", [each.seen.sound_s for each in seen]),
            ("picture is back", [each.seen.picture_s for each in seen]),
            ("told that something is amiss", [each.seen.word_s for each in seen]),
            ("told which way", [each.told_s for each in seen]),
        )
    ]
    figure = ["browser", "network", "figure", *durations.headings("it")]
    report.write(
        result,
        title="Networks that block UDP",
        summary="People come in through networks that hold back all but one way, and networks "
        "begin to hold back what a call goes by; pages say when sound and pictures flow.",
        drawn=[report.Plot("fallback", "Time to the first frame, and until both are back")],
        tables=[
            report.Table("Coming in where only one way is let through (s)", figure, joins),
            report.Table("Ways that die in mid-call (s)", figure, deaths),
        ],
    )
