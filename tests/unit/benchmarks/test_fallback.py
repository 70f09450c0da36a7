"""What pages noted behind a firewall becomes figures, and figures are held against bars."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks.fallback import __main__ as fallback
from benchmarks.fallback import network, outcome
from benchmarks.fallback.dying import CALLS, DEATHS, Fallback
from benchmarks.fallback.houses import KINDS
from benchmarks.fallback.joining import Joined, first_frame_s
from benchmarks.fallback.network import WAYS, Left, network_of, told_way
from benchmarks.fallback.outcome import JOINS, Found
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.progress import Watch
from benchmarks.outages.cases import Attempt
from benchmarks.outages.flowing import Sample
from benchmarks.outages.people import Watched
from tests.endtoend.turn_server import TurnServer

Told = tuple[float, str, str]

SEEN = Attempt(0.0, 3.4, 4.0, 3.3, None, 2.2, seat_kept=True)
CAME = Joined(2.5, 2.0, 4.1, "tcp tcp")


def found(*, joined: Joined = CAME, seen: Attempt = SEEN, times: int = 20) -> Found:
    """Give a measurement in which the same happened every time, by a way that was left."""
    joins = {
        (kind, left): [replace(joined, way=min(WAYS[left]))] * times
        for kind in KINDS
        for left in JOINS
    }
    deaths = {
        (kind, name): [Fallback(seen, [min(WAYS[death.left])] * 2, 5.0)] * times
        for kind in KINDS
        for name, death in DEATHS.items()
    }
    return Found(joins, deaths)


def test_every_join_and_every_death_of_each_browser_has_its_bar() -> None:
    bars = outcome.bars_of(found())
    targets = [bar.target for bar in bars]
    each, browsers = len(KINDS) * len(JOINS), len(KINDS)
    assert targets == [6.0] * each + [5.0] * (len(KINDS) * len(DEATHS) + browsers) + [0] * 3
    assert all(bar.met for bar in bars)
    assert [bar.value for bar in bars[: each + 1]] == [2.5] * each + [4.0]
    assert sorted(name for call in CALLS for name in call) == sorted(DEATHS)


def test_the_later_of_sound_and_picture_counts_and_neither_may_stay_away() -> None:
    assert Fallback(SEEN, [], None).back_s == 4.0
    assert Fallback(replace(SEEN, sound_s=4.5), [], None).back_s == 4.5
    assert Fallback(replace(SEEN, picture_s=None), [], None).back_s is None
    bars = outcome.bars_of(found(seen=replace(SEEN, sound_s=None)))
    away = [bar for bar in bars if "until both hear and see" in bar.name]
    assert {(bar.value, bar.met) for bar in away} == {(None, False)}


def test_what_is_soon_over_needs_no_words_and_what_lasts_does() -> None:
    quick = replace(SEEN, sound_s=1.0, picture_s=1.2, word_s=None)
    names = [bar.name for bar in outcome.bars_of(found(seen=quick))]
    assert not any("amiss" in name for name in names)
    silent = outcome.bars_of(found(seen=replace(SEEN, word_s=None)))
    words = [bar for bar in silent if "amiss" in bar.name]
    assert [bar.met for bar in words] == [False, False]


def test_who_came_by_what_was_held_back_and_who_was_told_nothing_are_counted() -> None:
    measured = found()
    measured.joins["firefox", "turn tls"][0] = replace(CAME, way="direct udp")
    measured.joins["firefox", "turn tcp"][0] = Joined()
    stayed = Fallback(SEEN, ["direct udp", "turn tls"], None)
    measured.deaths["chromium", "at once"][0] = stayed
    # What does not come back goes nowhere.
    away = replace(SEEN, sound_s=None)
    measured.deaths["chromium", "udp"][0] = Fallback(away, ["direct udp"] * 2, None)
    untold, astray, lost = outcome.bars_of(measured)[-3:]
    assert (untold.value, astray.value, lost.value) == (3, 2, 0)
    assert not untold.met
    assert not astray.met


def test_figures_and_notes_say_what_was_made_again() -> None:
    measured = found(times=2)
    measured.spoilt.append("a page failed")
    figures = measured.figures()
    assert figures["spoilt"] == ["a page failed"]
    assert figures["joins"]["chromium, tcp"][0]["picture_s"] == 2.5
    assert figures["deaths"]["firefox, then tcp"][1]["told_way_s"] == 5.0
    notes = outcome.notes_of(measured)
    assert notes[0].startswith("Each 2 times")
    assert notes[-1] == "Calls that did not come about and were made again: 1."


def test_the_first_frame_is_the_first_that_was_decoded_since() -> None:
    frames = [2.0, 0.0, 0.0, 1.0, 3.0]
    samples = [Sample(50.0 * (at + 1), 50.0, 0.0, count) for at, count in enumerate(frames)]
    assert first_frame_s(samples, since_ms=50.0) == 0.15
    assert first_frame_s(samples[:3], since_ms=50.0) is None


class Played:
    """A page that has told some ways."""

    def __init__(self, *told: Told) -> None:
        self._told = [
            {"at_ms": at_ms, "name": "path", "what": what, "reason": reason}
            for at_ms, what, reason in told
        ]

    async def told(self, since_ms: float) -> list[dict[str, Any]]:
        """Give them after something else that was told."""
        state = {"at_ms": since_ms, "name": "state", "what": "connected", "reason": ""}
        return [state, *self._told]


async def test_the_way_is_told_when_the_last_words_name_one_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "TOLD_WITHIN_S", 0.0)
    direct, over_tcp = (1_000.0, "direct udp", ""), (5_500.0, "tcp tcp", "UDP seems blocked.")
    stood, unsaid = (1_500.0, "tcp tcp", "UDP seems blocked."), (2_500.0, "tcp tcp", "")
    cases: list[tuple[Left, list[Told], tuple[str, float | None]]] = [
        ("no udp", [direct, over_tcp], ("tcp tcp", 3.5)),
        ("no udp", [direct], ("direct udp", None)),
        ("turn tls", [direct, over_tcp], ("tcp tcp", None)),
        ("tcp", [stood], ("tcp tcp", 0.0)),
        ("tcp", [unsaid], ("tcp tcp", None)),
        ("tcp", [], ("", None)),
    ]
    for left, ways, expected in cases:
        assert await told_way(cast("Watched", Played(*ways)), left, 2_000.0) == expected


class Noting:
    """A side that notes what it is told instead of doing it."""

    address = "198.18.0.1"

    def __init__(self) -> None:
        self.rules: list[str] = []

    def configure(self, *lines: str) -> None:
        """Keep the rules that stand."""
        for line in lines:
            if line.startswith("rule add pref 10 "):
                self.rules.append(line.removeprefix("rule add "))
            elif line.startswith("rule del pref 10 "):
                self.rules.remove(line.removeprefix("rule del "))


def test_a_network_holds_back_all_but_what_is_left() -> None:
    side, server = Noting(), TurnServer("198.18.0.1", 3_478, 5_349, "secret", Path("secret"))
    firewall = network_of(cast("Any", side), 7_882, server)
    rules_of: dict[str, str] = {}
    for left in WAYS:
        firewall.leave(left)
        rules_of[left] = "\n".join(side.rules)
    assert rules_of["everything"] == ""
    assert rules_of["no udp"].splitlines() == ["pref 10 ipproto udp to 198.18.0.1 lookup 100"]
    held_back = {
        left: {port for port in ("7882", "3478", "5349") if f"dport {port} " in rules}
        for left, rules in rules_of.items()
    }
    assert held_back["tcp"] == {"3478", "5349"}
    assert held_back["turn tcp"] == {"7882", "5349"}
    assert held_back["turn tls"] == {"7882", "3478"}
    assert all("ipproto udp" in rules for left, rules in rules_of.items() if left != "everything")


class Silent:
    """A progress bar that nobody sees."""

    def tell(self, words: str) -> None:
        """Say nothing."""


async def test_what_did_not_come_about_is_made_again_and_not_for_ever() -> None:
    tries = 0

    async def work() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise AssertionError("no page at http://127.0.0.1/#token=secret\nmore")
        return "done"

    spoilt: list[str] = []
    watch = cast("Watch", Silent())
    assert await fallback._until_done(work, watch, spoilt) == "done"
    assert spoilt == ["no page at "] * 2

    async def never() -> str:
        raise RuntimeError("the browser is gone")

    with pytest.raises(BenchmarkFailed, match="7 calls did not come about: the browser is gone"):
        await fallback._until_done(never, watch, spoilt)
