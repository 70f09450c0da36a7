"""Asks axe-core what is wrong with a page, shadow trees included."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from tests.endtoend.gallery import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.async_api import Page

AXE = ROOT / "tests" / "node_modules" / "axe-core" / "axe.min.js"
Rules = dict[str, dict[str, object]]

EVERYTHING: Rules = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
"""WCAG 2.0, 2.1 and 2.2, levels A and AA, and what axe advises beyond."""
COLOURS: Rules = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""All that a colour scheme can change."""


def rules_of(scheme: str, schemes: Sequence[str]) -> Rules:
    """Give the rules for one of the colour schemes that something is looked at in, in turn."""
    return EVERYTHING if scheme == schemes[0] else COLOURS


RUN = """
async (rules) => {
  const options = { ...rules, preload: false, resultTypes: ["violations"] };
  const { violations, passes } = await window.axe.run(document, options);
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.flat(Infinity).join(" ")}: ${node.failureSummary}`),
  );
  return { found, passed: passes.map(({ id }) => id) };
}
"""


@cache
def axe() -> str:
    """Give the script of axe-core."""
    assert AXE.exists(), f"missing: {AXE}; `make test-tools` installs it"
    return AXE.read_text()


async def violations(page: Page, rules: Mapping[str, object] = EVERYTHING) -> Sequence[str]:
    """Give what is wrong with what a tab shows: rule, element and what axe says of it.

    Raises:
        AssertionError: No rule found anything to judge.

    """
    if await page.evaluate("window.axe === undefined"):
        await page.evaluate(axe())
    result = cast("dict[str, Any]", await page.evaluate(RUN, dict(rules)))
    assert result["found"] or result["passed"]
    found: list[str] = result["found"]
    return found
