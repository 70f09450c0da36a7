"""The comparison: who is compared, what is held, and what is said when there is no peer."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from benchmarks import janus_process, private_network
from benchmarks.capacity.search import Knee
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import Between
from benchmarks.harness.stage import Stage
from benchmarks.janus_process import JanusOptions
from benchmarks.peers import __main__ as peers
from benchmarks.peers import contestants, rounds
from benchmarks.peers.contestants import Contestant
from benchmarks.peers.rounds import Turns
from tests.unit.benchmarks.conftest import played_relay, reading
from tests.unit.benchmarks.played_load import path, stage_document

OPTIONS = JanusOptions(core=min(os.sched_getaffinity(0)), ice_address="198.18.0.1")


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out Janus' modules as Debian's package does."""
    folder = tmp_path / "lib" / "janus"
    for kind, names in (
        ("plugins", ("videoroom", "sip", "streaming")),
        ("transports", ("websockets", "http")),
    ):
        (folder / kind).mkdir(parents=True)
        for name in names:
            (folder / kind / f"libjanus_{name}.so").touch()
    monkeypatch.setattr(janus_process, "PLUGIN_FOLDERS", (str(folder),))
    return folder


def janus_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "janus"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def stage(running: int, **changes: Any) -> Stage:
    return Stage(stage_document(running) | changes, Between(reading(0), reading(2)), running)


def losing(running: int) -> Stage:
    return stage(running, relayed_clean=path(10_000, 100, 400.0))


def test_janus_has_what_is_compared_and_nothing_else(modules: Path) -> None:
    files = janus_process.configuration(OPTIONS, modules, 4711)
    main = files["janus.jcfg"]
    assert 'ice_enforce_list = "198.18.0.1"' in main
    assert 'plugins: { disable = "libjanus_sip.so,libjanus_streaming.so" }' in main
    assert 'transports: { disable = "libjanus_http.so" }' in main
    assert "event_loops" not in main
    assert "stun" not in main
    assert 'ws_ip = "127.0.0.1", ws_port = 4711' in files["janus.transport.websockets.jcfg"]
    shared = JanusOptions(core=0, ice_address="198.18.0.1", event_loops=1)
    assert "event_loops = 1" in janus_process.configuration(shared, modules, 1)["janus.jcfg"]


def test_a_janus_that_does_not_start_is_quoted(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert modules.is_dir()
    janus_that(tmp_path, monkeypatch, "echo 'no such plugin'; exit 3")
    with (
        pytest.raises(BenchmarkFailed, match="ended in mid-run with status 3: no such plugin"),
        janus_process.running(OPTIONS),
    ):
        pytest.fail("it does not run")


def test_a_missing_janus_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchmarkFailed, match=r"Janus is not installed; deploy/setup/peers\.sh"):
        peers.main([])


def test_a_missing_plugin_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(janus_process, "PLUGIN_FOLDERS", (str(tmp_path / "none"),))
    with pytest.raises(BenchmarkFailed, match="VideoRoom is not installed"):
        janus_process.configuration(OPTIONS, tmp_path, 1)


def test_a_folder_without_a_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    janus_that(tmp_path, monkeypatch, "exit 0")
    with pytest.raises(BenchmarkFailed, match=r"has no libsrtp2\.so\.1"):
        peers.main(["--libsrtp-openssl", str(tmp_path / "empty")])


def test_capacity_ends_with_the_first_stage_the_server_fails() -> None:
    held, late = stage(20), stage(40, generator_core_share=0.95, measured_s=6.0)
    assert rounds.knee_of([held, stage(30), losing(40), stage(50)]) == Knee(30, 40, "loss", 1)
    assert rounds.knee_of([held, late, stage(50)]) == Knee(50, 0, "", 2)
    assert rounds.knee_of([held, late]) == Knee(20, 40, "generator", 0)
    assert rounds.knee_of([losing(20), stage(40)]) == Knee(0, 20, "loss", -1)


def test_slow_joins_are_not_compared_and_failed_ones_are() -> None:
    joins = stage_document(20, joining=10)["joins"]
    slow = joins | {"join_ms": joins["join_ms"] | {"p95_us": 3e6}}
    assert rounds.knee_of([stage(20, joins=slow)]).held == 20
    failed = joins | {"failed": {"timeout_ice": 1}}
    assert rounds.knee_of([stage(20, joins=failed)]) == Knee(0, 20, "joins", -1)


