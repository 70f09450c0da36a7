"""Keep the harness out of the way of what it measures: on one core, behind every other thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, TypeVar

NICEST: Final = 19
WORDS: Final = f"on the generator's core at nice {NICEST} while a run is measured"

Found = TypeVar("Found")


def call(work: Callable[[], Found], core: int, stop: Callable[[], None]) -> Found:
    """Do something in a thread that steps aside, with every other thread of this process.

    Only who asks stays as nice as it was, waiting: programs started later inherit from it, and
    without rights nobody becomes less nice again.

    Args:
        work: What is done.
        core: Where this process stays meanwhile, if it may run there.
        stop: Called if the work fails or waiting is interrupted; then it has to end soon.

    """
    usual = os.sched_getaffinity(0)
    others = _threads() - {threading.get_native_id(), os.getpid()}
    everyone = others | {threading.get_native_id(), os.getpid()}
    for thread in others:
        _step_back(thread)
    _pin(everyone, {core} & usual or usual)
    try:
        with (
            ThreadPoolExecutor(1, thread_name_prefix="aside", initializer=_step_back) as pool,
            ExitStack() as unless_done,
        ):
            unless_done.callback(stop)
            done = pool.submit(work).result()
            unless_done.pop_all()
        return done
    finally:
        _pin(everyone, usual)


def _threads() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def _step_back(thread: int = 0) -> None:
    # It may have ended; 0 is the thread itself (setpriority(2), NOTES: Linux counts threads).
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, thread, NICEST)


def _pin(threads: Iterable[int], cores: Iterable[int]) -> None:
    for thread in threads:
        with suppress(ProcessLookupError):
            os.sched_setaffinity(thread, cores)
