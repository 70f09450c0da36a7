"""A server that dies in mid-run ends the measurement: in a sentence, soon, and with no figure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientError
from playwright.async_api import Error

from benchmarks import first_frame, janus_process, joins, latency, private_network, soak
from benchmarks.capacity import __main__ as capacity
from benchmarks.capacity import runs
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.janus_process import JanusProcess
from benchmarks.peers import __main__ as peers
from benchmarks.peers import contestants
from tests.unit.benchmarks.conftest import PlayedServer, Put, played_relay
from tests.unit.benchmarks.played_load import path, stage_document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SPEAKS_AND_HANGS = """cat > /dev/null; echo '{"milestone": "joining", "stage": 0}'; exec sleep 60"""


class Killed(PlayedServer):
    """Has ended by the second time it is looked at."""

    name = "the relay"

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def check(self) -> None:
        self._looks += 1
        if self._looks > 1:
            raise BenchmarkFailed(f"{self.name} was ended in mid-run by signal 9")


class KilledJanus(Killed):
    kind = "janus"
    name = "Janus"


@contextmanager
def killed_relay(*_: Any, **__: Any) -> Iterator[PlayedServer]:
    yield Killed()


@contextmanager
def killed_janus(*_: Any) -> Iterator[PlayedServer]:
    yield KilledJanus()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play that Janus is installed, and stay in the network that is there."""
    monkeypatch.setattr(private_network, "enter", lambda *_: None)
    monkeypatch.setattr(janus_process, "installed", lambda: "janus")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (capacity.main, []),
        (latency.main, ["--capacity", "100"]),
        (joins.main, []),
        (soak.main, ["--consultations", "10"]),
        (peers.main, []),
    ],
    ids=["capacity", "latency", "joins", "soak", "peers"],
)
@pytest.mark.usefixtures("network")
def test_a_relay_that_dies_ends_every_measurement(
    played: Path,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
    main: Callable[[Sequence[str]], int],
    arguments: list[str],
) -> None:
    put("load", SPEAKS_AND_HANGS)
    for module in (joins, latency, soak, runs, contestants):
        monkeypatch.setattr(module, "served_relay", killed_relay)
    with pytest.raises(BenchmarkFailed, match=r"^the relay was ended in mid-run by signal 9$"):
        main(arguments)
    assert not list(played.glob("*.json"))


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("network")
def test_a_peer_that_dies_ends_the_comparison(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contestants, "served_relay", played_relay)
    monkeypatch.setattr(janus_process, "running", killed_janus)
    with pytest.raises(BenchmarkFailed, match=r"^Janus was ended in mid-run by signal 9$"):
        peers.main(["--runs", "1"])
    assert not list(played.glob("*.json"))


def test_a_janus_that_is_killed_is_noticed(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        janus = JanusProcess(process, 1, tmp_path / "log")
        janus.check()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        with pytest.raises(BenchmarkFailed, match="Janus was ended in mid-run by signal 9"):
            janus.read()


def test_a_soak_without_a_packet_is_no_result(played: Path, put: Put) -> None:
    nothing = path(0, 0, 0.0)
    empty = stage_document(0, consultations=0, relayed=nothing, relayed_clean=nothing)
    lines = [
        line
        for minute in range(2)
        for line in (
            {"milestone": "measuring", "stage": minute},
            {"milestone": "measured", "stage": minute},
        )
    ]
    lines.append({"outcome": {"stages": [empty] * 2, "samples": []}})
    said = played / "said"
    said.write_text("".join(json.dumps(line) + "\n" for line in lines))
    put("load", f"cat > /dev/null; cat {said}")
    with pytest.raises(BenchmarkFailed, match="not a packet of 10 consultations arrived in 2 min"):
        soak.main(["--minutes", "2", "--consultations", "10"])
    assert not list(played.glob("*.json"))


@pytest.mark.parametrize(
    ("status", "failed", "words"),
    [
        (-9, Error("Page.goto: net::ERR_CONNECTION_REFUSED"), "the relay ended in mid-run by sig"),
        (3, ClientError("refused"), "the relay ended in mid-run with status 3"),
        (None, Error("Page.goto: closed at http://here/#token=secret\n=== log"), "Page.goto: clo"),
        (
            None,
            Error('Page.goto: Navigation to "http://a/#token=secret" is cut'),
            "Page.goto: Navigation to a page is cut",
        ),
        (None, BenchmarkFailed("no picture came within 30 s"), "no picture came within 30 s"),
    ],
)
def test_a_first_picture_that_cannot_come_says_who_failed(
    played: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    failed: Exception,
    words: str,
) -> None:
    @asynccontextmanager
    async def relay(_: Path) -> AsyncIterator[Any]:
        yield SimpleNamespace(process=SimpleNamespace(returncode=status))

    async def fails(*_: Any) -> None:
        raise failed

    monkeypatch.setattr(first_frame, "running_relay", relay)
    monkeypatch.setattr(first_frame, "_open_all", fails)
    monkeypatch.setattr(first_frame, "EXECUTABLE", played)
    with pytest.raises(BenchmarkFailed, match=f"^{words}") as ended:
        first_frame.main(["--runs", "1", "--opens", "2"])
    assert "secret" not in str(ended.value)
    assert not list(played.glob("*.json"))


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(first_frame, "EXECUTABLE", tmp_path / "chromium")
    with pytest.raises(BenchmarkFailed, match="install the package chromium"):
        first_frame.main([])
