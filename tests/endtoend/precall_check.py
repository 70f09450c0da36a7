"""The check before a consultation as its page has it: opened by a link, begun, and judged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.endtoend.appearance import BLUE
from tests.endtoend.page_controls import press
from tests.endtoend.participant import Participant

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

MOST_S = 15.0
RESULT = "document.querySelector('visavis-check').result"


async def opens_check(
    consultation: Consultation, browser: str, token: str, *, lang: str = "en"
) -> Participant:
    """Open the link of the check."""
    process = await consultation.browser(browser, BLUE)
    address = f"{consultation.relay.url}/check?lang={lang}#token={token}"
    patient = Participant("patient", BLUE, "page", await process.open(address))
    consultation.participants.append(patient)
    return patient


async def checks(patient: Participant, button: str = "Start the check") -> dict[str, Any]:
    """Press the button, and give what it came to; it has to be there in time."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await press(patient, button)
    result: dict[str, Any] = await patient.until(RESULT, within_s=20)
    assert loop.time() - began_s <= MOST_S + 1.0, "with a second for the tests' own looking"
    assert result["took_ms"] <= 1_000 * MOST_S
    return result


def codes(result: dict[str, Any]) -> dict[str, str]:
    """Give what was found by what it is of."""
    return {finding["of"]: finding["code"] for finding in result["findings"]}


def ways(result: dict[str, Any]) -> dict[str, bool]:
    """Give whether each way that was tried works."""
    return {path["path"]: path["works"] for path in result["paths"]}
