"""Being on one side of an emulated link oneself."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.adaptation.sides import Side
from benchmarks.harness.failure import BenchmarkFailed

CLONE_NEWNET: Final = 0x4000_0000
"""setns(2): the kind of namespace that is entered. Python has `os.setns` from 3.12 on."""

OWN: Final = Path("/proc/thread-self/ns/net")


@contextmanager
def inside(side: Side) -> Iterator[None]:
    """Have this thread on a side of a link, and whatever it starts from now on.

    Threads that run already stay where they are.

    Raises:
        BenchmarkFailed: The kernel does not let it.

    """
    before = os.open(OWN, os.O_RDONLY)
    try:
        beyond = os.open(side.namespace, os.O_RDONLY)
        try:
            _enter(beyond, side.name)
        finally:
            os.close(beyond)
        try:
            yield
        finally:
            _enter(before, "previous")
    finally:
        os.close(before)


def _enter(namespace: int, name: str) -> None:
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.setns(namespace, CLONE_NEWNET):
        reason = os.strerror(ctypes.get_errno())
        raise BenchmarkFailed(f"the {name} side's network cannot be entered: {reason}")
