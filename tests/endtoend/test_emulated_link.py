"""An emulated link between two real network namespaces; needs root."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adaptation.emulated_link import emulated_link
from benchmarks.adaptation.inside import inside
from benchmarks.adaptation.link_setup import Change, LinkSetup
from benchmarks.adaptation.probing import Stream, probe
from benchmarks.harness.failure import BenchmarkFailed
from tests.endtoend.rust_programs import BUILD_WITHIN_S, built

RUN_WITHIN_S = 60
pytestmark = pytest.mark.timeout(BUILD_WITHIN_S + RUN_WITHIN_S)
CORE = min(os.sched_getaffinity(0))

TRANSFER = """
import socket, sys
server = socket.create_server((sys.argv[1], 7000))
print("bound", flush=True)
with server, server.accept()[0] as taken:
    taken.sendall(taken.makefile("rb").read(100_000))
"""
ECHOED = """
import socket, sys
with socket.create_connection((sys.argv[1], 7000), 10) as to:
    to.sendall(bytes(range(250)) * 400)
    assert to.makefile("rb").read(100_000) == bytes(range(250)) * 400
"""


@pytest.fixture(scope="module")
def program() -> Path:
    """Give the program, compiled."""
    return built("emulator")


def test_every_packet_is_delayed_dropped_or_delivered_and_written_down(
    program: Path, tmp_path: Path
) -> None:
    setup = LinkSetup(
        down={"rate_bps": 1_000_000, "queue_bytes": 3_000, "delay_ms": 30, "jitter_ms": 3},
        up={"delay_ms": 10},
    )
    with emulated_link(setup, program=program, log_path=tmp_path / "log") as link:
        # Three packets at a time fit the queue; offered is twice the rate.
        down = probe(link, Stream(250, 1_000, 0.4), settle_s=0.5, core=CORE)
        up = probe(link, Stream(200, 100, 0.2), way="up", settle_s=None, core=CORE)
        (closed_ms,) = link.change(Change(0, "up", "blackout", value=True))
        nothing = probe(link, Stream(200, 100, 0.1), way="up", settle_s=0.05, core=CORE)

    assert (up.lost, nothing.lost) == (0, nothing.stream.count)
    assert np.all(np.diff(up.number) == 1)
    assert up.delay_ms.min() >= 10
    assert np.all(np.diff(down.number) >= 1)
    # Jitter takes no more than its peak of 9 ms; a packet is 8 ms of the rate.
    assert down.delay_ms.min() >= 30 - 9 + 8

    log, outcome = link.truth(), link.outcome
    assert log.began_monotonic_ns == outcome["began_monotonic_ns"]
    counts = log.counts("down")
    assert counts["delivered"] == len(down.number)
    assert counts["queue_full"] == down.lost > 0
    assert log.counts("up")["blackout"] == nothing.stream.count
    closed = log.way("up")["came_ns"][log.way("up")["verdict"] == 2]
    assert closed.min() >= closed_ms * 1e6
    arrived = log.delivered("down")
    assert arrived["timestamp"].tolist() == down.number.tolist()
    assert set(arrived["bytes"].tolist()) == {1_000}
    for name in ("down", "up"):
        found = outcome[name]
        assert found["packets_in"] == len(log.way(name))
        assert found["bytes_in"] == found["bytes_delivered"] + found["bytes_dropped"]
        assert (found["held"], found["refused"], found["overflow"]) == (0, 0, 0)
    assert outcome["changes"] == [
        {"t_ms": closed_ms, "direction": "up", "key": "blackout", "value": True}
    ]
    assert (outcome["ended_by"], outcome["log_records_lost"]) == ("input", 0)
    assert outcome["goes_first"]


@pytest.mark.thorough
def test_connections_survive_a_link_that_loses_and_repeats(program: Path) -> None:
    worse = {"loss": 0.02, "duplicate": 0.05, "delay_ms": 5, "jitter_ms": 1, "reorder": True}
    with emulated_link(LinkSetup(down=worse, up=worse), program=program) as link:
        serve = link.server.command([sys.executable, "-c", TRANSFER, link.server.address])
        with subprocess.Popen(serve, stdout=subprocess.PIPE) as server, ExitStack() as at_last:
            at_last.callback(server.kill)
            assert server.stdout
            assert server.stdout.readline() == b"bound\n"
            fetch = link.client.command([sys.executable, "-c", ECHOED, link.server.address])
            subprocess.run(fetch, check=True, timeout=RUN_WITHIN_S)
    for name in ("down", "up"):
        found = link.outcome[name]
        assert found["delivered"] > 0
        came = found["packets_in"] + found["copies"]
        assert came == found["delivered"] + found["lost"] + found["held"]


@pytest.mark.thorough
def test_a_link_ends_when_its_time_is_over_or_it_is_asked_to(program: Path) -> None:
    with emulated_link(LinkSetup(duration_s=0.3), program=program) as link:
        namespace = link.client.namespace
        assert namespace.exists()
        link.process.wait()
        with pytest.raises(BenchmarkFailed, match="the link is over: duration"):
            link.change(Change(0, "down", "delay_ms", 1))
    assert link.outcome["ended_by"] == "duration"
    assert link.outcome["never_seen"] == {"client": None, "server": None}
    assert not namespace.exists()


def test_what_cannot_be_changed_is_refused_and_the_link_goes_on(program: Path) -> None:
    with emulated_link(LinkSetup(), program=program) as link:
        with pytest.raises(BenchmarkFailed, match="loss is made of probabilities"):
            link.change(Change(0, "down", "loss", 7))
        assert link.change(Change(0, "down", "loss", 0.5))[0] > 0
        with pytest.raises(BenchmarkFailed, match="the client's network could not be set up"):
            link.client.configure("address add nowhere dev emulated")


def test_a_setup_that_cannot_be_is_told_in_the_emulators_words(program: Path) -> None:
    refused = LinkSetup(down={"trace_path": "/nowhere/lte"})
    with (
        pytest.raises(BenchmarkFailed, match="down: the trace /nowhere/lte cannot be read"),
        emulated_link(refused, program=program),
    ):
        pytest.fail("there is no link")


def test_who_goes_inside_is_on_that_side_and_comes_back(program: Path) -> None:
    addresses = ["ip", "-brief", "address"]
    with emulated_link(LinkSetup(), program=program) as link:
        with inside(link.server):
            there = subprocess.run(addresses, check=True, capture_output=True, text=True)
            assert link.server.address in there.stdout
        here = subprocess.run(addresses, check=True, capture_output=True, text=True)
        assert link.server.address not in here.stdout


@pytest.mark.thorough
def test_a_signal_ends_it_with_an_outcome(program: Path) -> None:
    with emulated_link(LinkSetup(), program=program) as link:
        link.process.terminate()
        assert link.process.end()["ended_by"] == "signal"
