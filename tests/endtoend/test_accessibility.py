"""Every page and state, as axe and those who hear, press keys or enlarge it find it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.axe import rules_of, violations
from tests.endtoend.gallery import (
    CHECKS,
    EACH_ONCE,
    EVERY_LOOK,
    LANGUAGES,
    LIKE_ANOTHER,
    ONCE,
    PAGES,
    STATES,
    WIDTHS,
    appear,
    show,
    showing_gallery,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.endtoend.gallery import Looks

pytestmark = pytest.mark.timeout(90)

ELEMENT = "document.querySelector('visavis-consultation')"
ENLARGED = (320, 256)
"""A window of 1,280 by 1,024 at 400 % (WCAG 2.1, 1.4.10)."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tabs(
    programs: None,  # noqa: ARG001 - it must have run
) -> AsyncIterator[dict[str, Page]]:
    """Give a tab for each language."""
    async with showing_gallery() as pages:
        yield pages


async def test_every_state_of_the_gallery_is_looked_at(tabs: dict[str, Page]) -> None:
    page = tabs["en"]
    await show(page, "connected", "en")
    assert await page.evaluate("window.gallery.states") == list(STATES)
    await show(page, "check-ready", "en")
    assert await page.evaluate("window.checks.states") == list(CHECKS)


@pytest.mark.parametrize(
    "looks",
    [EACH_ONCE, pytest.param(EVERY_LOOK, marks=pytest.mark.thorough)],
    ids=["once", "every look"],
)
@pytest.mark.parametrize("name", [*STATES, *PAGES, *CHECKS])
async def test_axe_finds_nothing(tabs: dict[str, Page], name: str, looks: Looks) -> None:
    if looks is EACH_ONCE and name in LIKE_ANOTHER:
        looks = ONCE
    found = await asyncio.gather(*(looked_at(tabs[each], name, each, looks) for each in looks))
    assert [line for lines in found for line in lines] == []


async def looked_at(page: Page, name: str, language: str, looks: Looks) -> list[str]:
    """Give what axe finds in one language."""
    found: list[str] = []
    for width, schemes in looks[language].items():
        await appear(page, width, "light")
        await show(page, name, language)
        for scheme in schemes:
            await appear(page, width, scheme)
            where = f"{language}, {width} px, {scheme}"
            lines = await violations(page, rules_of(scheme, schemes))
            found += [f"{where}: {line}" for line in lines]
    return found


async def test_axe_sees_into_the_element(tabs: dict[str, Page]) -> None:
    """Or it would find nothing whatever is there."""
    page = tabs["en"]
    await appear(page, WIDTHS[0], "light")
    await show(page, "connected", "en")
    await page.evaluate(WITHOUT_NAMES)
    assert {line.split(":")[0] for line in await violations(page)} == {"button-name"}


WITHOUT_NAMES = f"""
{ELEMENT}.shadowRoot.querySelectorAll(".status > .corner").forEach((button) => {{
  for (const name of ["aria-label", "title"]) button.removeAttribute(name);
}})
"""


@pytest.mark.parametrize(
    "name",
    [
        "connected",
        "denied",
        "expired",
        "messages",
        "paused",
        "people",
        "settings",
        "silent-mine",
        "waiting-room-notice",
    ],
)
async def test_at_400_percent_nothing_is_cut_off_and_one_direction_scrolls(
    tabs: dict[str, Page], name: str
) -> None:
    width, height = ENLARGED
    for language in LANGUAGES:
        page = tabs[language]
        await appear(page, width, "light", height)
        await show(page, name, language)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate("document.documentElement.scrollHeight") > height
        assert await page.evaluate(BEYOND, width) == []


BEYOND = f"""
(width) => [...{ELEMENT}.shadowRoot.querySelectorAll("button, select, textarea, input")]
  .filter((control) => control.checkVisibility({{ visibilityProperty: true }}))
  .map((control) => ({{ control, at: control.getBoundingClientRect() }}))
  .filter(({{ at }}) => at.left < -0.5 || at.right > width + 0.5)
  .map(({{ control, at }}) => `${{control.outerHTML}}: ${{at.left}} to ${{at.right}}`)
"""


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("three", {"en": "The carer has arrived.", "fr": "L\u2019aidant est l\u00e0."}),
        ("unread", {"en": "1 new message", "fr": "1 nouveau message"}),
        ("people", {"en": "2 people are waiting", "fr": "2 personnes attendent"}),
        (
            "silent-mine",
            {
                "en": "The practitioner cannot hear you: your microphone gives no sound.",
                "fr": "Le praticien ne vous entend pas\u00a0: votre micro ne donne aucun son.",
            },
        ),
        ("paused", {"en": "Your connection is weak", "fr": "Votre connexion est faible"}),
    ],
)
async def test_news_are_read_out_once(
    tabs: dict[str, Page], name: str, heard: dict[str, str]
) -> None:
    for language in LANGUAGES:
        page = tabs[language]
        await appear(page, WIDTHS[0], "light")
        await show(page, name, language)
        regions: list[str] = await page.evaluate(READ_OUT)
        assert len([text for text in regions if heard[language] in text]) == 1, regions


READ_OUT = f"""
[...{ELEMENT}.shadowRoot.querySelectorAll("[role=status], [role=alert], [role=log]")]
  .filter((region) => region.checkVisibility({{ visibilityProperty: true }}))
  .map((region) => region.textContent)
"""