def test_the_next_round_looks_where_the_last_one_ended() -> None:
    assert rounds.steps(100, None) == [20, 50, 70, 85, 100, 120]
    assert rounds.steps(100, Knee(80, 85, "loss", 4)) == [20, 40, 68, 76, 84, 92]
    assert max(rounds.steps(100, Knee(110, 0, "", 7))) == 165
    assert rounds.steps(100, Knee(0, 20, "loss", -1)) == rounds.steps(100, None)


def test_memory_is_what_a_consultation_adds_before_the_knee() -> None:
    def of(running: int, resident_bytes: int) -> Stage:
        found = stage(running)
        process = found.server.after.process
        grown = type(process)(
            process.taken_ns, process.threads, resident_bytes, 0, process.open_files
        )
        after = type(found.server.after)(grown, found.server.after.scrape)
        return Stage(found.found, Between(found.server.before, after), running)

    stages = [of(20, 10_000_000), of(40, 30_000_000), of(60, 50_000_000), of(80, 900_000_000)]
    assert rounds.memory_bytes(stages, Knee(60, 80, "loss", 2)) == pytest.approx(1_000_000)


def turns(name: str, *ladders: list[Stage]) -> Turns:
    made = Contestant(name, "#000000", lambda: played_relay([0]))
    return Turns(made, ladders=[*ladders])


def test_a_janus_that_was_never_full_shows_no_multiple() -> None:
    full = [stage(20), losing(40)]
    relay = turns(contestants.RELAY, [stage(200), losing(220)])
    shared = turns(contestants.JANUS[1], full)
    unknown = turns(contestants.JANUS[0], [stage(20)])
    (bar,) = peers._bars([relay, unknown, shared], relay, shared)
    assert (bar.value, bar.met) == (10.0, False)
    assert "«janus» was never shown to be full" in bar.verdict
    assert "(at most)" in bar.name

    (bar,) = peers._bars([relay, turns(contestants.JANUS[0], full), shared], relay, shared)
    assert bar.met
    more = turns(contestants.RELAY, [stage(200)])
    (bar,) = peers._bars([more, shared], more, shared)
    assert bar.met
    assert "(at least)" in bar.name


def test_a_janus_that_showed_nothing_gives_no_multiple() -> None:
    relay = turns(contestants.RELAY, [stage(200), losing(220)])
    unseen = turns(contestants.JANUS[0], [stage(20, generator_core_share=0.95, measured_s=6.0)])
    assert unseen.held == 0
    (bar,) = peers._bars([relay, unseen], relay, unseen)
    assert (bar.value, bar.met) == (None, False)
    assert "«janus» was never shown to be full" in bar.unproven


@pytest.mark.parametrize(
    ("relay", "janus", "who"),
    [
        ([losing(20)], [stage(20), losing(40)], "the relay"),
        ([stage(20), losing(40)], [losing(20)], "Janus"),
    ],
)
def test_who_held_nothing_is_compared_with_nobody(
    monkeypatch: pytest.MonkeyPatch, relay: list[Stage], janus: list[Stage], who: str
) -> None:
    monkeypatch.setattr(janus_process, "installed", lambda: "janus")
    monkeypatch.setattr(private_network, "enter", lambda *_: None)
    played = [turns(contestants.RELAY, relay), turns(contestants.JANUS[0], janus)]
    monkeypatch.setattr(rounds, "play", lambda *_: played)
    with pytest.raises(BenchmarkFailed, match=rf"^{who} held not even the first stage .*\(loss\)"):
        peers.main([])


def test_a_comparison_is_written_with_its_bar(
    played: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    janus_that(tmp_path, monkeypatch, "echo 'Janus version: 1102 (1.1.2)'")
    monkeypatch.setattr(private_network, "enter", lambda *_: None)
    monkeypatch.setattr(contestants, "served_relay", played_relay)
    monkeypatch.setattr(janus_process, "running", lambda options: played_relay([options.core]))
    assert peers.main(["--runs", "2", "--measure-s", "1"]) == 0
    result = json.loads((played / "peers.json").read_text())
    bar = result["bars"][0]
    assert (bar["target"], bar["met"]) == (8.0, False)
    assert result["configuration"]["janus"] == "1102 (1.1.2)"
    figures = result["figures"]
    assert set(figures["contestants"]) == {"relay", "janus", "janus, one event loop"}
    # All are played by the same program, so none is better.
    assert 0.8 < figures["times_held"] < 1.25
    assert figures["times_cpu_per_packet_together"] == 1.0
    assert (played / "peers.html").is_file()
