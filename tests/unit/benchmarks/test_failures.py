"""A measurement that cannot be made says so in one sentence and leaves no figure."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks import (
    first_frame,
    floor,
    joins,
    latency,
    load,
    packet_path,
    page,
    participant_memory,
    planner,
    soak,
)
from benchmarks.adaptation import emulator_accuracy, estimator
from benchmarks.capacity import __main__ as capacity
from benchmarks.harness import machine, oracle, programs, progress
from benchmarks.harness.failure import BenchmarkFailed, run
from benchmarks.peers import __main__ as peers
from benchmarks.served_relay import served_relay
from tests.unit.benchmarks.conftest import PlayedServer, Put
from tests.unit.benchmarks.played_load import path, stage_document


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (floor.main, ["--packets-per-s", "ten"]),
        (floor.main, ["--runs", "0"]),
        (floor.main, ["--measure-s", "0.1"]),
        (packet_path.main, ["--rooms", "-1"]),
        (capacity.main, ["--aim", "0"]),
        (capacity.main, ["--no-such-option"]),
        (latency.main, ["--levels", "101"]),
        (latency.main, ["--capacity", "many"]),
        (joins.main, ["--joins-per-s", "0"]),
        (soak.main, ["--minutes", "1"]),
        (capacity.main, ["--aim", "5001"]),
        (joins.main, ["--joins-per-s", "1001"]),
        (floor.main, ["--packets-per-s", "400001"]),
        (peers.main, ["--measure-s", "soon"]),
        (planner.main, ["--runs", "0"]),
        (first_frame.main, ["--opens", "1"]),
        (participant_memory.main, ["--participants", "201"]),
        (estimator.main, ["--links", "9"]),
        (emulator_accuracy.main, ["--busy-wait-us", "1001"]),
        (page.main, ["--no-such-option"]),
    ],
)
def test_a_bad_option_is_named(
    main: object, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(main)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize("main", [capacity.main, latency.main, joins.main, soak.main, floor.main])
def test_a_machine_with_one_core_is_refused(main: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert callable(main)
    with pytest.raises(BenchmarkFailed, match="needs 2 cores of its own; the machine gives 1"):
        main([])
    assert machine.here().cores


def test_a_missing_program_says_how_to_build_it(build: Path) -> None:
    assert not (build / "floor").exists()
    with pytest.raises(BenchmarkFailed, match="cargo build --release -p loadgen"):
        programs.run("floor", {}, timeout_s=5)


def test_a_program_that_fails_is_quoted(put: Put) -> None:
    put("floor", "echo 'floor: core 7 is not ours to use' >&2; exit 2")
    with pytest.raises(BenchmarkFailed, match="core 7 is not ours to use"):
        programs.run("floor", {}, timeout_s=5)


def test_a_program_that_hangs_is_stopped(put: Put) -> None:
    put("floor", "exec sleep 60")
    with pytest.raises(BenchmarkFailed, match="did not end within 1 s"):
        programs.run("floor", {}, timeout_s=1)


def test_an_outcome_of_a_program_that_failed_is_no_outcome(put: Put) -> None:
    put("floor", """echo '{"outcome": {"cpu_ns_per_packet": 1}}'; exit 9""")
    with pytest.raises(BenchmarkFailed, match="status 9"):
        programs.run("floor", {}, timeout_s=5)


def test_milestones_are_told_before_the_outcome(put: Put) -> None:
    put("floor", """cat > /dev/null; echo '{"milestone": "connected"}'; echo '{"outcome": {}}'""")
    told: list[Any] = []
    assert programs.run("floor", {}, timeout_s=5, on_told=told.append) == {}
    assert told == [{"milestone": "connected"}]


def test_a_setup_larger_than_a_pipe_arrives(put: Put) -> None:
    put("load", """echo "{\\"outcome\\": {\\"bytes\\": $(wc -c)}}" """)
    outcome = programs.run("load", {"stages": ["x" * 300_000]}, timeout_s=5)
    assert outcome["bytes"] > 300_000


class Mortal(PlayedServer):
    """Has ended by the second time it is looked at."""

    looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks > 1:
            raise BenchmarkFailed("the relay ended in mid-run with status 1: no memory left")


@pytest.mark.parametrize("script", ["exec sleep 60", "echo 'load: nobody answers' >&2; exit 2"])
def test_a_run_ends_with_its_server_and_in_its_words(put: Put, script: str) -> None:
    put("load", script)
    played = load.Script(Mortal())
    played.grow("one", 1, measure_s=60.0)
    with (
        progress.watch("test", 1.0) as watch,
        pytest.raises(BenchmarkFailed, match="ended in mid-run with status 1: no memory left"),
    ):
        load.run(played, watch, seed=1, words="run 1")


def one_stage(put: Put, document: dict[str, Any], samples: str = "[]") -> load.Run:
    lines = [
        '{"milestone": "measuring", "stage": 0}',
        '{"milestone": "measured", "stage": 0}',
        f'{{"outcome": {{"stages": [{json.dumps(document)}], "samples": {samples}}}}}',
    ]
    put("load", "cat > /dev/null\n" + "\n".join(f"echo '{line}'" for line in lines))
    script = load.Script(PlayedServer())
    script.grow("one", 1, measure_s=1.0)
    with progress.watch("test", 1.0) as watch:
        return load.run(script, watch, seed=1, words="run 1")


@pytest.mark.parametrize("wrong", [{"damaged": 3}, {"unusable": 3}, {"misdelivered": 3}])
def test_payloads_that_changed_on_their_way_end_the_run(put: Put, wrong: dict[str, int]) -> None:
    with pytest.raises(BenchmarkFailed, match=r"^3 (payloads|datagrams|packets) "):
        one_stage(put, stage_document(1, **wrong))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consultations": 0}, r"0 of 1 consultations were whole"),
        ({"relayed": path(3_700, 3_700, 0.0)}, r"not a packet of 1 consultations arrived"),
        ({"ended": {"socket_lost": 2}}, r"signalling of participants ended \(2 socket_lost\)"),
    ],
)
def test_participants_that_were_dropped_do_not_vanish(
    put: Put, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BenchmarkFailed, match=words):
        one_stage(put, stage_document(1, **changes))


def test_a_run_that_shows_no_datagram_is_not_believed(put: Put) -> None:
    with pytest.raises(BenchmarkFailed, match="showed no datagram"):
        one_stage(put, stage_document(1))


def test_what_libsrtp_refuses_ends_the_run() -> None:
    sample = {"key": "00" * 16, "salt": "00" * 12, "datagram": "80" + "00" * 60}
    with pytest.raises(BenchmarkFailed, match="libsrtp refuses what was on the wire"):
        oracle.judge([sample], "AEAD_AES_128_GCM")


def test_a_relay_that_is_killed_is_noticed() -> None:
    """The real one: started, read, killed."""
    with served_relay([min(os.sched_getaffinity(0))]) as relay:
        before = relay.read()
        relay.check()
        assert any(thread.name == "media-0" for thread in before.process.threads.values())
        os.kill(relay._process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while relay._process.poll() is None and time.monotonic() < deadline:
            relay._process.wait(10)
        with pytest.raises(BenchmarkFailed, match="ended in mid-run by signal 9"):
            relay.read()


def test_a_relay_that_does_not_start_is_quoted() -> None:
    with (
        pytest.raises(BenchmarkFailed, match=r"ended in mid-run with status 2: .*workers"),
        served_relay([min(os.sched_getaffinity(0))], workers=99),
    ):
        pass


def test_a_failure_is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise BenchmarkFailed("the relay did not answer")

    with pytest.raises(SystemExit) as ended:
        run("latency", work)
    assert ended.value.code == 2
    assert re.fullmatch(r"latency: the relay did not answer\n", capsys.readouterr().err)


def test_a_measurement_that_is_told_to_go_ends_what_it_started(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = []

    def work() -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            ended.append("the server")
        return 0

    with pytest.raises(SystemExit) as left:
        run("latency", work)
    assert left.value.code == 130
    assert ended == ["the server"]
    assert "nothing was written" in capsys.readouterr().err
