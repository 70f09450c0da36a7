"""What the README prints embeds a consultation, as it stands there but for address and token."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import Participant
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.appearance import Appearance
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

README = Path(__file__).resolve().parents[2] / "README.md"
PRINTED = re.compile(r"```html\n(.*?)```", re.DOTALL)
BECOME = "((html) => { document.open(); document.write(html); document.close(); })"
"""An empty page of the front-end's origin becomes this one."""


def printed_lines() -> list[str]:
    """Give the pages that the README prints."""
    section = README.read_text().split("## Embedding it")[1].split("\n## ")[0]
    return PRINTED.findall(section)


async def embed(
    consultation: Consultation, role: str, appearance: Appearance, printed: str
) -> Participant:
    """Show somebody a page of these lines."""
    token = await consultation.relay.token(consultation.room, role, f"{role}-ten-lines")
    lines = printed.replace("https://relay.example", consultation.relay.url).replace("eyJ…", token)
    browser = await consultation.browser("chromium", appearance)
    tab = await browser.open(f"{consultation.front_end}/empty.html")
    participant = Participant(role, appearance, "page", tab)
    consultation.participants.append(participant)
    await tab.evaluate(call(BECOME, f"<!doctype html>\n{lines}"))
    return participant


async def test_the_lines_of_the_readme_are_a_consultation(consultation: Consultation) -> None:
    element, own = printed_lines()
    assert [len(printed.splitlines()) for printed in (element, own)] == [2, 10]
    practitioner = await embed(consultation, "practitioner", RED, element)
    patient = await embed(consultation, "patient", BLUE, own)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
    await patient.until(SAYS)
    await patient.until(f"{FETCHED} === '{' '.join(NEEDED)}'")


SAYS = "document.querySelector('p').textContent === 'You are in the consultation.'"
FETCHED = """[...new Set(performance.getEntriesByType("resource").map(({ name }) => name))]
  .filter((name) => name.includes("/sdk/")).map((name) => name.split("/sdk/")[1])
  .sort().join(" ")"""
NEEDED = (
    "consultation.js",
    "encoding_changes.js",
    "watches.js",
    "words/en.js",
    "words/en_more.js",
)
"""One language, what measures, and what sends as the relay asks; nobody has asked for more."""
