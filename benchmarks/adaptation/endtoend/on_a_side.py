"""Programs and calls of a measurement that have their place on one side of an emulated link."""

from __future__ import annotations

import shlex
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.adaptation.inside import inside
from benchmarks.adaptation.sides import Side
from tests.endtoend.chromium import EXECUTABLE

ANSWERS_WITHIN_S: Final = 2.0

T = TypeVar("T")


def run_inside(side: Side, work: Callable[[], T]) -> T:
    """Do something in a thread of its own that is on this side.

    Raises:
        BenchmarkFailed: The kernel does not let it in; or whatever the work raises.

    """

    def entered() -> T:
        with inside(side):
            return work()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(entered).result()


def get(url: str) -> str:
    """Fetch a text.

    Raises:
        OSError: Nobody answers, or not well.

    """
    # S310: a URL of the link's own.
    with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310
        return str(answer.read().decode())


def urgent(program: Path, folder: Path) -> Path:
    """Write a program that is another one which goes before the rest of the machine, if it may.

    A link that waits for a processor behind browsers is no longer the link it was asked to be.
    """
    before = folder / f"urgent-{program.name}"
    before.write_text(f'#!/bin/sh\nexec nice -n -15 {shlex.quote(str(program))} "$@"\n')
    before.chmod(0o700)
    return before


def browser_on(side: Side, folder: Path) -> Path:
    """Write a program that is Chromium on this side, for who starts browsers by a path."""
    program = folder / f"chromium-{side.name}"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(side.command([str(EXECUTABLE)]))} "$@"\n')
    program.chmod(0o700)
    return program
