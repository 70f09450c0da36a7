"""What is imported is installed with the relay, because pyproject.toml says so."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
OURS = {"relay", "signalling"}
INSTALLED_AS = {"jwt": "pyjwt[crypto]", "prometheus_client": "prometheus-client"}
PART_OF = {
    # Certificates and connections that aiortc hands out; relay/transports takes no other's.
    "OpenSSL": "aiortc",
    "cryptography": "pyjwt[crypto]",
}


def imported() -> set[str]:
    """Give the outermost names of everything the packages import."""
    found: set[str] = set()
    for path in [path for package in OURS for path in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=]", each)[0] for each in project["dependencies"]}
    assert "ifaddr" in imported()
    for name in imported():
        wanted = PART_OF.get(name) or INSTALLED_AS.get(name, name)
        assert wanted in declared, f"{name} is imported and not declared"


def test_every_declared_library_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = {line.partition("==")[0] for line in lines if "==" in line}
    assert {re.split(r"[\[<>=]", each)[0] for each in project["dependencies"]} <= pinned
