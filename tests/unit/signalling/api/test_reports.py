"""A consultation's report over the API: as JSON and as a page, written down who asked, told."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.charts.facts import Network
from relay.config import RelayConfig, parse_config
from relay.metrics.of_reports import REPORTS
from relay.rooms.permissions import Role
from signalling.consultations import Occurrence
from signalling.reports.style import POLICY
from tests.unit.signalling.api.conftest import Platform
from tests.unit.signalling.webhooks.conftest import SECRET


async def consultation_of(platform: Platform) -> str:
    """Let two people meet for a minute; give the consultation's name."""
    patient = await platform.enters("a", "somebody")
    doctor = await platform.enters("a", "doctor", Role.PRACTITIONER)
    room = await platform.tell("GET", "/v1/rooms/a")
    platform.later(60)
    await patient.leave("left")
    await doctor.leave("left")
    name: str = room["consultation"]
    return name


async def test_it_is_told_as_json_and_as_a_page_in_two_languages(platform: Platform) -> None:
    path = f"/v1/consultations/{await consultation_of(platform)}/report"
    report = await platform.tell("GET", f"{path}?utc_offset_min=120")
    assert report["summary"]["en"][0].endswith("from 16:13:20 to 16:14:20 (UTC+02:00).")
    for query, words in (
        ("", '<html lang="en">'),
        ("?lang=fr&utc_offset_min=120", "de 16:13:20 \u00e0 16:14:20 (UTC+02:00)."),
    ):
        answer = await platform.ask("GET", f"{path}.html{query}")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"] == "no-store"
        assert words in await answer.text()
    counted = platform.relay.tally.counters[REPORTS]
    assert (counted[("json",)], counted[("html",)]) == (1, 2)


@pytest.mark.parametrize("form", ["", ".html"])
async def test_what_is_not_kept_and_what_is_no_question_is_refused(
    platform: Platform, form: str
) -> None:
    unknown = f"/v1/consultations/c-{'0' * 32}/report{form}"
    assert await platform.refused("GET", unknown) == (404, "no_such_consultation")
    for query in ("?utc_offset_min=841", "?utc_offset_min=noon", "?lang=la", "?page=2"):
        assert (await platform.refused("GET", unknown + query))[0] == 400
    assert await platform.refused("POST", unknown) == (405, "wrong_method")


async def test_who_has_read_a_report_is_written_down(platform: Platform) -> None:
    name = await consultation_of(platform)
    await platform.tell("GET", f"/v1/consultations/{name}/report")
    await platform.ask("GET", f"/v1/consultations/{name}/report.html")
    await platform.refused("GET", f"/v1/consultations/c-{'0' * 32}/report")
    lines = platform.audit()
    assert [(line["did"], line["outcome"]) for line in lines] == [
        ("showReport", "done"),
        ("showReportPage", "done"),
        ("showReport", "no_such_consultation"),
    ]
    assert lines[0]["detail"] == name


async def test_the_relay_fills_the_chart_of_a_room_that_is_open(platform: Platform) -> None:
    seat = await platform.enters("a", "somebody")
    room = await platform.tell("GET", "/v1/rooms/a")
    seat.note_received(Network("udp", relayed=False, ip=4), 0, 0)
    open_room = next(iter(platform.relay._seating.rooms.values()))
    platform.later(6)
    platform.relay.charting.look(open_room)
    report = await platform.tell("GET", f"/v1/consultations/{room['consultation']}/report")
    assert report["slots"] == {"begins_at": "2026-09-21T14:13:20Z", "width_s": 5, "count": 1}
    (network,) = report["networks"]
    assert (network["transport"], network["ip"]) == ("udp", 4)


async def test_that_it_is_ready_is_told_after_everything_it_reports(platform: Platform) -> None:
    told: list[Occurrence] = []
    platform.api.consultations.observers.insert(0, told.append)
    platform.api.reports.ready = told.append
    await consultation_of(platform)
    assert [each.type for each in told[-2:]] == ["room.closed", "report.ready"]


class TestWithoutReports:
    """A relay that is to keep none."""

    @pytest.fixture
    def config(self, config: RelayConfig) -> RelayConfig:
        folder = config.keys.state_dir
        return parse_config(
            f'[keys]\nstate_dir = "{folder}"\n[media]\nlisten = ["192.0.2.7"]\n'
            "[api]\nkeep_reports_s = 0.0"
        )

    async def test_there_is_none_while_it_goes_on_nor_after(self, platform: Platform) -> None:
        await platform.enters("a", "somebody")
        room = await platform.tell("GET", "/v1/rooms/a")
        path = f"/v1/consultations/{room['consultation']}/report"
        assert await platform.refused("GET", path) == (404, "no_such_consultation")
        await platform.tell("DELETE", "/v1/rooms/a")
        assert await platform.refused("GET", path) == (404, "no_such_consultation")


class TestDeliveredAndNotKept:
    """A relay whose reports are its webhooks' only."""

    @pytest.fixture
    def config(self, config: RelayConfig) -> RelayConfig:
        folder = Path(config.keys.state_dir)
        secrets = folder / "webhook-secrets"
        secrets.touch(mode=0o600)
        secrets.write_text(SECRET)
        return parse_config(
            f'[keys]\nstate_dir = "{folder}"\n[media]\nlisten = ["192.0.2.7"]\n'
            "[api]\nkeep_reports_s = 0.0\n"
            '[webhooks]\nurl = "http://127.0.0.1:9/"\nallow_http = true\nallow_private = true'
        )

    async def test_they_are_made_told_and_gone(self, platform: Platform) -> None:
        told: list[Occurrence] = []
        platform.api.reports.ready = told.append
        path = f"/v1/consultations/{await consultation_of(platform)}/report"
        assert await platform.refused("GET", path) == (404, "no_such_consultation")
        (ready,) = told
        assert ready.kept_until is None
        assert ready.write_document is not None
        assert b'"closed_at":"2026-09-21T14:14:20Z"' in ready.write_document(1 << 20).text


class TestOnTheDisk:
    """A relay that keeps them there."""

    @pytest.fixture
    def config(self, config: RelayConfig) -> RelayConfig:
        folder = config.keys.state_dir
        return parse_config(
            f'[keys]\nstate_dir = "{folder}"\n[media]\nlisten = ["192.0.2.7"]\n'
            "[api]\nstore_reports = true"
        )

    async def test_they_are_read_from_there(self, platform: Platform) -> None:
        path = f"/v1/consultations/{await consultation_of(platform)}/report"
        assert (await platform.tell("GET", path))["closed_at"] == "2026-09-21T14:14:20Z"
        assert platform.api.reports._closed == {}
