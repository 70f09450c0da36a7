"""A relay with people in it is told to stop: over real sockets, to the end of its process."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.endtoend.relay_process import running_relay
from tests.interop.websocket_client import Refused, websocket_client

if TYPE_CHECKING:
    from tests.endtoend.relay_process import RelayProcess

DRAIN = "[rooms]\ndrain_s = 600.0\n"
TOLD_WITHIN_S = 5.0
ENDS_WITHIN_S = 10.0
"""After the last has left; a machine full of tests gets twice what it should take."""

pytestmark = pytest.mark.timeout(60)


async def test_consultations_end_first_and_nothing_else_begins(tmp_path: Path) -> None:
    async with running_relay(tmp_path, more=DRAIN) as relay:
        first = await relay.token("room-1", "practitioner", "doctor-3")
        late = await relay.token("room-1", "patient", "patient-7")
        other = await relay.token("room-2", "patient", "patient-8")
        async with (
            websocket_client(relay.websocket_url) as doctor,
            websocket_client(relay.websocket_url) as patient,
            websocket_client(relay.websocket_url) as newcomer,
        ):
            await doctor.request("join", token=first)
            await stop(relay)
            with pytest.raises(Refused) as refusal:
                await newcomer.request("join", token=other)
            assert refusal.value.code == "overloaded"
            await patient.request("join", token=late)
            _ = await doctor.until("participant_joined")
            assert relay.process.returncode is None
            await patient.request("leave")
            await doctor.request("leave")
            async with asyncio.timeout(ENDS_WITHIN_S):
                assert await relay.process.wait() == 0


async def test_a_second_signal_ends_them_and_pages_are_told(tmp_path: Path) -> None:
    async with running_relay(tmp_path, more=DRAIN) as relay:
        token = await relay.token("room-1", "practitioner", "doctor-3")
        async with websocket_client(relay.websocket_url) as doctor:
            await doctor.request("join", token=token)
            await stop(relay)
            relay.process.send_signal(signal.SIGTERM)
            told = await doctor.until("closing", within_s=TOLD_WITHIN_S)
            assert told["code"] == "draining"
            async with asyncio.timeout(ENDS_WITHIN_S):
                assert await relay.process.wait() == 0


async def stop(relay: RelayProcess) -> None:
    """Tell a relay to stop, and wait until it says that nobody shall be sent to it."""
    relay.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(TOLD_WITHIN_S), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{relay.url}/readyz") as answer:
                if answer.status == 503:
                    return
            await asyncio.sleep(0.02)
