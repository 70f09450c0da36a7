"""Devices and network are checked before a consultation: from a link, and from the waiting room."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.bottleneck import Bottleneck
from tests.endtoend.narrow_paths import Network, adapting_behind_a_wire
from tests.endtoend.page_controls import press, reads
from tests.endtoend.participant import Participant
from tests.endtoend.precall_check import RESULT, checks, codes, opens_check, ways

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

IN_THE_WAITING_ROOM = (
    "document.querySelector('visavis-consultation').shadowRoot"
    ".querySelector('visavis-check')?.result"
)
DEVICES_ARE_OPEN = (
    "document.querySelector('visavis-consultation')"
    ".consultation.local.stream.getTracks().length === 2"
)
SEEN_WELL = "window.probe.reads('all works') || window.probe.reads('something could be better')"
"""How the practitioner reads it: a busy machine may carry less than a consultation wishes for."""


@pytest.mark.parametrize("kind", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"])
async def test_a_check_is_over_in_time_and_its_verdict_waits_with_its_person(
    consultation: Consultation, kind: str
) -> None:
    relay = consultation.relay
    practitioner = await consultation.join("practitioner", RED, door="page")
    token = await relay.token(consultation.room, "patient", f"patient-{kind}", "--wait")
    patient = await opens_check(consultation, kind, token)
    await patient.until("Boolean(document.querySelector('visavis-check')?.shadowRoot)")
    assert "token" not in await patient.tab.evaluate("location.href")
    result = await checks(patient)

    found = codes(result)
    fine = ("browser", "server", "clock", "camera", "microphone", "network")
    assert {name: found[name] for name in fine} == dict.fromkeys(fine, "fine")
    assert found["speaker"] == "not_asked"
    assert ways(result)["udp"]
    assert result["from_kbps"] >= 300
    assert result["towards_kbps"] >= 300
    assert result["verdict"] in {"ready", "limited"}
    assert result["browser"] == kind

    await press(patient, "Play the test sound")
    await reads(patient, "Did you hear the sound?")
    await press(patient, "Yes")
    heard = "find(({ of }) => of === 'speaker').code === 'fine'"
    await patient.until(f"{RESULT}.findings.{heard}")
    await patient.until("window.probe.connections.every(c => c.connectionState === 'closed')")

    onwards = await patient.tab.evaluate("document.querySelector('visavis-check a').href")
    await patient.tab.goto(onwards)
    await reads(patient, "You are next")
    await press(practitioner, "People (1 person is waiting)")
    await practitioner.until(SEEN_WELL)


async def test_whoever_waits_checks_without_leaving_their_place(consultation: Consultation) -> None:
    relay = consultation.relay
    practitioner = await consultation.join("practitioner", RED, door="page")
    token = await relay.token(consultation.room, "patient", "patient-blue", "--wait")
    process = await consultation.browser("chromium", BLUE)
    address = f"{relay.url}/consultation?lang=en#token={token}"
    patient = Participant("patient", BLUE, "page", await process.open(address))
    consultation.participants.append(patient)
    await reads(patient, "You are next")
    # Before that they would rightly be told of as not opened yet.
    await patient.until(DEVICES_ARE_OPEN)
    await press(patient, "Check camera, sound and network")
    result = await patient.until(IN_THE_WAITING_ROOM, within_s=20)
    assert codes(result)["microphone"] == codes(result)["camera"] == "fine"
    assert result["from_kbps"] >= 300
    await reads(patient, "You are next")
    await press(practitioner, "People (1 person is waiting)")
    await practitioner.until(SEEN_WELL)

    await press(practitioner, "Let in · Patient")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))


@pytest_asyncio.fixture(loop_scope="session")
async def network(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[Network]:
    """Give a relay and what stands before it."""
    async with adapting_behind_a_wire(front_end) as running:
        yield running


@pytest.mark.parametrize(
    ("kind", "from_bps", "towards_bps", "code"),
    [
        ("chromium", 500_000, 2_000_000, "narrow"),
        pytest.param("firefox", 2_000_000, 500_000, "narrow", marks=pytest.mark.thorough),
    ],
)
async def test_what_a_network_carries_is_measured_each_way(
    consultation: Consultation,
    network: Network,
    kind: str,
    from_bps: int,
    towards_bps: int,
    code: str,
) -> None:
    consultation.relay = network.relay  # type: ignore[assignment]
    outward, towards = Bottleneck(), Bottleneck()
    outward.narrow(from_bps)
    towards.narrow(towards_bps)
    token = await network.relay.token(consultation.room, "patient")
    with network.over(towards, outward=outward):
        patient = await opens_check(consultation, kind, token)
        result = await checks(patient)
    # Ample: the browsers of a test share the cores with what they measure.
    assert result["from_kbps"] == pytest.approx(from_bps / 1_000, rel=0.4)
    assert result["towards_kbps"] == pytest.approx(towards_bps / 1_000, rel=0.4)
    assert codes(result)["bandwidth"] == code
    assert result["verdict"] == "limited"
    kept = network.relay.media_plane.checks.kept
    assert len(kept) == 1
