"""Somebody is not heard or seen: each cause is made, told on both sides, and told to be over.

`tests/artifacts/one_way_silence.json` keeps how long each took (docs/silence.md).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from relay.trouble import Cause
from tests.endtoend import chromium
from tests.endtoend.appearance import GREEN, RED
from tests.endtoend.silence_acts import Scene
from tests.endtoend.silence_faults import FAULTS, ON_PURPOSE
from tests.endtoend.silence_scene import room_of, silence_scene, told
from tests.endtoend.wire import FRONT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

TOLD_WITHIN_S = 6.0
"""People are to be told within 3 s; a machine full of tests gets as long again."""
MENDED_WITHIN_S = 20.0
NO_ALARM_FOR_S = 6.0
COVERED = {
    "the patient's picture is lost on its way to the relay",
    "sound is lost on its way to the practitioner",
    "the camera's track has ended",
    "the system mutes the microphone",
    "an empty sender",
    "a whisper",
    "another camera than the one chosen",
}
"""What is found as another fault of its cause is, which every run has."""
ELEMENT = "document.querySelector('visavis-consultation')"
ARTIFACT = Path(__file__).resolve().parents[1] / "artifacts" / "one_way_silence.json"


@pytest_asyncio.fixture(loop_scope="session")
async def scene(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
) -> AsyncIterator[Scene]:
    """Two people who hear and see each other over a wire that a test can cut."""
    async with silence_scene(front_end, browser) as scene:
        yield scene


def test_every_cause_is_made() -> None:
    assert {fault.cause for name, fault in FAULTS.items() if name not in COVERED} == set(Cause)


def variants(names: Iterable[str]) -> list[object]:
    """Have what is covered tested before a release only."""
    return [
        pytest.param(name, marks=pytest.mark.thorough if name in COVERED else ()) for name in names
    ]


@pytest.mark.parametrize("name", variants(FAULTS))
async def test_both_sides_are_told_who_is_not_heard_or_seen_and_why(
    scene: Scene, name: str
) -> None:
    fault = FAULTS[name]
    if fault.prepare is not None:
        await fault.prepare(scene)
    begun_ms = time.time() * 1_000
    await fault.inject(scene)
    seen = [
        await told(person, begun_ms, TOLD_WITHIN_S, source=fault.source, cause=fault.cause)
        for person in (scene.practitioner, scene.patient)
    ]
    for word, direction, words in zip(
        seen, ("from", "towards"), (fault.here, fault.there), strict=True
    ):
        detail = word["detail"]
        assert (detail["stage"], detail["cause"]) == (fault.stage, fault.cause)
        assert (detail["direction"], detail["source"]) == (direction, fault.source)
        assert detail["words"].startswith(words)
    keep(name, max(word["at_ms"] for word in seen) - begun_ms)

    mended_ms = time.time() * 1_000
    await fault.mend(scene)
    again = [
        (await told(person, mended_ms, MENDED_WITHIN_S, source=fault.source, over=True))["detail"]
        for person in (scene.practitioner, scene.patient)
    ]
    does = "see" if fault.source == "camera" else "hear"
    assert again[0]["words"] == f"You can {does} the patient again."
    assert again[1]["words"] == f"The practitioner can {does} you again."


def keep(name: str, told_ms: float) -> None:
    """Write how long it took beside the others."""
    ARTIFACT.parent.mkdir(exist_ok=True)
    known = json.loads(ARTIFACT.read_text()) if ARTIFACT.exists() else {}
    ARTIFACT.write_text(json.dumps(known | {name: round(told_ms)}, indent=2) + "\n")


@pytest.mark.parametrize("name", variants(ON_PURPOSE))
async def test_no_alarm_is_raised_over_what_is_so_on_purpose(scene: Scene, name: str) -> None:
    for expression in ON_PURPOSE[name]:
        await scene.patient.tab.evaluate(f"Promise.resolve({expression}).then(() => null)")
    await asyncio.sleep(NO_ALARM_FOR_S)
    for person in (scene.practitioner, scene.patient):
        words = await person.tab.evaluate(
            "window.bare.seen.filter(({ name }) => name === 'silence').map(({ detail }) => detail)"
        )
        assert words == []


async def test_a_browser_that_waits_for_a_touch_is_told_to_the_other_side(
    scene: Scene, tmp_path: Path, front_end: str
) -> None:
    """What drives the page would count as a touch, so nothing does; and it captures nothing."""
    strict = [flag for flag in chromium.FLAGS if "autoplay" not in flag]
    token = await scene.relay.token(scene.room, "carer")
    socket = f"ws://{FRONT}:{scene.relay.port}/v1/ws"
    query = urlencode({"relay": scene.relay.url, "token": token, "socket": socket})
    async with async_playwright() as playwright:
        browser = await chromium.Chromium.start(playwright, tmp_path, GREEN, flags=strict)
        try:
            begun_ms = time.time() * 1_000
            tab = await browser.open(f"{front_end}/bare.html?{query}")
            seen = await told(scene.patient, begun_ms, 20)
            assert seen["detail"]["cause"] == "play_refused"
            assert seen["detail"]["words"] == (
                "The carer cannot hear you: the browser there waits for a touch before it plays."
            )
            touched_ms = time.time() * 1_000
            await tab.page.mouse.click(5, 5)
            again = await told(scene.patient, touched_ms, MENDED_WITHIN_S, over=True)
            assert again["detail"]["words"] == "The carer can hear you again."
        finally:
            await browser.close()


async def test_the_page_says_who_is_not_heard_and_reads_it_out(
    scene: Scene, front_end: str, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> None:
    room = room_of(scene.relay, front_end, browser)
    room.room = scene.room
    expert = await room.join("expert", GREEN, door="page")
    await expert.sees(RED)
    await scene.patient.tab.evaluate("window.faults.silent()")
    status = f"{ELEMENT}.shadowRoot.querySelector('.sentence[role=status][aria-live=polite]')"
    english = "You cannot hear the patient: the microphone there gives no sound."
    await expert.until(f"{status}.textContent === {json.dumps(english)}")
    await expert.tab.evaluate(f"{ELEMENT}.setAttribute('lang', 'fr')")
    french = "Vous n\u2019entendez pas le patient\u00a0: le micro l\u00e0-bas ne donne aucun son."
    await expert.until(f"{status}.textContent === {json.dumps(french)}")
    await expert.tab.screenshot(ARTIFACT.with_name("silence-fr.png"))
    await scene.patient.tab.evaluate("window.faults.audible()")
    await expert.until(f"!{status}.textContent.includes('entendez pas')")
    await room.close()
