"""A consultation through a TURN server lasts longer than its credentials and its refreshes."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_process import running_relay
from tests.endtoend.turn_scene import come_in, restart_ice, see_and_hear
from tests.endtoend.turn_server import running_turn_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

LIFETIME_S = 60
"""The shortest that the configuration takes."""

HELD_S = 570.0
"""Allocations last for ten minutes, and Chromium refreshes them a minute before; permissions, which
both browsers refresh, for five (RFC 8656 §3.2, §9)."""

LOOK_S = 10.0
REFRESHED = re.compile(r"refreshed, realm=<[^>]*>, username=<(\d+):[^>]*>, lifetime=([1-9]\d*)")
"""As coturn says it where it is verbose; a lifetime of nothing is an end."""

USERNAME = "window.probe.connections.at(-1).getConfiguration().iceServers[0].username"


async def test_a_consultation_outlasts_its_turn_credentials(
    tmp_path: Path,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    front_end: str,
) -> None:
    async with (
        running_turn_server(tmp_path, more=["verbose"]) as server,
        running_relay(
            tmp_path,
            allowed_origins=[front_end],
            listen=[server.address],
            more=f"{server.section('tcp')}\nlifetime_s = {LIFETIME_S}",
        ) as relay,
    ):
        room = Consultation(relay, front_end, browser)
        people = await come_in(room, {"iceTransportPolicy": "relay"})
        await see_and_hear(*people)
        first = [await ends_unix_s(person) for person in people]
        until_s = time.monotonic() + HELD_S
        while time.monotonic() < until_s:
            await asyncio.gather(*(person.decodes(15) for person in people))
            await asyncio.sleep(LOOK_S)
        assert [await ends_unix_s(person) for person in people] == first, "ICE was restarted"
        assert max(first) < time.time() - LIFETIME_S
        await see_and_hear(*people)
        # The next way is opened under the name that the page was given last.
        for person in people:
            await restart_ice(person)
            assert await ends_unix_s(person) > time.time()
        await see_and_hear(*people)
        await room.close()
    log = (tmp_path / "turnserver.log").read_text()
    refreshed = {int(ends) for ends, _ in REFRESHED.findall(log)}
    assert refreshed & set(first), "no way was refreshed under a name that had ended"


async def ends_unix_s(person: Participant) -> int:
    """Say when the name ends under which somebody's connection opened its ways."""
    name: str = await person.tab.evaluate(USERNAME)
    return int(name.split(":", maxsplit=1)[0])
