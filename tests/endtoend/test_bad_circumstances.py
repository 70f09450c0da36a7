"""What is wrong with a device, a browser, a link or a network is said, with what to do about it.

Sentences are compared as people read them, in both languages, as far as tells them apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from signalling.links import full_grant
from signalling.tokens import Invitation, mint
from tests.endtoend import chromium
from tests.endtoend.appearance import BLUE
from tests.endtoend.bad_circumstances import CASES, ELSEWHERE, Case
from tests.endtoend.chromium import ChromiumTab
from tests.endtoend.participant import Participant
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser

    from tests.endtoend.relay_process import RelayProcess

pytestmark = pytest.mark.timeout(90)

WITHIN_S = 25.0
ELEMENT = "document.querySelector('visavis-consultation')"
ASKING = [flag for flag in chromium.FLAGS if "fake-ui" not in flag]
"""Nobody answers the browser's question but what a test has granted."""
CAMERALESS = [
    *(flag for flag in chromium.FLAGS if "fake-device" not in flag),
    "--use-fake-device-for-media-stream=device-count=0",
]

READS = """((words) => {
  const plain = (text) => text.replaceAll(/[\\u00a0\\u202f]/g, " ").replaceAll("\\u2019", "'");
  const root = document.querySelector("visavis-consultation").shadowRoot;
  const shown = [...root.querySelectorAll(".card *")].filter((one) => one.checkVisibility());
  return shown.some((one) => plain(one.textContent).startsWith(words));
})"""


@contextlib.asynccontextmanager
async def launched(flags: Sequence[str]) -> AsyncIterator[Browser]:
    """Start a Chromium that ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.EXECUTABLE, headless=True, args=flags
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking(
    programs: None,  # noqa: ARG001 - it must have run
) -> AsyncIterator[Browser]:
    """Give a Chromium that asks before it opens devices."""
    names = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
    async with launched([*ASKING, names]) as browser:
        yield browser


def token(relay: RelayProcess, issued_s_ago: float) -> str:
    """Mint a token as a backend did some time ago; it was good for ten minutes."""
    ring = parse_keys((relay.config.parent / "keys").read_text(), "the test's keys")
    (key,) = ring.values()
    room = f"room-{secrets.token_hex(4)}"
    grant = full_grant(room, Role.PATIENT, None, open_room=True)
    return mint(Invitation(grant, url=relay.websocket_url), key, time.time() - issued_s_ago)


async def opened(browser: Browser, relay: RelayProcess, case: Case, language: str) -> Participant:
    """Open a patient's link in circumstances of a case."""
    context = await browser.new_context(
        locale=language, permissions=list(case.permissions), user_agent=case.agent
    )
    if case.script:
        await context.add_init_script(f"{{{case.script}}}")
    tab = ChromiumTab(await context.new_page())
    link = f"lang={language}#token={token(relay, case.issued_s_ago)}"
    await tab.goto(f"http://{case.host}:{relay.port}/consultation?{link}")
    return Participant("patient", BLUE, "page", tab)


async def says(browser: Browser, relay: RelayProcess, case: Case, language: str) -> None:
    """Wait until the page says in one language what is wrong and what to do."""
    patient = await opened(browser, relay, case, language)
    try:
        await patient.until(f"Boolean({ELEMENT}?.shadowRoot)", within_s=WITHIN_S)
        for step in case.then:
            await patient.until(step, within_s=WITHIN_S)
        for words in case.words[language]:
            await patient.until(call(READS, words), within_s=WITHIN_S)
    finally:
        await patient.tab.close()


@pytest.mark.parametrize("name", CASES)
async def test_it_is_said_what_is_wrong_and_what_to_do(
    asking: Browser, relay: RelayProcess, name: str
) -> None:
    case = CASES[name]
    await asyncio.gather(*(says(asking, relay, case, language) for language in case.words))


async def test_a_missing_camera_is_said_and_the_sound_goes_on(
    programs: None,  # noqa: ARG001 - it must have run
    relay: RelayProcess,
) -> None:
    words = {
        "en": ("No camera was found.", "Plug in a camera, or continue with sound only."),
        "fr": (
            "Aucune caméra n'a été trouvée.",
            "Branchez une caméra, ou continuez avec le son seul.",
        ),
    }
    sound = f"{ELEMENT}.consultation?.local.sources.some(({{ source }}) => source === 'microphone')"
    async with launched(CAMERALESS) as browser:
        await asyncio.gather(
            *(says(browser, relay, Case(words, then=(sound,)), language) for language in words)
        )


async def test_a_page_whose_script_does_not_run_says_so_in_both_languages(
    asking: Browser, relay: RelayProcess
) -> None:
    context = await asking.new_context()
    await context.route("**/sdk/visavis.js", lambda route: route.abort())
    tab = ChromiumTab(await context.new_page())
    patient = Participant("patient", BLUE, "page", tab)
    try:
        await tab.goto(f"{relay.url}/consultation")
        assert not await tab.evaluate(f"{SAID}.some(Boolean)"), "before the script could come"
        await patient.until(f"{SAID}.length === 2 && {SAID}.every(Boolean)", within_s=WITHIN_S)
    finally:
        await tab.close()


SAID = """
[...document.querySelectorAll(".late > p[lang]")].map((one) =>
  one.checkVisibility({ visibilityProperty: true }),
)
"""
