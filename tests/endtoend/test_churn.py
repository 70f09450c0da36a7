"""People come and go a thousand times; the relay is as it was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.relay_process import RelayProcess, running_relay
from tests.interop.aiortc_participant import AiortcParticipant
from tests.interop.websocket_client import websocket_client

if TYPE_CHECKING:
    from tests.endtoend.appearance import Appearance

pytestmark = [pytest.mark.long, pytest.mark.timeout(3_600)]

WARM_UP, VISITS = 200, 1_000
GROWTH = 1.02
TOKEN_LIFE_S = 7_200
PAGE_BYTES = 4_096
SETTLE_S = 5


@dataclass(frozen=True)
class Holdings:
    """What a process holds just now."""

    descriptors: int
    threads: int
    memory_bytes: int

    @classmethod
    def of(cls, relay: RelayProcess) -> Holdings:
        """Read them from the kernel."""
        process = Path("/proc") / str(relay.process.pid)
        return cls(
            descriptors=len(list((process / "fd").iterdir())),
            threads=len(list((process / "task").iterdir())),
            memory_bytes=int((process / "statm").read_text().split()[1]) * PAGE_BYTES,
        )


async def test_a_thousand_visits_leave_nothing_behind(tmp_path: Path) -> None:
    async with running_relay(tmp_path) as relay:
        life = ("--ttl", str(TOKEN_LIFE_S))
        tokens = [
            await relay.token("churn", role, role, *life) for role in ("practitioner", "patient")
        ]
        await visit_often(relay, tokens, WARM_UP)
        before = await holdings_at_rest(relay)
        await visit_often(relay, tokens, VISITS)
        after = await holdings_at_rest(relay)
        assert after.descriptors <= before.descriptors * GROWTH
        assert after.threads <= before.threads
        assert after.memory_bytes <= before.memory_bytes * GROWTH, (before, after)
        for gauge in ("rooms", "participants", "legs", "tracks", "seats_kept"):
            assert await relay.total(f"visavis_{gauge}") == 0, gauge


async def visit_often(relay: RelayProcess, tokens: list[str], times: int) -> None:
    """Visit so many times, and on until Python's collector has gone through everything.

    What it has not looked at yet is not left behind: memory is compared at like moments.
    """
    for _ in range(times):
        await visit_together(relay, tokens)
    collected = await full_collections(relay)
    for _ in range(4 * times):
        if await full_collections(relay) > collected:
            return
        await visit_together(relay, tokens)
    raise AssertionError("no full collection in five times as many visits")


async def holdings_at_rest(relay: RelayProcess) -> Holdings:
    """Give what the relay holds once its last sockets, this scrape's too, have closed."""
    least = Holdings.of(relay)
    for _ in range(SETTLE_S):
        await asyncio.sleep(1)
        now = Holdings.of(relay)
        least = min(least, now, key=lambda holdings: holdings.descriptors)
    return replace(least, memory_bytes=now.memory_bytes)


async def full_collections(relay: RelayProcess) -> float:
    """Give how often the collector went through everything."""
    return await relay.total("python_gc_collections_total", 'generation="2"')


async def visit_together(relay: RelayProcess, tokens: list[str]) -> None:
    """Let two people come, hear each other, and leave."""
    async with (
        websocket_client(relay.websocket_url) as first,
        websocket_client(relay.websocket_url) as second,
    ):
        people: list[tuple[AiortcParticipant, Appearance]] = []
        for client, token, appearance in zip((first, second), tokens, (RED, BLUE), strict=True):
            joined = await client.request("join", token=token)
            people.append((AiortcParticipant(client, token, joined), appearance))
        for person, appearance in people:
            await person.connect(appearance, video=False)
        for person, _ in people:
            await person.until(lambda received: received.sounds > 0)
        for person, _ in people:
            await person.client.request("leave")
            await person.close()
