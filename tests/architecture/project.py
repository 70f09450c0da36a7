"""The project's own files, as the rules of this folder read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("relay", "signalling")
EXAMPLES = "examples"
"""Front-ends that embed the relay; nothing of ours imports them."""


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Give the files of the project, those git knows or would take, by suffix; all without one."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    paths = (ROOT / name for name in listed if name)
    return tuple(
        sorted(
            path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)
        )
    )


def name_of(path: Path) -> str:
    """Give a path as people write it."""
    return path.relative_to(ROOT).as_posix()


def of_packages(*packages: str) -> list[Path]:
    """Give the Python files of packages."""
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in packages]


def module_of(path: Path) -> str:
    """Give the dotted name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a Python file once."""
    return ast.parse(path.read_text(), str(path))


def imports_of(path: Path) -> set[str]:
    """Give what a file imports, at run time or for types: `package.module` for each."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from relay import clock` names the module by its alias.
            found.update(
                f"{node.module}.{alias.name}" if node.module in PACKAGES else node.module
                for alias in node.names
            )
    return found
