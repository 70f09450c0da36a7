"""What the documents point at exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, files, name_of

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z0-9-]+)")
TARGET = re.compile(r"^([a-z][a-z0-9-]*):", re.MULTILINE)


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


def test_the_proofs_of_the_threat_model_exist() -> None:
    rows = re.findall(r"^\| (\d+) \|(.+)$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, row in rows:
        proofs = proofs_in(row)
        assert proofs or "*Exception:*" in row, f"row {number} shows nothing"


def test_the_proofs_of_what_faults_do_exist() -> None:
    """A fault with nothing to show for it says what is not yet so."""
    rows = re.findall(r"^\|(.+)\|$", (ROOT / "docs/faults.md").read_text(), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    faults = [row for row in cells if row[0] != "fault" and not row[0].startswith("---")]
    assert len(faults) >= 20
    for fault, answer, shown_by, missing in faults:
        assert answer, fault
        assert proofs_in(shown_by) or MAKE.search(shown_by) or missing, fault


def proofs_in(row: str) -> list[tuple[str, str]]:
    """Give the tests that a row names, all of which exist."""
    proofs = PROOF.findall(row)
    for file, name in proofs:
        path = ROOT / ("codecs" if file.endswith(".rs") else "tests") / file
        assert path.exists(), file
        assert not name or re.search(rf"\b(fn|def) {name}\(", path.read_text()), name
    return proofs


PROOF = re.compile(r"`([\w/]+(?:\.py|\.rs|\.test\.js))`(?:::`(\w+)`)?")
