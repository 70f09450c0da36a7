"""What the documents point at exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, files, name_of

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]+)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def anchors_of(path: Path) -> set[str]:
    """Give a document's anchors, as GitHub makes them of its headings."""
    headings = HEADING.findall(path.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", files(".md"), ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        place = (path.parent / target).resolve() if target else path
        assert place.exists(), link
        if anchor and place.suffix == ".md":
            assert anchor in anchors_of(place), link


@pytest.mark.parametrize("path", files(".md"), ids=name_of)
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    quoted = " ".join(re.findall(r"`([^`]+)`", path.read_text()))
    assert set(MAKE.findall(quoted)) <= targets
