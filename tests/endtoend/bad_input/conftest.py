"""A relay that is attacked, and two people whose consultation must not notice."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.relay_process import RelayProcess, running_relay
from tests.interop.aiortc_participant import AiortcParticipant, aiortc_participant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.interop.aiortc_participant import Received

JOIN_TIMEOUT_S = 3.0
SOUNDS_PER_S = 50
"""Opus frames of 20 ms."""
CATCH_UP_S = 2.0
"""For this process, which speaks and listens for both while it attacks."""


@dataclass
class Bystanders:
    """A consultation between two others."""

    practitioner: AiortcParticipant
    patient: AiortcParticipant

    @contextlib.asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[None]:
        """Fail unless everything the two said while the block ran has arrived soon after."""
        clock = asyncio.get_running_loop()
        people = (self.practitioner, self.patient)
        before = [person.received.sounds for person in people]
        lost_before = [await lost_packets(person) for person in people]
        started_s = clock.time()
        yield
        expected = (clock.time() - started_s) * SOUNDS_PER_S
        for person, sounds, lost in zip(people, before, lost_before, strict=True):
            await person.until(heard(sounds + expected), within_s=CATCH_UP_S)
            assert await lost_packets(person) == lost
            assert not person.client.closed.is_set()
            assert person.connection.connectionState == "connected"


def heard(sounds: float) -> Callable[[Received], bool]:
    """Make the condition that so many sounds have arrived in all."""
    return lambda received: received.sounds >= sounds


async def lost_packets(person: AiortcParticipant) -> int:
    """Give how many packets the person's receivers miss."""
    report = await person.connection.getStats()
    return sum(entry.packetsLost for entry in report.values() if entry.type == "inbound-rtp")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RelayProcess]:
    """Give a relay whose patience is short."""
    async with running_relay(
        tmp_path_factory.mktemp("attacked"), join_timeout_s=JOIN_TIMEOUT_S
    ) as relay:
        yield relay


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bystanders(attacked: RelayProcess) -> AsyncIterator[Bystanders]:
    """Give a running consultation on that relay."""
    async with (
        aiortc_participant(attacked, "bystanders", "practitioner") as practitioner,
        aiortc_participant(attacked, "bystanders", "patient") as patient,
    ):
        await practitioner.connect(RED, video=False)
        await patient.connect(BLUE, video=False)
        await practitioner.until(lambda received: received.sounds > SOUNDS_PER_S)
        await patient.until(lambda received: received.sounds > SOUNDS_PER_S)
        yield Bystanders(practitioner, patient)
