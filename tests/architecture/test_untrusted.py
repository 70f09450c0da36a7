"""Functions that eat network bytes are fuzzed: by cargo-fuzz in Rust, by Hypothesis in Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, files, name_of, of_packages

FUZZED_CRATES = ("codecs/wire/src/", "codecs/forward/src/", "codecs/congestion/src/")
RUST_FUNCTION = re.compile(r"\bpub (?:const )?fn (\w*untrusted)\b")
PYTHON_FUNCTION = re.compile(r"^\s*(?:async )?def ([a-z]\w*_untrusted)\(", re.MULTILINE)


RUST_NAME = re.compile(r"\bpub (?:const )?(?:struct|enum|fn) (\w+)")


def fuzz_sources() -> str:
    """Give the source of every fuzz target and of the invariants they assert."""
    folder = ROOT / "codecs" / "fuzz"
    sources = [*folder.glob("fuzz_targets/*.rs"), *folder.glob("src/*.rs")]
    return "\n".join(path.read_text() for path in sorted(sources))


def wire_sources() -> list[Path]:
    """Give the Rust files with a public function that eats untrusted bytes."""
    return [
        path
        for path in files(".rs")
        if name_of(path).startswith(FUZZED_CRATES) and RUST_FUNCTION.search(path.read_text())
    ]


@pytest.mark.parametrize("path", wire_sources(), ids=name_of)
def test_untrusted_rust_is_fuzzed(path: Path) -> None:
    """By name: a target calls the function, or uses a type the file defines."""
    text = path.read_text()
    names = {name for name in RUST_NAME.findall(text) if name != "parse_untrusted"}
    if name_of(path).startswith("codecs/forward/src/"):
        names.add(path.stem)
    fuzzed = fuzz_sources()
    assert any(re.search(rf"\b{name}\b", fuzzed) for name in names), f"nothing fuzzes {names}"


def test_untrusted_python_is_fuzzed_by_hypothesis() -> None:
    proofs = "\n".join(
        text
        for path in of_packages("tests")
        if path.name.startswith("test_") and "hypothesis" in (text := path.read_text())
    )
    functions = {
        (name_of(path), name)
        for path in of_packages("relay", "signalling")
        for name in PYTHON_FUNCTION.findall(path.read_text())
        if not name.startswith("_")
    }
    assert functions
    unproven = {
        (path, name)
        for path, name in functions
        if not re.search(rf"\b{name}\b", proofs) and (path, name) not in REACHED_THROUGH
    }
    assert unproven == set()


REACHED_THROUGH: dict[tuple[str, str], str] = {}
"""Functions no Hypothesis test names, and the fuzzed function they are called by."""
