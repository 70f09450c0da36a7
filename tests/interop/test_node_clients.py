"""Clients that are no browser, on two other implementations of WebRTC, meet one made of aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.endtoend.appearance import GREEN, RED
from tests.endtoend.media_files import yuv
from tests.interop.aiortc_participant import aiortc_participant
from tests.interop.test_aiortc import perceives
from tests.polling import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.endtoend.relay_process import RelayProcess

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

SCRIPT = Path(__file__).with_name("node_client.mjs")


@dataclass
class NodeClient:
    """The process, and what it last said it had received."""

    received: dict[str, Any] = field(default_factory=dict)

    async def until(
        self, true: Callable[[dict[str, Any]], object], *, within_s: float = 20
    ) -> None:
        """Wait until what it says satisfies the condition."""
        try:
            await until(
                lambda: self.received and true(self.received), within_s=within_s, every_s=0.1
            )
        except TimeoutError:
            pytest.fail(f"not within {within_s} s: {self.received}")


@contextlib.asynccontextmanager
async def node_client(library: str, relay: RelayProcess, token: str) -> AsyncIterator[NodeClient]:
    """Run the client until the block ends; it leaves then."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        library,
        relay.websocket_url,
        token,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    client = NodeClient()

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            client.received = json.loads(line)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read(), name="node client")
        try:
            yield client
        finally:
            assert process.stdin is not None
            process.stdin.close()
            async with asyncio.timeout(5):
                await process.wait()
    assert process.returncode == 0


async def test_wrtc_and_aiortc_see_hear_and_write_to_each_other(relay: RelayProcess) -> None:
    async with aiortc_participant(relay, "wrtc", "practitioner") as practitioner:
        await practitioner.connect(RED)
        token = await relay.token("wrtc", "patient")
        async with node_client("wrtc", relay, token) as patient:
            await practitioner.until(perceives(GREEN))
            luma = yuv(RED.colour)[0]
            await patient.until(lambda got: got["colour"] and abs(got["colour"][0] - luma) < 16)
            await patient.until(lambda got: abs(got["toneHz"] - RED.tone_hz) <= 100)
            await practitioner.until(lambda got: got.messages)
            assert practitioner.received.messages[0]["body"] == "wrtc"
            assert practitioner.received.messages[0]["role"] == "patient"
            await practitioner.send({"to": "patients", "type": "reply", "body": 1})
            await patient.until(lambda got: got["messages"] and got["messages"][0]["body"] == 1)


async def test_werift_and_aiortc_exchange_packets_and_messages(relay: RelayProcess) -> None:
    async with aiortc_participant(relay, "werift", "practitioner") as practitioner:
        await practitioner.connect(RED)
        token = await relay.token("werift", "patient")
        async with node_client("werift", relay, token) as patient:
            await patient.until(lambda got: got["audio"] > 50 and got["video"] > 10)
            await practitioner.until(lambda got: got.sounds > 50)
            await practitioner.until(lambda got: got.messages)
            assert practitioner.received.messages[0]["body"] == "werift"
            await practitioner.send({"to": "patients", "type": "reply", "body": 2})
            await patient.until(lambda got: got["messages"] and got["messages"][0]["body"] == 2)
