"""The page of a report: one document, accessible, with every figure, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from signalling.api.schemas import Language
from signalling.reports.page import page_of
from signalling.reports.style import POLICY, STYLE
from tests.unit.signalling.reports.scene import PATIENT, Scene, eventful

VOID = {"meta", "rect", "polyline"}
"""Elements of the page that have no end tag, or close themselves."""


class Reader(HTMLParser):
    """Reads a page as a browser that forgives nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def written(lang: Language = "en") -> str:
    return page_of(eventful().report(), lang, 0)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_it_is_one_document_in_its_language_with_nothing_from_elsewhere(lang: Language) -> None:
    page = written(lang)
    reader = read(page)
    assert page.startswith(f'<!doctype html>\n<html lang="{lang}">')
    assert len(reader.all("title")) == 1 + len(reader.all("svg"))
    assert len(reader.all("h1")) == 1
    for tag in ("script", "link", "img", "iframe", "object", "form"):
        assert reader.all(tag) == []
    for _, attributes in reader.elements:
        assert not {"style", "src", "href", "onclick"} & attributes.keys()
    assert not re.search(r"https?://|url\(|@import", page)


def test_its_policy_names_its_style_and_lets_nothing_else_in() -> None:
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY
    assert POLICY.startswith("default-src 'none'")
    assert f"<style>{STYLE}</style>" in written()
    assert "@media print" in STYLE


def test_every_table_has_a_caption_and_every_heading_says_what_it_heads() -> None:
    reader = read(written())
    assert len(reader.all("caption")) == len(reader.all("table")) == 4
    assert {head["scope"] for head in reader.all("th")} == {"col", "row", "colgroup"}
    regions = reader.all("div")
    assert all(each["role"] == "region" and each["aria-label"] for each in regions)
    assert len({each["aria-label"] for each in regions}) == len(regions)


def test_every_drawing_says_in_words_what_it_shows() -> None:
    page = written()
    reader = read(page)
    drawings = reader.all("svg")
    assert len(drawings) == 2
    titles = {title["id"] for title in reader.all("title") if title}
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"] in titles
    assert len(titles) == 2
    assert (
        "Sound from them, the patient: between 40 and 40 kbit/s, usually 40; "
        "at most 20.0 % lost in one slot."
    ) in page


def test_everything_there_is_to_know_is_in_it() -> None:
    words = " ".join(read(written()).texts)
    for told in (
        "The practitioner did not hear the patient from 10:00:06 to 10:00:09",
        "the practitioner: cut off",
        "the practitioner: pictures paused 10:00:11 10:00:14",
        "pseudonym of p-patient",
        "10:00:03 TLS through a TURN server",
        "something could be better; clock: weak; camera: good",
        "20.0\u00a0%",
        "Way through the network",
    ):
        assert told in words
    assert "as its path carries them" not in words, "that is nothing wrong"
    french = " ".join(read(written("fr")).texts)
    assert "Le praticien n\u2019a pas entendu le patient de 10:00:06 \u00e0 10:00:09" in french
    assert "10:00:03 TLS par un serveur TURN" in french
    assert "quelque chose pourrait aller mieux; heure: faible; caméra: bon" in french


def test_every_slot_is_a_row() -> None:
    reader = read(written())
    rows = [text for text in reader.texts if re.fullmatch(r"10:00:(00|05|10)", text)]
    assert len(rows) >= 6, "three of each of two people"


def test_on_paper_every_figure_is_there_whatever_is_open_on_the_screen() -> None:
    page = written()
    opening = re.findall(r"<details>(.*?)</details>(<div class=\"[^\"]*\")?", page)
    assert [behind for _, behind in opening] == ['<div class="wide slots"'] * 2
    assert not any("<table" in inside for inside, _ in opening)
    hidden = re.findall(r"([^{}]+)\{[^{}]*display: none[^{}]*\}", STYLE)
    assert [each.strip() for each in hidden] == ["details:not([open]) + .slots", "details"]
    on_screen, on_paper = STYLE.index("@media not print {"), STYLE.index("@media print {")
    assert on_screen < STYLE.index(hidden[0]) < on_paper < STYLE.index(hidden[1], on_paper)


def test_what_a_platform_wrote_is_text() -> None:
    scene = eventful()
    scene.record.present[PATIENT].identity = "<script>alert(1)</script>"
    page = page_of(scene.report(), "en", 0)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_consultation_of_which_nothing_is_known_is_a_page_too() -> None:
    scene = Scene()
    scene.happens("room.opened", 0)
    reader = read(page_of(scene.report(), "fr", 120))
    assert "Rien." in reader.texts
    assert reader.all("svg") == []
