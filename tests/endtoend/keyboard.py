"""Works a page by its keyboard alone, and looks where the focus is: Chromium's tabs only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.endtoend.chromium import ChromiumTab
from tests.endtoend.participant import polling

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.endtoend.participant import Participant

MOST_STOPS = 80
"""A page that has not come round after so many holds the focus captive."""

FOCUS = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body || element.shadowRoot) return null;
  const labels = [...(element.labels ?? [])].map((one) => one.textContent.trim());
  const drawn = [element, ...element.querySelectorAll(".disc")].map((one) => getComputedStyle(one));
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const isWithin = left > -1 && top > -1 && right < innerWidth + 1 && bottom < innerHeight + 1;
  return {
    names: [element.getAttribute("aria-label") ?? "", ...labels, element.textContent.trim()],
    is_marked: drawn.some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0),
    is_in_view: isWithin || (bottom - top > innerHeight && top < innerHeight && bottom > 0),
  };
}"""
"""What has the focus, inside components too."""


@dataclass(frozen=True)
class Place:
    """What has the focus."""

    names: list[str]
    """What it is called: by its label in the tree of accessibility, its labels, its text."""
    is_marked: bool
    is_in_view: bool
    """Or as much of it as the window holds."""

    @property
    def name(self) -> str:
        """The first of its names."""
        return next((name for name in self.names if name), "")

    def is_called(self, *words: str) -> bool:
        """Whether one of its names is this word, or has all these words."""
        if len(words) == 1:
            return words[0] in self.names
        return any(all(word in name for word in words) for name in self.names)


def page_of(person: Participant) -> Page:
    """Give the page that Playwright drives."""
    assert isinstance(person.tab, ChromiumTab)
    return person.tab.page


async def focused(page: Page) -> Place | None:
    """Give what has the focus; `None` where nothing has it."""
    place = await page.evaluate(FOCUS)
    return None if place is None else Place(**place)


async def hits(page: Page, *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        await page.keyboard.press(key)


async def types(page: Page, text: str) -> None:
    """Write with the keyboard."""
    await page.keyboard.type(text)


async def steps(page: Page) -> Place | None:
    """Go on by one stop of Tab; `None` where the page has none.

    Raises:
        AssertionError: Nothing shows where the focus is.

    """
    await hits(page, "Tab")
    place = await focused(page)
    if place is not None:
        assert place.is_marked, f"nothing marks {place.names}"
        assert place.is_in_view, f"{place.names} is out of view"
    return place


async def steps_to(page: Page, *words: str) -> None:
    """Go on by Tab until what is called so has the focus, where it has not yet.

    Raises:
        AssertionError: It cannot be reached; says what was passed on the way.

    """
    passed: list[list[str]] = []
    place = await focused(page)
    for _ in range(MOST_STOPS):
        if place is not None and place.is_called(*words):
            return
        passed.append([] if place is None else place.names)
        place = await steps(page)
    raise AssertionError(f"Tab does not reach {words}: {passed}")


async def round_of(page: Page, first: str) -> list[str]:
    """Give the names of all stops of a round, from this one on.

    Raises:
        AssertionError: There is no way round: something holds the focus.

    """
    names: list[str] = []
    for _ in range(MOST_STOPS):
        place = await steps(page)
        if place is None:
            continue
        if names and place.name == names[0]:
            start = names.index(first)
            return [*names[start:], *names[:start]]
        names.append(place.name)
    raise AssertionError(f"no way round: {names}")


async def has_focus(page: Page, *words: str, within_s: float = 10.0) -> None:
    """Wait until what is called so has the focus."""
    place: Place | None = None
    async for _ in polling(within_s):
        place = await focused(page)
        if place is not None and place.is_called(*words):
            return
    raise AssertionError(f"the focus is not on {words} but on {place}")
