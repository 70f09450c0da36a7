"""The examples are platforms: they know the relay by what a platform has, and by nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.architecture.project import (
    EXAMPLES,
    PACKAGES,
    ROOT,
    imports_of,
    module_of,
    name_of,
    of_packages,
)

FACE_OF_THE_API = {
    # The Python client of the HTTP API, and the types that it takes and gives (docs/api.md).
    "signalling.api_client",
    "signalling.api.schemas",
    "relay.rooms.permissions",
    "relay.rooms.standing",
}
LIBRARIES = {"aiohttp", "jinja2", "msgspec", "standardwebhooks"}

ONE_DOOR = {
    "sqlite3": "examples/clinic/database.py",
    "jinja2": "examples/clinic/web/pages.py",
    "standardwebhooks": "examples/clinic/web/hooks.py",
    "argparse": "examples/clinic/__main__.py",
}
PAGES = "examples.clinic.web"
SERVER = "examples.clinic.serving"


@pytest.mark.parametrize("path", of_packages(EXAMPLES), ids=name_of)
def test_an_example_knows_the_relay_by_its_api_alone(path: Path) -> None:
    ours = {name for name in imports_of(path) if name.split(".")[0] in PACKAGES}
    assert ours <= FACE_OF_THE_API


@pytest.mark.parametrize("path", of_packages(EXAMPLES), ids=name_of)
def test_an_example_needs_few_libraries_and_each_by_its_own_door(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(path)}
    foreign = roots - sys.stdlib_module_names - set(PACKAGES) - {EXAMPLES}
    assert foreign <= LIBRARIES
    for library, door in ONE_DOOR.items():
        assert library not in roots or name_of(path) == door, f"{library} is imported in {door}"


@pytest.mark.parametrize("path", of_packages(EXAMPLES), ids=name_of)
def test_what_the_clinic_does_knows_nothing_of_its_pages(path: Path) -> None:
    module = module_of(path)
    if module != SERVER and not module.startswith(PAGES):
        assert not {name for name in imports_of(path) if name.startswith(PAGES)}


@pytest.mark.parametrize("path", of_packages(*PACKAGES), ids=name_of)
def test_the_relay_knows_no_example(path: Path) -> None:
    assert not {name for name in imports_of(path) if name.split(".")[0] == EXAMPLES}


def test_what_an_example_installs_is_what_is_tested() -> None:
    """Its pins are those of the tests, so that nothing is installed twice."""
    tested = {
        line for path in ROOT.glob("requirements*.txt") for line in path.read_text().splitlines()
    }
    for path in (ROOT / EXAMPLES).rglob("requirements.txt"):
        pins = {line for line in path.read_text().splitlines() if line and line[0] != "#"}
        assert pins <= tested
