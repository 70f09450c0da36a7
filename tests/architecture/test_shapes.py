"""One language per folder, small files, one tree of tasks, and words that must not stay."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.project import PACKAGES, files, name_of, of_packages, tree_of

SOURCES = (".py", ".rs", ".js", ".mjs", ".css", ".html")
ARGUED_LINES, FORBIDDEN_LINES = 300, 500

LONGER_THAN_ARGUED: dict[str, str] = {
    "relay/errors.py": "one tree, which is read as one: each class is its code and its words",
}

BANNED_CALLS = {
    "ensure_future": "a task has an owner: use a TaskGroup",
    "call_later": "waiting is a task's own business: asyncio.timeout or asyncio.sleep",
    "run_until_complete": "one event loop, started by signalling.__main__",
}
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+)/\w|[A-Z]:\\Users")
VAGUE_NAMES = {"utils", "util", "helpers", "common", "manager", "base", "misc"}


def test_rust_lives_in_codecs_and_nothing_else_does() -> None:
    for path in files(".rs"):
        assert name_of(path).startswith("codecs/"), name_of(path)
    for path in files(".py", ".js", ".mjs"):
        assert not name_of(path).startswith("codecs/"), name_of(path)


def test_javascript_stays_with_the_browser_and_the_tests() -> None:
    for path in files(".js", ".mjs"):
        homes = ("signalling/client/", "signalling/pages/", "tests/", "examples/", "benchmarks/")
        assert name_of(path).startswith(homes), name_of(path)


def written() -> list[Path]:
    """Give the sources that people write: reports of measurements are made by a program."""
    return [path for path in files(*SOURCES) if not name_of(path).startswith("benchmarks/results/")]


@pytest.mark.parametrize("path", written(), ids=name_of)
def test_a_file_can_be_read_at_one_sitting(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= FORBIDDEN_LINES
    if lines > ARGUED_LINES:
        assert name_of(path) in LONGER_THAN_ARGUED, f"{lines} lines, and no reason given"


def test_reasons_for_long_files_are_still_needed() -> None:
    lengths = {name_of(path): path.read_text().count("\n") for path in written()}
    assert {name for name in LONGER_THAN_ARGUED if lengths.get(name, 0) <= ARGUED_LINES} == set()


@pytest.mark.parametrize("path", files(*SOURCES), ids=name_of)
def test_a_name_says_what_a_file_is_about(path: Path) -> None:
    assert path.stem not in VAGUE_NAMES


@pytest.mark.parametrize("path", of_packages(*PACKAGES), ids=name_of)
def test_every_task_has_an_owner(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        assert name not in BANNED_CALLS, f"line {node.lineno}: {BANNED_CALLS.get(name)}"
        if name == "create_task":
            owner = getattr(getattr(function, "value", None), "id", "")
            assert owner not in {"", "asyncio", "loop"}, f"line {node.lineno}: a task without owner"


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_nothing_unfinished_and_no_one_machine_is_written_down(path: Path) -> None:
    try:
        # Letters of a picture spell anything.
        text = PICTURE.sub("", path.read_text())
    except UnicodeDecodeError:
        return
    if path == Path(__file__) or path.name == "Cargo.lock":
        return
    assert FORBIDDEN_WORDS.findall(text) == []
    assert [match[0] for match in MACHINE_PATHS.finditer(text)] == []


def test_except_exception_stands_where_a_supervisor_does() -> None:
    places = {
        name_of(path)
        for path in of_packages(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    }
    assert places <= SUPERVISORS


SUPERVISORS = {"relay/session.py"}
"""A peer's failure never leaves its seat; everywhere else the narrowest class is caught."""
