"""The example clinic as its people use it: a link, a waiting room, a hand-over, an end.

A real relay, a real clinic, three browsers; the practitioner touches nothing but the keyboard. Once
in French, and once with Firefox for the patient and for the assistant.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Error as PlaywrightError

from examples.clinic.languages import Words, words_of
from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.axe import violations
from tests.endtoend.chromium import ChromiumTab
from tests.endtoend.clinic_process import ClinicProcess, running_clinic
from tests.endtoend.conftest import ARTIFACTS, FAILED
from tests.endtoend.keyboard import has_focus, page_of, steps_to
from tests.endtoend.page_controls import press, reads
from tests.endtoend.participant import Participant, polling
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(180)]

PATIENT, PRACTITIONER = "Jeanne Petit", "Dr Claire Martin"
TOLD_WITHIN_S = 10.0
PAGE_WITHIN_S = 20.0
ELEMENT = {
    "en": ("You are next", "You have handed the consultation over.", "The consultation is over."),
    "fr": (
        "C\u2019est bientôt à vous",
        "Vous avez passé la consultation.",
        "La consultation est terminée.",
    ),
}
"""What the relay's element says in the waiting room, after a hand-over and at the end."""
FOLLOW = """((name) => {
  const link = [...document.querySelectorAll("a")].find(
    (one) => one.checkVisibility() && one.textContent.includes(name));
  link?.click();
  return Boolean(link);
})"""


@dataclass
class Clinic:
    """The clinic, and the windows in which people have it open."""

    process: ClinicProcess
    browser: Callable[[str, Appearance], Awaitable[Browser]]
    kind: str
    """The browser of the patient and of the assistant."""
    language: str
    windows: list[Participant] = field(default_factory=list)

    @property
    def words(self) -> Words:
        """Every sentence of the clinic."""
        return words_of(self.language)

    async def opens(
        self, role: str, appearance: Appearance, address: str, *, kind: str = ""
    ) -> Participant:
        """Open a window of one of them."""
        browser = await self.browser(kind or self.kind, appearance)
        tab = await browser.open(address, language=self.language)
        who = Participant(role, appearance, "page", tab)
        self.windows.append(who)
        return who


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(
    programs: None,  # noqa: ARG001 - it must have run
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Clinic]:
    """Give a clinic of today; a failed test leaves evidence."""
    kind, language = request.param
    log = tmp_path / "clinic.log"
    async with running_clinic(log) as process:
        clinic = Clinic(process, browser, kind, language)
        yield clinic
        if request.node.stash.get(FAILED, False):
            folder = ARTIFACTS / request.node.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "clinic.log").write_text(log.read_text())
            for window in clinic.windows:
                (folder / f"{window.role}.console.txt").write_text("\n".join(window.tab.console))
                await window.tab.screenshot(folder / f"{window.role}.png")
        for window in clinic.windows:
            await window.tab.close()


@pytest.mark.parametrize(
    "clinic",
    # Firefox speaks the language it is installed in.
    [("chromium", "fr"), pytest.param(("firefox", "en"), marks=pytest.mark.thorough)],
    indirect=True,
    ids=["Chromium in French", "Firefox in English"],
)
async def test_a_patient_is_received_handed_over_and_seen_to_the_end(clinic: Clinic) -> None:
    words = clinic.words
    _, handed_over, is_over = ELEMENT[clinic.language]
    patient, practitioner = await asyncio.gather(
        patient_who_waits(clinic), practitioner_who_looks(clinic)
    )
    await reads(practitioner, words["live"]["arrived"])
    await is_accessible(practitioner)

    assistant = await assistant_in_the_room(clinic)
    await press(assistant, f"{words['today']['admit']} · {PATIENT}")
    await asyncio.gather(assistant.sees(BLUE), patient.sees(RED))
    await asyncio.gather(assistant.hears(BLUE), patient.hears(RED))
    await reads(practitioner, words["live"]["inside"].split("{")[0])

    keys = page_of(practitioner)
    await steps_to(keys, words["today"]["open"], PATIENT)
    await keys.keyboard.press("Enter")
    await keys.wait_for_url("**/appointments/*")
    everybody = (practitioner, GREEN), (assistant, RED), (patient, BLUE)
    for one in everybody:
        others = [colour for _, colour in everybody if colour is not one[1]]
        await one[0].sees(*others)
        await one[0].hears(*others)
        await is_accessible(one[0])

    await press(assistant, words["room"]["hand_over"].format(name=PRACTITIONER))
    await reads(assistant, handed_over)
    await asyncio.gather(
        practitioner.sees_nobody_like(RED),
        patient.sees_nobody_like(RED),
        assistant.sees_nobody_like(BLUE),
    )
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(GREEN))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(GREEN))
    await reads(practitioner, words["live"]["arrived"])

    await steps_to(keys, words["room"]["end"])
    await keys.keyboard.press("Enter")
    await steps_to(keys, words["room"]["end_now"])
    await keys.keyboard.press("Enter")
    await asyncio.gather(*(reads(who, is_over) for who, _ in everybody))

    await has_focus(keys, words["room"]["record"])
    await is_accessible(practitioner)
    async with keys.expect_navigation(wait_until="domcontentloaded"):
        await keys.keyboard.press("Enter")
    await told_by_webhooks(practitioner, words)


