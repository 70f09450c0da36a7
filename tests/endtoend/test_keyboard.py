"""A link, the check, the consultation and its report by keyboard: Tab, Enter, Escape."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from signalling.reports.words import WORDS
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.gallery import appear, show, showing_gallery
from tests.endtoend.keyboard import has_focus, hits, page_of, round_of, steps, steps_to, types
from tests.endtoend.page_controls import reads
from tests.endtoend.participant import Participant

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = pytest.mark.timeout(150)

PHONE = (390, 844)
OWN = "Your own picture. Press it to move it to another corner, or use the arrow keys."
CHECK = "Check camera, sound and network"
LIVE = "Show what I write letter by letter"
ELEMENT = "document.querySelector('visavis-consultation')"
CORNER = f"{ELEMENT}.shadowRoot.querySelector('.own').dataset.inline"


async def waits(consultation: Consultation) -> Participant:
    """Come as a patient who waits, on a phone."""
    token = await consultation.relay.token(consultation.room, "patient", "patient-blue", "--wait")
    browser = await consultation.browser("chromium", BLUE)
    address = f"{consultation.relay.url}/consultation#token={token}"
    tab = await browser.open(address, viewport=PHONE)
    patient = Participant("patient", BLUE, "page", tab)
    consultation.participants.append(patient)
    return patient


async def test_a_whole_consultation_by_keyboard(consultation: Consultation) -> None:
    practitioner = await consultation.join("practitioner", RED, door="page")
    patient = await waits(consultation)
    await reads(patient, "You are next")
    in_waiting_room = ["Messages", "Settings", CHECK, "Microphone", "Camera", "Leave"]
    assert await round_of(page_of(patient), "Messages") == in_waiting_room

    await steps_to(page_of(practitioner), "People (1 person is waiting)")
    await hits(page_of(practitioner), "Enter")
    await has_focus(page_of(practitioner), "Close")
    await steps_to(page_of(practitioner), "Let in \u00b7 Patient")
    await hits(page_of(practitioner), "Enter")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    # Their row is gone, and the focus is still in the panel.
    await has_focus(page_of(practitioner), "Close")
    await hits(page_of(practitioner), "Escape")
    await has_focus(page_of(practitioner), "People")
    await goes_round(practitioner, patient)
    await writes(practitioner, patient)
    await switches(practitioner, patient)
    await leaves_and_comes_back(practitioner, patient)


async def goes_round(practitioner: Participant, patient: Participant) -> None:
    """Come by everything there is, in the order in which it is read, and out again."""
    common = ["Messages", "Settings", OWN, "Microphone", "Camera", "Leave"]
    assert await round_of(page_of(patient), "Messages") == common
    assert await round_of(page_of(practitioner), "People") == ["People", *common, "Notes"]


async def writes(practitioner: Participant, patient: Participant) -> None:
    """Write a message; on a phone the panel is all there is until Escape."""
    await steps_to(page_of(practitioner), "Messages")
    await hits(page_of(practitioner), "Enter")
    await has_focus(page_of(practitioner), "Message")
    await types(page_of(practitioner), "Where does it hurt?")
    await hits(page_of(practitioner), "Enter")
    await reads(patient, "1 new message")
    await hits(page_of(practitioner), "Escape")
    await has_focus(page_of(practitioner), "Messages")

    await steps_to(page_of(patient), "Messages (1 new message)")
    await hits(page_of(patient), "Enter")
    await reads(patient, "Where does it hurt?")
    assert await round_of(page_of(patient), "Close") == ["Close", LIVE, "Message", "Send"]
    await steps_to(page_of(patient), "Send")
    await hits(page_of(patient), "Escape")
    await has_focus(page_of(patient), "Messages")


async def switches(practitioner: Participant, patient: Participant) -> None:
    """Turn the microphone off and on, move the own picture, open and close the settings."""
    await steps_to(page_of(patient), "Microphone")
    await hits(page_of(patient), "Enter")
    await reads(practitioner, "microphone is off")
    await hits(page_of(patient), "Enter")
    await practitioner.hears(BLUE)
    await steps_to(page_of(patient), OWN)
    before = await patient.tab.evaluate(CORNER)
    await hits(page_of(patient), "Enter")
    assert await patient.tab.evaluate(CORNER) != before
    for key, side in (("ArrowLeft", "start"), ("ArrowRight", "end")):
        await hits(page_of(patient), key)
        assert await patient.tab.evaluate(CORNER) == side
    await steps_to(page_of(patient), "Settings")
    await hits(page_of(patient), "Enter")
    await has_focus(page_of(patient), "Close")
    await hits(page_of(patient), "Enter")
    await has_focus(page_of(patient), "Settings")


async def leaves_and_comes_back(practitioner: Participant, patient: Participant) -> None:
    """Leave: the focus is on the words that say so; come back by the button below them."""
    await steps_to(page_of(patient), "Leave")
    await hits(page_of(patient), "Enter")
    await has_focus(page_of(patient), "You have left the consultation.")
    await practitioner.sees_nobody_like(BLUE)
    await steps_to(page_of(patient), "Come back")
    await hits(page_of(patient), "Enter")
    await reads(patient, "You are next")
    await has_focus(page_of(patient), "Microphone")
    await steps_to(page_of(practitioner), "People (1 person is waiting)")
    await hits(page_of(practitioner), "Enter")
    await steps_to(page_of(practitioner), "Let in \u00b7 Patient")
    await hits(page_of(practitioner), "Enter")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))


async def test_the_check_before_a_consultation_by_keyboard(consultation: Consultation) -> None:
    token = await consultation.relay.token(consultation.room, "patient", "patient-blue", "--wait")
    browser = await consultation.browser("chromium", BLUE)
    address = f"{consultation.relay.url}/check?lang=en#token={token}"
    patient = Participant("patient", BLUE, "page", await browser.open(address, viewport=PHONE))
    consultation.participants.append(patient)
    await reads(patient, "Start the check")
    page = page_of(patient)
    await steps_to(page, "Start the check")
    await hits(page, "Enter")
    await patient.until(CHECKED, within_s=20)
    await has_focus(page, "Check again")

    await steps_to(page, PLAY)
    await hits(page, "Enter")
    await has_focus(page, "Yes")
    await steps_to(page, "No")
    await hits(page, "Enter")
    await has_focus(page, PLAY)
    await reads(patient, "You did not hear the test sound.")
    await hits(page, "Enter")
    await has_focus(page, "Yes")
    await hits(page, "Enter")
    await has_focus(page, PLAY)
    await reads(patient, "You heard the test sound.")

    stops = await round_of(page, "Check again")
    assert (stops[:2], stops[-1]) == (["Check again", "To the consultation"], PLAY)
    await steps_to(page, "To the consultation")
    async with page.expect_navigation(wait_until="domcontentloaded"):
        await hits(page, "Enter")
    await reads(patient, "You are next")


@pytest.mark.usefixtures("programs")
async def test_the_press_that_uses_a_link_does_not_lose_the_focus() -> None:
    async with showing_gallery() as tabs:
        page = tabs["en"]
        await appear(page, 360, "light")
        # Without its words the room tells that they do not come, and asks for no device, which
        # would take the focus.
        await page.route("**/sdk/words/en.js", lambda route: route.abort())
        await show(page, "threshold", "en")
        await steps_to(page, "Enter")
        await hits(page, "Enter")
        await has_focus(page, "Consultation")
        await page.wait_for_function(f"{ELEMENT}.shadowRoot?.querySelector('.card')")
        await has_focus(page, "Consultation")


CHECKED = "document.querySelector('visavis-check').result"
PLAY = "Play the test sound"


@pytest.mark.usefixtures("programs")
async def test_a_report_by_keyboard() -> None:
    async with showing_gallery() as tabs:
        page = tabs["en"]
        await appear(page, 360, "light")
        await show(page, "report", "en")
        figures = WORDS["en"].figures
        before = await round_of(page, figures)
        assert before.count(figures) == await page.locator("summary").count() > 0
        assert len(before) == before.count(figures) + await page.locator(SHOWN_TABLES).count()

        people = await page.locator(SHOWN_TABLES).first.get_attribute("aria-label")
        assert people is not None
        await steps_to(page, people)
        await hits(page, "ArrowRight")
        await page.wait_for_function("document.activeElement.scrollLeft > 0")

        await steps_to(page, figures)
        await hits(page, "Enter")
        table = await steps(page)
        assert table is not None
        assert table.name == await page.locator(".slots").first.get_attribute("aria-label")
        # A round begins where no other stop has the same name.
        await steps_to(page, people)
        assert len(await round_of(page, figures)) == len(before) + 1

        await steps_to(page, figures)
        await hits(page, "Enter")
        await steps_to(page, people)
        assert sorted(await round_of(page, figures)) == sorted(before)


SHOWN_TABLES = "[role=region]:visible"
