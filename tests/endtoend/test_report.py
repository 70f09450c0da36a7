"""A consultation in two browsers, a loss, a silence and a cut, and what its report says of them.

What is done is logged by the test itself; the report agrees to within one slot of five seconds.
"""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from relay.config import KeysConfig, RelayConfig
from relay.rooms.permissions import Kind
from signalling.api.credentials import Scope, draw_key
from signalling.api.key_file import api_key_path, change_api_keys
from signalling.api_client import ApiClient
from tests.endtoend.participant import polling
from tests.endtoend.silence_acts import SOUND
from tests.endtoend.silence_scene import silence_scene, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from signalling.api.schemas import Report
    from tests.endtoend.appearance import Appearance
    from tests.endtoend.silence_acts import Scene
    from tests.endtoend.tab import Browser
    from tests.endtoend.wire import Packet

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

SLOT = timedelta(seconds=5)
LASTS_S = 4.0
"""Longer than a moment (1.8 s), shorter than what costs a connection."""
LOSSY_S = 11.0
"""A slot is full of it, wherever slots begin."""
LOST_RATIO = 0.3
BAD_RATIO = 0.1
"""As the summary has it; a slot of which a third is lossy has it."""
CHANCE_RATIO = 0.15
"""Five standard deviations of what is drawn for the 250 packets of a slot."""
READ_LATE = timedelta(seconds=1)
TOLD_WITHIN_S = 6.0
MENDED_WITHIN_S = 20.0
ARTIFACT = Path(__file__).resolve().parents[1] / "artifacts" / "report-fr.png"


class Logged(NamedTuple):
    """When something was done and undone, by the test's own clock, and when all was well again."""

    began: datetime
    undone: datetime
    well: datetime


async def test_a_report_agrees_with_what_was_done_to_the_network(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    tmp_path: Path,
) -> None:
    key = api_key(tmp_path)
    async with (
        silence_scene(front_end, browser, state=tmp_path) as scene,
        ApiClient(scene.relay.url, key) as client,
    ):
        name = (await client.room(scene.room)).consultation
        assert name is not None
        ids = {role: id_of(scene, role) for role in ("practitioner", "patient")}
        loss = await lossy(scene)
        silence = await silenced(scene)
        cut = await cut_off(scene)
        assert (await client.report(name)).closed_at is None
        for person in (scene.patient, scene.practitioner):
            await person.tab.evaluate("window.bare.consultation().leave().then(() => null)")
        report = await closed(client, name)
        holds_loss(report, ids, loss, until=cut.began)
        holds_silence(report, ids, silence)
        holds_cuts(report, ids, cut)
        holds_courses(report, ids)
        await holds_page(scene, await client.report_page(name, lang="fr"))


def api_key(folder: Path) -> str:
    """Make a key that may read."""
    key, text = draw_key("tests", [Scope.READ], time.time())
    config = RelayConfig(keys=KeysConfig(state_dir=str(folder)))
    change_api_keys(api_key_path(config), lambda keys: keys.update({"tests": key}))
    return text


def id_of(scene: Scene, role: str) -> str:
    return scene.relay.place(scene.room, role).participant.id


async def lossy(scene: Scene) -> Logged:
    """Lose some of the patient's sound on its way to the relay for a while."""
    chance = random.Random(5)
    lost: list[datetime] = []
    ufrag = scene.leg("patient").credentials.ufrag

    def is_lost(packet: Packet) -> bool:
        is_sound = packet.towards_relay and packet.payload_type in SOUND
        if not is_sound or packet.relay_ufrag != ufrag or chance.random() >= LOST_RATIO:
            return False
        lost.append(datetime.now(UTC))
        return True

    scene.wire.drops = is_lost
    await asyncio.sleep(LOSSY_S)
    await scene.carry_all()
    assert lost, "no sound came by"
    return Logged(lost[0], lost[-1], datetime.now(UTC))


async def silenced(scene: Scene) -> Logged:
    """Lose the sound on its way to the practitioner for a while."""
    began = datetime.now(UTC)
    scene.drop("practitioner", Kind.AUDIO, towards_relay=False)
    await told(scene.practitioner, began.timestamp() * 1_000, TOLD_WITHIN_S, cause="lost")
    await asyncio.sleep(LASTS_S)
    undone = datetime.now(UTC)
    await scene.carry_all()
    await told(scene.practitioner, undone.timestamp() * 1_000, MENDED_WITHIN_S, over=True)
    return Logged(began, undone, datetime.now(UTC))


async def cut_off(scene: Scene) -> Logged:
    """Let nothing through in either direction for a while."""
    began = datetime.now(UTC)
    async with scene.wire.broken():
        await asyncio.sleep(LASTS_S)
    undone = datetime.now(UTC)
    people = (scene.practitioner, scene.patient)
    await asyncio.gather(*(person.decodes(30, within_s=MENDED_WITHIN_S) for person in people))
    return Logged(began, undone, datetime.now(UTC))


