"""People come and go a thousand times; the relay is as it was."""

from __future__ import annotations

from dataclasses import dataclass
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
        for _ in range(WARM_UP):
            await visit_together(relay, tokens)
        before = Holdings.of(relay)
        for _ in range(VISITS):
            await visit_together(relay, tokens)
        after = Holdings.of(relay)
        assert after.descriptors <= before.descriptors * GROWTH
        assert after.threads <= before.threads
        assert after.memory_bytes <= before.memory_bytes * GROWTH, (before, after)
        for gauge in ("rooms", "participants", "legs", "tracks", "seats_kept"):
            assert await relay.total(f"visavis_{gauge}") == 0, gauge


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
