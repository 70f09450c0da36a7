"""Drives Debian's Firefox ESR over WebDriver BiDi, through a small Node process per browser.

Playwright cannot drive a Firefox it did not build; puppeteer can, and exists for Node only.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.endtoend.tab import PRELOADED, call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.endtoend.appearance import Appearance

HERE = Path(__file__).parent
EXECUTABLE = Path("/usr/bin/firefox-esr")
PREFERENCES = {
    # A camera and a microphone to enumerate; what they give is drawn by pages/sources.js.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    # A page that captures has every address; the others have the one by which Firefox reaches them,
    # which is none where pages come from loopback and the rest is IPv6.
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
}
MAX_LINE_BYTES = 16 * 1024 * 1024


class Firefox:
    """One Firefox process, and the Node process that drives it."""

    name = "firefox"

    def __init__(self, bridge: asyncio.subprocess.Process, appearance: Appearance) -> None:
        self._bridge = bridge
        self._appearance = appearance
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._tabs: dict[int, FirefoxTab] = {}
        self._early: dict[int, list[str]] = {}
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        appearance: Appearance,
        environment: Mapping[str, str],
        *,
        enter: Callable[[Sequence[str]], list[str]] = list,
    ) -> Firefox:
        """Start the browser, with what leads it to a sound card.

        Args:
            appearance: What its devices show and play.
            environment: What leads it to a sound card.
            enter: Gives the command that runs another one in the network it is to be in.

        """
        bridge_of = ["node", str(HERE / "firefox_bridge.mjs"), str(EXECUTABLE)]
        bridge = await asyncio.create_subprocess_exec(
            *enter([*bridge_of, json.dumps(PREFERENCES)]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
            env={**os.environ, **environment},
        )
        assert bridge.stdout is not None
        async with asyncio.timeout(30):
            greeting = await bridge.stdout.readline()
        assert b"ready" in greeting, f"Firefox did not start: {greeting!r}"
        browser = cls(bridge, appearance)
        browser._reader = asyncio.create_task(browser._read(), name="firefox replies")
        return browser

    async def open(
        self,
        url: str,
        *,
        viewport: tuple[int, int] = (1280, 720),
        language: str = "en",
        preload: Sequence[Path] = (),
    ) -> FirefoxTab:
        """Open a tab with storage of its own; the language is the browser's."""
        del language
        devices = call("window.sources.useSyntheticDevices", self._appearance.as_json())
        page = await self.ask(
            "open",
            url=url,
            viewport={"width": viewport[0], "height": viewport[1]},
            preload=[*(script.read_text() for script in (*PRELOADED, *preload)), devices],
        )
        tab = FirefoxTab(self, page)
        tab.console.extend(self._early.pop(page, []))
        self._tabs[page] = tab
        return tab

    async def ask(self, what: str, **about: object) -> Any:
        """Have the bridge do something and give its result."""
        assert self._bridge.stdin is not None
        key = next(self._ids)
        self._replies[key] = asyncio.get_running_loop().create_future()
        self._bridge.stdin.write(json.dumps({"id": key, "do": what, **about}).encode() + b"\n")
        return await self._replies[key]

    async def close(self) -> None:
        """End the browser and its bridge."""
        await self.ask("quit")
        await self._bridge.wait()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        assert self._bridge.stdout is not None
        async for line in self._bridge.stdout:
            message = json.loads(line)
            if "console" in message:
                tab = self._tabs.get(message["page"])
                known = tab.console if tab else self._early.setdefault(message["page"], [])
                known.append(message["console"])
                continue
            reply = self._replies.pop(message["id"])
            if "error" in message:
                reply.set_exception(RuntimeError(message["error"]))
            else:
                reply.set_result(message["result"])
        for reply in self._replies.values():
            reply.set_exception(RuntimeError("Firefox's bridge ended"))


class FirefoxTab:
    """One page."""

    def __init__(self, browser: Firefox, page: int) -> None:
        self._browser = browser
        self._page = page
        self.console: list[str] = []

    async def evaluate(self, expression: str) -> Any:
        """Run an expression, wait for its promise."""
        return await self._browser.ask("evaluate", page=self._page, expression=expression)

    async def goto(self, url: str) -> None:
        """Load an address."""
        await self._browser.ask("goto", page=self._page, url=url)

    async def reload(self) -> None:
        """Load the page anew."""
        await self._browser.ask("reload", page=self._page)

    async def screenshot(self, path: Path) -> None:
        """Write what the tab shows."""
        await self._browser.ask("screenshot", page=self._page, path=str(path))

    async def close(self) -> None:
        """Close the tab with its storage."""
        await self._browser.ask("close", page=self._page)
