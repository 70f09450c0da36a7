"""The example clinic as its people use it: a link, a waiting room, a hand-over, an end.

A real relay, a real clinic, three Chromiums; the practitioner touches nothing but the keyboard.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.axe import violations
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

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(150)]

PATIENT = "Jeanne Petit"
TOLD_WITHIN_S = 10.0


@dataclass
class Clinic:
    """The clinic, and the windows in which people have it open."""

    process: ClinicProcess
    browser: Callable[[str, Appearance], Awaitable[Browser]]
    windows: list[Participant] = field(default_factory=list)

    async def opens(self, role: str, appearance: Appearance, address: str) -> Participant:
        """Open a window of one of them."""
        browser = await self.browser("chromium", appearance)
        who = Participant(role, appearance, "page", await browser.open(address))
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
    log = tmp_path / "clinic.log"
    async with running_clinic(log) as process:
        clinic = Clinic(process, browser)
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


async def test_a_patient_is_received_handed_over_and_seen_to_the_end(clinic: Clinic) -> None:
    patient, practitioner = await asyncio.gather(
        patient_who_waits(clinic), practitioner_who_looks(clinic)
    )
    await reads(practitioner, "Has just arrived and waits")
    await is_accessible(practitioner)

    assistant = await assistant_in_the_room(clinic)
    await press(assistant, f"Let in · {PATIENT}")
    await asyncio.gather(assistant.sees(BLUE), patient.sees(RED))
    await asyncio.gather(assistant.hears(BLUE), patient.hears(RED))
    await reads(practitioner, "In the consultation for")

    keys = page_of(practitioner)
    await steps_to(keys, "Open", PATIENT)
    await keys.keyboard.press("Enter")
    await keys.wait_for_url("**/appointments/*")
    everybody = (practitioner, GREEN), (assistant, RED), (patient, BLUE)
    for one in everybody:
        others = [colour for _, colour in everybody if colour is not one[1]]
        await one[0].sees(*others)
        await one[0].hears(*others)
        await is_accessible(one[0])

    await press(assistant, "Hand over to Dr Claire Martin")
    await reads(assistant, "You have handed the consultation over.")
    await asyncio.gather(
        practitioner.sees_nobody_like(RED),
        patient.sees_nobody_like(RED),
        assistant.sees_nobody_like(BLUE),
    )
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(GREEN))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(GREEN))
    await reads(practitioner, "Has just arrived and waits")

    await steps_to(keys, "End the consultation")
    await keys.keyboard.press("Enter")
    await steps_to(keys, "End it")
    await keys.keyboard.press("Enter")
    await asyncio.gather(*(reads(who, "The consultation is over.") for who in (patient, assistant)))

    await has_focus(keys, "What happened")
    async with keys.expect_navigation(wait_until="domcontentloaded"):
        await keys.keyboard.press("Enter")
    await told_by_webhooks(practitioner)


async def patient_who_waits(clinic: Clinic) -> Participant:
    """Open the link, be greeted, and go to the waiting room; its secret has left the address."""
    patient = await clinic.opens("patient", BLUE, clinic.process.links[PATIENT])
    page = page_of(patient)
    await page.get_by_role("heading", name=f"Good day {PATIENT}").wait_for()
    assert page.url == f"{clinic.process.url}/visit"
    await is_accessible(patient)
    await page.get_by_role("link", name="Enter the waiting room").click()
    await page.wait_for_url("**/visit/room")
    await reads(patient, "You are next")
    await is_accessible(patient)
    return patient


async def practitioner_who_looks(clinic: Clinic) -> Participant:
    """Log in by keyboard, and look at the list."""
    practitioner = await clinic.opens("practitioner", GREEN, clinic.process.url)
    page = page_of(practitioner)
    await is_accessible(practitioner)
    await steps_to(page, "Login")
    await page.keyboard.type("martin")
    await steps_to(page, "Password")
    await page.keyboard.type(clinic.process.passwords["martin"])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/today")
    return practitioner


async def assistant_in_the_room(clinic: Clinic) -> Participant:
    """Log in and open the patient's consultation."""
    assistant = await clinic.opens("assistant", RED, clinic.process.url)
    page = page_of(assistant)
    await page.get_by_label("Login").fill("robin")
    await page.get_by_label("Password").fill(clinic.process.passwords["robin"])
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("link", name=PATIENT).click()
    await page.wait_for_url("**/appointments/*")
    return assistant


async def told_by_webhooks(practitioner: Participant) -> None:
    """Wait until the record has what the relay told the clinic by itself."""
    for words in ("Came to the waiting room", "Was let in", "The room closed"):
        async for _ in polling(TOLD_WITHIN_S):
            if await practitioner.tab.evaluate(call("window.probe.reads", words)):
                break
            await practitioner.tab.reload()
        else:
            raise AssertionError(f"no webhook told: {words}")
    await reads(practitioner, "Robin Leroy")
    await is_accessible(practitioner)


async def is_accessible(who: Participant) -> None:
    """Ask axe-core what is wrong with the page that somebody has open: nothing."""
    assert await violations(page_of(who)) == []
