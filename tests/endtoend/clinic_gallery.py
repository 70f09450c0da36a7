"""Every page of the example clinic in Chromium, in each of its states, without media.

The clinic serves its own pages to people who are logged in, on a day of `clinic_scene`; the element
within them is moved by the gallery's script. Used by `test_clinic_pages` and `screenshots`.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from examples.clinic.languages import words_of
from tests.endtoend import chromium
from tests.endtoend.clinic_scene import playing_clinic
from tests.endtoend.participant import polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from tests.endtoend.clinic_scene import Scene

NOBODY = "nobody"
THERE_WITHIN_S = 20.0


@dataclass(frozen=True)
class State:
    """What somebody looks at, and how it comes to that."""

    who: str
    """A login, the appointment whose patient it is, or nobody."""
    path: str
    """Where; `{waiting}` stands for the number of that appointment."""
    reads: str = ""
    """A sentence that is to be read there, as `section.name` of words/*.toml."""
    element: str = ""
    """The state of the gallery in which the element is."""
    of: str = "practitioner"
    """Whose page that is to the gallery."""
    presses: str = ""
    """What is pressed there."""
    enters: tuple[tuple[str, str], ...] = ()
    """Fields and what is written into them; the form is sent."""
    unanswered: str = ""
    """What the clinic does not answer."""


CONSULTATION = "/appointments/{waiting}"
STATES = {
    "clinic-login": State(NOBODY, "/login", "login.password"),
    "clinic-login-refused": State(
        NOBODY, "/login", "login.wrong", enters=(("#login", "nobody"), ("#password", "wrong"))
    ),
    "clinic-list": State("practitioner", "/today", "today.admit"),
    "clinic-list-empty": State("expert", "/today", "today.nothing"),
    "clinic-list-stale": State(
        "practitioner", "/today", "today.stale", unanswered="**/today/events"
    ),
    "clinic-visit-no-link": State(NOBODY, "/visit", "visit.no_link"),
    "clinic-visit-wrong-link": State(NOBODY, f"/visit#{'a' * 43}", "visit.unknown_link"),
    "clinic-visit": State("waiting", "/visit", "visit.how"),
    "clinic-visit-over": State("over", "/visit", "visit.over"),
    "clinic-waiting-room": State(
        "waiting", "/visit/room", element="waiting-room-notice", of="patient"
    ),
    "clinic-patient": State("waiting", "/visit/room", element="connected", of="patient"),
    "clinic-practitioner": State(
        "practitioner", CONSULTATION, "today.admit", element="practitioner"
    ),
    "clinic-hand-over": State("assistant", CONSULTATION, "room.confer", element="connected"),
    "clinic-handed-over": State("assistant", CONSULTATION, element="handed-over"),
    "clinic-refused": State(
        "assistant",
        CONSULTATION,
        "refusals.nobody_to_confer_with",
        element="connected",
        presses="[data-plain=confer]",
    ),
    "clinic-conferring": State(
        "practitioner", "/appointments/{conferring}", "room.confer_no_more", element="three"
    ),
    "clinic-end": State(
        "practitioner",
        CONSULTATION,
        "room.end_text",
        element="practitioner",
        presses="[data-end]",
    ),
    "clinic-report": State("practitioner", "/appointments/{over}", "record.over"),
    "clinic-report-empty": State("practitioner", "/appointments/{silent}", "record.nothing"),
    "clinic-problem": State("practitioner", "/appointments/999999", "problems.status_404"),
}
"""By name: who looks where."""

READS = """(words) => [...document.querySelectorAll("main *")].some((one) =>
  [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.includes(words))
    && one.checkVisibility({ visibilityProperty: true }))"""
PLAYED = "window.gallery !== undefined"
PLAY = "(wish) => window.gallery.show({ ...wish, alone: true })"


@dataclass
class ClinicGallery:
    """The clinic, and the tabs in which people have it open."""

    scene: Scene
    browser: Browser
    tabs: dict[tuple[str, str], Page] = field(default_factory=dict)

    async def show(self, name: str, language: str) -> Page:
        """Show a state and give the tab, once it is there.

        Raises:
            AssertionError: What is to be read there, or the element, did not come.

        """
        state = STATES[name]
        page = await self._tab(state.who, language)
        await page.unroute_all()
        if state.unanswered:
            await page.route(state.unanswered, lambda route: route.abort())
        # Another place of the page that is open would not be loaded anew.
        await page.goto("about:blank")
        # Where pictures come while a page loads, `load` was seen not to come on a busy machine.
        await page.goto(
            f"{self.scene.url}{state.path.format(**self.scene.numbers)}",
            wait_until="domcontentloaded" if state.element else "load",
        )
        if state.element:
            await _until(page, PLAYED)
            wish = {"state": state.element, "lang": language, "role": state.of}
            await page.evaluate(PLAY, wish)
        for place, text in state.enters:
            await page.fill(place, text)
        if state.enters:
            async with page.expect_navigation():
                await page.press(state.enters[-1][0], "Enter")
        if state.presses:
            await page.click(state.presses)
        if state.reads:
            section, sentence = state.reads.split(".")
            await _until(page, READS, words_of(language)[section][sentence])
        assert await page.evaluate("document.documentElement.lang") == language
        return page

    async def _tab(self, who: str, language: str) -> Page:
        if (who, language) not in self.tabs:
            # What moves would be caught half-way.
            context = await self.browser.new_context(locale=language, reduced_motion="reduce")
            if who != NOBODY:
                name, value = self.scene.cookies[who]
                await context.add_cookies([{"name": name, "value": value, "url": self.scene.url}])
            self.tabs[who, language] = await context.new_page()
        return self.tabs[who, language]


@contextlib.asynccontextmanager
async def showing_clinic() -> AsyncIterator[ClinicGallery]:
    """Serve the clinic and open a browser, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        async with playing_clinic(Path(folder)) as scene, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium.EXECUTABLE, headless=True, args=chromium.FLAGS
            )
            try:
                yield ClinicGallery(scene, browser)
            finally:
                await browser.close()


async def _until(page: Page, expression: str, argument: str | None = None) -> None:
    """Wait for something to be true; the clinic's policy forbids Playwright's own way to wait."""
    async for _ in polling(THERE_WITHIN_S):
        if await page.evaluate(expression, argument):
            return
    raise AssertionError(f"not within {THERE_WITHIN_S} s: {expression} {argument or ''}")