async def closed(client: ApiClient, name: str) -> Report:
    """Wait for the report on what is over."""
    async for _ in polling(15.0):
        report = await client.report(name)
        if report.closed_at is not None:
            return report
    raise AssertionError("the consultation did not end")


def holds_loss(report: Report, ids: dict[str, str], log: Logged, *, until: datetime) -> None:
    """Hold the slots that lost sound of the patient's against the log, to within a slot.

    Of those that were over by `until`: what is cut off afterwards counts as lost, too.
    """
    (course,) = (
        each
        for each in report.courses
        if (each.participant, each.direction, each.medium) == (ids["patient"], "from", "sound")
    )
    width = timedelta(seconds=report.slots.width_s)
    ratio_at = {
        report.slots.begins_at + (course.first + place) * width: ratio
        for place, ratio in enumerate(course.loss_ratio)
        if ratio is not None
    }
    bad = sorted(at for at, ratio in ratio_at.items() if ratio >= BAD_RATIO and at + width < until)
    assert bad, (log, ratio_at)
    assert abs(bad[0] - log.began) <= SLOT, (log, ratio_at)
    assert abs(bad[-1] + width - log.undone) <= SLOT, (log, ratio_at)
    assert bad == [at for at in ratio_at if bad[0] <= at <= bad[-1]], (log, ratio_at)
    # Figures of a slot are read up to a second late.
    full = [at for at in bad if log.began <= at and at + width + READ_LATE <= log.undone]
    assert all(abs(ratio_at[at] - LOST_RATIO) <= CHANCE_RATIO for at in full), (log, ratio_at)


def holds_silence(report: Report, ids: dict[str, str], log: Logged) -> None:
    """Hold what was told of the silence against the log, to within a slot."""
    silences = [
        each
        for each in report.silences
        if each.source == "microphone" and each.receiver == ids["practitioner"]
    ]
    assert silences, report.silences
    first, last = silences[0], silences[-1]
    assert {each.participant for each in silences} == {ids["patient"]}
    assert abs(first.began_at - log.began) <= SLOT
    assert last.ended_at is not None
    assert log.undone - SLOT <= last.ended_at <= log.well + SLOT
    assert any(
        words.startswith("The practitioner did not hear the patient from ")
        for words in report.summary.en
    ), report.summary.en


def holds_cuts(report: Report, ids: dict[str, str], log: Logged) -> None:
    """Hold what was told of the cut of both against the log, to within a slot."""
    for role, who in ids.items():
        cuts = [cut for cut in report.cuts if cut.participant == who]
        assert cuts, (role, report.cuts)
        ended_at = cuts[-1].ended_at
        assert abs(cuts[0].began_at - log.began) <= SLOT, role
        assert ended_at is not None
        assert log.undone - SLOT <= ended_at <= log.well + SLOT, role
        assert any(f"The {role} was cut off from " in words for words in report.summary.en)


def holds_courses(report: Report, ids: dict[str, str]) -> None:
    """See that everybody's sound and picture were measured both ways, and the way they went."""
    ways = {(each.participant, each.transport, each.relayed, each.ip) for each in report.networks}
    assert ways == {(who, "udp", False, 4) for who in ids.values()}
    assert report.slots.width_s == SLOT.seconds
    for who in ids.values():
        mine = [each for each in report.courses if each.participant == who]
        assert {(each.direction, each.medium) for each in mine} == {
            (direction, medium)
            for direction in ("from", "towards")
            for medium in ("sound", "picture")
        }
        for course in mine:
            assert max(rate or 0 for rate in course.kbps) > 0, course
            if course.direction == "towards":
                assert any(ratio is not None for ratio in course.flawed_ratio), course


async def holds_page(scene: Scene, html: str) -> None:
    """Look at the page as a browser shows it, on a phone and on paper."""
    assert "Le praticien n\u2019a pas entendu le patient de " in html
    tab: Any = scene.practitioner.tab
    page = await tab.page.context.new_page()
    try:
        await page.set_viewport_size({"width": 360, "height": 740})
        await page.set_content(html)
        seen = await page.evaluate(
            "({ lang: document.documentElement.lang, wide: document.documentElement.scrollWidth,"
            " drawings: document.querySelectorAll('svg[role=img]').length,"
            " heads: document.querySelectorAll('th:not([scope])').length })"
        )
        assert seen == {"lang": "fr", "wide": 360, "drawings": 8, "heads": 0}
        await page.emulate_media(media="print")
        ARTIFACT.parent.mkdir(exist_ok=True)
        await page.screenshot(path=str(ARTIFACT), full_page=True)
    finally:
        await page.close()
