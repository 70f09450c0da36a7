"""Works a page by keyboard alone, as somebody does who cannot use a mouse: Chromium's tabs only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

MOST_STEPS = 80
NAMES = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (!focused || focused === document.body) return [];
  const labels = [...(focused.labels ?? [])].map((label) => label.textContent.trim());
  return [focused.getAttribute("aria-label") ?? "", ...labels, focused.textContent.trim()];
}"""
"""What the element that has the focus is called, inside components too."""


async def focused(page: Page) -> list[str]:
    """Give the names of what has the focus; none where nothing has it."""
    names: list[str] = await page.evaluate(NAMES)
    return names


async def step_to(page: Page, *words: str) -> None:
    """Press Tab until what has the focus is called by all these words.

    Raises:
        AssertionError: It cannot be reached; says what was passed on the way.

    """
    passed: list[list[str]] = []
    for _ in range(MOST_STEPS):
        names = await focused(page)
        if any(all(word in name for word in words) for name in names):
            return
        passed.append(names)
        await page.keyboard.press("Tab")
    raise AssertionError(f"no {words} by keyboard; passed {passed}")
