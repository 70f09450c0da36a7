"""Every state of the element in Chromium, one after another, without a relay.

`tests/sdk/gallery` scripts the states; what is shown is the element itself. The pages around it are
served as they are, too. Used by `test_accessibility` and `screenshots`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aiohttp import web
from playwright.async_api import async_playwright

from signalling.reports.page import page_of
from tests.endtoend import chromium
from tests.unit.signalling.reports.scene import eventful

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser, Page

    from signalling.api.schemas import Language

ROOT = Path(__file__).resolve().parents[2]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LANGUAGES = ("en", "fr")
HEIGHTS = {360: 740, 1_440: 900}
"""By width: a phone held upright, and a practitioner's screen."""
WIDTHS = tuple(HEIGHTS)

Looks = Mapping[str, Mapping[int, tuple[Scheme, ...]]]
"""Colour schemes, by language and width."""
EACH_ONCE: Looks = {"fr": {360: ("dark",)}, "en": {1_440: ("light",)}}
"""Each language, width and colour scheme."""
ONCE: Looks = {"fr": {360: ("dark",)}}
"""The narrowest place for the longest sentences."""
EVERY_LOOK: Looks = dict.fromkeys(LANGUAGES, dict.fromkeys(WIDTHS, SCHEMES))

STATES = (
    "no-token",
    "connecting",
    "asking",
    "denied",
    "dismissed",
    "blocked-by-system",
    "busy",
    "missing",
    "insecure",
    "in-app",
    "lost",
    "playback",
    "waiting",
    "waiting-room",
    "waiting-room-notice",
    "waiting-check",
    "sent-back",
    "handed-over",
    "connected",
    "practitioner",
    "both-off",
    "they-muted",
    "muted",
    "conferring",
    "weak",
    "silent-mine",
    "silent-theirs",
    "interrupted",
    "detour",
    "paused",
    "kept-back",
    "paused-one-of-two",
    "paused-screen",
    "reconnecting",
    "away",
    "three",
    "screen",
    "messages",
    "messages-none",
    "unread",
    "people",
    "people-refused",
    "people-locked",
    "writing",
    "settings",
    "left",
    "taken",
    "replaced",
    "taken-over",
    "expired",
    "invalid",
    "used",
    "clock",
    "unknown",
    "locked",
    "full",
    "given-up",
    "connection-lost",
    "ejected",
    "closed",
    "overloaded",
    "unreachable",
    "media-unreachable",
    "unsupported",
)
"""As `tests/sdk/gallery/states.js` has them, in its order (a test compares)."""

LIKE_ANOTHER = frozenset(
    {
        "blocked-by-system",  # busy
        *("replaced", "taken-over"),  # taken
        *("invalid", "used", "ejected", "unsupported"),  # expired
        *("clock", "unknown", "locked", "given-up", "connection-lost", "overloaded"),  # full
        "media-unreachable",  # unreachable
    }
)
"""States that differ from the one said beside them by their sentences alone."""

PAGES = ("landing", "landing-problem", "consultation", "threshold", "check", "report")
"""What is served around the element: the first page, also after a wrong link; a link cut off, one
that works once and is not used yet, and the check before the consultation of a link cut off; what
is told of one that is over.
"""

CHECKS = (
    "check-ready",
    "check-running",
    "check-good",
    "check-asked",
    "check-problems",
    "check-blocked",
    "check-refused",
    "check-expired",
)
"""The check of a whole link, as `tests/sdk/gallery/checks.js` has it, in its order (a test
compares): before it begins, meanwhile, and what it can come to."""

FRAMES = """
new Promise((done) => {
  const after = (frames) => {
    if (frames === 0) done();
    else requestAnimationFrame(() => after(frames - 1));
  };
  after(3);
})
"""

# Its middle is all that the page reads: `{"once":true}`.
LINK_OF_ONCE = "#token=e30.eyJvbmNlIjp0cnVlfQ.e30"
CHECK_IS_THERE = "document.querySelector('visavis-check').shadowRoot?.querySelector('.told')"
# The tab remembers a link's token; other pages of the gallery are to know of none.
FORGET_LINK = "sessionStorage.clear()"
PLAY_CHECKS = f"import('/tests/sdk/gallery/checks.js').then(() => {FORGET_LINK})"


