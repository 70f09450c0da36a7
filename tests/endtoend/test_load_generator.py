"""The load generator at a real relay: its participants join, are measured, and are understood."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import oracle
from benchmarks.served_relay import ServedRelay, served_relay
from tests.endtoend.rust_programs import BUILD_WITHIN_S, built

RUN_WITHIN_S = 90
MEASURE_S = 2.0
pytestmark = pytest.mark.timeout(BUILD_WITHIN_S + RUN_WITHIN_S)
POINTS = ("socket", "joined", "answer", "ice", "dtls")
USUAL = "AEAD_AES_128_GCM"
"""What browsers agree on with the relay."""


@pytest.fixture(scope="module")
def program() -> Path:
    """Give the program, compiled."""
    return built("load")


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(profile, marks=() if profile == USUAL else pytest.mark.thorough)
        for profile in oracle.PROFILES
    ],
)
def test_consultations_join_and_are_measured_to_the_last_packet(
    program: Path, profile: str
) -> None:
    cores = sorted(os.sched_getaffinity(0))
    with served_relay(cores[:1]) as relay:
        setup = _setup(relay, profile, relay_core=cores[0], core=cores[-1])
        told, outcome = _run(program, setup)
    (stage,) = outcome["stages"]
    joins = stage["joins"]
    assert joins["failed"] == {"token_invalid": 1}
    assert (joins["asked"], joins["succeeded"], joins["alone"]) == (11, 9, 1)
    assert stage["ended"] == {}
    assert joins["join_ms"]["count"] == 9
    # Whom the relay refused had a socket; whoever was alone came as far as the keys.
    counts = [joins["parts"][point]["count"] for point in POINTS]
    assert counts == [11, 10, 10, 10, 10]

    assert (stage["participants"], stage["consultations"]) == (10, 4)
    relayed, bare = stage["relayed"], stage["bare"]
    assert relayed["received"] > 0
    assert (relayed["lost"], stage["consultations_out"]["worst_loss_share"]) == (0, 0.0)
    assert relayed["delay"]["count"] == relayed["expected"]
    assert relayed["delay"]["p50_us"] > bare["delay"]["p50_us"] > 0
    assert [stage[name] for name in ("damaged", "unusable", "misdelivered")] == [0, 0, 0]
    assert stage["feedback"]["sender_reports"] > 0
    assert stage["feedback"]["transport_feedbacks"] > 0

    # Another implementation opens what was on the wire, with the keys that DTLS gave.
    samples = outcome["samples"]
    assert {sample["sent"] for sample in samples} == {True, False}
    assert oracle.judge(samples, profile) == len(samples)

    milestones = [line["milestone"] for line in told if "milestone" in line]
    assert milestones == ["joining", "measuring", "measured"]


@pytest.mark.thorough
def test_who_leaves_is_no_loss_and_no_failure(program: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    with served_relay(cores[:1]) as relay:
        setup = _setup(relay, "AEAD_AES_128_GCM", relay_core=cores[0], core=cores[-1])
        (first,) = setup["stages"]
        first["consultations"] = first["consultations"][:2]
        leaving = [_participant(relay, "leaving", place, leave_at_s=5.0) for place in range(2)]
        second = first | {
            "consultations": [{"room": "leaving", "participants": leaving}],
            "measure_from": "start",
            "measure_s": 6.0,
        }
        setup["stages"].append(second)
        _, outcome = _run(program, setup)
    before, meanwhile = outcome["stages"]
    assert meanwhile["joins"]["succeeded"] == 2
    assert (meanwhile["joins"]["failed"], meanwhile["ended"]) == ({}, {})
    # What is counted is of those who were there before, and still are.
    assert (before["consultations"], meanwhile["consultations"]) == (2, 2)
    assert meanwhile["participants"] == 4
    assert meanwhile["relayed"]["expected"] > 0
    assert (before["relayed"]["lost"], meanwhile["relayed"]["lost"]) == (0, 0)


@pytest.mark.thorough
def test_an_adapting_relay_is_obeyed_and_what_it_keeps_back_is_no_loss(program: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    with served_relay(cores[:1], adaptation=True) as relay:
        consultations = [
            {"room": room, "participants": [_participant(relay, room, n) for n in range(size)]}
            for room, size in {"one": 2, "two": 3}.items()
        ]
        setup = _document(
            relay.url, "AEAD_AES_128_GCM", consultations, relay_core=cores[0], core=cores[-1]
        )
        setup["video"] = {"codec": "vp8", "simulcast": True, "adapts": True}
        setup["stages"][0]["settle_s"] = 6.0
        _, outcome = _run(program, setup)
    (stage,) = outcome["stages"]
    relayed = stage["relayed"]
    assert (stage["consultations"], stage["ended"]) == (2, {})
    assert (relayed["lost"], relayed["received_video"] > 0) == (0, True)
    assert stage["feedback"]["rembs"] > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"peer": {"kind": "visavis", "url": "http://127.0.0.1:1/"}}, "is not ws://"),
        ({"stages": []}, "no stage"),
        ({"core": 100_000}, "not ours to use"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    program: Path, change: dict[str, Any], words: str
) -> None:
    setup = _document("ws://127.0.0.1:9/", "AEAD_AES_128_GCM", [], relay_core=0, core=0) | change
    found = _ended(program, setup)
    assert found.returncode == 2
    assert found.stderr.startswith("load: ")
    assert words in found.stderr


def _setup(relay: ServedRelay, profile: str, *, relay_core: int, core: int) -> dict[str, Any]:
    """Give three consultations of two, one of three, and one whose first token is worth nothing."""
    sizes = {"one": 2, "two": 2, "three": 2, "four": 3, "refused": 2}
    consultations = [
        {"room": room, "participants": [_participant(relay, room, n) for n in range(size)]}
        for room, size in sizes.items()
    ]
    consultations[-1]["participants"][0]["credential"] = "not.a.token"  # type: ignore[index]
    return _document(relay.url, profile, consultations, relay_core=relay_core, core=core)


def _participant(
    relay: ServedRelay, room: str, place: int, *, leave_at_s: float | None = None
) -> dict[str, Any]:
    credential = relay.credential(room, place)
    return {"credential": credential, "join_at_s": 0.05 * place, "leave_at_s": leave_at_s}


def _document(
    url: str, profile: str, consultations: list[dict[str, Any]], *, relay_core: int, core: int
) -> dict[str, Any]:
    stage = {
        "name": "all",
        "consultations": consultations,
        "measure_from": "joined",
        "settle_s": 0.5,
        "measure_s": MEASURE_S,
    }
    return {
        "seed": 1,
        "core": core,
        "relay_core": relay_core,
        "peer": {"kind": "visavis", "url": url},
        "profile": profile,
        "video": {"codec": "vp8", "simulcast": False},
        "samples": 4,
        "bare_consultations": 1,
        "window_ms": 100,
        "stages": [stage],
    }


def _ended(program: Path, setup: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the program until it ends, well or not."""
    return subprocess.run(
        [program],
        input=json.dumps(setup),
        capture_output=True,
        text=True,
        timeout=RUN_WITHIN_S,
        check=False,
    )


def _run(program: Path, setup: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Run the program; give what it told on its way, and what it found."""
    run = _ended(program, setup)
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return lines[:-1], lines[-1]["outcome"]
