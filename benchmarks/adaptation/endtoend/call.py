"""The people of a call: senders at the server's end of a link, receivers at the client's.

One `Call` for both ways to bring them together: through the relay by its SDK, or directly, each
receiver with a connection and an encoder of its own. Driven by `runs`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, async_playwright

from benchmarks.adaptation.endtoend.devices import write_camera, write_microphone
from benchmarks.adaptation.endtoend.on_a_side import browser_on
from benchmarks.adaptation.endtoend.scenarios import Flow, Scenario
from benchmarks.adaptation.endtoend.served_on_link import RelayOnLink
from benchmarks.adaptation.sides import Side
from benchmarks.harness.failure import BenchmarkFailed
from tests.endtoend.chromium import FLAGS

PAGES: Final = Path(__file__).parents[1] / "pages"
SCRIPTS: Final = (PAGES / "recorder.js", PAGES / "participant.js")
SAMPLED_EVERY_MS: Final = 200
"""RFC 8868 §3: rates are looked at so often."""
MOST_BPS: Final = 2_500_000
"""What an encoder may spend in a direct call: as much as the relay's policy lets one that follows
(`relay.layers.following.FOLLOWED_MOST_BPS`)."""
FIRST_PICTURE_WITHIN_S: Final = 30.0
POLL_S: Final = 0.02

Sample = Mapping[str, Any]


class Way(StrEnum):
    """How people come together."""

    RELAY = "relay"
    DIRECT = "direct"


@dataclass(slots=True)
class Call:
    """Browsers at both ends, and who is in the call already."""

    scenario: Scenario
    way: Way
    relay: RelayOnLink
    at_server: Browser
    at_clients: Sequence[Browser]
    """One for all flows, or one for each."""
    senders: dict[str, Page] = field(default_factory=dict)
    receivers: list[Page] = field(default_factory=list)
    receiving: list[int] = field(default_factory=list)
    """The receivers' places in the order in which people joined the relay."""
    _connections: list[int] = field(default_factory=list)
    _joined: int = 0

    async def bring(self, flow: Flow) -> Page:
        """Bring a flow's receiver, and its sender if nobody sends in that room yet."""
        first = not self.receivers
        both_ways = self.scenario.both_ways and first
        receiver = await self._page(self.at_clients[len(self.receivers) % len(self.at_clients)])
        self.receivers.append(receiver)
        sender = self.senders.get(flow.room)
        fresh = sender is None
        if sender is None:
            sender = self.senders[flow.room] = await self._page(self.at_server)
        if self.way is Way.RELAY:
            if fresh:
                await self._join(sender, flow.room, "sender", publishes=True, subscribes=both_ways)
            self.receiving.append(self._joined)
            identity = f"receiver-{len(self.receivers)}"
            await self._join(receiver, flow.room, identity, publishes=both_ways, subscribes=True)
            if fresh and self.scenario.third:
                third = await self._page(self.at_server)
                await self._join(third, flow.room, "third", publishes=False, subscribes=True)
        else:
            self._connections.append(await _connect(sender, receiver))
            if both_ways:
                await _connect(receiver, sender)
        return receiver

    async def pause(self, number: int, *, paused: bool) -> None:
        """Turn the camera of a flow's room off, or on again."""
        sender = self.senders[self.scenario.flows[number].room]
        if self.way is Way.RELAY:
            await sender.evaluate(f"window.participant.mute({json.dumps(paused)})")
        else:
            arguments = json.dumps([self._connections[number], paused])
            await sender.evaluate(f"window.participant.pause(...{arguments})")

    async def taken(self) -> tuple[dict[str, list[Sample]], list[list[Sample]]]:
        """Give what senders, by room, and receivers have counted so far."""
        take = "window.recorder.take()"
        senders = {room: await page.evaluate(take) for room, page in self.senders.items()}
        return senders, [await page.evaluate(take) for page in self.receivers]

    async def _join(
        self, page: Page, room: str, identity: str, *, publishes: bool, subscribes: bool
    ) -> None:
        token = self.relay.token(room, identity, publishes=publishes, subscribes=subscribes)
        about = {"relay": self.relay.url, "token": token, "publishes": publishes}
        self._joined += 1
        await page.evaluate(f"window.participant.join({json.dumps(about)})")

    async def _page(self, browser: Browser) -> Page:
        # The page has the relay's origin, so that it gets a camera and reaches the SDK; what it
        # shows is of no interest, and its policy allows no script.
        context = await browser.new_context(
            bypass_csp=True, permissions=["camera", "microphone"], base_url=self.relay.url
        )
        for script in SCRIPTS:
            await context.add_init_script(path=script)
        page = await context.new_page()
        await page.goto("/healthz")
        await page.evaluate(f"window.recorder.start({SAMPLED_EVERY_MS})")
        return page


async def until_pictures(pages: Sequence[Page]) -> None:
    """Wait until each of them has shown a picture.

    Raises:
        BenchmarkFailed: One has not, in time.

    """
    try:
        async with asyncio.timeout(FIRST_PICTURE_WITHIN_S):
            for page in pages:
                # What a browser shows can only be polled.
                while not _frames(await page.evaluate("window.recorder.look()")):  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)
    except TimeoutError:
        words = f"no picture came within {FIRST_PICTURE_WITHIN_S:g} s"
        raise BenchmarkFailed(words) from None


def _frames(sample: Sample) -> int:
    return max((int(entry.get("framesDecoded", 0)) for entry in sample["entries"]), default=0)


async def _connect(sender: Page, receiver: Page) -> int:
    about = json.dumps({"maxBitrate": MOST_BPS})
    offered = await sender.evaluate(f"window.participant.offer({about})")
    sdp = await receiver.evaluate(f"window.participant.answer({json.dumps(offered['sdp'])})")
    accepted = json.dumps([offered["index"], sdp])
    await sender.evaluate(f"window.participant.accept(...{accepted})")
    return int(offered["index"])


@asynccontextmanager
async def browsers(
    server: Side, clients: Sequence[Side], relay: RelayOnLink, folder: Path, seed: int
) -> AsyncIterator[tuple[Browser, list[Browser]]]:
    """Start a browser at each end: the server's, and every client's."""
    camera, microphone = folder / "camera.y4m", folder / "microphone.wav"
    write_camera(camera, seed)
    write_microphone(microphone)
    arguments = [
        *FLAGS,
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={microphone}",
        f"--unsafely-treat-insecure-origin-as-secure={relay.url}",
    ]
    async with async_playwright() as playwright, AsyncExitStack() as ending:
        started = list[Browser]()
        for side in (server, *clients):
            browser = await playwright.chromium.launch(
                executable_path=browser_on(side, folder), headless=True, args=arguments
            )
            ending.push_async_callback(browser.close)
            started.append(browser)
        yield started[0], started[1:]