async def test_a_question_is_read_out_with_what_to_do(tabs: dict[str, Page]) -> None:
    page = tabs["en"]
    await appear(page, WIDTHS[0], "light")
    await show(page, "lost", "en")
    assert await page.evaluate(ASKED) == [
        "alertdialog",
        "The camera was unplugged or stopped working.",
        "Plug it in again or choose another one in the settings.",
    ]


ASKED = f"""
(() => {{
  const dialog = {ELEMENT}.shadowRoot.querySelector(".over");
  const said = dialog.getAttribute("aria-describedby").split(" ");
  const words = said.map((id) => dialog.querySelector(`#${{id}}`).textContent);
  return [dialog.getAttribute("role"), dialog.getAttribute("aria-label"), ...words];
}})()
"""


async def test_a_question_takes_the_focus_and_gives_it_back(tabs: dict[str, Page]) -> None:
    page = tabs["en"]
    await appear(page, WIDTHS[0], "light")
    await show(page, "messages", "en")
    assert await page.evaluate(FOCUSED) == "TEXTAREA Message"
    await page.evaluate(f"({LOSE_THE_CAMERA})()")
    await page.wait_for_function(f"{ELEMENT}.shadowRoot.activeElement?.matches('.over > .card')")
    assert await page.evaluate(ON_TOP), "the panel covers the question"
    await page.keyboard.press("Escape")
    assert await page.evaluate(FOCUSED) == "TEXTAREA Message"
    await page.keyboard.press("Escape")
    assert await page.evaluate(FOCUSED) == "BUTTON Messages"


FOCUSED = f"""
((element) => `${{element.tagName}} ${{element.ariaLabel}}`)({ELEMENT}.shadowRoot.activeElement)
"""
LOSE_THE_CAMERA = f"() => {ELEMENT}.consultation.fail('device_lost', {{ source: 'camera' }})"
ON_TOP = f"""
(() => {{
  const card = {ELEMENT}.shadowRoot.activeElement;
  const {{ left, top, width, height }} = card.getBoundingClientRect();
  return card.contains({ELEMENT}.shadowRoot.elementFromPoint(left + width / 2, top + height / 2));
}})()
"""


async def test_what_is_longer_than_its_place_scrolls_by_the_keyboard(
    tabs: dict[str, Page],
) -> None:
    page = tabs["fr"]
    await appear(page, 360, "light", 430)
    await show(page, "waiting-room-notice", "fr")
    scene = f"{ELEMENT}.shadowRoot.querySelector('.scene:not(.over)')"
    assert await page.evaluate(f"{scene}.scrollHeight > {scene}.clientHeight + 1")
    await page.evaluate(f"{scene}.focus()")
    assert await page.evaluate(f"{ELEMENT}.shadowRoot.activeElement === {scene}")
    await page.keyboard.press("End")
    await page.wait_for_function(f"{scene}.scrollTop > 0")


@pytest.mark.parametrize("name", ["connected", "denied", "messages", "people", "settings"])
async def test_fingers_find_what_they_are_to_touch(tabs: dict[str, Page], name: str) -> None:
    for language in LANGUAGES:
        page = tabs[language]
        await appear(page, WIDTHS[0], "light")
        await show(page, name, language)
        assert await page.evaluate(TOO_SMALL, LEAST_TARGET_PX) == []


LEAST_TARGET_PX = 44
"""WCAG 2.1, 2.5.5, which is of level AAA: patients come by phone."""
TOO_SMALL = f"""
(least) => [...{ELEMENT}.shadowRoot.querySelectorAll("button, select, textarea, .choice, .own")]
  .filter((target) => target.checkVisibility({{ visibilityProperty: true }}))
  .map((target) => ({{ target, at: target.getBoundingClientRect() }}))
  .filter(({{ at }}) => Math.min(at.width, at.height) < least - 0.5)
  .map(({{ target, at }}) => `${{target.outerHTML}}: ${{at.width}} by ${{at.height}}`)
"""


async def test_nothing_moves_for_whoever_wants_it_so(tabs: dict[str, Page]) -> None:
    page = tabs["en"]
    moving = f"{ELEMENT}.shadowRoot.getAnimations().map((one) => one.animationName)"
    await appear(page, WIDTHS[0], "light")
    await show(page, "reconnecting", "en")
    assert await page.evaluate(moving) == []
    await page.emulate_media(reduced_motion="no-preference")
    try:
        assert await page.evaluate(moving) == ["turn"]
    finally:
        await page.emulate_media(reduced_motion="reduce")


async def test_forced_colours_keep_what_is_told_by_a_ground(tabs: dict[str, Page]) -> None:
    page = tabs["en"]
    await appear(page, WIDTHS[0], "light")
    await page.emulate_media(forced_colors="active")
    try:
        await show(page, "waiting", "en")
        assert await page.evaluate(OUTLINED), "switches and the meter have an edge"
        assert await page.evaluate(FILLED), "the meter's bar is told from its ground"
    finally:
        await page.emulate_media(forced_colors="none")


OUTLINED = f"""
[...{ELEMENT}.shadowRoot.querySelectorAll(".control .disc, .meter")].every((one) => {{
  const {{ borderTopStyle, borderTopWidth }} = getComputedStyle(one);
  return borderTopStyle === "solid" && parseFloat(borderTopWidth) >= 1;
}})
"""
FILLED = f"""
(() => {{
  const meter = {ELEMENT}.shadowRoot.querySelector(".meter");
  const ground = (one) => getComputedStyle(one).backgroundColor;
  return ground(meter) !== ground(meter.firstElementChild);
}})()
"""
