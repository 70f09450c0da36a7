"""What webhooks add to a join, as figures and bars, and whoever should hear them."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks import relay_files
from benchmarks.harness.readings import Between
from benchmarks.harness.stage import Stage
from benchmarks.webhooks import _receiver
from benchmarks.webhooks_report import BEFORE, DOWN, MUTE, WHEN, Run, bars_of
from signalling.webhooks.signature import read_secrets
from tests.unit.benchmarks.conftest import reading
from tests.unit.benchmarks.played_load import stage_document, summary


def stage(p95_ms: float, **changes: Any) -> Stage:
    joins = stage_document(0, 100)["joins"] | {"join_ms": summary(1_000 * p95_ms / 1.5, 100)}
    document = stage_document(0, 100, joins=joins, **changes)
    return Stage(document, Between(reading(0), reading(5)), 0)


def run(*p95_ms: float, **changes: Any) -> Run:
    assert len(p95_ms) == len(WHEN)
    return Run([stage(ms, **changes) for ms in p95_ms], {DOWN: 12.0, MUTE: 9.0})


def test_a_join_is_held_against_the_mean_of_those_without_webhooks() -> None:
    found = run(40.0, 66.0, 60.0, 80.0)
    assert round(found.longer_percent(DOWN), 6) == 10.0
    assert round(found.longer_percent(MUTE), 6) == 0.0
    assert found.row()["queued"] == {DOWN: 12.0, MUTE: 9.0}


def test_the_bars_are_of_medians() -> None:
    runs = [run(40.0, 44.0, 60.0, 40.0), run(40.0, 60.0, 52.0, 40.0), run(40.0, 42.0, 40.0, 40.0)]
    down, mute = bars_of(runs)
    assert (round(down.value or 0.0, 6), down.met) == (10.0, True)
    assert (round(mute.value or 0.0, 6), mute.met) == (30.0, False)


def test_joins_that_the_generator_shaped_prove_nothing() -> None:
    assert not any(bar.met for bar in bars_of([run(40, 40, 40, 40, generator_core_share=1.0)]))


def test_where_nobody_listens_a_connection_is_refused_and_where_nobody_answers_taken() -> None:
    with _receiver(BEFORE) as url:
        assert url == ""
    with _receiver(DOWN) as url, pytest.raises(ConnectionRefusedError):
        connect(url)
    with _receiver(MUTE) as url, connect(url) as taken:
        taken.sendall(b"POST /webhooks HTTP/1.1\r\n\r\n")
        taken.setblocking(False)
        answer = b""
        with suppress(BlockingIOError):
            answer = taken.recv(1)
        assert answer == b""


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0))


def test_a_measured_relay_reads_the_secret_it_is_given(tmp_path: Path) -> None:
    section = relay_files.webhooks(tmp_path, "http://127.0.0.1:1/webhooks")
    (secret,) = read_secrets(Path(str(section["secrets_file"])))
    assert len(secret) == relay_files.SECRET_BYTES