async def patient_who_waits(clinic: Clinic) -> Participant:
    """Open the link, be greeted, and go to the waiting room; its secret has left the address."""
    visit = clinic.words["visit"]
    patient = await clinic.opens("patient", BLUE, clinic.process.links[PATIENT])
    await comes_to(patient, visit["greeting"].format(name=PATIENT))
    assert await patient.tab.evaluate("location.href") == f"{clinic.process.url}/visit"
    await is_accessible(patient)
    await follows(patient, visit["enter"])
    await comes_to(patient, ELEMENT[clinic.language][0])
    assert await patient.tab.evaluate("location.pathname") == "/visit/room"
    await is_accessible(patient)
    return patient


async def practitioner_who_looks(clinic: Clinic) -> Participant:
    """Log in by keyboard, and look at the list."""
    login = clinic.words["login"]
    practitioner = await clinic.opens("practitioner", GREEN, clinic.process.url, kind="chromium")
    page = page_of(practitioner)
    await is_accessible(practitioner)
    await steps_to(page, login["login"])
    await page.keyboard.type("martin")
    await steps_to(page, login["password"])
    await page.keyboard.type(clinic.process.passwords["martin"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/today")
    return practitioner


async def assistant_in_the_room(clinic: Clinic) -> Participant:
    """Log in and open the patient's consultation."""
    words = clinic.words
    assistant = await clinic.opens("assistant", RED, clinic.process.url)
    await comes_to(assistant, words["login"]["title"])
    for label, text in (("login", "robin"), ("password", clinic.process.passwords["robin"])):
        await assistant.until(call("window.probe.write", words["login"][label], text))
    await press(assistant, words["login"]["enter"])
    await comes_to(assistant, words["today"]["title"])
    await follows(assistant, PATIENT)
    await comes_to(assistant, words["room"]["people"])
    return assistant


async def comes_to(who: Participant, words: str) -> None:
    """Wait until a page shows these words; while another one comes there is nobody to ask."""
    async for _ in polling(PAGE_WITHIN_S):
        with contextlib.suppress(PlaywrightError, RuntimeError):
            if await who.tab.evaluate(call("window.probe.reads", words)):
                return
    raise AssertionError(f"{who} does not come to where it says: {words}")


async def follows(who: Participant, name: str) -> None:
    """Follow the link whose text has this name."""
    await who.until(call(FOLLOW, name))


async def told_by_webhooks(practitioner: Participant, words: Words) -> None:
    """Wait until the record has what the relay told the clinic by itself."""
    for kind in ("participant.waiting", "participant.admitted", "room.closed"):
        sentence = words["happenings"][kind]
        async for _ in polling(TOLD_WITHIN_S):
            if await practitioner.tab.evaluate(call("window.probe.reads", sentence)):
                break
            await practitioner.tab.reload()
        else:
            raise AssertionError(f"no webhook told: {sentence}")
    await reads(practitioner, "Robin Leroy")
    await is_accessible(practitioner)


async def is_accessible(who: Participant) -> None:
    """Ask axe-core what is wrong with the page that somebody has open, in Chromium: nothing."""
    if isinstance(who.tab, ChromiumTab):
        assert await violations(page_of(who)) == []
