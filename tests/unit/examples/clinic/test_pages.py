"""What every page has: a language, a policy, no way out for what somebody has typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from examples.clinic.languages import LANGUAGES, choose, words_of
from examples.clinic.settings import (
    API_KEY,
    WEBHOOK_SECRET,
    SettingsError,
    read_settings,
    write_private,
)
from examples.clinic.web.pages import TEMPLATES
from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import Clinic

PLACE = re.compile(r"\{(\w+)\}")
STATIC = TEMPLATES.parent / "static"


def flat(words: Any, above: str = "") -> dict[str, str]:
    """Give all sentences by their full names."""
    if isinstance(words, str):
        return {above: words}
    return {
        name: text for key in words for name, text in flat(words[key], f"{above}/{key}").items()
    }


def test_every_sentence_is_there_in_both_languages_with_the_same_places() -> None:
    english, french = (flat(words_of(language)) for language in LANGUAGES)
    assert english.keys() == french.keys()
    for name, text in english.items():
        assert text
        assert set(PLACE.findall(text)) == set(PLACE.findall(french[name])), name


def test_every_sentence_that_is_named_is_there() -> None:
    known = {name.strip("/").replace("/", ".") for name in flat(words_of("en"))}
    for path in TEMPLATES.glob("*.html"):
        for section, name in re.findall(r"words\.(\w+)\.(\w+)", path.read_text()):
            assert f"{section}.{name}" in known, path.name
    for path in STATIC.glob("*.js"):
        for name in re.findall(r"words\.(\w+) \?\?", path.read_text()):
            assert f"live.{name}" in known, path.name


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de, fr-CA;q=0.8, en;q=0.5", "fr"),
        ("en", "fr", "en"),
        ("xx", "fr", "fr"),
        (None, ",;,\udcff", "en"),
    ],
)
def test_a_language_is_chosen(chosen: str | None, accepted: str, language: str) -> None:
    assert choose(chosen, accepted) == language


async def test_a_chosen_language_stays_and_leads_to_no_other_site(clinic: Clinic) -> None:
    for referer, path in (
        ("http://clinic.test/login", "/login"),
        ("https://elsewhere.example//evil.example/x", "/evil.example/x"),
        ("", "/"),
        ("http://[", "/"),
        ("http://clinic.test/\xe9", "/"),
    ):
        answer = await clinic.client.get(
            "/language?to=fr", headers={"Referer": referer}, allow_redirects=False
        )
        assert (answer.status, answer.headers["Location"]) == (303, path)
    assert '<html lang="fr">' in await (await clinic.get("/login")).text()


async def test_scripts_come_from_here_and_from_the_relay_alone(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    await clinic.log_in("martin")
    for path in ("/login", "/today", "/visit", "/nowhere", "/static/clinic.css"):
        answer = await clinic.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert f"script-src 'self' {clinic.relay.url};" in policy
        assert f"ws://{clinic.relay.url.removeprefix('http://')};" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        page = await answer.text()
        assert not re.search(r"<script(?![^>]* src=)| style=| on\w+=", page), path
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_what_is_not_there_is_said_in_words(clinic: Clinic) -> None:
    answer = await clinic.get("/nowhere", language="fr")
    assert answer.status == 404
    assert words_of("fr")["problems"]["status_404"] in await answer.text()
    for path in ("/static/../words/en.toml", "/static/%2e%2e/words/en.toml", "/static/"):
        assert (await clinic.get(path)).status in {403, 404}


def test_what_the_clinic_needs_and_has_not_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    environ = {"CLINIC_FOLDER": str(folder), "CLINIC_URL": "https://clinic.example/"}
    with pytest.raises(SettingsError, match="api-key"):
        read_settings(environ)
    write_private(folder / API_KEY, "vvk_clinic_x\n")
    with pytest.raises(SettingsError, match="webhook-secret"):
        read_settings(environ)
    write_private(folder / WEBHOOK_SECRET, "whsec_x")
    settings = read_settings(environ)
    assert (settings.url, settings.is_encrypted) == ("https://clinic.example", True)
    assert settings.session_key == read_settings(environ).session_key
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert "vvk" not in repr(settings)
    for wrong in ("clinic.example", "ftp://clinic.example", "https://clinic.example/below"):
        with pytest.raises(SettingsError, match="CLINIC_URL"):
            read_settings({**environ, "CLINIC_URL": wrong})
