"""Drives Debian's Chromium with Playwright; the devices play a participant's files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Page, Playwright

from tests.endtoend.media_files import write_picture, write_sound
from tests.endtoend.tab import PRELOADED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.endtoend.appearance import Appearance

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",  # the tests may run as root in a container
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # Two windows side by side: neither is to be slowed down for being behind the other.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    # The TURN server of the tests signs its certificate itself.
    "--ignore-certificate-errors",
]


class Chromium:
    """One Chromium process with one participant's picture and sound."""

    name = "chromium"

    def __init__(self, process: PlaywrightBrowser) -> None:
        self._process = process

    @classmethod
    async def start(
        cls,
        playwright: Playwright,
        folder: Path,
        appearance: Appearance,
        *,
        executable: Path = EXECUTABLE,
        flags: Sequence[str] = FLAGS,
    ) -> Chromium:
        """Write the participant's files and start the browser, or what starts it, on them."""
        picture, sound = folder / f"{appearance.name}.y4m", folder / f"{appearance.name}.wav"
        if not picture.exists():
            write_picture(picture, appearance)
            write_sound(sound, appearance)
        process = await playwright.chromium.launch(
            executable_path=executable,
            headless=True,
            args=[
                *flags,
                f"--use-file-for-fake-video-capture={picture}",
                f"--use-file-for-fake-audio-capture={sound}",
            ],
        )
        return cls(process)

    @property
    def version(self) -> str:
        """Which one it is."""
        return self._process.version

    async def open(
        self,
        url: str,
        *,
        viewport: tuple[int, int] = (1280, 720),
        language: str = "en",
        preload: Sequence[Path] = (),
    ) -> ChromiumTab:
        """Open a tab with storage of its own."""
        context = await self._process.new_context(
            viewport={"width": viewport[0], "height": viewport[1]},
            locale=language,
            permissions=["camera", "microphone"],
        )
        for script in (*PRELOADED, *preload):
            await context.add_init_script(path=script)
        tab = ChromiumTab(await context.new_page())
        await tab.goto(url)
        return tab

    async def close(self) -> None:
        """End the browser."""
        await self._process.close()


class ChromiumTab:
    """One page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))

    async def evaluate(self, expression: str) -> Any:
        """Run an expression, wait for its promise."""
        return await self.page.evaluate(expression)

    async def goto(self, url: str) -> None:
        """Load an address."""
        await self.page.goto(url, wait_until="domcontentloaded")

    async def reload(self) -> None:
        """Load the page anew."""
        await self.page.reload(wait_until="domcontentloaded")

    async def screenshot(self, path: Path) -> None:
        """Write what the tab shows."""
        await self.page.screenshot(path=path)

    async def close(self) -> None:
        """Close the tab with its storage."""
        await self.page.context.close()
