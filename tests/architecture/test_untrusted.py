"""Functions that eat network bytes are fuzzed: by cargo-fuzz in Rust, by Hypothesis in Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, files, name_of, of_packages

RUST_FUNCTION = re.compile(r"\bpub (?:const )?fn (\w*untrusted)\b")
PYTHON_FUNCTION = re.compile(r"^\s*(?:async )?def ([a-z]\w*_untrusted)\(", re.MULTILINE)


def fuzz_targets() -> dict[str, str]:
    """Give every target's name and source."""
    folder = ROOT / "codecs" / "fuzz" / "fuzz_targets"
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.rs"))}


def wire_sources() -> list[Path]:
    """Give the Rust files with a public function that eats untrusted bytes."""
    return [
        path
        for path in files(".rs")
        if name_of(path).startswith(("codecs/wire/src/", "codecs/forward/src/"))
        and RUST_FUNCTION.search(path.read_text())
    ]


@pytest.mark.parametrize("path", wire_sources(), ids=name_of)
def test_untrusted_rust_has_a_fuzz_target(path: Path) -> None:
    """By name: a target that is called as the file or its folder, or that names the module."""
    parts = path.with_suffix("").parts
    module = parts[-2] if parts[-1] == "mod" else parts[-1]
    folder = parts[-3] if parts[-1] == "mod" else parts[-2]
    targets = fuzz_targets()
    assert any(
        name in {module, folder} or re.search(rf"\b{module}\b", source)
        for name, source in targets.items()
    ), f"none of {sorted(targets)} fuzzes {module}"


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
