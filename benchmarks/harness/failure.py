"""How a measurement fails: one sentence, exit status 2, and no figure."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType


class BenchmarkFailed(Exception):  # noqa: N818 - named like the errors of relay/errors.py
    """A measurement could not be made; its words are for the person who asked for it."""


def run(name: str, work: Callable[[], int]) -> None:
    """Run a measurement to its end and leave with its exit status."""
    # What was started is ended on the way out, however one is asked to go.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        status = work()
    except BenchmarkFailed as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print(f"{name}: interrupted; nothing was written", file=sys.stderr)
        status = 130
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(status)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(number, frame)
