"""Webhooks of a running relay, heard by a real receiver and checked by the public verifier."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.endtoend.relay_process import running_relay
from tests.interop.websocket_client import websocket_client
from tests.unit.signalling.webhooks.conftest import SECRET, Receiver

WITHIN_S = 10.0

pytestmark = pytest.mark.timeout(60)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for the receiver."""
    async with asyncio.timeout(WITHIN_S):
        while not is_so():
            await asyncio.sleep(0.02)


def state_of(folder: Path) -> None:
    """Give a relay its secret before it starts."""
    secrets = folder / "state" / "webhook-secrets"
    secrets.parent.mkdir(mode=0o700)
    secrets.touch(mode=0o600)
    secrets.write_text(f"{SECRET}\n")


async def test_a_platform_hears_of_a_consultation_up_to_the_end_of_the_relay(
    tmp_path: Path,
) -> None:
    state_of(tmp_path)
    receiver = Receiver()
    async with receiver.server:
        more = f'[webhooks]\nurl = "{receiver.url}"\nallow_http = true\nallow_private = true\n'
        async with running_relay(tmp_path, more=more) as relay:
            token = await relay.token("room-1", "patient", "patient-7")
            async with websocket_client(relay.websocket_url) as patient:
                joined = await patient.request("join", token=token)
                await until(lambda: len(receiver.heard) == 2)
                assert receiver.types == ["room.opened", "participant.joined"]
                assert receiver.heard[1]["data"]["identity"] == "patient-7"
                assert receiver.heard[1]["data"]["participant"] == joined["participant"]
            verified = Webhook(SECRET).verify(
                json.dumps(receiver.heard[0], separators=(",", ":")), receiver.tries[0]
            )
            assert verified == receiver.heard[0]
        # It has stopped; what it could not tell any more lies in its state folder.
        async with running_relay(tmp_path, more=more):
            await until(lambda: "report.ready" in receiver.types)
    # What was under way when it stopped may have been told twice.
    told = list(dict.fromkeys(receiver.types))[2:]
    assert told == ["participant.left", "room.closed", "report.ready"]
    closed = next(event for event in receiver.heard if event["type"] == "room.closed")
    assert closed["data"]["reason"] == "draining"
    assert len({event["data"]["consultation"] for event in receiver.heard}) == 1