@contextlib.asynccontextmanager
async def showing_gallery() -> AsyncIterator[dict[str, Page]]:
    """Give a tab of the gallery for each language, until the block ends."""
    async with serving_gallery() as origin, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.EXECUTABLE, headless=True, args=chromium.FLAGS
        )
        try:
            yield {language: await _open(browser, origin, language) for language in LANGUAGES}
        finally:
            await browser.close()


async def show(page: Page, name: str, language: str) -> None:
    """Show a state of the element, or a page, and come back when it is there."""
    if name in PAGES:
        await _show_page(page, name, language)
        return
    if name in CHECKS:
        await _show_check(page, name, language)
        return
    if await page.evaluate("window.gallery === undefined"):
        await _enter(page)
    await page.evaluate("(wish) => window.gallery.show(wish)", {"state": name, "lang": language})


async def appear(page: Page, width: int, scheme: Scheme, height: int | None = None) -> None:
    """Give the tab a size and a colour scheme, and let it draw.

    Args:
        page: The tab.
        width: Of the window, in CSS pixels.
        scheme: What the system prefers.
        height: Of the window; `None`: as people have it at that width.

    """
    tall = HEIGHTS[width] if height is None else height
    await page.set_viewport_size({"width": width, "height": tall})
    await page.emulate_media(color_scheme=scheme)
    await page.evaluate(FRAMES)


@contextlib.asynccontextmanager
async def serving_gallery() -> AsyncIterator[str]:
    """Serve gallery, SDK and pages until the block ends; gives the origin."""
    application = web.Application()
    client, pages = ROOT / "signalling" / "client", ROOT / "signalling" / "pages"
    application.router.add_get("/", _giving(pages / "index.html"))
    application.router.add_get("/consultation", _giving(pages / "consultation.html"))
    application.router.add_get("/check", _giving(pages / "check.html"))
    application.router.add_get("/report", _give_report)
    for address, folder in (
        ("/pages", pages),
        ("/sdk", client),
        # The gallery imports by the paths of the repository.
        ("/signalling/client", client),
        ("/signalling/pages", pages),
        ("/tests/sdk/gallery", ROOT / "tests" / "sdk" / "gallery"),
    ):
        application.router.add_static(address, folder)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _giving(path: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def give(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path)

    return give


async def _give_report(request: web.Request) -> web.Response:
    lang: Language = "fr" if request.query["lang"] == "fr" else "en"
    return web.Response(text=page_of(eventful().report(), lang, 60), content_type="text/html")


async def _open(browser: Browser, origin: str, language: str) -> Page:
    # What moves would be caught half-way.
    context = await browser.new_context(base_url=origin, locale=language, reduced_motion="reduce")
    page = await context.new_page()
    await _enter(page)
    return page


async def _enter(page: Page) -> None:
    await page.goto("/tests/sdk/gallery/index.html")
    await page.wait_for_function("window.gallery !== undefined")


async def _show_page(page: Page, name: str, language: str) -> None:
    if name == "consultation":
        await page.goto(f"/consultation?lang={language}")
        await page.wait_for_function(
            "document.querySelector('visavis-consultation').shadowRoot?.querySelector('.card')"
        )
        return
    if name == "threshold":
        # From the same page, a link would lead to another place of it.
        await page.goto("about:blank")
        await page.goto(f"/consultation?lang={language}{LINK_OF_ONCE}")
        await page.wait_for_selector(".threshold button")
        await page.evaluate(FORGET_LINK)
        return
    if name == "report":
        await page.goto(f"/report?lang={language}")
        return
    if name == "check":
        await page.goto(f"/check?lang={language}")
        await page.wait_for_function(CHECK_IS_THERE)
        return
    await page.goto("/")
    await page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=language)
    if name == "landing-problem":
        await page.fill("#link", "https://elsewhere.example/")
        await page.press("#link", "Enter")
        await page.wait_for_function("document.querySelector('.problem').checkVisibility()")


async def _show_check(page: Page, name: str, language: str) -> None:
    if await page.evaluate("window.checks === undefined"):
        # From the page of a link cut off, a link would lead to another place of the same page.
        await page.goto("about:blank")
        await page.goto(f"/check?lang={language}#token=fake")
        await page.wait_for_function(CHECK_IS_THERE)
        await page.evaluate(PLAY_CHECKS)
    await page.evaluate("(wish) => window.checks.show(wish)", {"state": name, "lang": language})
