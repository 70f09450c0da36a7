"""Works a page by its keyboard alone, and looks where the focus is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.endtoend.participant import polling

if TYPE_CHECKING:
    from tests.endtoend.participant import Participant

MOST_STOPS = 40
"""A page that has not come round after so many holds the focus captive."""

FOCUS = """(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body || element.shadowRoot) return null;
  const label = [...(element.labels ?? [])].map((one) => one.textContent.trim()).join(" ");
  const drawn = [element, ...element.querySelectorAll(".disc")].map((one) => getComputedStyle(one));
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return {
    name: element.getAttribute("aria-label") || label || element.textContent.trim(),
    isMarked: drawn.some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0),
    isInView: left > -1 && top > -1 && right < innerWidth + 1 && bottom < innerHeight + 1,
  };
})()"""


async def hits(person: Participant, *keys: str) -> None:
    """Press keys, one after the other."""
    tab: Any = person.tab
    for key in keys:
        await tab.page.keyboard.press(key)


async def types(person: Participant, text: str) -> None:
    """Write with the keyboard."""
    tab: Any = person.tab
    await tab.page.keyboard.type(text)


async def steps(person: Participant) -> str | None:
    """Go on by one stop of Tab and give its name; `None` where the page has none.

    Raises:
        AssertionError: Nothing shows where the focus is.

    """
    await hits(person, "Tab")
    place = await person.tab.evaluate(FOCUS)
    if place is None:
        return None
    assert place["isMarked"], f"{person}: nothing marks {place['name']!r}"
    assert place["isInView"], f"{person}: {place['name']!r} is out of view"
    name: str = place["name"]
    return name


async def steps_to(person: Participant, name: str) -> None:
    """Go on by Tab until what has this name has the focus."""
    passed: list[str | None] = []
    for _ in range(MOST_STOPS):
        passed.append(await steps(person))
        if passed[-1] == name:
            return
    raise AssertionError(f"{person}: Tab does not reach {name!r}: {passed}")


async def round_of(person: Participant, first: str) -> list[str]:
    """Give the names of all stops of a round, from this one on.

    Raises:
        AssertionError: There is no way round: something holds the focus.

    """
    names: list[str] = []
    for _ in range(MOST_STOPS):
        name = await steps(person)
        if name is None:
            continue
        if names and name == names[0]:
            start = names.index(first)
            return [*names[start:], *names[:start]]
        names.append(name)
    raise AssertionError(f"{person}: no way round: {names}")


async def has_focus(person: Participant, name: str, *, within_s: float = 10.0) -> None:
    """Wait until what has this name has the focus."""
    place: Any = None
    async for _ in polling(within_s):
        place = await person.tab.evaluate(FOCUS)
        if place is not None and place["name"] == name:
            return
    raise AssertionError(f"{person}: the focus is not on {name!r} but on {place}")
