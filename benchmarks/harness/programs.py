"""The Rust programs of `codecs/loadgen`: started with one JSON document, watched, and heard."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import aside
from benchmarks.harness.failure import BenchmarkFailed

ROOT: Final = Path(__file__).resolve().parents[2]
PACKETS_COST_ALLOCATIONS: Final = 3
"""Exit status of `packet_path` that comes with an outcome; any other failure has none."""

CHECKED_EVERY_S: Final = 0.25
"""How soon the end of a server is noticed while its load generator says nothing."""

Told = Mapping[str, Any]
"""One line of a program that is not its outcome: a milestone, or how far it is."""

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
    on_told: Callable[[Told], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
    harness_core: int | None = None,
) -> Outcome:
    """Run a program to its end and give what it found.

    Args:
        program: Its name.
        setup: Its document.
        timeout_s: Longer than the program takes by itself; then it is stopped.
        on_told: Told what the program says on its way, when it does.
        check: Asked again and again; what it raises ends the program.
        harness_core: Where this process waits, behind every other thread; anywhere by default.

    Raises:
        BenchmarkFailed: It is not built, it failed (in its own words), or it hung.

    """
    command = ["timeout", "--kill-after=2", f"{timeout_s:.0f}", str(path_of(program))]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):

        def hear() -> Outcome | None:
            outcome: Outcome | None = None
            _hand_over(process, setup)
            for line in _lines(process, check):
                told = json.loads(line)
                if "outcome" in told:
                    outcome = told["outcome"]
                else:
                    on_told(told)
            return outcome

        with ExitStack() as unless_heard:
            unless_heard.callback(process.terminate)
            if harness_core is None:
                outcome = hear()
            else:
                outcome = aside.call(hear, harness_core, process.terminate)
            unless_heard.pop_all()
        status = process.wait()
        errors.seek(0)
        words = errors.read().decode(errors="replace").strip()
    if outcome is None:
        # A program whose server ended may be first to notice; the server's words say more.
        check()
    if outcome is None or status not in {0, PACKETS_COST_ALLOCATIONS}:
        if status in {124, 137}:
            words = f"{program} did not end within {timeout_s:.0f} s"
        raise BenchmarkFailed(words or f"{program} ended with status {status} and said nothing")
    return outcome


def without_buckets(outcome: Outcome) -> Outcome:
    """Drop the distributions of an outcome, which only the plots want."""

    def lighter(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: lighter(item) for key, item in value.items() if key != "buckets"}
        return value

    light: Outcome = lighter(outcome)
    return light


def _hand_over(process: subprocess.Popen[bytes], setup: Mapping[str, Any]) -> None:
    assert process.stdin
    # A program that cannot start says why on its standard error.
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(setup).encode())
    with suppress(BrokenPipeError):
        process.stdin.close()


def _lines(process: subprocess.Popen[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """Give what the program says, line by line, and keep checking while it says nothing."""
    assert process.stdout
    said = b""
    while True:
        check()
        if not select.select([process.stdout], [], [], CHECKED_EVERY_S)[0]:
            continue
        more = os.read(process.stdout.fileno(), 65_536)
        *whole, said = (said + more).split(b"\n")
        yield from whole
        if not more:
            return
