"""The Rust programs of `codecs/loadgen`: started with one JSON document, watched, and heard."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.harness.failure import BenchmarkFailed

ROOT: Final = Path(__file__).resolve().parents[2]
PACKETS_COST_ALLOCATIONS: Final = 3
"""Exit status of `packet_path` that comes with an outcome; any other failure has none."""

Milestone = Literal["connected", "measuring", "measured"]
Outcome = dict[str, Any]
"""What a program found; its shape is the Rust structure of the program's name plus `Outcome`."""


def path_of(program: str) -> Path:
    """Find a program where cargo puts it.

    Raises:
        BenchmarkFailed: It is not built.

    """
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / "release" / program
    if not path.is_file():
        raise BenchmarkFailed(
            f"{program} is not built; run `cargo build --release -p loadgen` first "
            "(the make targets do)"
        )
    return path


def run(
    program: str,
    setup: Mapping[str, Any],
    *,
    timeout_s: float,
    on_milestone: Callable[[Milestone], None] = lambda _: None,
) -> Outcome:
    """Run a program to its end and give what it found.

    Args:
        program: Its name.
        setup: Its document.
        timeout_s: Longer than the program takes by itself; then it is stopped.
        on_milestone: Told what the program reaches, when it does.

    Raises:
        BenchmarkFailed: It is not built, it failed (in its own words), or it hung.

    """
    command = ["timeout", "--kill-after=2", f"{timeout_s:.0f}", str(path_of(program))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        # A program that cannot start says why on its standard error.
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(setup))
            process.stdin.close()
        outcome: Outcome | None = None
        try:
            for line in process.stdout:
                told = json.loads(line)
                if "milestone" in told:
                    on_milestone(told["milestone"])
                else:
                    outcome = told["outcome"]
        except BaseException:
            process.terminate()
            raise
        words = process.stderr.read().strip()
        status = process.wait()
    if outcome is None or status not in {0, PACKETS_COST_ALLOCATIONS}:
        if status in {124, 137}:
            words = f"{program} did not end within {timeout_s:.0f} s"
        raise BenchmarkFailed(words or f"{program} ended with status {status} and said nothing")
    return outcome
