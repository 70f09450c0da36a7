"""One room of one relay: who comes in through which door, and what is kept when a test fails."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.endtoend import page_controls
from tests.endtoend.participant import Participant
from tests.endtoend.tab import Browser, call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Door
    from tests.endtoend.relay_process import RelayProcess


@dataclass
class Consultation:
    """A room, its participants, and the relay that carries them."""

    relay: RelayProcess
    front_end: str
    browser: Callable[[str, Appearance], Awaitable[Browser]]
    websocket_host: str = "127.0.0.1"
    """Where the SDK's socket goes: to the relay, or to what stands in front of it."""
    room: str = field(default_factory=lambda: f"room-{secrets.token_hex(4)}")
    participants: list[Participant] = field(default_factory=list)

    async def join(
        self,
        role: str,
        appearance: Appearance,
        *,
        browser: str = "chromium",
        door: Door = "bare",
        publish: bool = True,
        options: Mapping[str, object] | None = None,
    ) -> Participant:
        """Come in and publish picture and sound; returns when the relay has admitted the seat."""
        token = await self.relay.token(self.room, role, f"{role}-{appearance.name}")
        return await self.enter(
            token,
            role,
            appearance,
            browser=browser,
            door=door,
            publish=publish,
            options=options,
        )

    async def enter(
        self,
        token: str,
        role: str,
        appearance: Appearance,
        *,
        browser: str = "chromium",
        door: Door = "bare",
        publish: bool = True,
        page: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Participant:
        """Come in with a token of the test's own.

        `options` are those of the SDK, for the bare page.
        """
        process = await self.browser(browser, appearance)
        if door == "page":
            address = page or f"{self.relay.url}/consultation#token={token}"
        else:
            address = f"{self.front_end}/bare.html?{urlencode({'relay': self.relay.url})}"
        participant = Participant(role, appearance, door, await process.open(address))
        self.participants.append(participant)
        if door == "page":
            await page_controls.enter(participant)
            return participant
        await participant.until("Boolean(window.bare)")
        socket = f"ws://{self.websocket_host}:{self.relay.port}/v1/ws"
        await participant.tab.evaluate(call("window.bare.join", token, socket, dict(options or {})))
        if publish and browser == "firefox":
            stream = call("window.sources.synthesise", appearance.as_json())
            await participant.tab.evaluate(f"window.bare.publishTracks({stream})")
        elif publish:
            await participant.tab.evaluate("window.bare.publishDevices()")
        return participant

    async def keep_evidence(self, folder: Path) -> None:
        """Write what every tab shows and has printed, and the relay's log."""
        (folder / "relay.log").write_text(self.relay.log)
        for index, participant in enumerate(self.participants):
            name = f"{index}-{participant.role}-{participant.appearance.name}"
            (folder / f"{name}.console.txt").write_text("\n".join(participant.tab.console))
            await participant.tab.screenshot(folder / f"{name}.png")

    async def close(self) -> None:
        """Close every tab."""
        for participant in self.participants:
            await participant.tab.close()
        self.participants.clear()
